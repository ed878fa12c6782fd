"""The pages as a person meets them: in a browser, opened from disk, with no network.

Needs Chromium (Debian: `apt-get install chromium fonts-noto-cjk`). Screenshots lie in pytest's temporary folder.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from jobs.publish import EditionData, catalogue, publishers
from jobs.publish.alerts import alerts
from jobs.publish.reading import Book
from schemas import cities, load_city
from tests.publish import audited
from tests.publish.audited import wait
from tests.publish.headless import BINARY, Chromium
from tests.publish.invented_city import CITY, DAY, DISTRICTS, HOSTILE, HOSTILE_FILE, KINDS, STALE, UNKNOWN, WITHHELD
from tests.publish.invented_edition import edition

pytestmark = pytest.mark.skipif(BINARY is None, reason="chromium is not installed (Debian: apt-get install chromium)")
VIEWS = (("zh", 1280), ("en", 1280), ("en", 390), ("zh", 3840))
PM = "environment.pm25_daily_mean"
PAGES = {
    "index.html": "", "quality.html": "", "element.html": "#id=environment", "district.html": "#id=d01",
    "indicator.html": f"#id={PM}&place=d03", "catalogue.html": "",
}  # fmt: skip
TEXT = "[...document.querySelectorAll({})].map(each => each.textContent)"


def publish(data: EditionData, folder: Path) -> Path:
    for each in publishers().values():
        each(data, folder)
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish(edition(), tmp_path_factory.mktemp("edition"))


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    with Chromium(tmp_path_factory.mktemp("profile")) as chromium:
        yield chromium


@pytest.fixture
def browser(chromium: Chromium) -> Chromium:
    chromium.renew()
    return chromium


def texts(browser: Chromium, selector: str) -> list[str]:
    found: list[str] = browser.run(TEXT.format(json.dumps(selector)))
    return found


def row_of(browser: Chromium, indicator: str) -> str:
    found: str = browser.run(f"document.querySelector('[data-row=\"{indicator}\"]').innerText")
    return found


def look(
    browser: Chromium, folder: Path, name: str, width: int = 1280, language: str = "zh", fragment: str = ""
) -> None:
    audited.open_page(browser, folder, name, width, language, fragment or PAGES[name])


def test_every_page_opens_in_both_languages_and_at_every_width(folder: Path, browser: Chromium) -> None:
    audited.views(browser, folder, PAGES, VIEWS)


def test_an_edition_that_is_not_complete_says_so_above_everything_on_every_page(
    browser: Chromium, folder: Path, tmp_path: Path
) -> None:
    data = replace(edition(), incomplete={
        "steps": [{"step": "silver", "outcome": "failed", "reason": "silver failed: <b>"}], "edition": "2031-03-08",
        "tables": [{"table": "silver.bus_gps", "day": None, "deliveries": 2, "since": "2031-03-10 02:14"}],
        "indicators": 3,
    })  # fmt: skip
    publish(data, tmp_path)
    for name in PAGES:
        look(browser, tmp_path, name, width=390, language="en")
        told = browser.run("document.querySelector('main').previousElementSibling.innerText")
        for words in (
            "This edition is not complete. Everything was last",
            "edition of 2031-03-08",
            "silver failed: <b>",
        ):
            assert words in " ".join(told.split()), name
        assert browser.run("document.documentElement.scrollWidth") <= 390
    look(browser, folder, "index.html")
    assert browser.run("document.getElementById('incomplete').hidden")


def test_every_number_shown_is_the_published_one_and_links_to_its_proof(folder: Path, browser: Chromium) -> None:
    told, rounding = audited.published(folder), {one: kind.rounding for one, kind in KINDS.items()}
    seen = 0
    for name in PAGES:
        look(browser, folder, name)
        seen += audited.figures(browser, told, rounding)
    assert seen > 200


def test_the_page_of_a_value_says_where_it_is_published(folder: Path, browser: Chromium) -> None:
    rows = json.loads((folder / "values.json").read_text("utf-8"))
    at = next(
        n for n, row in enumerate(rows) if (row["indicator"], row["place"], row["period"]) == (PM, "d03", "2031-03-04")
    )
    look(browser, folder, "indicator.html", language="en", fragment=f"#id={PM}&place=d03&period=2031-03-04")
    text = browser.run("document.querySelector('#proof').innerText")
    assert f"record {at + 1:,} of values.json" in text
    assert f"citypulse prove --city {CITY} {PM} d03 2031-03-04 --edition {DAY}" in text
    assert f"{rows[at]['value']} µg/m³" in text


def test_unknown_is_a_dash_withheld_has_no_number_and_stale_says_so(folder: Path, browser: Chromium) -> None:
    look(browser, folder, "index.html")
    shown = {name: texts(browser, f"[data-row='{name}'] .value")[0] for name in (UNKNOWN, WITHHELD)}
    assert shown == {UNKNOWN: "—", WITHHELD: "暂不发布"}
    assert "最近已知 2031-03-07" in row_of(browser, UNKNOWN)
    assert "沿用旧值" in row_of(browser, STALE)
    assert "取自 2031-03-08" in row_of(browser, STALE)
    assert row_of(browser, "housing.lifts_out_of_service").split("\t")[1].strip().startswith("0")
    absent = texts(browser, "#absent .badge")
    assert absent == ["沿用旧值", "暂不发布"]


def test_levels_are_words_and_marks_and_alerts_name_their_department(folder: Path, browser: Chromium) -> None:
    data = edition()
    found = alerts(data, Book(data))
    look(browser, folder, "index.html", language="en")
    rows = browser.run("[...document.querySelectorAll('[data-alert]')].map(e => [e.dataset.alert, e.innerText])")
    assert [name for name, _ in rows] == [f"{each['indicator']} {each['place']}" for each in found]
    for (_, text), each in zip(rows, found, strict=True):
        assert each["owner"]["en"] in text or "rest" in text
        for level in (each["colour"], each["possible"] and f"possibly {each['possible']}"):
            assert level is None or level in text or text == ""
    assert "orange" in texts(browser, "#elements .tile.orange .chip")[0]
    look(browser, folder, "element.html", language="zh")
    assert any("回执" in text for text in texts(browser, "#alerts td"))


def test_the_language_switches_and_is_remembered_on_every_page(folder: Path, browser: Chromium) -> None:
    look(browser, folder, "index.html")
    assert texts(browser, "#title, #headlines-title") == ["青洲市", "头条指标"]
    browser.click("#language")
    assert texts(browser, "#title, #headlines-title") == ["Qingzhou", "Headline values"]
    for name in PAGES:
        look(browser, folder, name)
        assert browser.run("document.documentElement.lang") == "en"
    assert browser.errors == []


def test_hostile_names_are_shown_and_do_nothing(folder: Path, browser: Chromium) -> None:
    for name in PAGES:
        look(browser, folder, name, fragment="#id=d02" if name == "district.html" else "")
        assert browser.run("window.hacked === undefined && document.querySelector('img, main b b, main i') === null")
        if name == "district.html":
            assert texts(browser, "#title") == [HOSTILE]
    look(browser, folder, "quality.html")
    assert any('onerror="window.hacked=1"' in text for text in texts(browser, "#deliveries td"))


def test_a_keyboard_reaches_the_content_and_a_value_and_its_proof(folder: Path, browser: Chromium) -> None:
    audited.keyboard(browser, folder)


def choose(browser: Chromium, name: str, value: str) -> None:
    browser.run(f"(e => {{ e.value = {json.dumps(value)}; e.dispatchEvent(new Event('change')) }})"
                f"(document.getElementById({json.dumps(name)}))")  # fmt: skip


def test_a_click_on_the_map_shows_the_districts_value(folder: Path, browser: Chromium) -> None:
    look(browser, folder, "indicator.html", fragment=f"#id={PM}")
    labels = " ".join(texts(browser, "#map svg text"))
    assert all(name in labels for name in ("北岸区", "古城区", "南湖新区", "东港</script"))
    browser.run("document.querySelector('#map').scrollIntoView({block: 'center'})")
    x, y = browser.run("(({x, y, width, height}) => [x + width * .25, y + height * .25])(document.querySelector('#map')"
                       ".getBoundingClientRect())")  # fmt: skip
    for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
        browser.send("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)
    wait(browser, "document.getElementById('place').value === 'd01'")
    wait(browser, "document.querySelector('#trend-title').textContent.includes('北岸区')")
    assert browser.errors == []


def test_every_indicator_can_be_chosen_and_an_empty_map_shows_the_way(folder: Path, browser: Chromium) -> None:
    look(browser, folder, "indicator.html", width=390)
    for indicator in KINDS:
        choose(browser, "indicator", indicator)
        wait(browser, f"document.querySelector('#map-title').textContent.includes({json.dumps(KINDS[indicator].zh)})")
    look(browser, folder, "indicator.html", fragment=f"#id={UNKNOWN}")
    assert "2031-03-09 各区均无数值" in texts(browser, "#map-note")[0]
    browser.click("#map-note button")
    wait(browser, "document.getElementById('period').value === '2031-03-07'")
    assert browser.errors == []


def test_the_rest_of_the_corrections_comes_on_demand(folder: Path, browser: Chromium) -> None:
    look(browser, folder, "index.html")
    rows = "document.querySelectorAll('#changes tbody tr').length"
    assert browser.run(rows) == 20
    browser.click("#changes .more")
    wait(browser, f"{rows} === {len(edition().changes)}")
    sides = texts(browser, "#changes .fromto")
    assert any(text.startswith("—") and text.endswith("99.02 %") for text in sides)
    assert any(text.startswith("55") and text.endswith("—") for text in sides)


def test_the_quality_page_filters_by_failed(folder: Path, browser: Chromium) -> None:
    look(browser, folder, "quality.html", language="en")
    assert texts(browser, "#shown") == ["8 of 8 rules shown"]
    browser.click("#failed")
    assert texts(browser, "#shown") == ["3 of 8 rules shown"]
    assert set(texts(browser, "#rules tbody .badge")) == {"failed"}


def test_the_catalogue_tells_an_entry_in_full_and_its_relations_lead_both_ways(folder: Path, browser: Chromium) -> None:
    look(browser, folder, "catalogue.html")
    assert len(texts(browser, "#listed tbody tr")) == len(KINDS) + 2
    browser.click("#late")
    assert [text.split("silver")[0] for text in texts(browser, "#listed tbody td:first-child")] == [HOSTILE]
    browser.click("#listed .name")
    wait(browser, "document.querySelectorAll('#entry-body .facts').length === 2")
    assert texts(browser, "#entry-body .facts:first-child dt") == list(catalogue.HEADINGS.values())
    told = dict(zip(texts(browser, "#entry-body dt"), texts(browser, "#entry-body dd"), strict=True))
    assert told["信息资源代码"] == "未声明silver.power_outages"
    assert told["信息资源提供方代码"] == "未声明"
    assert told["共享属性"].startswith("不予共享")
    assert told["开放属性"].startswith("否")
    assert told["个人信息"] == "直接标识（已化名）"
    assert "2031-03-07 之后没有交付，已逾 2 日" in texts(browser, "#entry-body tr.warn td")
    browser.click("#entry-body .name")
    wait(browser, f"document.querySelector('#entry-title').textContent === {json.dumps(KINDS[WITHHELD].zh)}")
    wait(browser, "document.querySelector('#entry-body .name')")
    assert texts(browser, "#entry-body .name") == ["silver.power_outages"]
    assert browser.run("document.activeElement.id") == "entry-title"
    browser.click("#language")
    wait(browser, "document.querySelector('#entry-body dt').textContent === 'Classification · 信息资源分类'")
    browser.click("#back")
    wait(browser, "document.querySelector('#entry').hidden && !document.querySelector('#listed').hidden")
    assert browser.errors == []


def test_an_edition_with_nothing_in_it_still_opens(browser: Chromium, tmp_path: Path) -> None:
    bare = replace(
        edition(), previous=None, elements=[], indicators={}, places={}, values=[], changes=[], deliveries=[], holds=[],
        quality=[], steps=[], resources=[], geometry={"type": "FeatureCollection", "features": []},
    )  # fmt: skip
    publish(bare, tmp_path)
    for name in PAGES:
        browser.open(tmp_path / name, width=390)
    assert browser.errors == []


def test_indicators_without_any_value_or_boundary_still_open(browser: Chromium, tmp_path: Path) -> None:
    empty = replace(edition(), values=[], places={}, geometry={"type": "FeatureCollection", "features": []})
    publish(empty, tmp_path)
    browser.open(tmp_path / "index.html", width=1280)
    assert row_of(browser, "transport.taxi_trips").count("—") >= 3
    assert browser.errors == []


def test_a_page_says_what_is_missing_and_tells_the_rest_without_it(browser: Chromium, tmp_path: Path) -> None:
    publish(edition(), tmp_path)
    (tmp_path / "assets" / "echarts-6.1.0.min.js").unlink()
    (tmp_path / "data" / "place-1.js").unlink()
    browser.open(tmp_path / "indicator.html", width=1280, query=PAGES["indicator.html"])
    wait(browser, "document.querySelector('#map').textContent.includes('缺少 assets/ 中的图表库')")
    assert len(texts(browser, "#spread tbody tr")) == len(DISTRICTS) + 1
    browser.open(tmp_path / "district.html", width=1280, query="#id=d01")
    wait(browser, "!document.querySelector('#missing').hidden")
    assert "data/place-1.js" in texts(browser, "#missing")[0]


def test_another_language_while_the_chart_library_is_on_its_way(browser: Chromium, tmp_path: Path) -> None:
    """A reader may press the switch before the map is there: it is drawn when it can be, in the new words."""
    publish(edition(), tmp_path)
    browser.open(tmp_path / "index.html", width=1280)
    browser.run("load('map').then(() => script(ECHARTS))")
    browser.run("delete window.echarts; delete asked[ECHARTS]; speak('en')")
    browser.run("new Promise(setTimeout).then(() => script(ECHARTS))")
    assert browser.errors == []
    assert "Old Town" in browser.run("document.querySelector('#map svg').textContent")


def test_reasons_are_words_in_both_languages(browser: Chromium, tmp_path: Path) -> None:
    """A code with its detail becomes a sentence; names and numbers stay as published."""
    reasons = ["stale: last good 2031-03-07", "missing_reporters: S12, S40", "missing_days: 3 of 31",
               "below_minimum_coverage 0.62 < 0.80", "unplaced: 750 records", "missing_records: 12",
               "known_issue: 八号表偏低 | gauge 8 reads low", "revised: 2, late_data, gates, buses"]  # fmt: skip
    told = edition()
    values = [row | {"reasons": reasons} if row["indicator"] == STALE else row for row in told.values]
    publish(replace(told, values=values), tmp_path)
    browser.open(tmp_path / "index.html", width=1280)
    zh = row_of(browser, STALE)
    for words in ("沿用旧值，最近可信 2031-03-07", "未报：S12, S40", "31 日中有 3 日没有数据",
                  "覆盖率 0.62 低于下限 0.80", "750 条记录无法定位", "较对账数少 12 条",
                  "已知问题：八号表偏低", "结案后第 2 次修订（数据迟到；gates, buses）"):  # fmt: skip
        assert words in zh
    browser.open(tmp_path / "index.html", width=1280, query="?lang=en")
    browser.run("speak('en')")
    en = row_of(browser, STALE)
    for words in ("stale, last good 2031-03-07", "did not report: S12, S40", "no data for 3 of 31 days",
                  "coverage 0.62 below the minimum 0.80", "gauge 8 reads low",
                  "revised after closing, no. 2 (late data; gates, buses)"):  # fmt: skip
        assert words in en
    assert browser.errors == []


def test_a_series_breaks_with_a_word_on_the_chart_in_its_table_and_for_a_screen_reader(
    folder: Path, browser: Chromium
) -> None:
    look(browser, folder, "indicator.html", language="en")
    assert {"definition", "other parent"} <= set(texts(browser, "#trend svg text"))
    told = texts(browser, "#trend-data .break")
    assert [text.split(": ")[1].split(" 20")[0] for text in told] == [f"other parent {HOSTILE_FILE}", "definition"]
    label: str = browser.run("document.querySelector('#trend').getAttribute('aria-label')")
    assert "2031-02-20 definition 2029-01-01 → 2031-02-20" in label
    look(browser, folder, "indicator.html", fragment="#id=environment.aqi_cn&place=d01")
    assert texts(browser, "#trend-data .break") == []
    assert browser.errors == []


def test_a_change_after_closing_says_that_it_is_a_revision(folder: Path, browser: Chromium) -> None:
    look(browser, folder, "index.html", language="en")
    assert "1 of them were revised" in texts(browser, "#changes .note")[0]
    browser.click("#changes .more")
    wait(browser, "document.querySelector('#changes .revised')")
    assert texts(browser, "#changes .revised") == ["revised after closing, no. 2; hospital_ledger"]


def test_it_prints_on_few_sheets(folder: Path, browser: Chromium, tmp_path: Path) -> None:
    look(browser, folder, "index.html")
    assert 2 <= browser.pdf(tmp_path / "index.pdf").read_bytes().count(b"/Type /Page\n") <= 10


UNITS = {
    "1": ("", ""),
    "trip": ("次", "trips"),
    "complaint/(10000 household)": ("件/万户", "complaints per 10,000 households"),
    "case/(100000 person)": ("例/10 万人", "cases per 100,000 people"),
    "doctor/(1000 person)": ("人/千人", "doctors per 1,000 people"),
    "L/(person*day)": ("L/(人·日)", "L/(people·days)"),
    "customer*min": ("户·分钟", "customers·min"),
    "万record": ("万条", "10,000 records"),
    "kWh/m³": ("kWh/m³", "kWh/m³"),
    "m**3/day": ("m**3/day", "m**3/day"),
    "W/m²/K": ("W/m²/K", "W/m²/K"),
}


def test_units_are_told_in_words(folder: Path, browser: Chromium) -> None:
    audited.open_page(browser, folder, "index.html")
    asked = f"{json.dumps(list(UNITS))}.map(unit)"
    told = browser.run(asked)
    audited.open_page(browser, folder, "index.html", language="en")
    assert dict(zip(UNITS, zip(told, browser.run(asked), strict=True), strict=True)) == UNITS


@pytest.mark.parametrize("city", cities())
def test_no_unit_of_a_citys_indicators_is_english_on_a_chinese_page(folder: Path, browser: Chromium, city: str) -> None:
    audited.open_page(browser, folder, "index.html")
    units = sorted({one.unit for one in load_city(city).indicators.values()})
    told = dict(zip(units, browser.run(f"{json.dumps(units)}.map(unit)"), strict=True))
    assert {one: said for one, said in told.items() if re.search("[a-z]{4}", said)} == {}


def test_the_catalogue_tells_promises_soonest_first_and_hides_them_beside_an_entry(
    folder: Path, browser: Chromium
) -> None:
    audited.open_page(browser, folder, "catalogue.html", language="en")
    promised = [one for one in edition().resources if one["plan"]]
    rows = browser.run("[...document.querySelectorAll('#timetable tbody tr')].map(each => each.dataset.resource)")
    soonest = sorted((one["plan"]["by"], one["id"]) for one in promised if one["plan"])
    assert rows == [key for _, key in soonest]
    assert len(rows) == 2
    browser.run("location.hash = '#id=silver.taxi_trips'")
    wait(browser, "document.getElementById('timetable').hidden")
