"""What holds of the pages of any edition: that they open without a network, and say what `values.json` says.

`values.json` is what the edition seals; nothing of the pages' own data is used to check them.
"""

import json
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

from schemas import City
from tests.publish.headless import Chromium

READY = {"index.html": "document.querySelector('#map svg')", "indicator.html": "document.querySelector('#trend svg')"}
TABLE = "document.querySelector('main table')"
DRAWN = "new Promise(done => { const look = () => (%s) ? done(true) : setTimeout(look, 50); look(); })"
FIGURES = (
    "[...document.querySelectorAll('[data-value]')].map(e => [e.dataset.indicator, e.dataset.place,"
    " e.dataset.period, e.dataset.value, e.firstChild.textContent, e.getAttribute('href')])"
)
SILENT = "!(e.textContent.trim() || e.getAttribute('aria-label') || (e.labels && e.labels.length))"
UNNAMED = f"[...document.querySelectorAll('a, button, select, input, [role=img]')].filter(e => {SILENT}).length"
ELEMENTS = DISTRICTS = 3
"""So many of them at most are looked at."""
Published = Mapping[tuple[str, str, str], Mapping[str, Any]]


def wait(browser: Chromium, condition: str) -> None:
    """Until a condition of the page holds: what it loads when asked comes later than the page."""
    browser.run(DRAWN % condition)


def open_page(
    browser: Chromium, folder: Path, name: str, width: int = 1280, language: str = "zh", fragment: str = ""
) -> None:
    """A page, until it has drawn what it draws last."""
    browser.open(folder / name, width=width, query=f"?lang={language}{fragment}")
    wait(browser, READY.get(name, TABLE))


def views(browser: Chromium, folder: Path, pages: Mapping[str, str], sizes: tuple[tuple[str, int], ...]) -> None:
    """Each page in languages at widths in CSS pixels: it fits, says nothing to the console, asks nobody."""
    for name, fragment in pages.items():
        for language, width in sizes:
            open_page(browser, folder, name, width, language, fragment)
            wide = browser.run("document.documentElement.scrollWidth")
            assert wide <= width, f"{name} is {wide} px wide at {width}"
            assert browser.run("document.documentElement.lang").startswith(language)
            assert browser.run(UNNAMED) == 0, f"{name}: something to press or look at has no name"
    assert browser.errors == []
    there = {path.resolve().as_uri() for path in folder.rglob("*")}
    assert {url.split("?")[0].split("#")[0] for url in browser.requests} <= there


def published(folder: Path) -> Published:
    """What the edition says of whole periods, by indicator, place and period."""
    rows = json.loads((folder / "values.json").read_text("utf-8"))
    return {(row["indicator"], row["place"], row["period"]): row for row in rows if row["segment"] in (None, "all")}


def figures(browser: Chromium, told: Published, rounding: Mapping[str, int | None]) -> int:
    """How many numbers the page shows; each is the published one, rounded as declared, and links to its page."""
    cells = browser.run(FIGURES)
    for indicator, place, period, value, shown, href in cells:
        record = told[indicator, place, period]
        assert record["status"] != "withheld"
        assert float(value) == record["value"]
        assert dict(parse_qsl(href.split("#")[1])) == {"id": indicator, "place": place, "period": period}
        digits = rounding[indicator]
        if digits is not None and record["value"] is not None:
            rounded = Decimal(str(record["value"])).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
            assert shown.split(" ")[0].replace(",", "").replace("−", "-") == str(rounded)
    return len(cells)


def keyboard(browser: Chromium, folder: Path) -> None:
    """Tab and Enter alone reach the content, a number, and the page of that number."""
    open_page(browser, folder, "index.html")
    browser.key("Tab", 9)
    assert browser.run("document.activeElement.className") == "skip"
    browser.key("Enter", 13, "\r")
    assert browser.run("document.activeElement.id") == "main"
    for _ in range(200):
        browser.key("Tab", 9)
        if browser.run("document.activeElement.dataset.value !== undefined"):
            break
    assert browser.run("document.activeElement.getAttribute('href')").startswith("indicator.html?lang=zh#id=")


def edition(browser: Chromium, folder: Path, city: City) -> None:
    """A city's edition: elements, an indicator of each, districts; a page of each kind on a phone and in English."""
    told = published(folder)
    known = {city.indicators[indicator].element: indicator for indicator, _, _ in told if indicator in city.indicators}
    districts = sorted({row["place"] for row in told.values() if row["level"] == city.file.map_level})
    assert known
    assert districts
    every = [("index.html", ""), ("quality.html", "")]
    every += [("element.html", f"#{urlencode({'id': element})}") for element in list(known)[:ELEMENTS]]
    every += [("indicator.html", f"#{urlencode({'id': indicator})}") for indicator in known.values()]
    every += [("district.html", f"#{urlencode({'id': district})}") for district in districts[:DISTRICTS]]
    rounding = {one.id: one.rounding for one in city.indicators.values()}
    shown = 0
    for name, fragment in every:
        open_page(browser, folder, name, fragment=fragment)
        shown += figures(browser, told, rounding)
    views(browser, folder, dict(every), (("zh", 1280), ("en", 390)))
    assert shown > 100
    browser.renew()
    keyboard(browser, folder)
