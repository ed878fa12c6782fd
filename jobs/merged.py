"""Terms merged over time and places: from partial aggregates by finest place and hour to one row a place and period.

Merged over time at each place first, then over places: a stock never adds up over time. All terms of a table are
merged in one query a kind of period, into `m_<table>`; the queries of one term (`events`, `register`, `entities`) read
that and give level, place, period, segment, `n` (records), `coverage`, `days_known` and the term's state. Where a table
itself speaks for a level, its rows there are taken and nothing is added up.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from jobs import ranks, segments, states, terms
from jobs.core.engine import literal, quoted
from jobs.formula import Ratio
from jobs.grid import UNPLACED
from schemas import City, Table, Term

if TYPE_CHECKING:
    from jobs.scope import Scope

DECIMALS = {name for name, kind in states.TYPES.items() if kind.startswith("decimal")}
SCALARS = [name for name, kind in states.TYPES.items() if not kind.startswith("array") and name != "hours"]
SHOWN = [name for name in SCALARS if not name.endswith("_at")]
OVER_PLACES = {"low": "min", "high": "max"}
KEY = "level, place, period, segment"


@dataclass(frozen=True, order=True)
class Ask:
    """What a table's merge has to give: a term (kept apart by an entity or not), a window and a family of segments."""

    term: str
    entity: str
    back: int
    family: str


def base(connection: duckdb.DuckDBPyConnection, city: City) -> None:
    """Make `by_day` and `by_hour`: scalar states by day and by hour, decimals as whole numbers of their last digit."""
    keys = '"table", term, day, level, place_id, entity, entity_id'
    made = ", ".join(f"{_whole(name)} AS {name}" for name in SCALARS)
    there = f"day IS NOT NULL AND NOT starts_with(term, '{terms.SLOTS}')"
    for name, more, where in (("by_day", "", "true"), ("by_hour", ", hour", "hour IS NOT NULL")):
        connection.execute(f"""
            CREATE OR REPLACE TEMP TABLE {name} AS SELECT {keys}{more}, {made} FROM terms
            WHERE {there} AND {where} GROUP BY ALL ORDER BY "table", term, day""")
    _levels(connection, city)
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE speaks AS
        SELECT term, entity, day, from_level, to_level FROM (
            SELECT DISTINCT "table", term, coalesce(entity, '') AS entity, day, level AS from_level FROM by_day) AS t
        JOIN ways USING (from_level) {SPOKEN}
        {_speaking("term, entity, day, to_level")}""")


def _levels(connection: duckdb.DuckDBPyConnection, city: City) -> None:
    """`ways`, from a level up to another, and which tables have totals at which level, and records with a point."""
    fed = [(key, source, source.into[key]) for key in city.tables for source in city.feeding(key)]
    totals = sorted({(key, level) for key, _, into in fed if into.totals and into.place for level in into.place.level})
    pointed = sorted({key for key, _, into in fed if into.place and into.place.point})
    columns = {"table": [key for key, _ in totals], "from_level": [level for _, level in totals]}
    connection.register("totals", pa.table({name: pa.array(rows, pa.string()) for name, rows in columns.items()}))
    connection.register("pointed", pa.table({"table": pa.array(pointed, pa.string())}))
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE ways AS
        SELECT DISTINCT from_level, to_level, distance, distance // 100 AS chain FROM up""")


SPOKEN = """
    LEFT JOIN (SELECT *, true AS is_total FROM totals) USING ("table", from_level)
    LEFT JOIN (SELECT *, true AS is_pointed FROM pointed) USING ("table")"""
"""What the declarations say of a row's table and level."""


def _speaking(keys: str) -> str:
    """Which rows speak for a place above: the nearest declared totals, else all.

    A record with a point stands at the finest level of each hierarchy, and is taken from the first.
    """
    window = f"(PARTITION BY {keys})"
    return f"""
        QUALIFY (is_pointed IS NULL OR chain = min(chain) OVER {window})
        AND (count(is_total) OVER {window} = 0
            OR (is_total AND distance = min(distance) FILTER (WHERE is_total) OVER {window}))"""


def _whole(name: str) -> str:
    merged = states.MERGED[name]
    return f"replace(({merged})::VARCHAR, '.', '')::HUGEINT" if name in DECIMALS else merged


def made(key: str) -> str:
    """The relation that holds a table's merged terms."""
    return quoted(f"m_{key}")


def merge(connection: duckdb.DuckDBPyConnection, table: Table, kind: str, asks: Iterable[Ask]) -> None:
    """Make `m_<table>` for the kind of period that `looks` is about."""
    listed = sorted(set(asks))
    values = ", ".join(f"({literal(a.term)}, {literal(a.entity)}, {a.back}, {literal(a.family)})" for a in listed)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE asks(term, entity, back, family) AS VALUES {values}")
    query = _register() if table.kind == "register" else _over_places(kind, listed)
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE {made(table.key_id)} AS SELECT * FROM ({query}) ORDER BY term, back""")


def _over_places(kind: str, asks: Sequence[Ask]) -> str:
    """Sums over places (of stocks too), lowest and highest, of what is merged over time at each."""
    sums = ", ".join(f"{OVER_PLACES.get(name, 'sum')}(o.{name}) AS {name}" for name in SHOWN)
    return f"""
        SELECT o.term, o.entity, o.back, o.family, u.to_level AS level, u.to_id AS place, o.period, o.segment, {sums}
        FROM ({" UNION ALL ".join(_over_time(kind, asks))}) AS o
        JOIN up AS u ON u.from_level = o.from_level AND u.to_level = o.to_level
            AND u.from_id = coalesce(o.place_id, '{UNPLACED}')
        GROUP BY ALL"""


def _over_time(kind: str, asks: Sequence[Ask]) -> list[str]:
    """Merged over the days (or hours) of each period, at each place or for each entity where it last stood."""
    out = []
    for by_entity in sorted({ask.entity != "" for ask in asks}):
        for source in sorted({_source(kind, ask) for ask in asks if (ask.entity != "") == by_entity}):
            merged = ", ".join(f"{states.MERGED[name].replace('::BIGINT', '')} AS {name}" for name in SCALARS)
            where = (
                "arg_max(d.level, (d.day, d.level)) AS from_level, arg_max(d.place_id, (d.day, d.level)) AS place_id, "
                "d.entity_id" if by_entity else "d.level AS from_level, d.place_id, NULL AS entity_id"
            )  # fmt: skip
            hour = "AND l.hour = d.hour" if source == "by_hour" else "AND l.hour IS NULL"
            out.append(f"""
                SELECT a.term, a.entity, a.back, a.family, l.period, l.segment, s.to_level, {where}, {merged}
                FROM {source} AS d JOIN asks AS a ON a.term = d.term AND a.entity = coalesce(d.entity, '')
                JOIN looks AS l ON l.back = a.back AND l.family = a.family AND l.day = d.day {hour}
                JOIN speaks AS s ON s.term = d.term AND s.entity = a.entity AND s.day = d.day
                    AND s.from_level = d.level
                WHERE (a.entity <> '') = {by_entity} GROUP BY ALL""")
    return out


def _source(kind: str, ask: Ask) -> str:
    return "by_hour" if kind == "hour" or ask.family in segments.HOURS else "by_day"


def _register() -> str:
    """Registers as they stood on the last day of the period."""
    sums = ", ".join(f"{_register_sum(name)} AS {name}" for name in SHOWN)
    return f"""
        SELECT term, '' AS entity, 0 AS back, family, level, place, period, segment, {sums} FROM (
            SELECT a.term, w.family, u.to_level AS level, u.to_id AS place, w.period, w.segment,
                {", ".join(f"t.{name}" for name in SHOWN)}
            FROM (SELECT *, level AS from_level FROM terms WHERE _day = '_register') AS t {SPOKEN}
            JOIN (SELECT DISTINCT term FROM asks) AS a ON a.term = t.term
            JOIN (SELECT *, distance // 100 AS chain FROM up) AS u
                ON u.from_level = t.level AND u.from_id = coalesce(t.place_id, '{UNPLACED}')
            JOIN spans AS w ON t.valid_from <= w.period_end AND (t.valid_to IS NULL OR w.period_end < t.valid_to)
            {_speaking("t.term, w.period, w.segment, u.to_level")})
        GROUP BY ALL"""


def _register_sum(name: str) -> str:
    merged = f"{OVER_PLACES.get(name, 'sum')}({name})"
    return f"replace({merged}::VARCHAR, '.', '')::HUGEINT" if name in DECIMALS else merged


def coverage(connection: duckdb.DuckDBPyConnection, cares: Iterable[tuple[str, str, int, str]]) -> None:
    """Make `known_days` and `reported`: of each (table, slots, window, family), what was delivered and who reported."""
    values = ", ".join(f"({literal(t)}, {literal(s)}, {b}, {literal(f)})" for t, s, b, f in sorted(set(cares)))
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE cares AS
        SELECT * FROM (VALUES {values or "('', '', 0, '')"}) AS c("table", term, back, family)""")
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE known_days AS
        SELECT c."table", l.back, l.family, k.level, l.period, l.segment,
            count(DISTINCT (l.period_day, l.day)) AS days_known, count(*) * 1.0 / any_value(d.due) AS share
        FROM (SELECT DISTINCT "table", back, family FROM cares) AS c
        JOIN looks AS l ON l.back = c.back AND l.family = c.family
        JOIN known AS k ON k."table" = c."table" AND k.day = l.day
        JOIN (SELECT back, family, period, segment, count(*) AS due FROM looks GROUP BY ALL) AS d
            ON d.back = l.back AND d.family = l.family AND d.period = l.period AND d.segment = l.segment
        GROUP BY ALL ORDER BY c."table", l.back""")
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE reported AS
        SELECT c."table", c.term, c.back, c.family, s.level, s.place, l.period, l.segment,
            sum(s.observed) AS observed, sum(s.expected) AS expected
        FROM cares AS c JOIN looks AS l ON l.back = c.back AND l.family = c.family
        JOIN slots AS s ON s."table" = c."table" AND s.term = c.term AND s.day = l.day
            AND s.hour IS NOT DISTINCT FROM l.hour
        GROUP BY ALL ORDER BY c."table", c.term""")


def events(scope: "Scope", term: Term) -> str:
    """A term of an event table at its places, with how many of the period's days are known."""
    table = scope.table(term)
    entity = literal(terms.grid(term, table, scope.one).entity or "")
    named = f"term = {literal(terms.aggregate(term, table).id)} AND back = {scope.back} "
    named += f"AND family IN ({listed(scope.families)})"
    chosen = ", ".join(("n", *(name for name in terms.needs(term) if name in SHOWN)))
    state = f"SELECT {KEY}, {chosen} FROM {made(table.key_id)} WHERE {named} AND entity = {entity}"
    if term.kind in ("percentile", "distinct"):
        is_rank = term.kind == "percentile"
        more = ranks.percentile(term) if is_rank else f"SELECT {ranks.KEY}, members FROM {ranks.counted(table.key_id)}"
        beside = f"SELECT * EXCLUDE (term, back, family) FROM ({more}) WHERE {named}"
        state = f"SELECT * FROM ({state}) LEFT JOIN ({beside}) USING ({KEY})"
    return f"""
        SELECT k.*, m.* EXCLUDE ({KEY}) FROM ({known(scope, term)}) AS k LEFT JOIN ({state}) AS m USING ({KEY})"""


def known(scope: "Scope", term: Term) -> str:
    """Coverage: the share of days that deliveries speak for, times that of reporters' slots where they are declared."""
    table = scope.table(term)
    levels = listed(scope.levels)
    there = f'"table" = {literal(table.key_id)} AND back = {scope.back} '
    there += f"AND family IN ({listed(scope.families)}) AND level IN ({levels})"
    slots = literal(terms.slots(table, term))
    share = "r.observed * 1.0 / r.expected" if table.reporters else "1.0"
    return f"""
        SELECT p.level, p.place, y.period, y.segment, y.days_known, y.share * {share} AS coverage
        FROM (SELECT * FROM members_of WHERE level IN ({levels})) AS p
        JOIN (SELECT * FROM known_days WHERE {there}) AS y ON y.level = p.level
        LEFT JOIN (SELECT * FROM reported WHERE {there} AND term = {slots}) AS r
        ON r.level = p.level AND r.place = p.place AND r.period = y.period AND r.segment = y.segment"""


def register(scope: "Scope", term: Term) -> str:
    """A term of a register as it stood on the last day of the period."""
    table = scope.table(term)
    state = ", ".join(("n", *(name for name in terms.needs(term) if name in SHOWN)))
    return f"""
        SELECT {KEY}, NULL::DOUBLE AS coverage, 0 AS lost, 0 AS u_n, NULL::BIGINT AS days_known, {state}
        FROM {made(table.key_id)}
        WHERE term = {literal(terms.aggregate(term, table).id)} AND level IN ({listed(scope.levels)})
        AND family IN ({listed(scope.families)})"""


def entities(scope: "Scope", term: Term) -> str:
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
            arg_max(coalesce(d.place_id, '{UNPLACED}'), (d.day, d.level)) AS place_id, 1 AS days_known, {merged}
        FROM by_day AS d JOIN looks AS l ON l.day = d.day AND l.hour IS NULL
        WHERE l.back = {scope.back} AND l.family IN ({listed(scope.families)})
        AND d.term = {literal(terms.aggregate(term, table).id)} AND d.entity = {literal(scope.one.entity.column)}
        AND d.level NOT IN ({listed(others) or "''"}) GROUP BY l.period, l.segment, d.entity_id"""


def exact(city: City, term: Term, alias: str) -> Ratio:
    """A term's exact value. A count or a sum over a day delivered without such records is zero, not unknown."""
    table = city.tables[term.table]
    known_ = "true" if table.kind == "register" else f"{alias}.days_known > 0"
    match term.kind:
        case "count" | "moments":
            return Ratio(f"CASE WHEN {known_} THEN coalesce({alias}.n, 0)::HUGEINT END")
        case "distinct":
            return Ratio(f"CASE WHEN {known_} THEN coalesce({alias}.members, 0)::HUGEINT END")
        case "percentile":
            return ranks.exact(term, alias)
        case "time_share" | "weighted_mean":
            return Ratio(
                f"{alias}.weighted", f"nullif({alias}.weight, 0) * {10 ** (states.FINE - states.SCALE)}::HUGEINT"
            )
        case "mean":
            whole = _digits(table, term, alias)
            return Ratio(whole.over, f"(nullif({alias}.n, 0)::HUGEINT * {whole.under})")
        case "sum":
            whole = _digits(table, term, alias)
            return Ratio(f"CASE WHEN {known_} THEN coalesce({whole.over}, 0::HUGEINT) END", whole.under)
        case _:
            return _digits(table, term, alias)


def _digits(table: Table, term: Term, alias: str) -> Ratio:
    """A state as a whole number of the column's own last digit."""
    scale = table.columns[term.of or ""].scale
    state = {"sum": "total", "mean": "total", "min": "low", "max": "high"}.get(term.kind, term.kind)
    return Ratio(f"({alias}.{state} // {10 ** (states.SCALE - scale)})", f"{10**scale}::HUGEINT")


def moments(city: City, term: Term, name: str, alias: str) -> dict[str, Ratio]:
    """What a formula calls `x.n`, `x.sum` and `x.squares`."""
    table = city.tables[term.table]
    scale = table.columns[term.of or ""].scale
    known_ = f"{alias}.days_known > 0" if table.kind != "register" else "true"
    parts = {
        "n": (f"{alias}.n", 1),
        "sum": (f"({alias}.total // {10 ** (states.SCALE - scale)})", 10**scale),
        "squares": (f"({alias}.squares // {10 ** (states.FINE - 2 * scale)})", 10 ** (2 * scale)),
    }
    return {
        f"{name}.{part}": Ratio(f"CASE WHEN {known_} THEN coalesce({sql}, 0)::HUGEINT END", f"{under}::HUGEINT")
        for part, (sql, under) in parts.items()
    }


def listed(texts: Iterable[str]) -> str:
    """Texts as a SQL list."""
    return ", ".join(literal(text) for text in texts)
