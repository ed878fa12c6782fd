"""The pages as a person meets them: in a browser, opened from disk, with no network.

Needs Chromium (Debian: `apt-get install chromium fonts-noto-cjk`). Screenshots lie in pytest's temporary folder.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

from jobs.publish import EditionData, publishers
from tests.publish.headless import BINARY, Chromium
from tests.publish.invented_city import CITY, DAY, DISTRICTS, HOSTILE, KINDS, STALE, UNKNOWN, WITHHELD
from tests.publish.invented_edition import edition

pytestmark = pytest.mark.skipif(BINARY is None, reason="chromium is not installed (Debian: apt-get install chromium)")
WIDTHS, LANGUAGES, PAGES = (1280, 390), ("zh", "en"), ("index.html", "quality.html")
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
    found: str = browser.run(f"document.getElementById('detail-{indicator}').previousElementSibling.innerText")
    return found


def test_both_pages_open_in_both_languages_and_widths(folder: Path, browser: Chromium, tmp_path: Path) -> None:
    for name in PAGES:
        for language in LANGUAGES:
            for width in WIDTHS:
                browser.open(folder / name, width=width, query=f"?lang={language}")
                shot = browser.screenshot(tmp_path / f"{Path(name).stem}_{language}_{width}.png")
                wide = browser.run("document.documentElement.scrollWidth")
                assert wide <= width, f"{shot.name} is {wide} px wide"
                assert browser.run("document.documentElement.lang").startswith(language)
    assert browser.errors == []
    assert {url.split("?")[0] for url in browser.requests} == {
        (folder / name).resolve().as_uri() for name in (*PAGES, "assets/echarts-6.1.0.min.js")
    }


def test_every_number_shown_is_the_published_one_at_its_rounding(folder: Path, browser: Chromium) -> None:
    published = {(row["indicator"], row["place"], row["period"]): row for row in edition().values}
    browser.open(folder / "index.html", width=1280)
    cells = browser.run(
        "[...document.querySelectorAll('[data-value]')].map(({dataset: d, firstChild: f}) =>"
        " [d.indicator, d.place, d.period, d.value, f.textContent])"
    )
    assert len(cells) > 80
    for indicator, place, period, value, shown in cells:
        record = published[indicator, place, period]
        assert record["value"] is not None
        assert record["status"] != "withheld"
        assert float(value) == record["value"]
        digits = KINDS[indicator].rounding
        if digits is not None:
            rounded = Decimal(record["value"]).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
            assert shown.replace(",", "").replace("−", "-") == str(rounded)


def test_unknown_is_a_dash_withheld_has_no_number_and_stale_says_so(folder: Path, browser: Chromium) -> None:
    browser.open(folder / "index.html", width=1280)
    shown = {name: browser.run(f"document.getElementById('detail-{name}').previousElementSibling.cells[1]"
                               ".querySelector('.value').textContent") for name in (UNKNOWN, WITHHELD)}  # fmt: skip
    assert shown == {UNKNOWN: "—", WITHHELD: "暂不发布"}
    assert "最近已知 2031-03-07" in row_of(browser, UNKNOWN)
    assert "沿用旧值" in row_of(browser, STALE)
    assert "取自 2031-03-08" in row_of(browser, STALE)
    assert texts(browser, "#readings .reading.stale .value") != []
    assert [text[0] for text in texts(browser, "#matrix td.unknown")].count("—") == len(DISTRICTS) + 2


def test_zero_is_shown_as_zero(folder: Path, browser: Chromium) -> None:
    browser.open(folder / "index.html", width=1280)
    assert browser.run("document.querySelector('[data-indicator^=housing]').dataset.value") == "0"
    assert row_of(browser, "housing.lifts_out_of_service").split("\t")[1].strip().startswith("0")


def test_the_language_switches_and_is_remembered_on_both_pages(folder: Path, browser: Chromium) -> None:
    browser.open(folder / "index.html", width=1280)
    assert texts(browser, "#headlines-title, #city") == ["青洲市", "头条指标"]
    browser.click("#language")
    assert texts(browser, "#headlines-title, #city") == ["Qingzhou", "Headline values"]
    for name in PAGES:
        browser.open(folder / name, width=1280)
        assert browser.run("document.documentElement.lang") == "en"
    browser.click("#language")
    assert browser.run("document.documentElement.lang") == "zh-CN"
    assert browser.errors == []


def test_hostile_names_are_shown_and_do_nothing(folder: Path, browser: Chromium) -> None:
    for name in PAGES:
        browser.open(folder / name, width=1280)
        assert browser.run("window.hacked === undefined && document.querySelector('img, main b b, main i') === null")
    browser.open(folder / "index.html", width=1280)
    assert HOSTILE in texts(browser, "#matrix th")
    assert any('onerror="window.hacked=1"' in text for text in texts(browser, "#deliveries td"))


def test_a_keyboard_reaches_the_content_and_opens_the_explanation(folder: Path, browser: Chromium) -> None:
    browser.open(folder / "index.html", width=1280)
    browser.key("Tab", 9)
    assert browser.run("document.activeElement.getAttribute('href')") == "#headlines"
    reached = []
    for _ in range(24):
        browser.key("Tab", 9)
        reached.append(browser.run("document.activeElement.id || document.activeElement.className"))
    assert {"language", "all", "name"} <= set(reached)
    assert browser.run("document.activeElement.getAttribute('aria-expanded')") == "false"
    browser.key("Enter", 13, "\r")
    assert browser.run("document.activeElement.getAttribute('aria-expanded')") == "true"
    assert browser.run("!document.getElementById(document.activeElement.getAttribute('aria-controls')).hidden")


def test_the_map_draws_every_district_and_a_click_on_one_shows_its_trend(folder: Path, browser: Chromium) -> None:
    browser.open(folder / "index.html", width=1280)
    labels = " ".join(texts(browser, "#map svg text"))
    assert all(name in labels for name in ("北岸区", "古城区", "南湖新区", "东港</script"))
    browser.run("document.querySelector('#map').scrollIntoView({block: 'center'})")
    x, y = browser.run("(({x, y, width, height}) => [x + width * .25, y + height * .25])(document.querySelector('#map')"
                       ".getBoundingClientRect())")  # fmt: skip
    for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
        browser.send("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)
    assert browser.run("document.getElementById('place').value") == "d01"
    assert "北岸区" in texts(browser, "#trend-title")[0]
    assert browser.errors == []


def choose(browser: Chromium, name: str, value: str) -> None:
    browser.run(f"(e => {{ e.value = {json.dumps(value)}; e.dispatchEvent(new Event('change')) }})"
                f"(document.getElementById({json.dumps(name)}))")  # fmt: skip


def test_every_indicator_and_day_can_be_chosen(folder: Path, browser: Chromium) -> None:
    browser.open(folder / "index.html", width=390)
    for indicator in KINDS:
        choose(browser, "indicator", indicator)
        assert KINDS[indicator].zh in texts(browser, "#map-title")[0]
    choose(browser, "indicator", UNKNOWN)
    assert "2031-03-09 各区均无数值" in texts(browser, "#map-note")[0]
    browser.click("#map-note button")
    assert browser.run("document.getElementById('period').value") == "2031-03-07"
    assert "2031-03-07" in texts(browser, "#matrix-title")[0]
    assert browser.errors == []


def test_the_rest_of_the_corrections_comes_on_demand(folder: Path, browser: Chromium) -> None:
    browser.open(folder / "index.html", width=1280)
    visible = "[...document.querySelectorAll('#changes tbody tr')].filter(each => each.offsetHeight > 0).length"
    assert browser.run(visible) == 20
    browser.click("#changes .more")
    assert browser.run(visible) == len(edition().changes)
    assert any("4,008 次" in text and "4,124 次" in text for text in texts(browser, "#changes td"))
    sides = texts(browser, "#changes .fromto")
    assert any(text.startswith("—") and text.endswith("99.02 %") for text in sides)
    assert any(text.startswith("55") and text.endswith("—") for text in sides)


def test_the_quality_page_filters_by_failed(folder: Path, browser: Chromium) -> None:
    browser.open(folder / "quality.html", width=1280, query="?lang=en")
    assert texts(browser, "#shown") == ["8 of 8 rules shown"]
    browser.click("#failed")
    assert texts(browser, "#shown") == ["3 of 8 rules shown"]
    assert set(texts(browser, "#rules tbody .badge")) == {"failed"}
    choose(browser, "severity", "critical")
    assert texts(browser, "#shown") == ["2 of 8 rules shown"]
    assert browser.errors == []


def test_a_city_that_reports_late_opens_on_its_newest_day(browser: Chromium, tmp_path: Path) -> None:
    late = replace(edition(), biz_date="2031-03-20", previous=None, changes=[])
    browser.open(publish(late, tmp_path) / "index.html", width=1280)
    assert "最近已知 2031-03-09" in row_of(browser, "transport.taxi_trips")
    assert browser.run("document.getElementById('period').value") == DAY.isoformat()
    assert "2031-03-20" in texts(browser, "#period option")
    assert browser.errors == []


def test_an_edition_with_nothing_in_it_still_opens(browser: Chromium, tmp_path: Path) -> None:
    bare = replace(
        edition(), previous=None, elements=[], indicators={}, places={}, values=[], changes=[], deliveries=[], holds=[],
        quality=[], steps=[], geometry={"type": "FeatureCollection", "features": []},
    )  # fmt: skip
    publish(bare, tmp_path)
    for name in PAGES:
        browser.open(tmp_path / name, width=390)
    assert browser.errors == []


def test_indicators_without_any_value_or_boundary_still_open(browser: Chromium, tmp_path: Path) -> None:
    empty = replace(edition(), values=[], places={}, geometry={"type": "FeatureCollection", "features": []})
    browser.open(publish(empty, tmp_path) / "index.html", width=1280)
    assert row_of(browser, "transport.taxi_trips").count("—") >= 3
    assert browser.errors == []


def test_the_page_still_tells_everything_without_its_chart_library(browser: Chromium, tmp_path: Path) -> None:
    publish(edition(), tmp_path)
    (tmp_path / "assets" / "echarts-6.1.0.min.js").unlink()
    browser.open(tmp_path / "index.html", width=1280)
    assert "缺少 assets/ 中的图表库" in texts(browser, "#map")[0]
    assert CITY in browser.run("[...document.querySelectorAll('#matrix [data-place]')].map(e => e.dataset.place)")


def test_reasons_are_words_in_both_languages(browser: Chromium, tmp_path: Path) -> None:
    """A code with its detail becomes a sentence; names and numbers stay as published."""
    reasons = ["stale: last good 2031-03-07", "missing_reporters: S12, S40", "missing_days: 3 of 31",
               "below_minimum_coverage 0.62 < 0.80", "unplaced: 750 records", "missing_records: 12",
               "known_issue: 八号表偏低 | gauge 8 reads low"]  # fmt: skip
    told = edition()
    values = [row | {"reasons": reasons} if row["indicator"] == STALE else row for row in told.values]
    publish(replace(told, values=values), tmp_path)
    browser.open(tmp_path / "index.html", width=1280)
    zh = row_of(browser, STALE)
    for words in ("沿用旧值，最近可信 2031-03-07", "未报：S12, S40", "31 日中有 3 日没有数据",
                  "覆盖率 0.62 低于下限 0.80", "750 条记录无法定位", "较对账数少 12 条",
                  "已知问题：八号表偏低"):  # fmt: skip
        assert words in zh
    browser.open(tmp_path / "index.html", width=1280, query="?lang=en")
    browser.run("speak('en')")
    en = row_of(browser, STALE)
    for words in ("stale, last good 2031-03-07", "did not report: S12, S40", "no data for 3 of 31 days",
                  "coverage 0.62 below the minimum 0.80", "gauge 8 reads low"):  # fmt: skip
        assert words in en
    assert browser.errors == []


def test_it_prints_on_few_sheets(folder: Path, browser: Chromium, tmp_path: Path) -> None:
    browser.open(folder / "index.html", width=1280)
    assert 3 <= browser.pdf(tmp_path / "index.pdf").read_bytes().count(b"/Type /Page\n") <= 8
