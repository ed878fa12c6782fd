"""How an edition is read: the city's headline values, what they are compared with, and the series behind them.

Pure functions of `EditionData`; the bulletin draws what they return, and the command line prints it.
"""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal, NamedTuple, TypedDict

from jobs.publish import EditionData, Indicator, Value

State = Literal["final", "provisional", "stale", "withheld", "unknown"]
STATES: tuple[State, ...] = ("final", "provisional", "stale", "withheld", "unknown")
MEASURED: tuple[State, ...] = ("final", "provisional")


class Key(NamedTuple):
    indicator: str
    place: str
    kind: str
    period: str


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
    """One indicator for the whole city in this edition. `record` None: the edition holds no value of the period."""

    indicator: str
    kind: str
    period: str
    state: State
    record: Value | None
    before: Comparison
    week: Comparison | None
    last_known: Known | None


class Series(TypedDict):
    """Parallel lists, oldest period first. A withheld value is not handed on."""

    period: list[str]
    value: list[float | None]
    state: list[State]
    coverage: list[float | None]
    grade: list[str | None]
    low: list[float | None]
    high: list[float | None]


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


def index(data: EditionData) -> dict[Key, Value]:
    """The whole-period values of the city and its map level; those of a segment (peak, holiday …) are others."""
    levels = ("city", data.city["map_level"])
    return {
        Key(row["indicator"], row["place"], row["period_kind"], row["period"]): row
        for row in data.values
        if row["segment"] in (None, "", "all") and row["level"] in levels
    }


def readings(data: EditionData) -> list[Reading]:
    """Every indicator for the whole city, in the order of the elements, headline indicators first."""
    whole: dict[tuple[str, str], dict[str, Value]] = defaultdict(dict)
    for key, row in index(data).items():
        if key.place == data.city["id"]:
            whole[key.indicator, key.kind][key.period] = row
    order = {element["id"]: place for place, element in enumerate(data.elements)}

    def position(item: tuple[str, Indicator]) -> tuple[int, bool, str]:
        name, indicator = item
        return order.get(indicator["element"], len(order)), not indicator["headline"], name

    return [
        _reading(data.biz_date, name, indicator["direction"], whole[name, "day"], whole[name, "month"])
        for name, indicator in sorted(data.indicators.items(), key=position)
    ]


def series(data: EditionData) -> dict[str, dict[str, dict[str, Series]]]:
    """Days and months as published: period kind → indicator → place → series."""
    rows: dict[tuple[str, str, str], list[Value]] = defaultdict(list)
    for key, row in index(data).items():
        if key.kind in ("day", "month") and key.indicator in data.indicators:
            rows[key.kind, key.indicator, key.place].append(row)
    found: dict[str, dict[str, dict[str, Series]]] = {"day": {}, "month": {}}
    for (kind, indicator, place), members in sorted(rows.items()):
        found[kind].setdefault(indicator, {})[place] = _series(sorted(members, key=lambda row: row["period"]))
    return found


def _reading(
    biz_date: str, indicator: str, direction: str, known: dict[str, Value], months: dict[str, Value]
) -> Reading:
    today = date.fromisoformat(biz_date)
    kind = "month" if months and not known else "day"
    if kind == "day":
        period, before, week = biz_date, _day(today, 1), _day(today, 7)
    else:
        known = months
        this, last = biz_date[:7], _day(today.replace(day=1), 1)[:7]
        period = this if this in months else last
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
    found["relative"] = float(change / abs(Decimal(repr(old)))) if old else None
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


def _series(rows: list[Value]) -> Series:
    states = [state_of(row) for row in rows]
    shown = [state != "withheld" for state in states]
    return Series(
        period=[row["period"] for row in rows],
        value=[row["value"] if show else None for row, show in zip(rows, shown, strict=True)],
        state=states,
        coverage=[row["coverage"] for row in rows],
        grade=[row["grade"] for row in rows],
        low=[row["low"] if show else None for row, show in zip(rows, shown, strict=True)],
        high=[row["high"] if show else None for row, show in zip(rows, shown, strict=True)],
    )
