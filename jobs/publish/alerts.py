"""Alerts by level 蓝 黄 橙 红: what the published values of the days shown say of the declared thresholds.

A level is raised when the whole of [low, high] has reached its threshold, and lowered when the whole of it has been
clear of the bound, by the city's margin, for as many measured periods in a row as the city declares. In between it
stands: a value that moves about its threshold does not switch an alert on and off. Where the range only straddles a
threshold, its level is possible. A period without a measurement (stale, withheld, unknown) neither raises nor lowers.

Nothing is remembered from night to night: the levels follow from the values of the edition alone, so a correction
corrects the alerts too. What began before the first period shown is said to have begun with it.
"""

import operator
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, TypedDict

from jobs.publish import Acknowledgement, Alerting, EditionData, Indicator, Limit, Text, Value
from jobs.publish.reading import MEASURED, Book, state_of

COLOURS = ("blue", "yellow", "orange", "red")
_SENSES = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le}


class Alert(TypedDict):
    """A level that stands, or may have been reached, at a place.

    `colour`: the level that stands; `possible`: a more severe one that the range reaches into. `basis`: `certain` when
    all of today's range has reached what stands, `held` when it stands because it has not been clear for long enough,
    `unmeasured` when today has no measurement, `straddling` when nothing stands. `measured`: the last period that was
    measured. `since`: the period in which it came to stand; `from_start` when that is the first one shown.
    """

    indicator: str
    place: str
    colour: str | None
    possible: str | None
    basis: Literal["certain", "held", "unmeasured", "straddling"]
    since: str
    from_start: bool
    measured: str
    value: float | None
    limit: Limit
    owner: Text
    acknowledged: Acknowledgement | None


class Worst(TypedDict):
    """The most severe of some alerts, and how many there are."""

    colour: str | None
    possible: str | None
    alerts: int


@dataclass
class Standing:
    """What stands after some periods: 0 is no level, 1 the mildest declared one."""

    level: int = 0
    since: str = ""
    calm: int = 0
    rest: int = 0
    sure: int = 0
    could: int = 0
    measured: str = ""


def alerts(data: EditionData, book: Book) -> list[Alert]:
    """Every alert of the city and the registered places of its map level: the most severe first, then the city's."""
    places = [data.city["id"], *data.places.get(data.city["map_level"], {})]
    found = [
        alert
        for indicator, about in data.indicators.items()
        if about["levels"]
        for place in places
        if (alert := _alert(data, book, indicator, place)) is not None
    ]
    return sorted(found, key=lambda each: _urgency(each, data.city["id"]))


def follow(
    rows: Iterable[tuple[str, Value | None]], limits: Sequence[Limit], alerting: Alerting
) -> tuple[Standing, Value | None]:
    """What stands after periods in order, and the last measured record."""
    standing, last = Standing(), None
    for period, record in rows:
        if record is None or record["value"] is None or state_of(record) not in MEASURED:
            continue
        _take(standing, period, _ends(record, limits), limits, alerting)
        last = record
    return standing, last


def _take(
    standing: Standing, period: str, ends: tuple[Decimal, Decimal], limits: Sequence[Limit], alerting: Alerting
) -> None:
    """One measured period; `ends` are the better and the worse end of its range."""
    better, worse = ends
    standing.sure, standing.could, standing.measured = _reached(better, limits), _reached(worse, limits), period
    if standing.sure > standing.level:
        standing.level, standing.since, standing.calm, standing.rest = standing.sure, period, 0, 0
        return
    still = min(_reached(worse, limits, Decimal(repr(alerting["margin"]))), standing.level)
    if still == standing.level:
        standing.calm, standing.rest = 0, 0
        return
    standing.calm, standing.rest = standing.calm + 1, max(standing.rest, still)
    if standing.calm >= alerting["lowers_after"]:
        standing.level, standing.since, standing.calm, standing.rest = standing.rest, period, 0, 0


def _reached(value: Decimal, limits: Sequence[Limit], margin: Decimal = Decimal(0)) -> int:
    """The most severe level that a value has reached; with a margin, that it is not clear of."""
    found = 0
    for level, limit in enumerate(limits, start=1):
        bound = Decimal(repr(limit["bound"]))
        eased = bound - abs(bound) * margin if _rises(limits) else bound + abs(bound) * margin
        if _SENSES[limit["sense"]](value, eased):
            found = level
    return found


def _rises(limits: Sequence[Limit]) -> bool:
    return limits[0]["sense"].startswith(">")


def _ends(record: Value, limits: Sequence[Limit]) -> tuple[Decimal, Decimal]:
    """The better and the worse end of what the value may be; the value itself where no range is known."""
    value = record["value"]
    known = [Decimal(repr(one)) for one in (record["low"], record["high"], value) if one is not None]
    return (min(known), max(known)) if _rises(limits) else (max(known), min(known))


def _alert(data: EditionData, book: Book, indicator: str, place: str) -> Alert | None:
    about = data.indicators[indicator]
    kind, now = book.current(indicator)
    rows = book.rows(indicator, place, kind)
    periods = [period for period in sorted(rows) if period <= now]
    standing, last = follow(((period, rows[period]) for period in periods), about["levels"], data.alerting)
    if last is None or not (standing.level or standing.could):
        return None
    if not standing.level and standing.measured != now:  # what was but possible on an older day says nothing of today
        return None
    shown, basis = standing.level or standing.could, _basis(standing, now)
    since = standing.since or standing.measured
    is_possible = standing.could > standing.level and basis != "unmeasured"
    return Alert(
        indicator=indicator,
        place=place,
        colour=about["levels"][standing.level - 1]["colour"] if standing.level else None,
        possible=about["levels"][standing.could - 1]["colour"] if is_possible else None,
        basis=basis,
        since=since,
        from_start=since == book.axis(kind)[0],
        measured=standing.measured,
        value=last["value"],
        limit=about["levels"][shown - 1],
        owner=about["owner"],
        acknowledged=_acknowledged(data.acknowledgements, about, indicator, place, since, shown),
    )


def _basis(standing: Standing, now: str) -> Literal["certain", "held", "unmeasured", "straddling"]:
    if not standing.level:
        return "straddling"
    if standing.measured != now:
        return "unmeasured"
    return "certain" if standing.sure == standing.level else "held"


def _acknowledged(
    said: Sequence[Acknowledgement], about: Indicator, indicator: str, place: str, since: str, level: int
) -> Acknowledgement | None:
    """The newest word on this alert: said since it stands, of this colour or a more severe one."""
    order = [limit["colour"] for limit in about["levels"]]
    known = [
        one
        for one in said
        if (one["indicator"], one["place"]) == (indicator, place)
        and one["day"] >= since
        and one["colour"] in order
        and order.index(one["colour"]) + 1 >= level
    ]
    return known[-1] if known else None


def _urgency(alert: Alert, city: str) -> tuple[int, int, bool, str, str]:
    standing, possible = rank(alert["colour"]), rank(alert["possible"])
    return -standing, -possible, alert["place"] != city, alert["indicator"], alert["place"]


def rank(colour: str | None) -> int:
    """0 for no level, then by severity."""
    return COLOURS.index(colour) + 1 if colour is not None else 0


def worst(found: Iterable[Alert]) -> Worst:
    """The most severe level that stands among alerts, and a more severe one that is possible."""
    listed = list(found)
    colour = max((each["colour"] for each in listed), key=rank, default=None)
    possible = max((each["possible"] for each in listed), key=rank, default=None)
    return Worst(colour=colour, possible=possible if rank(possible) > rank(colour) else None, alerts=len(listed))
