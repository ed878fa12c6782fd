"""How an edition is read: the values of a place, and what they are compared with.

Pure functions of `EditionData`; the bulletin draws what they return.
"""

from datetime import date, timedelta
from decimal import Decimal
from typing import Literal, TypedDict

from jobs.publish import EditionData, Value

State = Literal["final", "provisional", "stale", "withheld", "unknown"]
STATES: tuple[State, ...] = ("final", "provisional", "stale", "withheld", "unknown")
MEASURED: tuple[State, ...] = ("final", "provisional")
OFFSET = ("°C", "degC", "°F", "degF")
"""Units whose zero is nobody's nothing: twice as many of them is not twice as much, so no share of a change is told."""
DAYS = 31
"""Days that pages show, the edition's own the last."""


class Comparison(TypedDict):
    """`change` = now − then in the indicator's unit, `relative` = change / then; None where an end was not measured.

    `verdict`: better, worse or same by the indicator's direction; None when the direction is neutral or nothing was
    compared.
    """

    period: str
    value: float | None
    state: State
    change: float | None
    relative: float | None
    verdict: str | None


class Known(TypedDict):
    period: str
    value: float
    state: State


class Reading(TypedDict):
    """One indicator at one place in this edition. `record` None: the edition holds no value of the period."""

    indicator: str
    kind: str
    period: str
    state: State
    record: Value | None
    before: Comparison
    week: Comparison | None
    last_known: Known | None


def state_of(record: Value | None) -> State:
    """What a reader may take a record for: withheld stays withheld, and whatever has no value is unknown, never zero.

    Raises ValueError for a value of any other status: a number nobody can label is not shown.
    """
    if record is None:
        return "unknown"
    if record["status"] == "withheld":
        return "withheld"
    if record["value"] is None:
        return "unknown"
    for state in STATES:
        if state == record["status"]:
            return state
    cell = f"{record['indicator']} {record['place']} {record['period']}"
    raise ValueError(f"{cell}: status {record['status']!r} is none of {', '.join(STATES)}")


At = tuple[int, Value]
"""Where on an axis a record stands, and the record."""


class Book:
    """The whole-period values of the city and its map level, by indicator, place, kind and period.

    Those of a segment (peak, holiday …) are others. `places` are the city, then the registered places of the map level,
    then what only the values know, such as the records that lie in no place. `order`: every indicator in the order of
    the elements, headline indicators first.
    """

    def __init__(self, data: EditionData) -> None:
        self.data = data
        self._rows: dict[tuple[str, str, str], dict[str, Value]] = {}
        level, seen = data.city["map_level"], set()
        for row in data.values:
            if row["segment"] in (None, "", "all") and row["level"] in ("city", level):
                key = (row["indicator"], row["place"], row["period_kind"])
                self._rows.setdefault(key, {})[row["period"]] = row
                seen.add(row["place"])
        registered = list(data.places.get(level, {}))
        rest = sorted(seen - {data.city["id"], *registered})
        self.places = [data.city["id"], *registered, *rest]
        self.order = sorted(data.indicators, key=self._position)
        self._daily = {indicator for indicator, _, kind in self._rows if kind == "day"}
        self._monthly = {(indicator, month) for (indicator, _, kind), rows in self._rows.items() if kind == "month"
                         for month in rows}  # fmt: skip
        self._today = date.fromisoformat(data.biz_date)
        last = _day(self._today.replace(day=1), 1)[:7]
        days = [_day(self._today, ago) for ago in range(DAYS - 1, -1, -1)]
        self._axes = {"day": days, "month": [last, data.biz_date[:7]]}
        self._at = {kind: {period: at for at, period in enumerate(axis)} for kind, axis in self._axes.items()}
        self._current = {name: self._now(name) for name in data.indicators}

    def _position(self, name: str) -> tuple[int, bool, str]:
        order = [element["id"] for element in self.data.elements]
        one = self.data.indicators[name]
        return order.index(one["element"]) if one["element"] in order else len(order), not one["headline"], name

    def rows(self, indicator: str, place: str, kind: str) -> dict[str, Value]:
        """Period → row."""
        return self._rows.get((indicator, place, kind), {})

    def there(self, indicator: str, place: str, kind: str) -> list[At]:
        """The records of an axis, oldest first, each with its place on it."""
        at = self._at[kind]
        rows = self._rows.get((indicator, place, kind), {})
        return sorted(((at[period], row) for period, row in rows.items() if period in at), key=lambda each: each[0])

    def axis(self, kind: str) -> list[str]:
        """The periods that pages show, oldest first: the last 31 days, or the edition's month and the one before."""
        return self._axes[kind]

    def current(self, indicator: str) -> tuple[str, str]:
        """The kind and the period that are read now: the day where any place has days, else the month.

        A month that no place has a value of gives way to the last one.
        """
        return self._current[indicator]

    def _now(self, indicator: str) -> tuple[str, str]:
        known = [month for month in self._axes["month"] if (indicator, month) in self._monthly]
        return ("month", known[-1]) if known and indicator not in self._daily else ("day", self.data.biz_date)


def readings(book: Book, place: str) -> list[Reading]:
    """Every indicator at a place, in the book's order."""
    return [_reading(book, name, place) for name in book.order]


def _reading(book: Book, indicator: str, place: str) -> Reading:
    kind, period = book.current(indicator)
    known, direction = book.rows(indicator, place, kind), book.data.indicators[indicator]["direction"]
    if kind == "day":
        today = date.fromisoformat(period)
        before, week = _day(today, 1), _day(today, 7)
    else:
        before, week = _day(date.fromisoformat(f"{period}-01"), 1)[:7], None
    record = known.get(period)
    return Reading(
        indicator=indicator,
        kind=kind,
        period=period,
        state=state_of(record),
        record=record,
        before=_comparison(record, known.get(before), before, direction),
        week=None if week is None else _comparison(record, known.get(week), week, direction),
        last_known=_last_known(known, period),
    )


def _day(day: date, before: int) -> str:
    return (day - timedelta(days=before)).isoformat()


def _comparison(now: Value | None, then: Value | None, period: str, direction: str) -> Comparison:
    old = then["value"] if then is not None and state_of(then) != "withheld" else None
    found = Comparison(period=period, value=old, state=state_of(then), change=None, relative=None, verdict=None)
    new = now["value"] if now is not None else None
    # A stale value is an older day's: its difference from yesterday says nothing about today.
    if new is None or old is None or state_of(now) not in MEASURED or state_of(then) not in MEASURED:
        return found
    change = Decimal(repr(new)) - Decimal(repr(old))
    found["change"] = float(change)
    if old and now is not None and now["unit"] not in OFFSET:
        found["relative"] = float(change / abs(Decimal(repr(old))))
    found["verdict"] = _verdict(change, direction)
    return found


def _verdict(change: Decimal, direction: str) -> str | None:
    if change == 0:
        return "same"
    if direction not in ("higher_better", "lower_better"):
        return None
    return "better" if (change > 0) == (direction == "higher_better") else "worse"


def _last_known(known: dict[str, Value], period: str) -> Known | None:
    for earlier in sorted((each for each in known if each < period), reverse=True):
        value, state = known[earlier]["value"], state_of(known[earlier])
        if value is not None and state in MEASURED:
            return Known(period=earlier, value=value, state=state)
    return None
