"""Release: small counts of people are not published, nor what they would follow from.

Of indicators that rest on tables whose records name persons. A cell (indicator, place, period, segment) in which one of
its terms counts fewer than the city's k records but not none is withheld, and so is one where all but fewer than k
meet a condition: the rest would follow. Zero is shown. Then, until nothing more follows from sums over places inside
one another and over the hours of a day, the smallest other cell of a sum is withheld as well. A longer period that has
a withheld day is withheld while it runs, because tomorrow's value less today's is a day, and afterwards where it has
one such day only. Terms in `fused` stay whole. INDICATORS §11: primary and secondary suppression, WA DOH.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb
import pyarrow as pa

from jobs import definitions
from jobs.core.engine import listed
from jobs.scope import Scope
from jobs.segments import ALL
from schemas import City

REASON = "below_release_threshold"
CELL = ("indicator", "level", "place", "period_kind", "period", "segment")
HIDDEN = ("value", "low", "high", "grade", "n_records")
FAMILIES = {
    "peaks": ("peak", "off_peak"),
    "days": ("workday", "rest_day", "holiday"),
    "seasons": ("spring", "summer", "autumn", "winter"),
}
"""Segments that make up the whole; those of hours and of months begin with the word."""
Cell = tuple[str, str, str, str, str, str]


def indicators(city: City) -> set[str]:
    """The indicators to which the threshold applies: any version reads persons, itself or through others."""
    tables = set(city.named)
    return {one.id for one in city.indicators.values() if not tables.isdisjoint(definitions.tables(city, one))}


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the empty relation `few`: cells of places in which a term counts few."""
    connection.execute(f"CREATE OR REPLACE TEMP TABLE few ({', '.join(f'{name} VARCHAR' for name in CELL)})")


def note(connection: duckdb.DuckDBPyConnection, city: City, found: Sequence[Scope]) -> None:
    """Add to `few` what `parts` says of these scopes."""
    names = indicators(city)
    numbers = [str(scope.number) for scope in found if scope.one.id in names]
    if city.file.release is None or not numbers:
        return
    few = f"BETWEEN 1 AND {city.file.release.k - 1}"
    connection.execute(f"""
        INSERT INTO few
        SELECT c.indicator, level, place, c.period_kind, period, p.segment
        FROM (SELECT *, coalesce(least(n, members), n, 0) AS people FROM parts
            WHERE scope IN ({", ".join(numbers)}) AND "table" IN ({listed(city.named)})) AS p
        JOIN chosen AS c USING (scope)
        GROUP BY ALL HAVING bool_or(people {few})
        UNION ALL
        SELECT c.indicator, level, place, c.period_kind, period, p.segment
        FROM parts AS p JOIN chosen AS c USING (scope)
        WHERE scope IN ({", ".join(numbers)}) AND p.kind = 'count' AND "table" IN ({listed(city.named)})
        GROUP BY ALL HAVING max(coalesce(n, 0)) - min(coalesce(n, 0)) {few}""")


def apply(connection: duckdb.DuckDBPyConnection, city: City, biz_date: date, earlier: str) -> None:
    """Make the relation `released`: `judged` without what must not be published.

    `earlier` is the relation of what was published before: it knows the days of longer periods.
    """
    hidden: set[Cell] = set()
    if city.file.release is not None:
        hidden = _hidden(connection, city, city.file.release.k, biz_date, earlier)
    columns = list(zip(*sorted(hidden), strict=True)) or [()] * len(CELL)
    texts = [pa.array(list(column), pa.string()) for column in columns]
    connection.register("withheld", pa.table(dict(zip(CELL, texts, strict=True))))
    cell = " AND ".join(f"w.{name} IS NOT DISTINCT FROM j.{name}" for name in CELL)
    changed = [f"CASE WHEN w.indicator IS NULL THEN j.{name} END AS {name}" for name in HIDDEN]
    changed += [
        "CASE WHEN w.indicator IS NULL THEN j.status ELSE 'withheld' END AS status",
        f"CASE WHEN w.indicator IS NULL THEN j.reasons ELSE '{REASON}' END AS reasons",
    ]
    connection.execute(f"""
        CREATE OR REPLACE TEMP VIEW released AS
        SELECT j.* REPLACE ({", ".join(changed)}) FROM judged AS j LEFT JOIN withheld AS w ON {cell}""")


@dataclass(frozen=True)
class _Row:
    cell: Cell
    start: date
    end: date
    people: int
    is_few: bool


def _hidden(connection: duckdb.DuckDBPyConnection, city: City, k: int, biz_date: date, earlier: str) -> set[Cell]:
    names = indicators(city)
    cell = ", ".join(f"j.{name}" for name in CELL)
    rows = connection.sql(f"""
        SELECT {cell}, j.period_start, j.period_end, coalesce(j.n_records, 0),
            f.indicator IS NOT NULL OR coalesce(j.n_records, 0) BETWEEN 1 AND {k - 1}
        FROM judged AS j LEFT JOIN (SELECT DISTINCT * FROM few) AS f
            ON {" AND ".join(f"f.{name} IS NOT DISTINCT FROM j.{name}" for name in CELL)}
        WHERE j.indicator IN ({listed(sorted(names))})""").fetchall()
    known = {one.cell: one for one in (_Row(row[:6], *row[6:]) for row in rows)}
    hidden = {one.cell for one in known.values() if one.is_few or 0 < _others(known, one) < k}
    sums = list(_sums(connection, known))
    withheld = _withheld_before(connection, {cell[0] for cell in known}, earlier)
    while True:
        before = len(hidden)
        hidden |= set(_through_others(city, names, known, hidden))
        hidden |= set(_running(known, hidden, withheld, biz_date))
        for whole, parts in sums:
            hidden |= set(_one_more(known, hidden, k, whole, parts))
        if len(hidden) == before:
            return hidden


def _others(known: dict[Cell, _Row], one: _Row) -> int:
    """How many records of the whole period are not of the segment."""
    whole = known.get((*one.cell[:5], ALL))
    return whole.people - one.people if whole else 0


def _through_others(city: City, names: set[str], known: Iterable[Cell], hidden: set[Cell]) -> Iterator[Cell]:
    """Cells of indicators that use another one's value of the same cell, which is withheld."""
    for name in names:
        used = {look.table for one in city.indicators[name].versions for look in one.looks} & names - {name}
        yield from (cell for cell in known if cell[0] == name and any((other, *cell[1:]) in hidden for other in used))


def _sums(connection: duckdb.DuckDBPyConnection, known: Iterable[Cell]) -> Iterator[tuple[Cell, list[Cell]]]:
    """Cells that others add up to: of the places inside, by level; of a day's hours; of a family of segments."""
    found: dict[tuple[Cell, str], list[Cell]] = defaultdict(list)
    above: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    sql = "SELECT from_level, from_id, to_level, to_id FROM up WHERE from_level <> to_level ORDER BY ALL"
    for level, place, to_level, to_place in connection.sql(sql).fetchall():
        above[level, place].append((to_level, to_place))
    there = set(known)
    for cell in sorted(there):
        indicator, level, place, kind, period, segment = cell
        for whole in above[level, place]:
            found[(indicator, *whole, kind, period, segment), level].append(cell)
        if kind == "hour":
            found[(indicator, level, place, "day", period[:10], segment), kind].append(cell)
        if segment != ALL:
            family = next((name for name, members in FAMILIES.items() if segment in members), segment.split("-")[0])
            found[(indicator, level, place, kind, period, ALL), family].append(cell)
    yield from ((whole, parts) for (whole, _), parts in found.items() if whole in there)


def _one_more(known: dict[Cell, _Row], hidden: set[Cell], k: int, whole: Cell, parts: Sequence[Cell]) -> Iterator[Cell]:
    """The smallest further cells of a sum without which a withheld one would follow from the others."""
    among = [part for part in parts if part in hidden]
    if not among and whole not in hidden:
        return
    rest = sorted((known[one].people, one) for one in parts if one not in hidden and known[one].people)
    withheld = sum(known[one].people for one in among)
    count = len(among) + (whole in hidden)
    for people, one in rest:
        if count > 1 and (whole in hidden or withheld >= k):
            return
        yield one
        count, withheld = count + 1, withheld + people


def _withheld_before(
    connection: duckdb.DuckDBPyConnection, names: Iterable[str], earlier: str
) -> list[tuple[str, str, str, str, date]]:
    """Indicator, level, place, segment and day of the days that were withheld when they were last said."""
    return connection.sql(f"""
        SELECT indicator, level, place, segment, period_start FROM (
            SELECT {", ".join(CELL)}, period_start, reasons FROM {earlier}
            WHERE period_kind = 'day' AND indicator IN ({listed(sorted(names))})
            QUALIFY row_number() OVER (PARTITION BY {", ".join(CELL)} ORDER BY edition DESC) = 1)
        WHERE contains(coalesce(reasons, ''), '{REASON}')""").fetchall()


def _running(
    known: dict[Cell, _Row], hidden: set[Cell], before: Sequence[tuple[str, str, str, str, date]], biz_date: date
) -> Iterator[Cell]:
    """Longer periods with a withheld day that still run, or have but one."""
    days = defaultdict[tuple[str, str, str, str], dict[date, bool]](dict)
    for indicator, level, place, segment, start in before:
        days[indicator, level, place, segment][start] = True
    for cell, row in known.items():
        if cell[3] == "day":
            days[cell[0], cell[1], cell[2], cell[5]][row.start] = cell in hidden
    for cell, row in known.items():
        if cell[3] not in ("hour", "day") and cell not in hidden:
            mine = days.get((cell[0], cell[1], cell[2], cell[5]), {})
            withheld = sum(is_withheld for day, is_withheld in mine.items() if row.start <= day <= row.end)
            if withheld and (row.end > biz_date or withheld == 1):
                yield cell
