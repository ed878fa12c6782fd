"""What a source's fields mean: the DuckDB SQL that turns text records into typed, judged claims of one table.

A claim is one record's word on one row of a silver table, before conflicts between deliveries are settled. Every record
offered is accepted, rejected (with the rules it broke) or out of scope; nothing else can happen to it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb
import numpy as np
import pyarrow as pa
from duckdb.func import FunctionNullHandling, PythonUDFType

from jobs.core import engine
from jobs.core.engine import literal, quoted
from jobs.shared import geo, rowsql
from quality.predicates import RowRule, row_rules
from schemas import City, Into, Source, Table
from schemas.expressions import columns as columns_of

UNDATED = "_undated"
LEVELS = "|"
REGISTER = "_register"
PLAUSIBLE_BACK_DAYS = 3650
PLAUSIBLE_AHEAD_DAYS = 1
CONTEXT_TYPES = {"_delivered_date": "date", "_file_name": "string", "_scope_day": "date"}
SPARK_TYPES = {
    "VARCHAR": "string", "BOOLEAN": "boolean", "TINYINT": "int", "SMALLINT": "int", "INTEGER": "int", "BIGINT": "bigint",
    "DATE": "date", "TIMESTAMP": "timestamp", "DOUBLE": "double", "HUGEINT": "decimal(38,0)",
}  # fmt: skip


@dataclass(frozen=True)
class Context:
    """What a file says about all its records."""

    delivered: date
    file_name: str
    scope_day: date | None


def claim_columns(table: Table) -> dict[str, str]:
    """Columns and Spark types of `claims/<table>`."""
    identity = {"_key": "bigint", "_key_high": "bigint"} if table.key == "whole_record" else {"_key": "bigint"}
    return {
        "_delivery_id": "string", "_day": "string", "_record": "bigint", "_source": "string", "_priority": "int",
        **identity, **table.stored, "place_level": "string", "place_reported": "string", "_lon": "decimal(9,6)",
        "_lat": "decimal(9,6)", "_flags": "string",
    }  # fmt: skip


def judge(
    connection: duckdb.DuckDBPyConnection, city: City, source: Source, key: str, context: Context, fields: Sequence[str]
) -> None:
    """Make the temporary table `judged` from the view `raw` (text `fields`, `_record`): typed, with `_in`, `_broken`, `_flags`.

    Raises duckdb.Error only for a fault in the declaration: every cast of delivered text is a try.
    """
    table, into = city.tables[key], source.into[key]
    rules = row_rules(table, city.rules.get(key))
    _functions(connection, source.datum)
    connection.execute(f"CREATE OR REPLACE TEMP VIEW fields AS {_fields(into, context, fields)}")
    connection.execute(f"CREATE OR REPLACE TEMP VIEW meant AS {_meant(city, table, into, fields)}")
    kinds = {row[0]: row[1] for row in connection.sql("DESCRIBE meant").fetchall()}
    connection.execute(f"CREATE OR REPLACE TEMP VIEW walls AS {_walls(table, into, kinds)}")
    connection.execute(f"CREATE OR REPLACE TEMP VIEW typed AS {_typed(city, source, table, into, kinds)}")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE judged AS {_judged(source, table, into, rules, context)}")


def _fields(into: Into, context: Context, fields: Sequence[str]) -> str:
    """The file's fields as text with '' as NULL, what the file says of all records, and one row per unpivoted column."""
    texts = ", ".join(f"nullif({quoted(f)}, '') AS {quoted(f)}" for f in fields)
    scope = f"DATE '{context.scope_day}'" if context.scope_day else "NULL::DATE"
    base = (
        f"SELECT _record, {texts}, DATE '{context.delivered}' AS _delivered_date, "
        f"{literal(context.file_name)} AS _file_name, {scope} AS _scope_day FROM raw"
    )
    if into.unpivot is None:
        return base
    there = [(name, key) for name, key in into.unpivot.columns.items() if name in set(fields)]
    values = ", ".join(f"({literal(key)}, {quoted(name)})" for name, key in there)
    names = f"{quoted(into.unpivot.name)}, {quoted(into.unpivot.value)}"
    return f"SELECT base.*, u.* FROM ({base}) AS base, LATERAL (VALUES {values}) AS u({names})"


def _meant(city: City, table: Table, into: Into, fields: Sequence[str]) -> str:
    """Each expression's own value, not yet of the contract's type, under `e_<column>`."""

    def carried(text: str) -> str:
        return rowsql.to_duckdb(text, CONTEXT_TYPES)

    parts = [f"({carried(text)}) AS {quoted('e_' + name)}" for name, text in into.columns.items()]
    parts.append(f"({carried(into.where) if into.where else 'true'}) IS TRUE AS _in")
    place = into.place
    if place and place.point:
        parts += [f"({carried(place.point.lon)})::DOUBLE AS _x", f"({carried(place.point.lat)})::DOUBLE AS _y"]
    reported = carried(place.id) if place and place.id else literal(city.id)
    parts.append(("NULL" if place and place.point else f"({reported})::VARCHAR") + " AS place_reported")
    if table.key == "whole_record":
        extra = [into.unpivot.name] if into.unpivot else []
        text = engine.row_text([quoted(name) for name in [*fields, *extra]])
        parts.append(f"{text} AS _whole")
    return f"SELECT *, {', '.join(parts)} FROM fields"


def _walls(table: Table, into: Into, kinds: Mapping[str, str]) -> str:
    """The wall clock time of each event_time column, once, under `w_<column>`."""
    walls = [
        f"({rowsql.strict_cast(quoted('e_' + name), _spark_type(kinds['e_' + name]), 'timestamp')}) AS {quoted('w_' + name)}"
        for name, column in table.columns.items() if column.type == "event_time" and name in into.columns
    ]  # fmt: skip
    return f"SELECT *{''.join(', ' + wall for wall in walls)} FROM meant"


def _typed(city: City, source: Source, table: Table, into: Into, kinds: Mapping[str, str]) -> str:
    """The contract's stored columns, the point in WGS84, and which single-field casts failed (`f_<column>`)."""
    parts = []
    for name, column in table.columns.items():
        value, kind = quoted("e_" + name), _spark_type(kinds.get("e_" + name, ""))
        if name not in into.columns:
            stored = [(n, t) for n, t in table.stored.items() if n == name or n.removeprefix(name + "_") in _TIME_PARTS]
            parts += [
                f"CAST(NULL AS {_duck(t)}) AS {quoted(n)}"
                for n, t in stored
                if n == name or column.type == "event_time"
            ]
        elif column.type == "event_time":
            wall = quoted("w_" + name)
            made = rowsql.local_time(wall, source.timezone, city.timezone)
            parts += [f"({made[part]}) AS {quoted(f'{name}_{part}')}" for part in _TIME_PARTS]
            parts += _failed(into.columns[name], name, wall)
        else:
            typed = rowsql.strict_cast(value, kind, column.type)
            parts.append(f"({typed}) AS {quoted(name)}")
            parts += _failed(into.columns[name], name, typed)
    carried = ["_record", "_in", "place_reported", "_delivered_date", "_file_name", "_scope_day"]
    carried += ["_whole"] if table.key == "whole_record" else []
    if into.place and into.place.point:
        datum = source.datum or "WGS84"
        x, y = ("_x", "_y") if datum == "WGS84" else ("wgs84_lon(_x, _y)", "wgs84_lat(_x, _y)")
        parts += [f"TRY_CAST({x} AS DECIMAL(9,6)) AS _lon", f"TRY_CAST({y} AS DECIMAL(9,6)) AS _lat"]
    else:
        parts += ["NULL::DECIMAL(9,6) AS _lon", "NULL::DECIMAL(9,6) AS _lat"]
    return f"SELECT {', '.join(carried + parts)} FROM walls"


_TIME_PARTS = ("utc", "date", "minute", "offset_min")


def _failed(text: str, name: str, typed: str) -> list[str]:
    """Text that was there and could not be read as its type, for expressions over one field without a choice in them."""
    used = columns_of(text) - set(CONTEXT_TYPES)
    lowered = text.lower()
    if len(used) != 1 or any(word in lowered for word in ("case", "if(", "if (", "nullif", "regexp_extract")):
        return []
    return [f"({quoted(next(iter(used)))} IS NOT NULL AND ({typed}) IS NULL) AS {quoted('f_' + name)}"]


def _judged(source: Source, table: Table, into: Into, rules: Sequence[RowRule], context: Context) -> str:
    """Rules applied: `_broken` lists what rejects, `_flags` what voids or flags; voided fields are NULL."""
    point = into.place is not None and into.place.point is not None
    filled = {"lon_deg": "_lon", "lat_deg": "_lat"} if point else {}
    stored = {name: filled.get(name, quoted(name)) for name in table.stored}
    failed = {
        n: f"type:{n}"
        for n in table.columns
        if n in into.columns and _failed(into.columns[n], n, "x") and n not in filled
    }
    types = {**table.stored, **CONTEXT_TYPES}
    broken = {rule.id: f"({rowsql.to_duckdb(rule.predicate, types)}) IS FALSE" for rule in rules}
    flags = [(f"type:{n}", quoted("f_" + n)) for n in failed]
    flags += [(rule.id, quoted("b:" + rule.id)) for rule in rules if rule.action != "reject"]
    rejects = [(rule.id, quoted("b:" + rule.id)) for rule in rules if rule.action == "reject"]
    void: dict[str, list[str]] = {}
    for rule in rules:
        if rule.action == "void" and rule.column:
            void.setdefault(rule.column, []).append(quoted("b:" + rule.id))
    columns = [
        f"CASE WHEN {' OR '.join(void[n])} THEN NULL ELSE {quoted(n)} END AS {quoted(n)}" if n in void else quoted(n)
        for n in table.stored
    ]
    based = ", ".join(f"{sql} AS {quoted(name)}" for name, sql in stored.items())
    kept = [quoted("f_" + n) for n in failed] + ["_record", "_in", "place_reported", "_lon", "_lat", *CONTEXT_TYPES]
    kept += ["_whole"] if table.key == "whole_record" else []
    inner = f"SELECT {based}, {', '.join(kept)} FROM typed"
    tested = ", ".join(f"{sql} AS {quoted('b:' + rule)}" for rule, sql in broken.items())
    middle = f"SELECT *, {tested} FROM ({inner})" if tested else inner
    level = LEVELS.join(into.place.level) if into.place else ""
    identity = _identity(table)
    return (
        f"SELECT {', '.join(columns)}, _record, _in, {_listed(rejects)} AS _broken, {_listed(flags)} AS _flags, "
        f"place_reported, {literal(level or ('@point' if point else 'city'))} AS place_level, _lon, _lat, "
        f"{literal(source.name)} AS _source, {into.priority} AS _priority, {_day(table, context)} AS _day, {identity} "
        f"FROM ({middle})"
    )


def _identity(table: Table) -> str:
    """63 bits of the MD5 of what identifies a record: finds candidates; the columns themselves decide."""
    if table.key == "whole_record":
        return "(md5_number_lower(_whole) >> 1)::BIGINT AS _key, (md5_number_upper(_whole) >> 1)::BIGINT AS _key_high"
    named = [quoted(name) for name in table.key_columns if name not in ("place_level", "place_id")]
    return f"(md5_number_lower({engine.row_text(named)}) >> 1)::BIGINT AS _key"


def _day(table: Table, context: Context) -> str:
    if table.kind == "register":
        return literal(REGISTER)
    day = quoted(table.day_column)
    low, high = (
        f"DATE '{context.delivered}' - {PLAUSIBLE_BACK_DAYS}",
        f"DATE '{context.delivered}' + {PLAUSIBLE_AHEAD_DAYS}",
    )
    return f"CASE WHEN {day} BETWEEN {low} AND {high} THEN strftime({day}, '%Y-%m-%d') ELSE {literal(UNDATED)} END"


def _listed(tests: Sequence[tuple[str, str]]) -> str:
    """SQL for the comma-separated ids of the tests that are true; NULL when none is."""
    if not tests:
        return "NULL::VARCHAR"
    cases = ", ".join(f"CASE WHEN {sql} THEN {literal(name)} END" for name, sql in tests)
    return f"CASE WHEN {' OR '.join(sql for _, sql in tests)} THEN concat_ws(',', {cases}) END"


def _functions(connection: duckdb.DuckDBPyConnection, datum: str | None) -> None:
    if datum in (None, "WGS84"):
        return

    def converted(axis: int) -> Callable[[pa.ChunkedArray, pa.ChunkedArray], pa.Array]:
        def convert(x: pa.ChunkedArray, y: pa.ChunkedArray) -> pa.Array:
            lon, lat = (np.asarray(v.to_numpy(zero_copy_only=False), float) for v in (x, y))
            out = geo.to_wgs84(lon, lat, str(datum))[axis]
            return pa.array(np.where(np.isfinite(out), out, np.nan), from_pandas=True)

        return convert

    for name, axis in (("wgs84_lon", 0), ("wgs84_lat", 1)):
        connection.create_function(
            name, converted(axis), ["DOUBLE", "DOUBLE"], "DOUBLE",
            type=PythonUDFType.ARROW, null_handling=FunctionNullHandling.SPECIAL,
        )  # fmt: skip


def _spark_type(duck: str) -> str:
    if duck.startswith("DECIMAL("):
        return duck.lower()
    return SPARK_TYPES.get(duck, "string")


def _duck(spark: str) -> str:
    return {"string": "VARCHAR", "int": "INTEGER"}.get(spark, spark.upper())
