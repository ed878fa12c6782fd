"""One scan of a silver table: all its terms on their grids, in a task."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from jobs import lasting, placing, segments, states, terms
from jobs.core import engine
from jobs.core.engine import literal, quoted
from jobs.core.lake import Lake, arrow_schema
from jobs.shared import rowsql
from schemas import City, Table, load_city

GRID = {
    "_day": "string",
    "table": "string",
    "term": "string",
    "day": "date",
    "hour": "timestamp",
    "valid_from": "date",
    "valid_to": "date",
    "level": "string",
    "place_id": "string",
    "entity": "string",
    "entity_id": "string",
}
Asked = Mapping[terms.Grid, Sequence[terms.Aggregate]]
KEYS = [name for name in GRID if name not in ("table", "term")]
NOWHERE = {
    "day": "NULL::DATE",
    "hour": "NULL::TIMESTAMPTZ",
    "valid_from": "NULL::DATE",
    "valid_to": "NULL::DATE",
    "level": "place_level",
    "place_id": "place_id",
    "entity": "NULL",
    "entity_id": "NULL",
}
"""Where an aggregate stands when it stands at no hour, in no interval and for no entity."""


@dataclass(frozen=True)
class Scan:
    """One task: some silver days of one table; `back` are files of the days before them."""

    root: str
    city: str
    table: str
    days: tuple[str, ...]
    files: tuple[str, ...]
    back: tuple[str, ...]
    size: int
    new: tuple[str, ...] = ()
    """Columns that were added to the contract: days made before do not have them."""


def scan_terms(scan: Scan) -> pa.Table:
    """Partial aggregates of some files. Runs in a Spark task."""
    city = load_city(scan.city)
    with engine.cursor() as connection:
        stored = city.tables[scan.table].stored
        new = {name: stored[name] for name in scan.new}
        for name, paths in (("rows", scan.files), ("with_back", [*scan.files, *scan.back])):
            connection.execute(f"CREATE TEMP VIEW {name} AS {_files(connection, paths, new)}")
        places = placing.load(city, Lake(scan.root, scan.city))
        connection.register("spelled", spelled(connection, city, scan.table, places))
        return terms_of_rows(connection, city, scan.table, scan.days)


def terms_of_rows(
    connection: duckdb.DuckDBPyConnection, city: City, key: str, days: Sequence[str], only: Set[str] | None = None
) -> pa.Table:
    """Partial aggregates of the relation `rows`, records of a table on these days; `only` some, by identity.

    `with_back` adds the records of the day before each, `spelled` are places by the names that columns call them.
    """
    schema = arrow_schema(GRID | states.TYPES)
    connection.execute(states.SIGNIFICANT)
    asked = {
        grid: chosen
        for grid, every in terms.of_table(city, key).items()
        if (chosen := [one for one in every if only is None or one.id in only])
    }
    if city.tables[key].kind == "register":
        parts = _register(city, key, asked)
    else:
        parts = _events(connection, city, key, days, asked)
        if only is None and city.tables[key].reporters:
            parts.append(slots(city, key, terms.dimensions(city, city.tables[key])))
    made = [engine.table(connection, sql).select(schema.names).cast(schema) for sql in parts]
    return pa.concat_tables(made) if made else schema.empty_table()


def _files(connection: duckdb.DuckDBPyConnection, paths: Sequence[str], new: Mapping[str, str]) -> str:
    """The rows of files; a new column that none of them has is NULL."""
    read = engine.parquet(paths, ["_day"])
    there = {row[0] for row in connection.execute(f"DESCRIBE FROM {read}").fetchall()} if new else set()
    absent = [f"NULL::{engine.sql_type(kind)} AS {quoted(name)}" for name, kind in new.items() if name not in there]
    return f"SELECT {', '.join(['*', *absent])} FROM {read}"


def spelled(connection: duckdb.DuckDBPyConnection, city: City, key: str, places: placing.Places) -> pa.Table:
    """What names in `rows` mean, in the columns that terms take as their place: members of the first hierarchy."""
    levels = placing.LEVELS.join(city.file.hierarchies[0])
    named = sorted({quoted(grid.place) for grid in terms.of_table(city, key) if grid.place})
    found = [f"SELECT DISTINCT {literal(levels)}, {name}::VARCHAR FROM rows WHERE {name} IS NOT NULL" for name in named]
    pairs = connection.sql(" UNION ".join(found)).fetchall() if found else []
    return placing.spelled(places, pairs)


def _events(
    connection: duckdb.DuckDBPyConnection, city: City, key: str, days: Sequence[str], asked: Asked
) -> list[str]:
    """The queries of an event table: each grid, in the other finest levels too."""
    table, out = city.tables[key], []
    hours = terms.hourly(city, key)
    for grid, aggregates in asked.items():
        plain = [one for one in aggregates if one.lasts is None]
        where = standing(table, grid, hourly=grid in hours)
        if plain:
            out += [_long(table, plain, where, rows=dated(table, grid))]
            out += [] if grid.place else _beside(city, table, grid, plain, where)
        states_of_time = [one for one in aggregates if one.lasts is not None]
        if states_of_time:
            connection.register("clock", segments.hours(city, days))
            stood = [(where, "true"), *([] if grid.place else points(city, table, where))]
            out += [
                lasting.query(KEYS, table, one, at, kept, hourly=grid in hours)
                for one in states_of_time
                for at, kept in stood
            ]
    return out


def standing(table: Table, grid: terms.Grid, *, hourly: bool) -> dict[str, str]:
    """SQL for each key of the grid."""
    at = grid.at or table.date
    out = NOWHERE | {"day": quoted(f"{at}_date" if table.is_time(at) else at)}
    if hourly:
        out |= {"hour": terms.hour_sql(table, at)}
    if grid.entity:
        out |= {"entity": literal(grid.entity), "entity_id": quoted(grid.entity)}
    if grid.place:
        out |= {"level": "coalesce(_at, place_level)", "place_id": "_id"}
    return out


def dated(table: Table, grid: terms.Grid, source: str = "rows") -> str:
    """The rows of a grid: dated by its column, with the place that another column names."""
    if grid.place:
        source = (
            f"(SELECT r.*, s.level AS _at, s.id AS _id FROM {source} AS r "
            f"LEFT JOIN spelled AS s ON s.reported = r.{quoted(grid.place)}::VARCHAR)"
        )
    if grid.at is None:
        return source
    dated = quoted(f"{grid.at}_date" if table.is_time(grid.at) else grid.at)
    return f"(SELECT * FROM {source} WHERE {dated} IS NOT NULL)"


def _beside(
    city: City, table: Table, grid: terms.Grid, plain: Sequence[terms.Aggregate], where: Mapping[str, str]
) -> list[str]:
    """The same aggregates at the finest levels beside the primary one."""
    rows = dated(table, grid)
    return [_long(table, plain, at, by_point, rows) for at, by_point in points(city, table, where)]


def points(city: City, table: Table, where: Mapping[str, str]) -> list[tuple[dict[str, str], str]]:
    """The grid at each finest level beside the primary one, and which records stand there: those given by a point."""
    sources = [one.name for one in city.feeding(table.key_id) if (at := one.into[table.key_id].place) and at.point]
    by_point = f"_source IN ({', '.join(literal(name) for name in sources)})"
    others = placing.other_levels(city) if sources else []
    return [
        ({**where, "level": literal(other.removeprefix("place_")), "place_id": quoted(other)}, by_point)
        for other in others
    ]


def _long(
    table: Table, aggregates: Sequence[terms.Aggregate], grid: Mapping[str, str], where: str = "true",
    rows: str = "rows",
) -> str:  # fmt: skip
    """One grouped scan, then a row for each aggregate that saw any record."""
    named = ", ".join(f"{sql} AS g_{name}" for name, sql in grid.items())
    wide = f"SELECT _day, {named}, {states.made(table, aggregates)} FROM {rows} WHERE {where} GROUP BY ALL"
    long = [states.long_row(KEYS, table, one, index) for index, one in enumerate(aggregates)]
    return f"WITH wide AS MATERIALIZED ({wide}) " + " UNION ALL ".join(long)


def slots(city: City, key: str, kinds: Sequence[tuple[str, str | None]]) -> str:
    """How many of its hours (or its day) each reporter reported, and which, where it reports from: of each kind of
    slots, a name and the condition that its records meet.

    A record without hour speaks for the whole day.
    """
    table = city.tables[key]
    reporters = table.reporters
    assert reporters is not None
    reporter, day = quoted(reporters.column), quoted(table.day_column)
    where = NOWHERE | {"day": "g_day", "entity": literal(reporters.column), "entity_id": "g_reporter"}
    is_hourly = reporters.every == "hour"
    made, long = [], []
    for index, (name, condition) in enumerate(kinds):
        kept = f" FILTER (WHERE {rowsql.to_duckdb(condition, dict(table.stored))})" if condition else ""
        made += [
            f"count(*){kept} AS a{index}",
            f"max(place_level){kept} AS l{index}",
            f"max(place_id){kept} AS p{index}",
        ]
        made += [f"{_hours_seen(table, kept)} AS h{index}"] if is_hourly else []
        states_ = {"n": f"bit_count(h{index})::BIGINT" if is_hourly else "1::BIGINT"}
        states_ |= {"hours": f"h{index}"} if is_hourly else {}
        at = where | {"level": f"l{index}", "place_id": f"p{index}"}
        long.append(f"""
            SELECT _day, {literal(key)} AS "table", {literal(name)} AS term,
                {", ".join(f"{sql} AS {label}" for label, sql in at.items())},
                {", ".join(f"{states_.get(state, 'NULL')} AS {state}" for state in states.TYPES)}
            FROM wide WHERE a{index} > 0""")
    wide = f"""
        SELECT _day, {day} AS g_day, {reporter} AS g_reporter, {", ".join(made)}
        FROM rows WHERE {reporter} IS NOT NULL GROUP BY _day, {day}, {reporter}"""
    return f"WITH wide AS MATERIALIZED ({wide}) " + " UNION ALL ".join(long)


def heard(city: City, key: str, rows: str) -> str:
    """How many of its hours (or its day) each reporter reported, as `slots` has it, without a condition: `day`,
    `entity_id` and `n`, of a relation of records."""
    table = city.tables[key]
    reporters = table.reporters
    assert reporters is not None
    reporter = quoted(reporters.column)
    n = f"bit_count({_hours_seen(table, '')})::BIGINT" if reporters.every == "hour" else "1::BIGINT"
    return f"""
        SELECT _day::DATE AS day, {reporter} AS entity_id, {n} AS n FROM {rows} WHERE {reporter} IS NOT NULL
        GROUP BY _day, {table.day_column}, {reporter}"""


def _hours_seen(table: Table, kept: str) -> str:
    """SQL aggregate: bit i for the hour i of which any record speaks."""
    at = _clock_hour(table)
    mask = f"(bit_or(1::BIGINT << ({at})::INTEGER){kept})"
    return f"(CASE WHEN bool_or({at} IS NULL){kept} THEN {2**24 - 1} ELSE {mask} END)::BIGINT"


def _clock_hour(table: Table) -> str:
    """The hour on the local clock, 0 to 23; the hour that an autumn night repeats is one slot."""
    if table.is_time(table.date):
        return f'("{table.date}_minute" // 60)'
    return "hour" if "hour" in table.columns else "NULL"


def _register(city: City, key: str, asked: Asked) -> list[str]:
    """A register's aggregates on every interval in which nothing changes."""
    table = city.tables[key]
    start = quoted(table.day_column)
    valid = f"""
        SELECT r.*, s.since, s.until
        FROM rows AS r JOIN (
            SELECT since, lead(since) OVER (ORDER BY since) AS until
            FROM (
                SELECT DISTINCT {start} AS since FROM rows
                UNION SELECT DISTINCT valid_to FROM rows WHERE valid_to IS NOT NULL)
        ) AS s ON r.{start} <= s.since AND (r.valid_to IS NULL OR r.valid_to > s.since)"""
    grid = NOWHERE | {"valid_from": "since", "valid_to": "until"}
    plain = asked.get(terms.Grid(), ())
    return [_long(table, plain, grid, rows=f"({valid})")] if plain else []
