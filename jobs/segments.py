"""Segments 时段: the hours and days of a period that are alike, so that like is compared with like.

Every indicator has the segment `all`; those it declares add `hour-08`, `peak`, `off_peak`, `workday`, `rest_day`,
`holiday`, `month-07`, `spring` … A day off that is worked (调休) is a workday; a public holiday is no rest day.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa

from jobs.core import engine
from schemas import City, Indicator

ALL = "all"
HOURS = ("hour_of_day", "peak", "off_peak")
"""Families that need hourly terms."""
DAYS = ("workday", "rest_day", "holiday")
MONTHS = ("month", "season")
SEASONS = ("winter", "spring", "summer", "autumn")
"""Of three months each, from December on (meteorological seasons of the northern hemisphere)."""
LONG = ("quarter", "year")
SATURDAY = 5


def by_hour(one: Indicator) -> bool:
    """Whether an indicator's segments are made of hours."""
    return any(family in HOURS for family in one.segments)


def families(one: Indicator, kind: str) -> list[str]:
    """The families of segments an indicator has in periods of a kind: an hour has none, months need longer periods."""
    if kind == "hour":
        return [ALL]
    return [ALL, *(family for family in one.segments if family not in MONTHS or kind in LONG)]


def of_day(city: City, day: date) -> dict[str, str]:
    """Family to segment, of the families that are made of whole days."""
    calendar = city.file.calendar
    if day in calendar.holidays:
        kind = "holiday"
    elif day in calendar.working_weekends or day.weekday() < SATURDAY:
        kind = "workday"
    else:
        kind = "rest_day"
    return {ALL: ALL, kind: kind, "month": f"month-{day.month:02}", "season": SEASONS[day.month % 12 // 3]}


def of_hour(city: City, hour: int) -> dict[str, str]:
    """Family to segment of an hour of the local day."""
    is_peak = any(first <= hour < last for first, last in city.file.peak_hours)
    kind = "peak" if is_peak else "off_peak"
    return {"hour_of_day": f"hour-{hour:02}", kind: kind}


def hours(city: City, days: Iterable[str]) -> pa.Table:
    """Each local hour of the days: `hour` (the UTC instant it starts), `ends`, `day`, `at` (0 to 23), `text`.

    The hour that an autumn night repeats stands twice, the second time with its offset in `text`.
    """
    rows = [row for day in days for row in _hours_of(city.zone, day)]
    instant = pa.timestamp("us", tz="UTC")
    types = {"hour": instant, "ends": instant, "day": pa.date32(), "at": pa.int8(), "text": pa.string()}
    return pa.table({name: pa.array([row[i] for row in rows], kind) for i, (name, kind) in enumerate(types.items())})


@lru_cache(maxsize=4096)
def _hours_of(zone: ZoneInfo, listed: str) -> Sequence[tuple[datetime, datetime, date, int, str]]:
    """The rows of a day; a night looks at the same days again and again, and the next night at most of them."""
    rows, day = [], date.fromisoformat(listed)
    start = datetime.combine(day, time(), zone).astimezone(UTC)
    end = datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
    while start < end:
        local, ends = start.astimezone(zone), min(start + timedelta(hours=1), end)
        text = local.strftime("%Y-%m-%dT%H") + (local.strftime("%z") if local.fold else "")
        rows.append((start, ends, day, local.hour, text))
        start = ends
    return tuple(rows)


def register(connection: duckdb.DuckDBPyConnection, city: City, days: Sequence[str]) -> None:
    """Make `hours`, `day_segments` (day, family, segment) and `hour_segments` (at, family, segment)."""
    connection.register("hours", hours(city, days))
    of_days = [(day, *pair) for day in map(date.fromisoformat, days) for pair in of_day(city, day).items()]
    of_hours = [(at, *pair) for at in range(24) for pair in of_hour(city, at).items()]
    pair = {"family": pa.string(), "segment": pa.string()}
    engine.register(connection, "day_segments", {"day": pa.date32()} | pair, of_days)
    engine.register(connection, "hour_segments", {"at": pa.int8()} | pair, of_hours)
