"""Breaks in a series: from a day on, values are not quite what they were before, and a reader has to know why.

Derived, never written down by hand: another version of a definition, another edition of its standard, a source that
begins or ends feeding a table, a boundary that the places' register changes. An indicator has the breaks of what it
looks at.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from jobs import definitions, methods, placing
from jobs.arrivals import STEPS
from jobs.core import engine
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger
from jobs.placing import PLACES
from schemas import City, Indicator

KINDS = ("definition", "standard", "source_begins", "source_ends", "boundary", "parent", "new_place")
SILENT_DAYS = 7
"""A source has ended when it was silent for longer than it ever was, for more than so many days and for two of the
periods in which it is to arrive, while another went on: until then it is late. One that is never due does not end."""


@dataclass(frozen=True, order=True)
class Break:
    """One break; of every indicator, or every place, where none is named."""

    day: date
    kind: str
    indicator: str | None
    level: str | None
    place: str | None
    detail: str
    """What there was and what there is, or who began, ended or moved."""


def of(city: City, lake: Lake, ledger: Ledger, night: date) -> list[Break]:
    """Every break after the city's first day, as far as a night knew, oldest first."""
    fed = list(_sources(city, ledger, night))
    found = {one for name in city.indicators for one in _of(city, name, fed)} | set(_boundaries(city, lake))
    return sorted(
        (one for one in found if city.file.first_day < one.day <= night), key=lambda one: tuple(map(str, _key(one)))
    )


def _key(one: Break) -> tuple[object, ...]:
    return one.day, one.indicator or "", one.level or "", one.place or "", one.kind, one.detail


def _of(city: City, name: str, fed: Iterable[tuple[str, str, date, str]]) -> Iterator[Break]:
    tables = set(definitions.tables(city, city.indicators[name]))
    for key, source, day, kind in fed:
        if key in tables:
            yield Break(day, kind, name, None, None, f"{source} ({key})")
    for other in sorted(_looked_at(city, name)):
        through = "" if other == name else f"{other}: "
        for day, kind, detail in _declared(city, city.indicators[other]):
            yield Break(day, kind, name, None, None, through + detail)


def _looked_at(city: City, name: str) -> set[str]:
    """An indicator and all that it looks at."""
    found = {name}
    for version in city.indicators[name].versions:
        for look in version.looks:
            found |= _looked_at(city, look.table) if look.table != name else set()
    return found


def _declared(city: City, one: Indicator) -> Iterator[tuple[date, str, str]]:
    """Versions, and editions of the standard behind the method that is in force then."""
    for newer, older in pairwise(one.versions):
        yield newer.effective_from, "definition", f"{older.version} → {newer.version}"
    for version in one.versions:
        known = city.file.applying(methods.find(version.method).editions) if version.method else []
        for new, old in pairwise(known):
            if one.on(new.from_) is version and new.edition != old.edition:
                yield new.from_, "standard", f"{old.edition} → {new.edition}"


def _sources(city: City, ledger: Ledger, night: date) -> Iterator[tuple[str, str, date, str]]:
    """(table, source, day, kind): who began after another one had, and who ended before."""
    for row in ledger.query(SPOKEN.format(night=night), "delivery_dates", "ingests"):
        if row["first"] > row["table_first"]:
            yield row["table"], row["source"], row["first"], "source_begins"
        if row["silent"] > _patience(city, row["table"], row["source"], row["gap"]):
            yield row["table"], row["source"], row["after"], "source_ends"


def _patience(city: City, table: str, source: str, gap: int | None) -> float:
    """For how many days a source may be silent; of one that is not declared any more nothing is awaited."""
    declared = next((one for one in city.feeding(table) if one.name == source), None)
    if declared is None:
        return 0
    step = STEPS.get(declared.arrives.every)
    return max(SILENT_DAYS, gap or 0, 2 * step) if step else math.inf


def _boundaries(city: City, lake: Lake) -> Iterator[Break]:
    """What the register says of a place from a day on: other boundaries, another parent, or that it is new."""
    if not lake.exists(PLACES):
        return
    with engine.cursor() as connection:
        columns = ["level", "place_id", "parent_id", "geometry", "valid_from"]
        connection.register("places", lake.arrow(PLACES, columns))
        rows = connection.sql(VERSIONS).fetchall()
    for level, place, day, kind, *parents in rows:
        above = city.parent_level(level) or "city"
        if kind != "parent":
            yield Break(day, kind, None, level, place, place)
        elif above != "city":
            detail = f"{place}: {' → '.join(parent or '—' for parent in parents)}"
            meant = placing.spelled(placing.load(city, lake), [(above, parent) for parent in parents if parent])
            yield Break(day, kind, None, level, place, detail)
            yield from (Break(day, kind, None, above, parent, detail) for parent in meant["id"].to_pylist())


SPOKEN = """
    WITH days AS (
        SELECT DISTINCT "table", source, day::DATE AS day FROM delivery_dates JOIN ingests USING (delivery_id, source)
        WHERE day[1] <> '_' AND rows > 0 AND biz_date <= DATE '{night}' AND day <= '{night}'),
    gaps AS (
        SELECT *, day - lag(day) OVER (PARTITION BY "table", source ORDER BY day) AS gap,
            min(day) OVER (PARTITION BY "table") AS table_first, max(day) OVER (PARTITION BY "table") AS table_last
        FROM days)
    SELECT "table", source, min(day) AS first, any_value(table_first) AS table_first, max(day) + 1 AS after,
        any_value(table_last) - max(day) AS silent, max(gap) AS gap
    FROM gaps GROUP BY ALL ORDER BY ALL"""
VERSIONS = """
    WITH versions AS (
        SELECT *, row_number() OVER one AS nth, lag(parent_id) OVER one AS before, lag(geometry) OVER one AS shape,
            min(valid_from) OVER (PARTITION BY level) AS first
        FROM places WINDOW one AS (PARTITION BY level, place_id ORDER BY valid_from)),
    found AS (
        SELECT *, unnest([CASE WHEN nth = 1 AND valid_from > first THEN 'new_place' END,
            CASE WHEN nth > 1 AND parent_id IS DISTINCT FROM before THEN 'parent' END,
            CASE WHEN nth > 1 AND geometry IS DISTINCT FROM shape THEN 'boundary' END]) AS kind FROM versions)
    SELECT level, place_id, valid_from, kind, before, parent_id FROM found WHERE kind IS NOT NULL ORDER BY ALL"""
