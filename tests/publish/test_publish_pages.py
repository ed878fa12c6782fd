"""The pages as files: what is inside, and that nothing delivered can break out of its place."""

import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any, cast, get_args

import pytest

from jobs import release
from jobs.publish import Change, alerts, bulletin, glance, page, publishers, quality
from jobs.publish.payloads import elements
from jobs.publish.reading import Book
from tests.publish.invented_city import CITY, HOSTILE, HOSTILE_FILE
from tests.publish.invented_edition import edition

TEMPLATES = Path(page.__file__).parent / "templates"
VENDOR = Path(page.__file__).parent / "vendor"


CALL = re.compile(r'citypulse\("([^"]+)",(.*)\);\n', re.DOTALL)
HTML = ("catalogue.html", "district.html", "element.html", "index.html", "indicator.html", "quality.html")


def payload(path: Path) -> Any:
    """What a file of data hands to the page; that it is nothing but one call with a name and JSON."""
    hit = CALL.fullmatch(path.read_text(encoding="utf-8"))
    assert hit is not None, path.name
    assert hit[1] == path.stem
    return json.loads(hit[2])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("edition")
    written = [path for publish in publishers().values() for path in publish(edition(), folder)]
    assert all(path.is_file() for path in written)
    return folder


def test_publishers_are_found_from_the_folder() -> None:
    assert list(publishers()) == ["bulletin", "catalogue", "exports", "quality"]


def test_an_edition_holds_a_page_of_each_kind_and_data_for_each_element_place_and_indicator(folder: Path) -> None:
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    files = {"catalogue.csv", "catalogue.json", "values.csv", "values.json", "values.parquet"}
    assert {name for name in found if "/" not in name} == {*HTML, *files}
    city = payload(folder / "data" / "city.js")
    data = {f"data/element-{number}.js" for number, _ in enumerate(city["elements"])}
    data |= {f"data/place-{place['file']}.js" for place in city["places"].values()}
    data |= {f"data/indicators-{about['file']}.js" for about in city["indicators"].values()}
    data |= {f"data/{name}.js" for name in ("catalogue", "city", "changes", "map", "quality", "resources-0")}
    assert {name for name in found if name.startswith("data/")} == data
    for name, about in city["indicators"].items():
        assert name in payload(folder / "data" / f"indicators-{about['file']}.js")


def test_every_file_a_page_starts_with_is_there_and_its_policy_allows_no_other_origin(folder: Path) -> None:
    for name in HTML:
        text = (folder / name).read_text(encoding="utf-8")
        files = re.findall(r"""<(?:script src|link rel="stylesheet" href)="([^"]+)\"""", text)
        assert len(files) > 4
        assert [file for file in files if not (folder / file).is_file()] == []
        policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text)
        assert policy is not None
        assert "default-src 'none'" in policy[1]
        assert policy[1].split("script-src")[1].split() == ["file:", "'self'"]
        assert "<script>" not in text


def test_delivered_names_stand_in_data_alone_and_open_no_element(folder: Path) -> None:
    texts = {path: path.read_text(encoding="utf-8") for path in folder.rglob("*") if path.suffix in (".html", ".js")}
    del texts[folder / page.ECHARTS]
    for path, text in texts.items():
        for hostile in (HOSTILE, HOSTILE_FILE, "window.hacked=1</script>", "\u2028"):
            assert hostile not in text, path.name
    assert HOSTILE in {one["name_zh"] for one in payload(folder / "data" / "city.js")["places"].values()}


def test_a_city_name_with_markup_is_text_in_the_title(tmp_path: Path) -> None:
    data = replace(edition(), city={"id": "x", "name": {"zh": "</title><b>", "en": '"&'}, "map_level": "district"})
    bulletin.publish(data, tmp_path)
    text = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert "<title>&lt;/title&gt;&lt;b&gt; &quot;&amp; · 2031-03-09</title>" in text


def test_no_page_and_no_script_of_ours_names_an_address_but_the_svg_name_space(folder: Path) -> None:
    files = [path for path in folder.rglob("*") if path.suffix in (".html", ".js", ".css")]
    texts = [path.read_text(encoding="utf-8") for path in files if path != folder / page.ECHARTS]
    assert {hit for text in texts for hit in re.findall(r"https?://[^\s\"'<]+", text)} == {"http://www.w3.org/2000/svg"}


def test_the_same_edition_gives_the_same_pages(folder: Path, tmp_path: Path) -> None:
    for publish in publishers().values():
        publish(edition(), tmp_path)
    found = [path.relative_to(folder) for path in folder.rglob("*") if path.is_file()]
    assert len(found) > 40
    for name in found:
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()


def test_every_label_the_pages_ask_for_exists_in_both_languages() -> None:
    labels = page.labels()
    assert all(set(words) == {"zh", "en"} for words in labels.values())
    texts = {path.name: path.read_text(encoding="utf-8") for path in TEMPLATES.iterdir() if path.suffix != ".json"}
    asked = {
        key
        for text in texts.values()
        for key in re.findall(r"""\bt\("([\w.]+)"|data-(?:label|aria)="([\w.]+)\"""", text)
    }
    keys = {one or other for one, other in asked}
    keys |= {f"colour.{colour}" for colour in (*alerts.COLOURS, "none")} | {
        f"mark.{colour}" for colour in alerts.COLOURS
    }
    keys |= {f"basis.{basis}" for basis in get_args(alerts.Alert.__annotations__["basis"])}
    keys |= {f"acknowledged.{state}" for state in ("none", "seen", "acting", "closed")}
    keys |= {f"state.{state}" for state in ("final", "provisional", "stale", "withheld", "unknown")}
    keys |= {f"verdict.{verdict}" for verdict in (*quality.VERDICTS, "better", "worse", "same")}
    keys |= {f"ruled.{outcome}" for outcome in ("failed", "empty", "not_run", "passed")}
    keys.add(f"reason.{release.REASON}")
    assert len(keys) > 80
    assert keys - set(labels) == set()


def test_the_chart_library_is_the_one_its_readme_names(folder: Path) -> None:
    digest = hashlib.sha256((VENDOR / "echarts.min.js").read_bytes()).hexdigest()
    assert digest in (VENDOR / "README.md").read_text()
    assert hashlib.sha256((folder / page.ECHARTS).read_bytes()).hexdigest() == digest


def test_an_element_that_only_an_indicator_names_is_shown_too() -> None:
    assert "transport" in [element["id"] for element in elements(replace(edition(), elements=[]))]


def test_places_without_register_are_shown_last_by_what_the_values_call_them() -> None:
    assert Book(edition()).places == [CITY, "d01", "d02", "d03", "d04", "unplaced"]


def test_the_refused_deliveries_stand_first() -> None:
    data = edition()
    assert [each["file"] for each in data.refused] == [HOSTILE_FILE]
    assert quality.payload(data)["deliveries"][0] == data.refused[0]


def test_the_tables_that_need_a_look_come_first() -> None:
    assert [(table["table"], table["verdict"]) for table in quality.tables(edition())] == [
        ("silver.power_outages", "held"),
        ("silver.road_speeds", "critical"),
        ("silver.taxi_trips", "warning"),
        ("silver.water_pressure", "unjudged"),
        ("silver.air_quality", "passed"),
    ]


def test_a_rule_that_saw_no_row_has_not_passed() -> None:
    table = next(each for each in quality.tables(edition()) if each["table"] == "silver.power_outages")
    assert dict(zip([rule["rule"] for rule in table["rules"]], table["outcomes"], strict=True)) == {
        "some_rows": "failed", "duration_positive": "empty"
    }  # fmt: skip


def test_a_rule_that_most_rows_keep_has_passed_whatever_the_others_do() -> None:
    passing = next(one for one in edition().quality if one["success"] and one["kind"] == "set")
    assert quality.outcome({**passing, "failed": 7}) == "passed"
    assert quality.outcome({**passing, "failed": 7, "success": False}) == "failed"


def test_a_table_that_is_held_without_results_is_listed() -> None:
    found = quality.tables(replace(edition(), quality=[]))
    assert [(each["table"], each["verdict"], each["rules"]) for each in found] == [("silver.power_outages", "held", [])]


def test_corrections_of_finer_places_are_counted_and_not_listed() -> None:
    data = edition()
    street = {**data.changes[0], "place": "s0101", "place_name": "一街", "level": "street"}
    data = replace(data, changes=[cast("Change", street), *data.changes])
    found = dict(bulletin.files(data))["city"]
    assert (found["counts"]["changes"], found["counts"]["changes_elsewhere"]) == (len(data.changes) - 1, 1)
    assert found["changes"][0]["place"] == data.city["id"]
    assert len(found["changes"]) == glance.MOST["changes"]


def test_the_first_page_tells_what_it_weighs(folder: Path) -> None:
    text = (folder / "index.html").read_text(encoding="utf-8")
    told = re.search(r'data-weight="([\d ]+)"', text)
    assert told is not None
    files, first, then, rest, most = map(int, told[1].split())
    asked = re.findall(r"""<(?:script src|link rel="stylesheet" href)="([^"]+)\"""", text)
    assert (files, first) == (len(asked), sum((folder / name).stat().st_size for name in asked))
    assert then == sum((folder / name).stat().st_size for name in ("data/map.js", page.ECHARTS))
    others = [
        path for path in (folder / "data").iterdir() if not re.match("city|map|quality|catalogue|resources", path.name)
    ]
    assert (rest, most) == (len(others), max(path.stat().st_size for path in others))
