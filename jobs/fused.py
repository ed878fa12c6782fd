"""Fused: every source on one grid of place and time, as mergeable partial aggregates.

One scan per silver table and night computes all its terms for all touched days. A day that quality holds keeps its last
accepted state.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb
import pyarrow as pa
from pyspark.sql import SparkSession

from jobs import placing, terms, touched, work_days
from jobs.core import engine, work
from jobs.core.engine import literal, quoted
from jobs.core.lake import Lake, Layout, arrow_schema
from jobs.core.ledger import Ledger
from jobs.mapping import UNDATED
from jobs.shared import rowsql
from schemas import City, load_city

GRID = {
    "_day": "string",
    "table": "string",
    "term": "string",
    "hour": "timestamp",
    "valid_from": "date",
    "valid_to": "date",
    "level": "string",
    "place_id": "string",
    "entity": "string",
    "entity_id": "string",
}
NOWHERE = {
    "hour": "NULL::TIMESTAMPTZ",
    "valid_from": "NULL::DATE",
    "valid_to": "NULL::DATE",
    "entity": "NULL",
    "entity_id": "NULL",
}
"""Where an aggregate stands when it stands at no hour, in no interval and for no entity."""
TERMS = Layout(
    GRID | terms.STATE,
    ("_day",),
    "各项指标所用的可合并部分聚合，按地点和小时或天 | "
    "Mergeable partial aggregates of all indicators, by place and hour or day.",
)
FILES_PER_TASK_BYTES = 96_000_000


@dataclass(frozen=True)
class Scan:
    """One task: some silver files of one table."""

    root: str
    city: str
    table: str
    files: tuple[str, ...]
    size: int


def run(spark: SparkSession, city: City, lake: Lake, biz_date: date) -> dict[str, dict[str, int]]:
    """Recompute the terms of every touched day that is not held, in one commit."""
    ledger = Ledger(lake)
    days = work_days.accepted(ledger, touched.days(city, ledger, biz_date), biz_date)
    days = {key: [day for day in listed if day != UNDATED] for key, listed in days.items()}
    days = {key: listed for key, listed in days.items() if listed and _asked(city, key)}
    scans = [scan for key, listed in days.items() for scan in _scans(city, lake, key, listed)]
    parts = work.run(spark, "fused", scan_terms, sorted(scans, key=lambda s: -s.size))
    merged = merge(parts)
    lake.create("fused.terms", TERMS)
    if days:
        pairs = " OR ".join(
            f'("table" = {literal(key)} AND _day IN ({", ".join(literal(day) for day in listed)}))'
            for key, listed in sorted(days.items())
        )
        lake.replace("fused.terms", merged, pairs)
    return {key: {"days": len(listed)} for key, listed in days.items()}


def _asked(city: City, key: str) -> bool:
    return city.tables[key].reporters is not None or any(key in one.tables for one in city.indicators.values())


def _scans(city: City, lake: Lake, key: str, days: Sequence[str]) -> list[Scan]:
    """Files in groups of bounded size; one group where intervals or distinct hours need all rows together."""
    whole = city.tables[key].kind == "register" or city.tables[key].reporters is not None
    groups: list[list[str]] = [[]]
    sizes = [0]
    for file in lake.files(key, "_day", days):
        if sizes[-1] + file["size_bytes"] > FILES_PER_TASK_BYTES and groups[-1] and not whole:
            groups.append([])
            sizes.append(0)
        groups[-1].append(file["path"])
        sizes[-1] += file["size_bytes"]
    root = str(lake.root.parent)
    return [Scan(root, city.id, key, tuple(g), s) for g, s in zip(groups, sizes, strict=True) if g]


def scan_terms(scan: Scan) -> pa.Table:
    """Partial aggregates of some files. Runs in a Spark task."""
    city = load_city(scan.city)
    listed = ", ".join(literal(path) for path in scan.files)
    with engine.connect() as connection:
        connection.execute(f"""
            CREATE VIEW rows AS
            SELECT * FROM read_parquet([{listed}], hive_partitioning=true, hive_types={{'_day': VARCHAR}})""")
        return terms_of_rows(connection, city, scan.table)


def terms_of_rows(connection: duckdb.DuckDBPyConnection, city: City, key: str) -> pa.Table:
    """Partial aggregates of the relation `rows`, which holds records of the table."""
    parts = _register(city, key) if city.tables[key].kind == "register" else _events(city, key)
    made = [engine.table(connection, sql).select(TERMS.columns).cast(arrow_schema(TERMS.columns)) for sql in parts]
    return pa.concat_tables(made) if made else arrow_schema(TERMS.columns).empty_table()


def _events(city: City, key: str) -> list[str]:
    """The queries of an event table: by place (and the other finest levels), by entity, and reporters' slots."""
    table = city.tables[key]
    at = NOWHERE | ({"hour": str(table.hour_sql)} if terms.hourly(city, key) else {})
    by_place = terms.of_table(city.indicators.values(), key, None)
    out = []
    if by_place:
        where = {"level": "place_level", "place_id": "place_id"}
        out.append(_long(city, key, by_place, at | where))
        by_point = f"place_reported IS NULL AND place_level = {literal(city.file.hierarchies[0][0])}"
        for other in placing.other_levels(city):
            beside = {"level": literal(other.removeprefix("place_")), "place_id": quoted(other)}
            out.append(_long(city, key, by_place, at | beside, f"{quoted(other)} IS NOT NULL OR ({by_point})"))
    for column in terms.entities(city, key):
        by_entity = terms.of_table(city.indicators.values(), key, column)
        where = {"level": "place_level", "place_id": "place_id", "entity": literal(column), "entity_id": quoted(column)}
        out.append(_long(city, key, by_entity, NOWHERE | where))
    if table.reporters:
        kinds = terms.dimensions(city.indicators.values(), table)
        out += [slots(city, key, name, condition) for name, condition in kinds]
    return out


def _long(
    city: City,
    key: str,
    aggregates: Sequence[terms.Aggregate],
    grid: Mapping[str, str],
    where: str = "true",
    rows: str = "rows",
) -> str:
    """One grouped scan, then a row for each aggregate that saw any record."""
    named = ", ".join(f"{sql} AS {name}" for name, sql in grid.items())
    made = ", ".join(terms.aggregates_sql(city.tables[key], aggregates))
    keys = ", ".join(["_day", *grid])
    wide = f"SELECT _day, {named}, {made} FROM {rows} WHERE {where} GROUP BY ALL"
    long = []
    for index, one in enumerate(aggregates):
        have = ("n", *one.state)
        state = ", ".join(f"{f'a{index}_{name}' if name in have else 'NULL'} AS {name}" for name in terms.STATE)
        long.append(f"""
            SELECT {keys}, {literal(key)} AS "table", {literal(one.id)} AS term, {state}
            FROM wide WHERE a{index}_n > 0""")
    return f"WITH wide AS MATERIALIZED ({wide}) " + " UNION ALL ".join(long)


def slots(city: City, key: str, name: str, condition: str | None) -> str:
    """How many of its hours (or its day) each reporter reported, where it reports from.

    A record without hour speaks for the whole day.
    """
    table = city.tables[key]
    reporters = table.reporters
    assert reporters is not None
    reporter = quoted(reporters.column)
    hour = table.hour_sql or ("hour" if "hour" in table.columns else "NULL")
    slots = f"CASE WHEN bool_or({hour} IS NULL) THEN 24 ELSE count(DISTINCT {hour}) END"
    chosen = f" AND ({rowsql.to_duckdb(condition, dict(table.stored))})" if condition else ""
    return f"""
        SELECT _day, {literal(key)} AS "table", {literal(name)} AS term,
            NULL::TIMESTAMPTZ AS hour, NULL::DATE AS valid_from, NULL::DATE AS valid_to,
            max(place_level) AS level, max(place_id) AS place_id,
            {literal(reporters.column)} AS entity, {reporter} AS entity_id,
            {slots if reporters.every == "hour" else "1"} AS n,
            NULL AS total, NULL AS low, NULL AS high, NULL AS last, NULL AS last_at
        FROM rows WHERE {reporter} IS NOT NULL{chosen} GROUP BY _day, {reporter}"""


def _register(city: City, key: str) -> list[str]:
    """A register's aggregates on every interval in which nothing changes."""
    table = city.tables[key]
    aggregates = terms.of_table(city.indicators.values(), key, None)
    if not aggregates:
        return []
    start = quoted(table.day_column)
    where = {"level": "place_level", "place_id": "place_id"}
    grid = NOWHERE | {"valid_from": "since", "valid_to": "until"} | where
    valid = f"""
        SELECT r.*, s.since, s.until
        FROM rows AS r JOIN (
            SELECT since, lead(since) OVER (ORDER BY since) AS until
            FROM (
                SELECT DISTINCT {start} AS since FROM rows
                UNION SELECT DISTINCT valid_to FROM rows WHERE valid_to IS NOT NULL)
        ) AS s ON r.{start} <= s.since AND (r.valid_to IS NULL OR r.valid_to > s.since)"""
    return [_long(city, key, aggregates, grid, rows=f"({valid})")]


def merge(parts: Sequence[pa.Table]) -> pa.Table:
    """Partial aggregates of several tasks as one; the order of the parts makes no difference."""
    schema = arrow_schema(TERMS.columns)
    with engine.connect(threads=2) as connection:
        connection.register("parts", pa.concat_tables([schema.empty_table(), *parts]))
        keys = ", ".join(quoted(name) for name in GRID)
        sql = f"""
            SELECT {keys}, sum(n)::BIGINT AS n, sum(total) AS total, min(low) AS low, max(high) AS high,
                arg_max(last, (last_at, last)) AS last, max(last_at) AS last_at
            FROM parts GROUP BY {keys} ORDER BY {keys}"""
        return engine.table(connection, sql).cast(schema)
