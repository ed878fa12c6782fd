"""What a source's fields mean: the DuckDB SQL that turns text records into typed, judged claims of one table.

A claim is one record's word on one row of a silver table, before conflicts between deliveries are settled. Every record
offered is accepted, rejected (with the rules it broke) or out of scope; nothing else can happen to it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb

from jobs import datum
from jobs.core import engine
from jobs.core.engine import literal, quoted
from jobs.shared import rowsql
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
    **dict.fromkeys(("TINYINT", "SMALLINT", "INTEGER"), "int"),
    **{name.upper(): name for name in ("boolean", "bigint", "date", "timestamp", "double")},
    "HUGEINT": "decimal(38,0)",
}
"""By DuckDB's name; any other type is carried as text."""
TIME_PARTS = ("utc", "date", "minute", "offset_min")


@dataclass(frozen=True)
class Context:
    """What a file says about all its records."""

    delivered: date
    file_name: str
    scope_day: date | None


def claim_columns(table: Table) -> dict[str, str]:
    """Columns and Spark types of `claims/<table>`."""
    identity = {"_key": "bigint", "_key_high": "bigint"} if table.key == "whole_record" else {"_key": "bigint"}
    technical = {"_delivery_id": "string", "_day": "string", "_record": "bigint", "_source": "string"}
    place = {"place_level": "string", "place_reported": "string", "_lon": "decimal(9,6)", "_lat": "decimal(9,6)"}
    return {**technical, "_priority": "int", **identity, **table.stored, **place, "_flags": "string"}


def judge(
    connection: duckdb.DuckDBPyConnection, city: City, source: Source, key: str, context: Context, fields: Sequence[str]
) -> None:
    """Make the table `judged` from the view `raw` (text `fields`, `_record`): typed, with `_in`, `_broken`, `_flags`.

    `_unpivoted` is the key of the column that became the row, where columns do.
    Raises duckdb.Error only for a fault in the declaration: every cast of delivered text is a try.
    """
    table, into = city.tables[key], source.into[key]
    rules = row_rules(table, city.rules.get(key))
    datum.register(source.datum)
    meant = _meant(city, table, into, fields, _fields(source, into, context, fields))
    kinds = {row[0]: row[1] for row in connection.execute(f"DESCRIBE {meant}").fetchall()}
    typed = _typed(city, source, table, into, kinds, _walls(table, into, kinds, meant))
    connection.execute(f"CREATE OR REPLACE TEMP TABLE judged AS {_judged(source, table, into, rules, context, typed)}")


def _fields(source: Source, into: Into, context: Context, fields: Sequence[str]) -> str:
    """Fields as text with '' as NULL, what the file says of all records, and one row per unpivoted column."""
    texts = ", ".join(f"nullif({quoted(f)}, '') AS {quoted(f)}" for f in fields)
    scope = f"DATE '{context.scope_day}'" if context.scope_day else "NULL::DATE"
    base = f"""
        SELECT _record, {texts}, DATE '{context.delivered}' AS _delivered_date,
            {literal(context.file_name)} AS _file_name, {scope} AS _scope_day
        FROM raw"""
    if into.unpivot is None:
        return base
    keys = into.unpivot.keys(fields, source.named)
    values = ", ".join(f"({literal(key)}, {quoted(name)})" for name, key in keys.items())
    names = f"{quoted(into.unpivot.name)}, {quoted(into.unpivot.value)}"
    return f"SELECT base.*, u.* FROM ({base}) AS base, LATERAL (VALUES {values}) AS u({names})"


def _meant(city: City, table: Table, into: Into, fields: Sequence[str], source: str) -> str:
    """Each expression's own value over the query `source`, not yet of the contract's type, under `e_<column>`."""

    def carried(text: str) -> str:
        return rowsql.to_duckdb(text, CONTEXT_TYPES)

    parts = [f"({carried(text)}) AS {quoted('e_' + name)}" for name, text in into.columns.items()]
    parts.append(f"({carried(into.where) if into.where else 'true'}) IS TRUE AS _in")
    place = into.place
    if place and place.point:
        parts += [f"({carried(place.point.lon)})::DOUBLE AS _x", f"({carried(place.point.lat)})::DOUBLE AS _y"]
    reported = carried(place.id) if place and place.id else literal(city.id)
    parts.append(("NULL" if place and place.point else f"({reported})::VARCHAR") + " AS place_reported")
    parts.append((quoted(into.unpivot.name) if into.unpivot else "NULL") + "::VARCHAR AS _unpivoted")
    if table.key == "whole_record":
        extra = [into.unpivot.name] if into.unpivot else []
        text = engine.row_text([quoted(name) for name in [*fields, *extra]])
        parts.append(f"{text} AS _whole")
    return f"SELECT *, {', '.join(parts)} FROM ({source})"


def _walls(table: Table, into: Into, kinds: Mapping[str, str], meant: str) -> str:
    """The wall clock time of each event_time column, once, under `w_<column>`."""
    walls = []
    for name, column in table.columns.items():
        if column.type == "event_time" and name in into.columns:
            said = "e_" + name
            wall = rowsql.strict_cast(quoted(said), _spark_type(kinds[said]), "timestamp")
            walls.append(f", ({wall}) AS {quoted('w_' + name)}")
    return f"SELECT *{''.join(walls)} FROM ({meant})"


def _typed(city: City, source: Source, table: Table, into: Into, kinds: Mapping[str, str], walls: str) -> str:
    """The contract's stored columns, the point in WGS84, and which single-field casts failed (`f_<column>`)."""
    parts = ["_record", "_unpivoted", "_in", "place_reported", *CONTEXT_TYPES]
    parts += ["_whole"] if table.key == "whole_record" else []
    for name, column in table.columns.items():
        if name not in into.columns:
            parts += _absent(table, name)
        elif column.type == "event_time":
            wall = quoted("w_" + name)
            made = rowsql.local_time(wall, source.timezone, city.timezone)
            parts += [f"({made[part]}) AS {quoted(f'{name}_{part}')}" for part in TIME_PARTS]
            parts += _failed(into.columns[name], name, wall)
        else:
            typed = rowsql.strict_cast(quoted("e_" + name), _spark_type(kinds["e_" + name]), column.type)
            parts.append(f"({typed}) AS {quoted(name)}")
            parts += _failed(into.columns[name], name, typed)
    x, y = ("NULL", "NULL")
    if _has_point(into):
        x, y = datum.to_wgs84(source.datum, "_x", "_y")
    parts += [f"TRY_CAST({x} AS DECIMAL(9,6)) AS _lon", f"TRY_CAST({y} AS DECIMAL(9,6)) AS _lat"]
    return f"SELECT {', '.join(parts)} FROM ({walls})"


def _absent(table: Table, name: str) -> list[str]:
    """The stored columns of one that the source does not give, as NULL."""
    is_time = table.columns[name].type == "event_time"
    named = [f"{name}_{part}" for part in TIME_PARTS] if is_time else [name]
    return [f"CAST(NULL AS {_duck(table.stored[one])}) AS {quoted(one)}" for one in named]


def _failed(text: str, name: str, typed: str) -> list[str]:
    """Text that was there and could not be read as its type, for expressions over one field without a choice."""
    used = columns_of(text) - set(CONTEXT_TYPES)
    lowered = text.lower()
    if len(used) != 1 or any(word in lowered for word in ("case", "if(", "if (", "nullif", "regexp_extract")):
        return []
    return [f"({quoted(next(iter(used)))} IS NOT NULL AND ({typed}) IS NULL) AS {quoted('f_' + name)}"]


def _judged(source: Source, table: Table, into: Into, rules: Sequence[RowRule], context: Context, typed: str) -> str:
    """Rules applied: `_broken` lists what rejects, `_flags` what voids or flags; voided fields are NULL."""
    is_point = _has_point(into)
    filled = {"lon_deg": "_lon", "lat_deg": "_lat"} if is_point else {}
    given = [name for name in table.columns if name in into.columns and name not in filled]
    failed = [name for name in given if _failed(into.columns[name], name, "x")]
    flags = [(f"type:{name}", quoted("f_" + name)) for name in failed]
    flags += [(rule.id, _breaks(rule)) for rule in rules if rule.action != "reject"]
    rejects = [(rule.id, _breaks(rule)) for rule in rules if rule.action == "reject"]
    level = LEVELS.join(into.place.level) if into.place else ""
    return f"""
        SELECT {_voided(table, rules)}, _record, _unpivoted, _in, {_listed(rejects)} AS _broken,
            {_listed(flags)} AS _flags, place_reported,
            {literal(level or ("@point" if is_point else "city"))} AS place_level, _lon, _lat,
            {literal(source.name)} AS _source, {into.priority} AS _priority, {_day(table, context)} AS _day,
            {_identity(table)}
        FROM ({_tested(table, filled, failed, rules, typed)})"""


def _tested(
    table: Table, filled: Mapping[str, str], failed: Sequence[str], rules: Sequence[RowRule], typed: str
) -> str:
    """Every row of the query `typed` with a column for each rule: whether it breaks it."""
    stored = ", ".join(f"{filled.get(name, quoted(name))} AS {quoted(name)}" for name in table.stored)
    kept = [quoted("f_" + name) for name in failed]
    kept += ["_record", "_unpivoted", "_in", "place_reported", "_lon", "_lat"]
    kept += [*CONTEXT_TYPES, *(["_whole"] if table.key == "whole_record" else [])]
    types = {**table.stored, **CONTEXT_TYPES}
    tests = {_breaks(rule): rowsql.to_duckdb(rule.predicate, types) for rule in rules}
    tested = "".join(f", ({test}) IS FALSE AS {name}" for name, test in tests.items())
    return f"SELECT *{tested} FROM (SELECT {stored}, {', '.join(kept)} FROM ({typed}))"


def _voided(table: Table, rules: Sequence[RowRule]) -> str:
    """The stored columns, each NULL where a rule that voids it is broken."""
    void: dict[str, list[str]] = {}
    for rule in rules:
        if rule.action == "void" and rule.column:
            void.setdefault(rule.column, []).append(_breaks(rule))
    columns = [
        f"CASE WHEN {' OR '.join(void[name])} THEN NULL ELSE {quoted(name)} END AS {quoted(name)}"
        if name in void
        else quoted(name)
        for name in table.stored
    ]
    return ", ".join(columns)


def _breaks(rule: RowRule) -> str:
    return quoted("b:" + rule.id)


def _has_point(into: Into) -> bool:
    return into.place is not None and into.place.point is not None


def _identity(table: Table) -> str:
    """63 bits of a hash of what identifies a record: finds candidates, and the columns themselves decide.

    Where the whole record is the key, 126 bits of its MD5 decide.
    """
    if table.key == "whole_record":
        return "(md5_number_lower(_whole) >> 1)::BIGINT AS _key, (md5_number_upper(_whole) >> 1)::BIGINT AS _key_high"
    named = [quoted(name) for name in table.key_columns if name not in ("place_level", "place_id")]
    return f"({engine.hash_of(engine.row_text(named))} >> 1)::BIGINT AS _key"


def _day(table: Table, context: Context) -> str:
    if table.kind == "register":
        return literal(REGISTER)
    day = quoted(table.day_column)
    low = f"DATE '{context.delivered}' - {PLAUSIBLE_BACK_DAYS}"
    high = f"DATE '{context.delivered}' + {PLAUSIBLE_AHEAD_DAYS}"
    return f"CASE WHEN {day} BETWEEN {low} AND {high} THEN strftime({day}, '%Y-%m-%d') ELSE {literal(UNDATED)} END"


def _listed(tests: Sequence[tuple[str, str]]) -> str:
    """SQL for the comma-separated ids of the tests that are true; NULL when none is."""
    if not tests:
        return "NULL::VARCHAR"
    cases = ", ".join(f"CASE WHEN {sql} THEN {literal(name)} END" for name, sql in tests)
    return f"CASE WHEN {' OR '.join(sql for _, sql in tests)} THEN concat_ws(',', {cases}) END"


def _spark_type(duck: str) -> str:
    if duck.startswith("DECIMAL("):
        return duck.lower()
    return SPARK_TYPES.get(duck, "string")


def _duck(spark: str) -> str:
    return {"string": "VARCHAR", "int": "INTEGER"}.get(spark, spark.upper())
