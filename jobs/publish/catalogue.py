"""The catalogue of information resources (政务信息资源目录): `catalogue.html`, `catalogue.json`, `catalogue.csv`.

`catalogue.json` is an object: `headings` are the Chinese names of the 13 core metadata by key, `resources` the entries,
one to a line (`jobs.publish.Resource`); unknown is null. `catalogue.csv` is the same in Chinese, for whoever fills in
forms: a column for each metadatum, attributes of sharing and opening apart, and what the night knows behind them. A
code that nobody has declared is `未声明`. UTF-8, comma, `\\n`; the same night gives the same bytes.
"""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from jobs.publish import EditionData, Item, Resource, Text, page

FILE = "catalogue.json"
STANDARD = "政务信息资源目录编制指南（试行），发改高技术〔2017〕1272号"
HEADINGS = {
    "classed": "信息资源分类", "name": "信息资源名称", "code": "信息资源代码", "provider": "信息资源提供方",
    "provider_code": "信息资源提供方代码", "summary": "信息资源摘要", "format": "信息资源格式",
    "items": "信息项信息", "sharing": "共享属性", "opening": "开放属性", "cycle": "更新周期", "released": "发布日期",
    "related": "关联资源代码",
}  # fmt: skip
"""The 13 core metadata, in the guide's order."""
UNDECLARED = "未声明"
LISTED = ("id", "kind", "element", "name", "provider", "plan", "cycle", "rows", "newest", "state", "quality")
"""What the page's list has of each entry; the rest is loaded with the entry."""


def publish(data: EditionData, folder: Path) -> list[Path]:
    """Write the files and the page."""
    made = [page.add_page(folder, "catalogue", data, "catalogue", ("catalogue.js",)), *page.add_assets(folder)]
    made += [page.add_data(folder, name, payload) for name, payload in payloads(data)]
    texts = {FILE: rendered(data), "catalogue.csv": table(data.resources)}
    for name, text in texts.items():
        (folder / name).write_bytes(text.encode())
    return [*made, *(folder / name for name in texts)]


def payloads(data: EditionData) -> Iterator[tuple[str, Any]]:
    """The files of `data/`: entries in full, and the list that says in which file each is."""
    files: dict[str, int] = {}
    for number, pack in enumerate(page.packs((one["id"], _told(one)) for one in data.resources)):
        files |= dict.fromkeys(pack, number)
        yield f"resources-{number}", pack
    listed = [
        {key: dict(one)[key] for key in LISTED}
        | {"sharing": one["sharing"]["type"], "open": one["opening"]["open"], "file": files[one["id"]]}
        for one in data.resources
    ]
    items = next((one["items"] for one in data.resources if one["kind"] == "indicator"), [])
    yield (
        "catalogue",
        {
            "city": data.city,
            "biz_date": data.biz_date,
            "incomplete": data.incomplete,
            "standard": STANDARD,
            "headings": HEADINGS,
            "elements": data.elements,
            "value_items": [{**item, "unit": None if item["id"] in _IN_UNIT else item["unit"]} for item in items],
            "in_unit": _IN_UNIT,
            "resources": listed,
        },
    )


_IN_UNIT = ("value", "low", "high")


def _told(one: Resource) -> dict[str, Any]:
    """An entry for the page; the columns of values stand once for all indicators."""
    once = (*LISTED, "items") if one["kind"] == "indicator" else LISTED
    return {key: said for key, said in one.items() if key not in once}


def rendered(data: EditionData) -> str:
    """What `catalogue.json` says."""
    head = {"city": data.city["id"], "biz_date": data.biz_date, "standard": STANDARD, "headings": HEADINGS}
    members = "".join(f"{_text(key)}: {_text(said)},\n" for key, said in head.items())
    lines = ",\n".join(map(_text, data.resources))
    return f'{{{members}"resources": [\n{lines}\n]}}\n'


def table(resources: Sequence[Resource]) -> str:
    """Entries as `catalogue.csv` has them."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([of(one) for of in COLUMNS.values()] for one in resources)
    return text.getvalue()


def word(kind: str, value: str | None) -> str:
    """A code in Chinese."""
    known = page.labels().get(f"{kind}.{value}")
    return known["zh"] if known else value or ""


def item(one: Item) -> str:
    """信息项: name, id, type, length and unit, as `浓度(concentration_ugm3) 数值型(12,4) µg/m³`."""
    kind, _, length = one["type"].partition("(")
    size = f"({length}" if length else ""
    unit = f" {one['unit']}" if one["unit"] not in (None, "1") else ""
    return f"{one['name']['zh']}({one['id']}) {word('type', kind)}{size}{unit}"


def classed(one: Resource) -> str:
    """分类 in words, with the code as far as there is one."""
    said = one["classed"]
    code = f" {said['code']}" if said["code"] else f"（项目细目代码{UNDECLARED}）"
    return word("class", said["type"]) + code


def _quality(one: Resource) -> str:
    said = one["quality"]
    return f"{said['passed']}/{said['rules']}" if said["rules"] else "本夜未判"


def _zh(said: Text | None) -> str:
    return said["zh"] if said else ""


def _of_plan(one: Resource, key: Literal["by", "opened", "state", "task"]) -> str:
    """What the opening timetable says of an entry; catalogues of before there was one have none."""
    said = one.get("plan")
    found = said[key] if said else None
    return found["zh"] if isinstance(found, dict) else found or ""


COLUMNS: Mapping[str, Callable[[Resource], object]] = {
    "资源标识": lambda one: one["id"],
    HEADINGS["classed"]: classed,
    HEADINGS["name"]: lambda one: one["name"]["zh"],
    HEADINGS["code"]: lambda one: one["code"] or UNDECLARED,
    HEADINGS["provider"]: lambda one: one["provider"]["zh"],
    HEADINGS["provider_code"]: lambda one: one["provider_code"] or UNDECLARED,
    HEADINGS["summary"]: lambda one: one["summary"]["zh"],
    HEADINGS["format"]: lambda one: one["format"]["zh"],
    HEADINGS["items"]: lambda one: "；".join(map(item, one["items"])),
    "共享类型": lambda one: word("sharing", one["sharing"]["type"]),
    "共享条件": lambda one: _zh(one["sharing"]["condition"]),
    "共享方式": lambda one: _zh(one["sharing"]["way"]),
    "是否向社会开放": lambda one: "是" if one["opening"]["open"] else "否",
    "开放条件": lambda one: _zh(one["opening"]["condition"]),
    "计划开放日期": lambda one: _of_plan(one, "by"),
    "开放日期": lambda one: _of_plan(one, "opened"),
    "开放进度": lambda one: word("plan", _of_plan(one, "state")),
    "开放任务": lambda one: _of_plan(one, "task"),
    HEADINGS["cycle"]: lambda one: word("cycle", one["cycle"]),
    HEADINGS["released"]: lambda one: one["released"] or "",
    HEADINGS["related"]: lambda one: "；".join(each["code"] or each["id"] for each in one["related"]),
    "数据分级": lambda one: word("seen", one["level"]),
    "个人信息": lambda one: word("personal", one["personal"] or "none"),
    "许可": lambda one: "；".join(dict.fromkeys(each["licence"] for each in one["sources"])),
    "行数": lambda one: "" if one["rows"] is None else one["rows"],
    "最新日期": lambda one: one["newest"] or "",
    "时效": lambda one: word("freshness", one["state"]),
    "规则通过": _quality,
    "暂停日数": lambda one: len(one["quality"]["held"]),
}
"""The columns of `catalogue.csv`, in their order."""


def _text(said: object) -> str:
    return json.dumps(said, ensure_ascii=False, allow_nan=False)
