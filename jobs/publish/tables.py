"""The tables that leave the house: what each is, and what each of its columns means, in both languages.

Files of an edition (`exports`, `datapackage`, `dcat`) and the tables in PostgreSQL have these columns and these words.
A list is one of strings, in CSV joined by "; "; instants and JSON are in PostgreSQL alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from jobs.publish import EditionData, Indicator, Place, Source, Text

Kind = Literal["string", "number", "integer", "boolean", "date", "list", "instant", "json"]
Cell = str | float | bool | list[str] | None
Row = Mapping[str, Cell]


@dataclass(frozen=True)
class Column:
    """`unit`: what a number is in, or the column of the same row that says it."""

    kind: Kind
    zh: str
    en: str
    unit: str | None = None
    required: bool = False


@dataclass(frozen=True)
class Table:
    """`key` is unique; `refers`: columns that name a row of another table by its key."""

    zh: str
    en: str
    key: tuple[str, ...]
    columns: Mapping[str, Column]
    refers: tuple[tuple[tuple[str, ...], str], ...] = ()


def _key(zh: str, en: str) -> Column:
    return Column("string", zh, en, required=True)


def _text(zh: str, en: str) -> Column:
    return Column("string", zh, en)


def _in_both(name: str, zh: str, en: str) -> dict[str, Column]:
    return {
        f"{name}_zh": _text(f"{zh}（中文）", f"{en}, in Chinese"),
        f"{name}_en": _text(f"{zh}（英文）", f"{en}, in English"),
    }


VALUES = Table(
    "指标值：本期发布的每个值及其可信程度",
    "Values of indicators, each with how far it may be relied on",
    ("indicator", "level", "place", "period_kind", "period", "segment"),
    {
        "indicator": _key("指标代码", "id of the indicator"),
        "place": _key("地点代码；全市为城市代码", "id of the place; of the whole city the city's id"),
        "place_name": _text("地点名称", "name of the place in the city's own language"),
        "level": _key("地点层级", "level of the place"),
        "period_kind": _key(
            "时段类型：hour、day、week、month、quarter、year", "hour, day, week, month, quarter or year"
        ),
        "period": _key(
            "时段：2020-04-01、2020-04-01T08、2020-04 等", "2020-04-01, 2020-04-01T08, 2020-04 …, local time"
        ),
        "segment": _text(
            "时段的一部分（高峰、节假日等）；all 为全部", "part of the period (peak, holiday …); all is the whole"
        ),
        "value": Column("number", "值，未取整；空为未知，绝非零", "unrounded; empty is unknown, never zero", "unit"),
        "unit": _key("计量单位", "unit of value, low and high"),
        "coverage": Column(
            "number", "应有观测中实际取得的份额，0 至 1", "share of what should have been observed, 0 to 1", "1"
        ),
        "low": Column("number", "考虑缺失后的最小可能值", "the least it can be, given what is missing", "unit"),
        "high": Column("number", "考虑缺失后的最大可能值", "the most it can be, given what is missing", "unit"),
        "grade": _text("质量等级 A 至 D", "A to D"),
        "status": _key(
            "final 已定、provisional 暂定、stale 沿用旧值、withheld 不公布", "final, provisional, stale or withheld"
        ),
        "reasons": Column("list", "未定的原因", "why it is not final"),
        "n_records": Column("integer", "所依据的记录数", "records behind it", "record"),
        "definition_version": _key("定义版本（生效日期）", "version of the definition: the day from which it applies"),
        "edition": Column("date", "最先如此发布的一期", "the edition that said it first", required=True),
    },
    ((("indicator",), "indicators"), (("level", "place"), "places")),
)
INDICATORS = Table(
    "指标目录",
    "The indicators: what they are, and how they are to be read",
    ("indicator",),
    {
        "indicator": _key("指标代码", "id of the indicator"),
        **_in_both("name", "名称", "name"),
        "element": _key("要素代码", "id of the city's element"),
        **_in_both("element", "要素", "element"),
        "unit": _key("计量单位", "unit of its values"),
        "face": _text("product 产品、service 服务、regulation 监管", "product, service or regulation"),
        "direction": _key("越高越好、越低越好或中性", "higher_better, lower_better or neutral"),
        "rounding": Column(
            "integer", "显示的小数位数；空为六位有效数字", "decimals shown; empty: six significant digits", "1"
        ),
        "target": _text("目标", "target"),
        "headline": Column("boolean", "是否在首页", "whether it is on the first page", required=True),
        "department": _key("责任部门代码", "id of the accountable department"),
        **_in_both("department", "责任部门", "accountable department"),
        **_in_both("question", "回答的问题", "the question it answers"),
        **_in_both("does_not_say", "不说明什么", "what it does not say"),
        "classification": _key(
            "公开 public、内部 internal、受限 restricted", "who may see it: public, internal or restricted"
        ),
        "definition_version": _key("现行定义版本", "version of the definition in force"),
        "periods": Column("list", "计算的时段类型", "kinds of periods it is made for"),
        "sources": Column("list", "所依据的来源", "ids of the sources it rests on"),
    },
)
PLACES = Table(
    "地点",
    "Places, and how they lie in one another",
    ("level", "place"),
    {
        "level": _key("层级", "level"),
        "place": _key("地点代码", "id of the place"),
        **_in_both("name", "名称", "name"),
        "parent": _text("上一层级的地点代码", "id of the place it lies in, one level up"),
    },
)
SOURCES = Table(
    "数据来源及其许可",
    "Where the data come from, and under which licence",
    ("source",),
    {
        "source": _key("来源代码", "id of the source"),
        **_in_both("publisher", "发布者", "publisher"),
        "licence": _key("来源数据的许可", "licence under which its data were delivered"),
        "department": _key("责任部门代码", "id of the accountable department"),
        **_in_both("department", "责任部门", "accountable department"),
        **_in_both("description", "内容", "what it delivers"),
        "arrives_every": _key(
            "报送周期：hour、day、week、month、once、irregular", "hour, day, week, month, once or irregular"
        ),
    },
)
TABLES: Mapping[str, Table] = {"values": VALUES, "indicators": INDICATORS, "places": PLACES, "sources": SOURCES}
"""By name; the file of each is `<name>.csv`."""


def indicators(data: EditionData) -> list[Row]:
    """A row for each indicator."""
    elements = {one["id"]: Text(zh=one["zh"], en=one["en"]) for one in data.elements}
    return [indicator(key, data.indicators[key], elements) for key in sorted(data.indicators)]


def indicator(key: str, one: Indicator, elements: Mapping[str, Text]) -> Row:
    """The row of one."""
    element = elements.get(one["element"]) or Text(zh=one["element"], en=one["element"])
    return {
        "indicator": key,
        **_both("name", one["name"]),
        "element": one["element"],
        **_both("element", element),
        "unit": one["unit"],
        "face": one["face"],
        "direction": one["direction"],
        "rounding": one["rounding"],
        "target": None if one["target"] is None else str(one["target"]),
        "headline": one["headline"],
        "department": one["department"],
        **_both("department", one["owner"]),
        **_both("question", one["question"]),
        **_both("does_not_say", one["does_not_say"]),
        "classification": one["classification"],
        "definition_version": one["version"],
        "periods": one["periods"],
        "sources": one["sources"],
    }


def places(data: EditionData) -> list[Row]:
    """A row for each place that is registered or that a value is about."""
    known = {(level, place): one for level, members in data.places.items() for place, one in members.items()}
    nameless = Place(name_zh=None, name_en=None, parent=data.city["id"])
    about = {(row["level"], row["place"]): nameless for row in data.values}
    return [place(*key, one) for key, one in sorted((about | known).items())]


def place(level: str, key: str, one: Place) -> Row:
    """The row of one."""
    names = {"name_zh": one["name_zh"], "name_en": one["name_en"]}
    return {"level": level, "place": key, **names, "parent": one["parent"]}


def sources(data: EditionData) -> list[Row]:
    """A row for each source."""
    return [source(key, data.sources[key]) for key in sorted(data.sources)]


def source(key: str, one: Source) -> Row:
    """The row of one."""
    return {
        "source": key,
        **_both("publisher", one["publisher"]),
        "licence": one["licence"],
        "department": one["department"],
        **_both("department", one["owner"]),
        **_both("description", one["description"]),
        "arrives_every": one["every"],
    }


def _both(name: str, text: Text) -> dict[str, Cell]:
    return {f"{name}_zh": text["zh"], f"{name}_en": text["en"]}
