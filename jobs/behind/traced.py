"""The rows of silver behind a term: which count, and of those at the same places and times that do not, why.

A row is taken by the very SQL that puts it on the grid when terms are made (jobs/scan.py). Nothing is kept about rows
but their delivery and record, so all of this is found when it is asked.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from jobs import scan
from jobs.behind.taken import Taken
from jobs.behind.takes import Take
from jobs.core import engine
from jobs.core.engine import listed, literal, quoted
from jobs.core.lake import arrow_schema
from jobs.settle import columns
from jobs.shared import rowsql
from jobs.terms import Aggregate
from quality.predicates import row_rules
from schemas import City, Table
from schemas.expressions import columns as columns_of

Numbers = npt.NDArray[np.int64]
Records = Mapping[str, Numbers]
"""Records by delivery, in ascending order."""
KEPT = 30_000_000
"""Rows of the days asked for, beyond which those that stand there are not kept."""
USED = ""
CONDITION, UNKNOWN, EMPTY = "condition", "condition_unknown", "empty"
"""Why a row is not used: it does not meet the term's condition, nobody knows whether, or the column says nothing."""
VOIDED = "voided: "
"""… because a rule took the value out; the rules follow."""


def rows(taken: Taken, take: Take, source: str = "rows", *, any_time: bool = False) -> str:
    """SQL: the rows of `source` (a relation of silver rows) that stand where a take looks, with `_why` of each; at
    `any_time` wherever it looks on any day. The relation `spelled` says what places are called.
    """
    table = take.table
    where = scan.standing(table, take.grid, hourly=take.number in taken.by_hour)
    dated = scan.dated(table, take.grid, source)
    beside = [] if take.grid.place or take.is_register else scan.points(taken.made.city, table, where)
    others = {at["level"] for at, _ in beside}
    levels = {literal(level) for level in taken.levels(take)}
    parts = [(where, "true")] if take.by_entity or not levels or levels - others else []
    parts += [(at, by_point) for at, by_point in beside if at["level"] in levels]
    on_grid = " UNION ALL ".join(_on_grid(dated, take, at, condition) for at, condition in parts)
    why = _why(taken.made.vintage.city, table, take.aggregate)
    return f"SELECT r.*, {why} AS _why FROM ({on_grid}) AS r WHERE {taken.standing(take, 'r._g_', any_time=any_time)}"


def _on_grid(source: str, take: Take, where: Mapping[str, str], condition: str) -> str:
    at = {name: where[name] for name in ("day", "hour", "level", "place_id", "entity_id")}
    if take.is_register:
        at |= {"valid_from": quoted(take.table.day_column), "valid_to": "valid_to"}
    named = ", ".join(f"{sql} AS _g_{name}" for name, sql in at.items())
    return f"SELECT *, {named} FROM {source} WHERE {condition}"


def _why(city: City, table: Table, one: Aggregate) -> str:
    """SQL: whether a row counts for an aggregate (USED), and if not, why."""
    cases = []
    if one.where and one.lasts is None:
        meets = f"({rowsql.to_duckdb(one.where, dict(table.stored))})"
        cases += [f"WHEN {meets} IS FALSE THEN '{CONDITION}'"]
        cases += [f"WHEN {meets} IS NULL THEN {_voided(city, table, sorted(columns_of(one.where)), UNKNOWN)}"]
    for name in (one.of, one.weight, one.lasts):
        if name:
            cases += [f"WHEN {quoted(name)} IS NULL THEN {_voided(city, table, [name], EMPTY)}"]
    return f"CASE {' '.join(cases)} ELSE '{USED}' END" if cases else f"'{USED}'"


def _voided(city: City, table: Table, names: Sequence[str], otherwise: str) -> str:
    """SQL: which rules took a value out of one of the columns, if any did."""
    rules = [rule for rule in row_rules(table, city.rules.get(table.key_id)) if rule.action == "void"]
    ids = [f"type:{name}" for name in names] + [rule.id for rule in rules if rule.column in names]
    broken = f"list_filter(string_split(_flags, ','), lambda f: f IN ({listed(ids)}))"
    return f"CASE WHEN len({broken}) > 0 THEN '{VOIDED}' || array_to_string({broken}, ', ') ELSE '{otherwise}' END"


def relation(
    connection: duckdb.DuckDBPyConnection, taken: Taken, take: Take, days: Sequence[str], name: str = "rows"
) -> None:
    """Make the view `name` of the table's silver rows on some days, and `spelled` for them."""
    vintage, key = taken.made.vintage, take.table.key_id
    layout = columns(vintage.city, take.table)
    connection.register("no_rows", arrow_schema(layout).empty_table())
    read = vintage.lake.read(key, "_day", days) if vintage.lake.exists(key) else None
    there = f" UNION ALL BY NAME SELECT * FROM {read}" if read else ""
    connection.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS SELECT * FROM no_rows{there}")
    if name == "rows":
        connection.register("spelled", scan.spelled(connection, vintage.city, key, vintage.places))


def stood(taken: Taken, take: Take, days: Sequence[str]) -> str:
    """The relation of the rows that stand where a take looks: `_delivery_id`, `_record`, `reporter`, `why` they do not
    count. A day is read once, whoever asks; days of too many rows to keep are read each time.
    """
    name, reporters = f"stood_{take.number}", take.table.reporters
    if taken.stood.get(take.number) == list(days):
        return name
    relation(taken.made.connection, taken, take, days)
    by = f"{quoted(reporters.column)}::VARCHAR" if reporters else "NULL::VARCHAR"
    sql = f"SELECT _delivery_id, _record, {by} AS reporter, _why AS why FROM ({rows(taken, take)})"
    if sum(file["rows"] for file in taken.made.vintage.lake.files(take.table.key_id, "_day", days)) > KEPT:
        return f"({sql})"
    taken.made.connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {sql}")
    taken.stood[take.number] = list(days)
    return name


def counted(taken: Taken, take: Take, days: Sequence[str]) -> list[dict[str, Any]]:
    """How many of those rows count and do not: by delivery, reporter and why."""
    sql = f"SELECT _delivery_id, reporter, why, count(*) AS records FROM {stood(taken, take, days)} GROUP BY ALL"
    found: list[dict[str, Any]] = engine.table(taken.made.connection, f"{sql} ORDER BY ALL").to_pylist()
    return found


def records(connection: duckdb.DuckDBPyConnection, found: str) -> Records:
    """The records of a query of `rows`, by delivery, in ascending order."""
    return by_delivery(engine.table(connection, f"SELECT DISTINCT _delivery_id, _record FROM ({found}) ORDER BY ALL"))


def by_delivery(rows: pa.Table) -> Records:
    """Records (`_delivery_id`, `_record`, in this order) by delivery."""
    named = rows["_delivery_id"].combine_chunks().dictionary_encode()
    numbers = rows["_record"].to_numpy()
    which = named.indices.to_numpy()
    return {delivery: numbers[which == at] for at, delivery in enumerate(named.dictionary.to_pylist())}


def together(parts: Iterable[Records]) -> Records:
    """Records of several queries, each once."""
    out: dict[str, list[Numbers]] = {}
    for delivery, numbers in (pair for one in parts for pair in one.items()):
        out.setdefault(delivery, []).append(numbers)
    return {delivery: np.unique(np.concatenate(found)) for delivery, found in sorted(out.items())}


def neighbours(connection: duckdb.DuckDBPyConnection, taken: Taken, take: Take) -> Records:
    """The records in `with_back` of the entities whose time a share of time takes: one lasts until their next.

    An entity is any that stood where the take looks, on its days or on those before.
    """
    entity = quoted(take.aggregate.lasts or "")
    stood = rows(taken, take, "with_back", any_time=True)
    return records(connection, f"SELECT * FROM with_back WHERE {entity} IN (SELECT {entity} FROM ({stood}))")
