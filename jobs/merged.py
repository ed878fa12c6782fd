"""Terms merged over time and places: from partial aggregates by finest place and hour to one row a place and period.

Merged over time at each place first, then over places: a stock never adds up over time. All terms are merged in one
query, into `merged` (term, entity, back, family, level, place, period, segment and the states). Where
a table itself speaks for a level, its rows there are taken and nothing is added up (jobs/speaking.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from jobs import segments, speaking, states, terms
from jobs.core import engine
from jobs.core.engine import listed, literal
from jobs.grid import UNPLACED
from jobs.scope import Scope
from schemas import City, Term

DECIMALS = {name for name, kind in states.TYPES.items() if kind.startswith("decimal")}
SCALARS = [name for name, kind in states.TYPES.items() if not kind.startswith("array") and name != "hours"]
SHOWN = [name for name in SCALARS if not name.endswith("_at")]
OVER_PLACES = {"low": "min", "high": "max"}
CELL = "level, place, period, segment"
ASKS = {
    "term": pa.string(), "entity": pa.string(), "period_kind": pa.string(), "back": pa.int32(), "family": pa.string(),
    "is_register": pa.bool_(), "source": pa.string(),
}  # fmt: skip
CARES = {
    "table": pa.string(), "term": pa.string(), "period_kind": pa.string(), "back": pa.int32(), "family": pa.string(),
}  # fmt: skip


@dataclass(frozen=True, order=True)
class Ask:
    """What a merge has to give: a term (kept apart by an entity or not), a kind of period, a window and a family of
    segments."""

    term: str
    entity: str
    kind: str
    back: int
    family: str
    is_register: bool

    @property
    def source(self) -> str:
        """The relation whose states are merged over time."""
        return "by_hour" if self.kind == "hour" or self.family in segments.HOURS else "by_day"


def asked(scope: Scope, term: Term) -> list[Ask]:
    """What a term of a table asks, once a family of segments."""
    table = scope.table(term)
    name, is_register = terms.aggregate(term, table).id, table.kind == "register"
    entity, back = ("", 0) if is_register else (terms.grid(term, table, scope.one).entity or "", scope.back)
    return [Ask(name, entity, scope.kind, back, family, is_register) for family in scope.families]


def base(connection: duckdb.DuckDBPyConnection, city: City) -> None:
    """Make `by_day` and `by_hour`: scalar states by day and by hour, decimals as whole numbers of their last digit."""
    keys = '"table", term, day, level, place_id, entity, entity_id'
    made = ", ".join(f"{_whole(name)} AS {name}" for name in SCALARS)
    there = f"day IS NOT NULL AND NOT starts_with(term, '{terms.SLOTS}')"
    for name, more, where in (("by_day", "", "true"), ("by_hour", ", hour", "hour IS NOT NULL")):
        connection.execute(f"""
            CREATE OR REPLACE TEMP TABLE {name} AS SELECT {keys}{more}, {made} FROM terms
            WHERE {there} AND {where} GROUP BY ALL ORDER BY "table", term, day""")
    speaking.levels(connection, city)
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE speaks AS
        SELECT term, entity, day, from_level, to_level FROM (
            SELECT DISTINCT "table", term, coalesce(entity, '') AS entity, day, level AS from_level FROM by_day) AS t
        JOIN ways USING (from_level) {speaking.SPOKEN}
        {speaking.chosen("term, entity, day, to_level")}""")


def _whole(name: str) -> str:
    merged = states.MERGED[name]
    return f"replace(({merged})::VARCHAR, '.', '')::HUGEINT" if name in DECIMALS else merged


def merge(connection: duckdb.DuckDBPyConnection, asks: Sequence[Ask]) -> None:
    """Make `asks` and `merged` for the periods that `looks` is about."""
    rows = [(one.term, one.entity, one.kind, one.back, one.family, one.is_register, one.source) for one in asks]
    engine.register(connection, "asks", ASKS, rows)
    shapes = sorted({(ask.source, ask.entity != "") for ask in asks if not ask.is_register})
    queries = [_over_places(shapes)] if shapes else []
    queries += [_register()] if any(ask.is_register for ask in asks) or not shapes else []
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE merged AS SELECT * FROM ({" UNION ALL ".join(queries)}) ORDER BY term, back""")


def _over_places(shapes: Sequence[tuple[str, bool]]) -> str:
    """Sums over places (of stocks too), lowest and highest, of what is merged over time at each."""
    sums = ", ".join(f"{OVER_PLACES.get(name, 'sum')}(o.{name}) AS {name}" for name in SHOWN)
    return f"""
        SELECT o.term, o.entity, o.back, o.family, u.to_level AS level, u.to_id AS place, o.period, o.segment, {sums}
        FROM ({" UNION ALL ".join(_over_time(*shape) for shape in shapes)}) AS o
        JOIN up AS u ON u.from_level = o.from_level AND u.to_level = o.to_level
            AND u.from_id = coalesce(o.place_id, '{UNPLACED}')
        GROUP BY ALL"""


def _over_time(source: str, by_entity: bool) -> str:
    """Merged over the days (or hours) of each period, at each place or for each entity where it last stood."""
    merged = ", ".join(f"{states.MERGED[name].replace('::BIGINT', '')} AS {name}" for name in SCALARS)
    where = (
        "arg_max(d.level, (d.day, d.level)) AS from_level, arg_max(d.place_id, (d.day, d.level)) AS place_id, "
        "d.entity_id" if by_entity else "d.level AS from_level, d.place_id, NULL AS entity_id"
    )  # fmt: skip
    hour = "AND l.hour = d.hour" if source == "by_hour" else "AND l.hour IS NULL"
    return f"""
        SELECT a.term, a.entity, a.back, a.family, l.period, l.segment, s.to_level, {where}, {merged}
        FROM {source} AS d JOIN asks AS a ON a.term = d.term AND a.entity = coalesce(d.entity, '')
            AND a.source = '{source}' AND (a.entity <> '') = {by_entity} AND NOT a.is_register
        JOIN looks AS l ON l.period_kind = a.period_kind AND l.back = a.back AND l.family = a.family
            AND l.day = d.day {hour}
        JOIN speaks AS s ON s.term = d.term AND s.entity = a.entity AND s.day = d.day AND s.from_level = d.level
        GROUP BY ALL"""


def _register() -> str:
    """Registers as they stood on the last day of the period."""
    sums = ", ".join(f"{_register_sum(name)} AS {name}" for name in SHOWN)
    return f"""
        SELECT term, '' AS entity, 0 AS back, family, level, place, period, segment, {sums}
        FROM ({standing("terms", SHOWN)}) GROUP BY ALL"""


def standing(source: str, shown: Sequence[str]) -> str:
    """SQL: the rows of registers in `source` (of `terms`, or made of them) where and when they stand."""
    return f"""
        SELECT a.term, w.period_kind, w.family, u.to_level AS level, u.to_id AS place, w.period, w.segment,
            {", ".join(f"t.{name}" for name in shown)}
        FROM (SELECT *, level AS from_level FROM {source} WHERE valid_from IS NOT NULL) AS t {speaking.SPOKEN}
        JOIN (SELECT DISTINCT term, period_kind, family FROM asks WHERE is_register) AS a ON a.term = t.term
        JOIN (SELECT *, distance // 100 AS chain FROM up) AS u
            ON u.from_level = t.level AND u.from_id = coalesce(t.place_id, '{UNPLACED}')
        JOIN spans AS w ON w.period_kind = a.period_kind AND w.family = a.family AND t.valid_from <= w.period_end
            AND (t.valid_to IS NULL OR w.period_end < t.valid_to)
        {speaking.chosen("t.term, w.period, w.segment, u.to_level")}"""


def _register_sum(name: str) -> str:
    merged = f"{OVER_PLACES.get(name, 'sum')}({name})"
    return f"replace({merged}::VARCHAR, '.', '')::HUGEINT" if name in DECIMALS else merged


def coverage(connection: duckdb.DuckDBPyConnection, cares: Sequence[tuple[str, str, str, int, str]]) -> None:
    """Make `known_days` and `reported`: of each (table, slots, kind of period, window, family), what was delivered and
    who reported."""
    engine.register(connection, "cares", CARES, cares)
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE known_days AS
        SELECT c."table", l.back, l.family, k.level, l.period, l.segment,
            count(DISTINCT (l.period_day, l.day)) AS days_known, count(*) * 1.0 / any_value(d.due) AS share
        FROM (SELECT DISTINCT "table", period_kind, back, family FROM cares) AS c
        JOIN looks AS l ON l.period_kind = c.period_kind AND l.back = c.back AND l.family = c.family
        JOIN known AS k ON k."table" = c."table" AND k.day = l.day
        JOIN (SELECT back, family, period, segment, count(*) AS due FROM looks GROUP BY ALL) AS d
            ON d.back = l.back AND d.family = l.family AND d.period = l.period AND d.segment = l.segment
        GROUP BY ALL ORDER BY c."table", l.back""")
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE reported AS
        SELECT c."table", c.term, c.back, c.family, s.level, s.place, l.period, l.segment,
            sum(s.observed) AS observed, sum(s.expected) AS expected
        FROM cares AS c JOIN looks AS l ON l.period_kind = c.period_kind AND l.back = c.back AND l.family = c.family
        JOIN slots AS s ON s."table" = c."table" AND s.term = c.term AND s.day = l.day
            AND s.hour IS NOT DISTINCT FROM l.hour
        GROUP BY ALL ORDER BY c."table", c.term""")


def entities(scope: Scope, term: Term) -> str:
    """A term by entity and period, where the entity last stood."""
    assert scope.one.entity is not None
    table = scope.table(term)
    others = [chain[0] for chain in scope.city.file.hierarchies[1:]]
    merged = ", ".join(
        f"{states.MERGED[name].replace('::BIGINT', '')} AS {name}"
        for name in ("n", *terms.needs(term))
        if name in SHOWN
    )
    return f"""
        SELECT l.period, l.segment, d.entity_id, arg_max(d.level, (d.day, d.level)) AS from_level,
            arg_max(coalesce(d.place_id, '{UNPLACED}'), (d.day, d.level)) AS place_id, 1 AS days_known,
            true AS stands, {merged}
        FROM by_day AS d JOIN looks AS l ON l.day = d.day AND l.hour IS NULL
        WHERE l.period_kind = '{scope.kind}' AND l.back = {scope.back} AND l.family IN ({listed(scope.families)})
        AND d.term = {literal(terms.aggregate(term, table).id)} AND d.entity = {literal(scope.one.entity.column)}
        AND d.level NOT IN ({listed(others) if others else "''"}) GROUP BY l.period, l.segment, d.entity_id"""
