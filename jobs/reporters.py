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
        _now(connection, city, {key: files[key] for key in due})
        return dict.fromkeys(due, (0, 0, "")) | _missing(connection, due)


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


def _now(connection: duckdb.DuckDBPyConnection, city: City, files: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Make `now`: of each table, what its reporters said on the touched days, in slots."""
    parts = []
    for key, found in files.items():
        rows = engine.parquet([file["path"] for file in found], ["_day"])
        parts.append(f'SELECT {literal(key)} AS "table", * FROM ({scan.heard(city, key, rows)})')
    connection.execute(f"CREATE OR REPLACE TEMP TABLE now AS {' UNION ALL '.join(parts)}")


def _missing(connection: duckdb.DuckDBPyConnection, due: Mapping[str, Reporters]) -> dict[str, tuple[int, int, str]]:
    """The same of those tables of which anything is due. Where a register lists a table's reporters, those are due, and
    nobody for having been seen before."""
    asked = ", ".join(
        f"({literal(key)}, {HOURS if one.every == 'hour' else 1}, {one.known_for})" for key, one in due.items()
    )
    found: list[tuple[Any, ...]] = connection.sql(f"""
        WITH asked AS (
            SELECT *, "table" IN (SELECT "table" FROM listed) AS is_listed
            FROM (VALUES {asked}) AS a("table", slots, known_for)),
        earlier AS (
            SELECT "table", _day::DATE AS day, entity_id, n FROM terms SEMI JOIN (FROM asked WHERE NOT is_listed)
            USING ("table")),
        seen AS (
            FROM now UNION ALL FROM earlier ANTI JOIN (SELECT DISTINCT "table", day FROM now) USING ("table", day)),
        days AS (SELECT DISTINCT "table", day FROM now),
        known AS (
            SELECT "table", d.day, s.entity_id, CASE WHEN s.day = d.day THEN s.n END AS n
            FROM days AS d JOIN asked AS a USING ("table") JOIN seen AS s USING ("table")
            WHERE s.day BETWEEN d.day - CASE WHEN a.is_listed THEN 0 ELSE a.known_for - 1 END AND d.day
            UNION ALL SELECT "table", d.day, l.entity_id, NULL FROM days AS d JOIN listed AS l USING ("table")
            WHERE l.valid_from <= d.day AND (l.valid_to IS NULL OR d.day < l.valid_to)),
        short AS (
            SELECT "table", day, entity_id, any_value(a.slots) AS slots,
                any_value(a.slots) - least(any_value(a.slots), coalesce(sum(n), 0)) AS n
            FROM known JOIN asked AS a USING ("table") GROUP BY "table", day, entity_id)
        SELECT "table", sum(slots)::BIGINT, sum(n)::BIGINT,
            coalesce(list_sort(list(DISTINCT entity_id) FILTER (WHERE n > 0)), []) FROM short GROUP BY "table"
        """).fetchall()  # fmt: skip
    return {key: (slots, short, _shown(names)) for key, slots, short, names in found}


def _shown(names: Sequence[str]) -> str:
    return ", ".join(names[:SHOWN]) + (f" … ({len(names)})" if len(names) > SHOWN else "")
