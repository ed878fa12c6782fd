"""Who should have reported and did not: the reporters of each touched day against those known at that time.

Those are the ones seen in the trailing days, or where a register lists them, the ones it lists as valid on the day.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import duckdb
import pyarrow.compute as pc

from jobs import fused, scan, terms
from jobs.core import engine
from jobs.core.engine import literal, quoted
from jobs.core.lake import Lake, arrow_schema
from jobs.mapping import REGISTER
from jobs.shared import rowsql
from schemas import City
from schemas.table import Reporters

HOURS = 24
SHOWN = 10
EARLIER = {name: fused.TERMS.columns[name] for name in ("table", "_day", "entity_id", "n")}


def missing(
    city: City, lake: Lake, touched: Mapping[str, Sequence[Mapping[str, Any]]]
) -> dict[str, tuple[int, int, str]]:
    """(slots due, slots missing, by whom) on the touched days of each table that has reporters and rows.

    `touched` are the data files of those days. Due on a day are the reporters seen in the trailing `known_for` days,
    each for its hours or its day.
    """
    files = {
        key: [file for file in found if not file["partition._day"].startswith("_")] for key, found in touched.items()
    }
    due = {key: one for key, found in files.items() if found and (one := city.tables[key].reporters) is not None}
    if not due:
        return {}
    first = min(_first(one, files[key]) for key, one in due.items())
    before = lake.arrow_where(
        "fused.terms",
        (pc.field("term") == terms.SLOTS) & pc.field("table").isin(list(due)) & (pc.field("_day") >= first),
        list(EARLIER),
    )
    with engine.cursor() as connection:
        connection.register("terms", before if before is not None else arrow_schema(EARLIER).empty_table())
        listed(connection, city, lake)
        return {key: _missing(connection, city, key, files[key]) for key in due}


def listed(connection: duckdb.DuckDBPyConnection, city: City, lake: Lake) -> None:
    """Make `listed`: table, reporter, and where and from when until when a register lists it. No place is unplaced."""
    parts = ["SELECT NULL::VARCHAR, NULL::VARCHAR, NULL::VARCHAR, NULL::VARCHAR, NULL::DATE, NULL::DATE WHERE false"]
    for key, one in city.registered.items():
        table = city.tables[one.table]
        if (rows := lake.arrow_where(one.table, pc.field("_day") == REGISTER)) is None:
            continue
        name = f"register_{len(parts)}"
        connection.register(name, rows)
        where = rowsql.to_duckdb(one.where, dict(table.stored)) if one.where else "true"
        parts.append(f"""
            SELECT {literal(key)}, {quoted(one.column)}::VARCHAR, place_level, place_id, {quoted(table.day_column)},
                valid_to FROM {name} WHERE {quoted(one.column)} IS NOT NULL AND ({where})""")
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE listed AS SELECT DISTINCT * FROM ({" UNION ALL ".join(parts)})
        AS l("table", entity_id, level, place_id, valid_from, valid_to)""")


def _first(reporters: Reporters, files: Sequence[Mapping[str, Any]]) -> str:
    days = [date.fromisoformat(file["partition._day"]) for file in files]
    return (min(days) - timedelta(days=reporters.known_for)).isoformat()


def _missing(
    connection: duckdb.DuckDBPyConnection, city: City, key: str, files: Sequence[Mapping[str, Any]]
) -> tuple[int, int, str]:
    reporters = city.tables[key].reporters
    assert reporters is not None
    slots = HOURS if reporters.every == "hour" else 1
    paths = ", ".join(literal(file["path"]) for file in files)
    connection.execute(
        f"CREATE OR REPLACE TEMP VIEW rows AS SELECT * FROM read_parquet([{paths}], hive_partitioning=true, "
        "hive_types={'_day': VARCHAR})"
    )
    row: tuple[Any, ...] = connection.sql(f"""
        WITH now AS ({scan.slots(city, key, [(terms.SLOTS, None)])}),
        mine AS (SELECT * FROM listed WHERE "table" = {literal(key)}),
        earlier AS (SELECT * FROM terms WHERE "table" = {literal(key)} AND NOT EXISTS (FROM mine)),
        seen AS (SELECT _day::DATE AS day, entity_id, n FROM now
            UNION ALL SELECT _day::DATE, entity_id, n FROM earlier WHERE _day NOT IN (SELECT _day FROM now)),
        days AS (SELECT DISTINCT _day::DATE AS day FROM now),
        known AS (
            SELECT d.day, s.entity_id, CASE WHEN s.day = d.day THEN s.n END AS n FROM days AS d JOIN seen AS s
                ON s.day BETWEEN d.day - (SELECT CASE WHEN EXISTS (FROM mine) THEN 0
                    ELSE {reporters.known_for - 1} END) AND d.day
            UNION ALL SELECT d.day, m.entity_id, NULL FROM days AS d JOIN mine AS m
                ON m.valid_from <= d.day AND (m.valid_to IS NULL OR d.day < m.valid_to)),
        short AS (
            SELECT day, entity_id, {slots} - least({slots}, coalesce(sum(n), 0)) AS n FROM known GROUP BY ALL)
        SELECT count(*) * {slots}, coalesce(sum(n), 0)::BIGINT,
            string_agg(DISTINCT entity_id, ', ' ORDER BY entity_id) FILTER (WHERE n > 0) FROM short
        """).fetchall()[0]  # fmt: skip
    names = str(row[2] or "").split(", ")
    more = f" … ({len(names)})" if len(names) > SHOWN else ""
    return int(row[0]), int(row[1]), ", ".join(names[:SHOWN]) + more
