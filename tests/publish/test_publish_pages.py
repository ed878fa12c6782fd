"""The pages as files: what is inside, and that nothing delivered can break out of its place."""

import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import cast

import pytest

from jobs import release
from jobs.publish import Change, bulletin, page, publishers, quality
from tests.publish.invented_city import HOSTILE, HOSTILE_FILE
from tests.publish.invented_edition import edition

TEMPLATES = Path(page.__file__).parent / "templates"
VENDOR = Path(page.__file__).parent / "vendor"


class Scripts(HTMLParser):
    """Every script element of a page: its attributes and its text, as a browser finds them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[dict[str, str | None], str]] = []
        self._inside = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag == "script"
        if self._inside:
            self.found.append((dict(attrs), ""))

    def handle_data(self, data: str) -> None:
        if self._inside:
            attributes, text = self.found.pop()
            self.found.append((attributes, text + data))

    def handle_endtag(self, tag: str) -> None:
        self._inside = False


def islands(text: str) -> dict[str | None, object]:
    return {
        attributes["id"]: json.loads(body)
        for attributes, body in Scripts(text).found
        if attributes.get("type") == "application/json"
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("edition")
    written = [path for publish in publishers().values() for path in publish(edition(), folder)]
    assert all(path.is_file() for path in written)
    return folder


def test_publishers_are_found_from_the_folder() -> None:
    assert list(publishers()) == ["bulletin", "exports", "quality"]


def test_an_edition_holds_the_pages_the_exports_and_the_chart_library(folder: Path) -> None:
    found = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    assert found == [
        "assets/echarts-6.1.0.min.js", "index.html", "quality.html", "values.csv", "values.json", "values.parquet"
    ]  # fmt: skip


@pytest.mark.parametrize(("name", "module"), [("index.html", bulletin), ("quality.html", quality)])
def test_the_island_reads_back_to_the_payload(folder: Path, name: str, module: object) -> None:
    payload = {"index.html": bulletin.payload, "quality.html": quality.payload}[name](edition())
    assert islands((folder / name).read_text(encoding="utf-8"))["edition"] == json.loads(json.dumps(payload))


@pytest.mark.parametrize("name", ["index.html", "quality.html"])
def test_delivered_names_open_no_element(folder: Path, name: str) -> None:
    text = (folder / name).read_text(encoding="utf-8")
    for hostile in (HOSTILE, HOSTILE_FILE, "<b>", "<i>", "window.hacked=1</script>", "\u2028"):
        assert hostile not in text
    own = [attributes for attributes, _ in Scripts(text).found]
    assert [each for each in own if each.get("type") == "application/json"] == [
        {"type": "application/json", "id": "labels"}, {"type": "application/json", "id": "edition"}
    ]  # fmt: skip


def test_a_city_name_with_markup_is_text_in_the_title(tmp_path: Path) -> None:
    data = replace(edition(), city={"id": "x", "name": {"zh": "</title><b>", "en": '"&'}, "map_level": "district"})
    bulletin.publish(data, tmp_path)
    text = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert "<title>&lt;/title&gt;&lt;b&gt; &quot;&amp; · 2031-03-09</title>" in text


@pytest.mark.parametrize("name", ["index.html", "quality.html"])
def test_the_policy_names_every_script_of_the_page_and_no_other(folder: Path, name: str) -> None:
    text = (folder / name).read_text(encoding="utf-8")
    inline = [body for attributes, body in Scripts(text).found if not attributes]
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text)
    assert policy
    assert re.findall(r"'sha256-[^']+'", policy[1]) == [page._hash(body) for body in inline]
    assert "'unsafe-inline'" not in policy[1].split("script-src")[1]
    assert "default-src 'none'" in policy[1]


@pytest.mark.parametrize("name", ["index.html", "quality.html"])
def test_a_page_names_no_address_but_the_svg_name_space(folder: Path, name: str) -> None:
    text = (folder / name).read_text(encoding="utf-8")
    assert set(re.findall(r"https?://[^\s\"'<]+", text)) == {"http://www.w3.org/2000/svg"}


def test_the_same_edition_gives_the_same_pages(folder: Path, tmp_path: Path) -> None:
    for publish in publishers().values():
        publish(edition(), tmp_path)
    for name in ("index.html", "quality.html"):
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
    data = replace(edition(), elements=[])
    assert "transport" in [element["id"] for element in bulletin.payload(data)["elements"]]


def test_places_without_register_are_shown_last_by_what_the_values_call_them() -> None:
    assert bulletin.payload(edition())["districts"] == ["d01", "d02", "d03", "d04", "unplaced"]


def test_the_refused_deliveries_stand_first() -> None:
    data = edition()
    assert [each["file"] for each in data.refused] == [HOSTILE_FILE]
    assert bulletin.payload(data)["deliveries"][0] == quality.payload(data)["deliveries"][0] == data.refused[0]


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
    found = bulletin.payload(replace(data, changes=[cast("Change", street), *data.changes]))
    assert (len(found["changes"]), found["changes_elsewhere"]) == (len(data.changes), 1)
    assert found["changes"][0]["place"] == data.city["id"]
