"""`index.html`: the bulletin of the command centre, one bilingual page that opens from disk.

Python says what is shown (readings, series, states); the page's scripts only format and draw it. The data stand in
the page as one JSON island, `id="edition"`.
"""

from pathlib import Path
from typing import TypedDict

from jobs.publish import Change, City, Delivery, EditionData, Element, FeatureCollection, Hold, Indicator, Place
from jobs.publish.outlines import outlines
from jobs.publish.page import add_echarts, render
from jobs.publish.reading import Reading, Series, readings, series

SCRIPTS = ("bulletin.js", "districts.js", "charts.js", "night.js")


class Bulletin(TypedDict):
    """The payload of the page. `districts` lists the places of the map level in the order in which they are shown.

    `changes` are those of the city and its districts, `changes_elsewhere` counts those of finer places.
    """

    city: City
    biz_date: str
    previous: str | None
    elements: list[Element]
    indicators: dict[str, Indicator]
    places: dict[str, Place]
    districts: list[str]
    readings: list[Reading]
    series: dict[str, dict[str, dict[str, Series]]]
    geometry: FeatureCollection
    changes: list[Change]
    changes_elsewhere: int
    deliveries: list[Delivery]
    holds: list[Hold]


def publish(data: EditionData, folder: Path) -> list[Path]:
    """Write the page and the chart library it draws with."""
    page = folder / "index.html"
    page.write_text(render("bulletin", data, payload(data), SCRIPTS), encoding="utf-8", newline="\n")
    return [page, add_echarts(folder)]


def payload(data: EditionData) -> Bulletin:
    """What the page knows."""
    places, changes = _places(data), _changes(data)
    return Bulletin(
        city=data.city,
        biz_date=data.biz_date,
        previous=data.previous,
        elements=_elements(data),
        indicators=data.indicators,
        places=places,
        districts=_districts(data),
        readings=readings(data),
        series=series(data),
        geometry=outlines(data.geometry),
        changes=changes,
        changes_elsewhere=len(data.changes) - len(changes),
        deliveries=sorted(
            data.deliveries, key=lambda each: (each["outcome"] != "refused", each["source"], each["file"])
        ),
        holds=sorted(data.holds, key=lambda each: (each["table"], each["day"], each["rule"])),
    )


def _elements(data: EditionData) -> list[Element]:
    """The declared elements, then any that only an indicator names: no value goes unshown."""
    known = {element["id"] for element in data.elements}
    others = sorted({indicator["element"] for indicator in data.indicators.values()} - known)
    return data.elements + [Element(id=name, zh=name, en=name) for name in others]


def _places(data: EditionData) -> dict[str, Place]:
    """Names of the places that the page shows; a place that no register names goes by what its values call it."""
    level, name = data.city["map_level"], data.city["name"]
    found = {
        row["place"]: Place(name_zh=row["place_name"], name_en=row["place_name"], parent=None)
        for row in data.values
        if row["level"] == level
    }
    found |= data.places.get(level, {})
    found[data.city["id"]] = Place(name_zh=name["zh"], name_en=name["en"], parent=None)
    return found


def _districts(data: EditionData) -> list[str]:
    """Registered places first, then what only the values know, such as the records that lie in no place."""
    registered = list(data.places.get(data.city["map_level"], {}))
    seen = {row["place"] for row in data.values if row["level"] == data.city["map_level"]}
    return registered + sorted(seen - set(registered))


def _changes(data: EditionData) -> list[Change]:
    """The city's values first, then the districts'; the newest periods first."""
    levels = ("city", data.city["map_level"])
    shown = [each for each in data.changes if each.get("level", "city") in levels]
    recent = sorted(shown, key=lambda each: (each["period"], each["indicator"], each["place"]), reverse=True)
    return sorted(recent, key=lambda each: each["place"] != data.city["id"])
