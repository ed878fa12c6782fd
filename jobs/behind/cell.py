"""One published value: found by what people call it, and made again from the terms that its edition left."""

from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import duckdb

from jobs import fused, indicators, missing, needs, periods, placing, terms, values, vintages
from jobs.behind.vintage import GONE, Vintage
from jobs.core import engine
from jobs.core.engine import listed, literal, parquet
from jobs.core.errors import Problem
from jobs.core.lake import Lake, arrow_schema
from jobs.needs import Needs
from jobs.placing import PLACES
from jobs.scope import Scope, scopes
from jobs.segments import ALL
from jobs.vintages import VALUES
from schemas import City, Indicator

HISTORY = "indicators.values"
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Cell:
    """Where a value stands."""

    indicator: str
    level: str
    place: str
    kind: str
    period: str
    segment: str
    start: date
    end: date

    def sql(self) -> str:
        """The condition that picks it among rows of values."""
        named = {"indicator": self.indicator, "level": self.level, "place": self.place, "period_kind": self.kind}
        named |= {"period": self.period, "segment": self.segment}
        return " AND ".join(f"{name} = {literal(text)}" for name, text in named.items())


@dataclass
class Made:
    """A cell with every relation that its value was made from, in a connection of its own."""

    vintage: Vintage
    cell: Cell
    city: City
    """With nothing in it but what the cell rests on."""
    connection: duckdb.DuckDBPyConnection
    needs: Needs
    scope: Scope

    @property
    def here(self) -> str:
        """SQL: whether a row of `parts` or `computed` is of this cell."""
        one = self.cell
        named = {"level": one.level, "place": one.place, "period": one.period, "segment": one.segment}
        return " AND ".join(f"{name} = {literal(text)}" for name, text in named.items())

    def value(self) -> Row | None:
        """The value as the terms give it; None where they give none."""
        found = engine.table(self.connection, f"SELECT * FROM computed WHERE {self.cell.sql()}").to_pylist()
        return found[0] if found else None


def find(
    vintage: Vintage, indicator: str, place: str, period: str, segment: str = ALL, level: str | None = None, *,
    declared: bool = True,
) -> tuple[Cell, Row]:  # fmt: skip
    """The value that is meant, as the edition says it. Raises Problem, and for an indicator that is not `declared`
    any more where that must be."""
    is_declared = indicator in vintage.city.indicators
    if declared and not is_declared:
        raise _undeclared(vintage.city, indicator)
    when = periods.parsed(period)
    if when is None:
        raise Problem(f"{period!r}: expected {periods.EXAMPLES}")
    there = said(vintage, indicator, *when, period)
    if not there and not is_declared:
        raise _undeclared(vintage.city, indicator)
    called = _called(vintage, place)
    named = [row for row in there if row["place"] in called]
    hits = [row for row in named if row["segment"] == segment and level in (None, row["level"])]
    if not hits:
        raise Problem(_nothing(indicator, place, period, segment, there, named))
    if len(hits) > 1:
        levels = ", ".join(sorted(str(row["level"]) for row in hits))
        raise Problem(f"{place!r} is a place of several levels: {levels}; say which with --level")
    row = hits[0]
    names = ("level", "place", "period_kind", "period", "segment", "period_start", "period_end")
    return Cell(indicator, *(row[name] for name in names)), row


def said(vintage: Vintage, indicator: str, kind: str, start: date, period: str) -> list[dict[str, Any]]:
    """What the edition says of an indicator in a period, at every place and segment."""
    return published(vintage, indicator, start, f"period_kind = '{kind}' AND period = {literal(period)}")


def published(vintage: Vintage, indicator: str, start: date, where: str) -> list[dict[str, Any]]:
    """What the edition says of an indicator in periods that start in the month of a day, under a condition.

    From the newest words as the edition left them; where the lake no longer keeps those, from the history.
    """
    asked = f"indicator = {literal(indicator)} AND ({where})"
    try:
        return _rows(vintage.lake.read("indicators.current", "_month", [f"{start:%Y-%m}"]), asked)
    except GONE:
        history = Lake(vintage.lake.root.parent, vintage.city.id)
    return _rows(history.scan(HISTORY), f"{asked} AND edition <= '{vintage.night}' {vintages.NEWEST}")


def _rows(read: str | None, asked: str) -> list[dict[str, Any]]:
    if read is None:
        return []
    with engine.cursor(threads=2) as connection:
        sql = f"SELECT * FROM (SELECT {', '.join(VALUES)} FROM {read} WHERE {asked}) ORDER BY ALL"
        return list(engine.table(connection, sql).to_pylist())


def _called(vintage: Vintage, place: str) -> set[str]:
    """What a place may be called: its id, or a name of it."""
    city = vintage.city
    levels = placing.LEVELS.join(dict.fromkeys(level for chain in city.file.hierarchies for level in chain))
    try:
        places = placing.load(city, vintage.lake)
    except GONE:
        places = placing.load(city, Lake(vintage.lake.root.parent, city.id))
    by_name = placing.spelled(places, [(levels, place)])["id"].to_pylist()
    return {place, *by_name}


def _undeclared(city: City, indicator: str) -> Problem:
    near = [key for key in city.indicators if indicator.split(".")[-1] in key] or list(city.indicators)[:8]
    return Problem(f"{indicator!r} does not apply to {city.id}; there is: {', '.join(near)}")


def _nothing(indicator: str, place: str, period: str, segment: str, there: Sequence[Row], named: Sequence[Row]) -> str:
    """Why there is no such value, and what there is."""
    if not there:
        return f"{indicator} has no value of {period}; `citypulse values --indicator {indicator}` shows which there are"
    if not named:
        known = sorted({str(row["place"]) for row in there})
        more = f" … ({len(known)})" if len(known) > 8 else ""
        return f"{indicator} has no value of {place!r} in {period}; there is: {', '.join(known[:8])}{more}"
    known = sorted({str(row["segment"]) for row in named})
    return f"{indicator} has no value of {place!r} in {period} for segment {segment!r}; there is: {', '.join(known)}"


@contextmanager
def made(vintage: Vintage, cell: Cell) -> Iterator[Made]:
    """The cell's value made again, from nothing but stored terms."""
    city = concerning(vintage.city, vintage.city.indicators[cell.indicator])
    asked = needs.closure(city, {cell.indicator: {cell.kind: {cell.start}}})
    days = needs.days(city, asked)
    with engine.connect(threads=2, memory="2GB") as connection:
        _terms(connection, vintage, city, asked, days)
        indicators.beside_terms(connection, city, vintage.lake, vintage.ledger, vintage.night, days)
        values.compute(connection, city, asked)
        mine = [one for one in scopes(city, asked) if (one.one.id, one.kind) == (cell.indicator, cell.kind)]
        scope = next(one for one in mine if one.since <= cell.start < one.until)
        yield Made(vintage, cell, city, connection, asked, scope)


def concerning(city: City, one: Indicator) -> City:
    """The city with nothing but what an indicator rests on."""
    found: dict[str, Indicator] = {}
    _add(city, one, found)
    tables = {key for each in found.values() for version in each.versions for key in version.tables}
    tables |= {city.registered[key].table for key in tables & city.registered.keys()}
    tables |= {PLACES, missing.CONTROL} & city.tables.keys()
    kept = {key: table for key, table in city.tables.items() if key in tables}
    return replace(city, indicators={key: found[key] for key in city.indicators if key in found}, tables=kept)


def _add(city: City, one: Indicator, found: dict[str, Indicator]) -> None:
    found[one.id] = one
    for version in one.versions:
        for look in version.looks:
            if look.table not in found:
                _add(city, city.indicators[look.table], found)


def _terms(
    connection: duckdb.DuckDBPyConnection, vintage: Vintage, city: City, asked: Needs, days: Sequence[str]
) -> None:
    """Make `terms`: what values look at, and of the days before who reported."""
    named, slots = _names(city)
    near = needs.days_of_values(city, asked)
    lake, key = vintage.lake, "fused.terms"
    near_files = fused.counting_on(city, lake, near)
    back_files = [file["path"] for file in lake.files(key, "_day", sorted(set(days) - near))]
    connection.register("no_terms", arrow_schema(fused.TERMS.columns).empty_table())
    parts = ["SELECT * FROM no_terms"]
    tables = listed(sorted(city.tables))
    for paths, wanted in ((near_files, named | slots), (back_files, slots)):
        if paths:
            read = parquet(paths, ["_day"])
            parts.append(f'SELECT * FROM {read} WHERE "table" IN ({tables}) AND term IN ({listed(sorted(wanted))})')
    connection.execute(f"CREATE TEMP TABLE terms AS {' UNION ALL BY NAME '.join(parts)}")


def _names(city: City) -> tuple[Set[str], Set[str]]:
    """The identities of the terms of tables, and of reporters' slots."""
    pairs = [(city.tables[key], term) for key, asked in city.asked.items() if key in city.tables for _, term in asked]
    named = {terms.aggregate(term, table).id for table, term in pairs}
    return named, {terms.SLOTS, *(terms.slots(table, term) for table, term in pairs)}
