"""`values.geojson`: the places of the map level on the city's own polygons, with the values that maps show.

RFC 7946, WGS84. A feature is a place; its properties are flat, for programs that read maps: `id`, `name_zh`, `name_en`,
and of each indicator `<id>`, `<id>:status` and `<id>:grade`. The value is that of `values.json`, unrounded; null is
unknown. The member `indicators` says name and unit of each, and the period that is told: the edition's day, of a
monthly indicator its newest month. Places without a polygon, and what lies in no place, have a null geometry.
"""

import json
from pathlib import Path

from jobs.publish import EditionData
from jobs.publish.reading import Book

FILE = "values.geojson"


def publish(data: EditionData, folder: Path) -> list[Path]:
    """Write it, a feature to a line."""
    book = Book(data)
    outlines = {one["properties"]["id"]: one["geometry"] for one in data.geometry["features"]}
    known = data.places.get(data.city["map_level"], {})
    features = [
        {
            "type": "Feature",
            "id": place,
            "properties": {
                "id": place,
                "name_zh": known[place]["name_zh"] if place in known else None,
                "name_en": known[place]["name_en"] if place in known else None,
                **_values(book, place),
            },
            "geometry": outlines.get(place),
        }
        for place in book.places[1:]
    ]
    head = {
        "city": data.city["id"],
        "biz_date": data.biz_date,
        "indicators": {key: _told(book, key) for key in _keys(book)},
    }
    lines = ",\n".join(map(_text, features))
    members = "".join(f"{_text(name)}: {_text(said)},\n" for name, said in head.items())
    path = folder / FILE
    path.write_text(f'{{"type": "FeatureCollection",\n{members}"features": [\n{lines}\n]}}\n', "utf-8")
    return [path]


def _keys(book: Book) -> list[str]:
    return sorted(book.data.indicators)


def _told(book: Book, indicator: str) -> dict[str, object]:
    one = book.data.indicators[indicator]
    kind, period = book.current(indicator)
    return {"name": one["name"], "unit": one["unit"], "period_kind": kind, "period": period}


def _values(book: Book, place: str) -> dict[str, object]:
    out: dict[str, object] = {}
    for indicator in _keys(book):
        kind, period = book.current(indicator)
        row = book.rows(indicator, place, kind).get(period)
        for name, column in ((indicator, "value"), (f"{indicator}:status", "status"), (f"{indicator}:grade", "grade")):
            out[name] = dict(row)[column] if row is not None else None
    return out


def _text(said: object) -> str:
    return json.dumps(said, ensure_ascii=False, allow_nan=False)
