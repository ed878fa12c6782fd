"""Wall clock times as what an event_time column stores: UTC instant, city-local date, minute of the day, offset.

Offsets come from the zone's transitions in the time zone database, written into the SQL, so that the engine needs no
time zone data of its own. Years 1990-2050; before and after, the first and the last offset hold.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from jobs.shared.rowsql.spark_types import once
from schemas.expressions import ExpressionError

FIRST_YEAR, LAST_YEAR = 1990, 2050
_MINUTE_US = 60_000_000
_NEVER = 10**9


def local_time(sql_wall: str, source_tz: str, city_tz: str) -> dict[str, str]:
    """SQL for `utc` (TIMESTAMP), `date` (DATE), `minute` and `offset_min` (SMALLINT) of a wall clock's TIMESTAMP.

    A wall time that does not exist (spring) has the offset from before the change; one that exists twice (autumn) is
    the first of the two. Where the city's own clock is read, date and minute are as printed. Raises ExpressionError for
    a zone that is not in the time zone database.
    """
    source, city = _offsets(source_tz), _offsets(city_tz)
    one_clock = source_tz == city_tz

    def utc(wall: str) -> str:
        return _shifted(wall, "-", _offset(wall, source, by_wall=True))

    def at_instant(wall: str, body: Callable[[str], str]) -> str:
        return body(utc(wall)) if not source[1] else once(utc(wall), body)

    def offset(wall: str) -> str:
        if one_clock:
            return _offset(wall, source, by_wall=True)
        return at_instant(wall, lambda instant: _offset(instant, city, by_wall=False))

    def local(wall: str) -> str:
        if one_clock:
            return wall
        return at_instant(wall, lambda instant: _shifted(instant, "+", _offset(instant, city, by_wall=False)))

    def minute(wall: str) -> str:
        return once(local(wall), lambda v: f"CAST(hour({v}) * 60 + minute({v}) AS SMALLINT)")

    return {
        "utc": once(sql_wall, utc),
        "date": f"CAST({once(sql_wall, local)} AS DATE)",
        "minute": once(sql_wall, minute),
        "offset_min": once(
            sql_wall, lambda wall: f"CAST(CASE WHEN {wall} IS NOT NULL THEN {offset(wall)} END AS SMALLINT)"
        ),
    }


Changes = tuple[tuple[datetime, int], ...]
"""UTC instants, and the minutes east of Greenwich from then on."""
Offsets = tuple[int, Changes]
"""Minutes east of Greenwich at first, and the changes."""


@cache
def _offsets(zone: str) -> Offsets:
    try:
        tz = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError) as fault:
        raise ExpressionError(
            f"time zone {zone!r} is not in the time zone database (write it like Asia/Shanghai)"
        ) from fault
    at, end = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC), datetime(LAST_YEAR + 1, 1, 1, tzinfo=UTC)
    first = now = _minutes(tz, at)
    found = []
    while at < end:
        following = at + timedelta(days=1)
        if _minutes(tz, following) != now:
            moment = _change(tz, at, following)
            now = _minutes(tz, moment)
            found.append((moment.replace(tzinfo=None), now))
            following = moment
        at = following
    return first, tuple(found)


def _change(tz: ZoneInfo, low: datetime, high: datetime) -> datetime:
    """The first minute in (low, high] with another offset than `low`."""
    before = _minutes(tz, low)
    while high - low > timedelta(minutes=1):
        middle = low + timedelta(minutes=(high - low) // timedelta(minutes=2))
        low, high = (middle, high) if _minutes(tz, middle) == before else (low, middle)
    return high


def _minutes(tz: ZoneInfo, at: datetime) -> int:
    offset = at.astimezone(tz).utcoffset() or timedelta()
    return round(offset / timedelta(minutes=1))


def _offset(sql: str, offsets: Offsets, by_wall: bool) -> str:
    """The offset in minutes at an instant, or at a wall clock time: there a change counts from its later reading.

    Each year has its limits (minutes since 1970) and the offsets before them, looked up by the year: a tree of all
    changes gives the same and takes the engine several times as long.
    """
    first, changes = offsets
    if not changes:
        return str(first)
    years = _years(first, changes, by_wall)
    row = f"(greatest(least(year({sql}), {FIRST_YEAR + len(years) - 1}), {FIRST_YEAR}) - {FIRST_YEAR - 1})"
    branches = ""
    for step in range(max(len(limits) for limits, _ in years)):
        limit = _by_year([limits[step] if step < len(limits) else _NEVER for limits, _ in years], row)
        before = _by_year([known[min(step, len(known) - 1)] for _, known in years], row)
        branches += f" WHEN epoch_us({sql}) < CAST({limit} AS BIGINT) * {_MINUTE_US} THEN {before}"
    return f"CASE{branches} ELSE {_by_year([known[-1] for _, known in years], row)} END"


def _by_year(minutes: Sequence[int], row: str) -> str:
    """One of a constant list, written as a text: the engine reads a list of numbers number by number, each time."""
    return f"CAST('{list(minutes)}' AS INTEGER[])[{row}]"


def _years(first: int, changes: Changes, by_wall: bool) -> list[tuple[list[int], list[int]]]:
    """Per year: the minutes since 1970 at which the offset changes, and the offsets before, between and after; the last
    is the year from which it changes no more."""
    last = min(max(moment.year for moment, _ in changes) + 1, LAST_YEAR)
    years: dict[int, list[tuple[int, int]]] = {year: [] for year in range(FIRST_YEAR, last + 1)}
    old = first
    for moment, new in changes:
        limit = moment + timedelta(minutes=max(old, new)) if by_wall else moment
        years[limit.year].append(((limit - datetime(1970, 1, 1)) // timedelta(minutes=1), new))
        old = new
    out, known = [], first
    for found in years.values():
        out.append(([limit for limit, _ in found], [known, *(new for _, new in found)]))
        known = out[-1][1][-1]
    return out


def _shifted(sql: str, sign: str, minutes: str) -> str:
    return f"make_timestamp(epoch_us({sql}) {sign} ({minutes}) * CAST({_MINUTE_US} AS BIGINT))"
