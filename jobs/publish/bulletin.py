"""The bulletin: `index.html` for the city at a glance, and one page each for elements, districts and indicators.

Python says what is shown (readings, levels, sentences); the pages' scripts only format and draw it. There is a page for
each element, district and indicator, and one file of code for each kind: `element.html#id=transport` is a page. Its
data are a file of `data/` (docs/decisions/0023-the-bulletins-data.md), loaded when it is opened.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from jobs.publish import EditionData, glance, page
from jobs.publish.alerts import alerts
from jobs.publish.lines import Json, entry, rows_of
from jobs.publish.outlines import outlines
from jobs.publish.payloads import Shown, elements, of_element, of_place
from jobs.publish.reading import Book

MOST_CHANGES = 5_000
STYLE = "assets/page.css"
PAGES = {
    "index": ("index", ("values.js", "told.js", "charts.js", "index.js")),
    "element": ("listing", ("values.js", "told.js", "listing.js")),
    "district": ("listing", ("values.js", "told.js", "listing.js")),
    "indicator": ("indicator", ("values.js", "told.js", "charts.js", "trend.js", "indicator.js")),
}
"""The pages: what stands in each, and its scripts in the order in which they run."""


def publish(data: EditionData, folder: Path) -> list[Path]:
    """Write the pages, what they draw with, and their data; the first page tells what it weighs."""
    made = [*page.add_assets(folder), page.add_charts(folder)]
    made += [page.add_data(folder, name, payload) for name, payload in files(data)]
    told = weight(folder, [path for path in made if path.parent.name == "data"])
    for name, (body, scripts) in PAGES.items():
        made.append(page.add_page(folder, name, data, "city", scripts, body, told if name == "index" else ()))
    return made


def weight(folder: Path, payloads: Sequence[Path]) -> list[int]:
    """Of the first page: files it opens with but itself, their bytes, those of map and chart library, other files of
    data, and the bytes of the largest."""
    first = [folder / name for name in (STYLE, *page.started("city", PAGES["index"][1]))]
    then = [folder / name for name in ("data/map.js", page.ECHARTS)]
    rest = [path.stat().st_size for path in payloads if path not in first and path not in then]
    sizes = [sum(path.stat().st_size for path in listed) for listed in (first, then)]
    return [len(first), *sizes, len(rest), max(rest, default=0)]


def files(data: EditionData) -> Iterator[tuple[str, Any]]:
    """The files of `data/`: their names and what is in them. Numbers name them, so no delivered name becomes a path."""
    book = Book(data)
    shown = Shown(book, alerts(data, book))
    packs: dict[str, int] = {}
    for number, pack in enumerate(page.packs(_told(shown))):
        packs |= dict.fromkeys(pack, number)
        yield f"indicators-{number}", pack
    for number, element in enumerate(elements(data)):
        yield f"element-{number}", of_element(shown, element["id"])
    for number, place in enumerate(book.places):
        yield f"place-{number}", of_place(shown, place)
    yield "map", outlines(data.geometry)
    yield "changes", glance.changes(data)[:MOST_CHANGES]
    yield "city", glance.city(shown, packs)


def _told(shown: Shown) -> Iterator[tuple[str, Json]]:
    rows = rows_of(shown.book.data.values)
    for name in shown.book.order:
        yield name, entry(shown.book, name, rows) | {"alerts": shown.by_indicator[name]}
