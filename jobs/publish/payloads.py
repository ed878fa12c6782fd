"""What a page of the bulletin is given: the readings of a place or an element, short of everything that is nothing.

A key that is not there is null. Kind and period of a reading are its indicator's, which the first page's data have.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from jobs.publish import EditionData, Element, Place, Value
from jobs.publish.alerts import Alert, worst
from jobs.publish.lines import Json, spark
from jobs.publish.reading import MEASURED, STATES, Book, Reading, readings, state_of

RECORD = ("coverage", "grade", "reasons", "n_records", "definition_version", "edition")
NUMBERS = ("value", "low", "high")
MOST_ALERTS = 200
"""Alerts that an element's page lists; the others are on the pages of their districts and indicators."""
FEWEST = 2
"""Districts that make a spread."""
MARKS = (0.0, 0.25, 0.5, 0.75, 1.0)
"""The places of a spread: least, quartiles and most, each a published value (nearest rank)."""


def without_nothing(found: Json) -> Json:
    """A mapping without its nulls and empty lists."""
    return {key: value for key, value in found.items() if value is not None and value != []}


def slim(reading: Reading) -> Json:
    """A reading as pages take it; a withheld or unknown one has no number."""
    record = reading["record"]
    made: Json = {"indicator": reading["indicator"], "state": reading["state"]}
    if record is not None:
        kept = RECORD if reading["state"] in ("withheld", "unknown") else (*NUMBERS, *RECORD)
        made |= {key: dict(record)[key] for key in kept}
    for key, than in (("before", reading["before"]), ("week", reading["week"])):
        made[key] = None if than is None else without_nothing(dict(than))
    made["last_known"] = reading["last_known"] if reading["state"] in ("withheld", "unknown", "stale") else None
    return without_nothing(made)


class Shown:
    """What a reading is shown with: its alert, its last days, and how the districts' values are spread now.

    Districts are the registered places of the map level; only what was measured is among the values spread.
    """

    def __init__(self, book: Book, found: Sequence[Alert]) -> None:
        self.book, self.alerts = book, found
        self.by_indicator: dict[str, list[Alert]] = defaultdict(list)
        self.by_place: dict[str, list[Alert]] = defaultdict(list)
        for each in found:
            self.by_indicator[each["indicator"]].append(each)
            self.by_place[each["place"]].append(each)
        self._read: dict[str, list[Reading]] = {}
        self._levels = {(each["indicator"], each["place"]): each for each in found}
        registered = book.data.places.get(book.data.city["map_level"], {})
        self._found: dict[str, list[tuple[float, str]]] = {}
        self._ranks: dict[str, dict[str, int]] = {}
        for indicator in book.order:
            kind, period = book.current(indicator)
            rows = ((place, book.rows(indicator, place, kind).get(period)) for place in registered)
            spread = sorted((value, place) for place, row in rows if (value := _measured(row)) is not None)
            self._found[indicator] = spread
            first = {value: rank for rank, (value, _) in reversed(list(enumerate(reversed(spread), start=1)))}
            self._ranks[indicator] = {place: first[value] for value, place in spread}

    def read(self, place: str) -> list[Reading]:
        """Every indicator at a place."""
        if place not in self._read:
            self._read[place] = readings(self.book, place)
        return self._read[place]

    def spread(self, indicator: str) -> Json | None:
        """`n` places, and five of them from the least to the most, each with its value."""
        found = self._found[indicator]
        if len(found) < FEWEST:
            return None
        at = [found[max(0, math.ceil(mark * len(found)) - 1)] for mark in MARKS]
        return {"n": len(found), "at": [[place, value] for value, place in at]}

    def rank(self, indicator: str, place: str) -> int | None:
        """From the highest value, 1; equal ones share a rank."""
        return self._ranks[indicator].get(place)

    def full(self, reading: Reading, place: str) -> Json:
        """A slim reading with its alert, its last days and where it stands among the districts."""
        indicator = reading["indicator"]
        made = slim(reading) | {"spark": spark(self.book, indicator, place), "spread": self.spread(indicator)}
        alert = self._levels.get((indicator, place))
        if alert is not None:
            made["alert"] = without_nothing({key: dict(alert)[key] for key in ("colour", "possible", "basis")})
        return without_nothing(made | {"rank": self.rank(indicator, place)})


def _measured(row: Value | None) -> float | None:
    return row["value"] if row is not None and state_of(row) in MEASURED else None


def states(found: Iterable[Reading]) -> dict[str, int]:
    """How many readings are in each state."""
    listed = [each["state"] for each in found]
    return {state: listed.count(state) for state in STATES if state in listed}


def elements(data: EditionData) -> list[Element]:
    """The declared elements, then any that only an indicator names: no value goes unshown."""
    known = {element["id"] for element in data.elements}
    others = sorted({indicator["element"] for indicator in data.indicators.values()} - known)
    return data.elements + [Element(id=name, zh=name, en=name) for name in others]


def names(book: Book) -> dict[str, Place]:
    """Names of the places that pages show; a place that no register names goes by what its values call it."""
    data = book.data
    level, name = data.city["map_level"], data.city["name"]
    found = {
        row["place"]: Place(name_zh=row["place_name"], name_en=row["place_name"], parent=None)
        for row in data.values
        if row["level"] in ("city", level)
    }
    found |= data.places.get(level, {})
    found[data.city["id"]] = Place(name_zh=name["zh"], name_en=name["en"], parent=None)
    return found


def of_element(shown: Shown, element: str) -> Json:
    """An element's page: its indicators for the whole city, and the alerts of all places."""
    book, city = shown.book, shown.book.data.city["id"]
    mine = {name for name in book.order if book.data.indicators[name]["element"] == element}
    alerts = [each for each in shown.alerts if each["indicator"] in mine]
    return {
        "readings": [shown.full(each, city) for each in shown.read(city) if each["indicator"] in mine],
        "alerts": alerts[:MOST_ALERTS],
        "in_all": len(alerts),
    }


def of_place(shown: Shown, place: str) -> Json:
    """A district's page: every indicator that has a value of it, and its alerts."""
    found = [each for each in shown.read(place) if each["record"] is not None or each["last_known"]]
    alerts = shown.by_place[place]
    return {
        "readings": [shown.full(each, place) for each in found],
        "alerts": alerts,
        "in_all": len(alerts),
    }


def status(found: Sequence[Alert], read: Iterable[Reading]) -> dict[str, Any]:
    """The worst level and the states of a tile."""
    return {**worst(found), "states": states(read)}
