"""Fused as analysts read it: one row a place and hour, a place and day, an entity and day; one column a term's state.

Made from `fused.terms` for the days the night touched, one commit a table. Lists stay in `fused.terms`.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from jobs import states, terms
from jobs.core import cost, engine
from jobs.core.engine import literal
from jobs.core.lake import Lake, Layout, arrow_schema
from schemas import City, Table
from schemas.declared import Words

SHOWN = ("n", "total", "low", "high", "last", "first", "squares", "weighted", "weight")
LONGEST = 60
PLACE = {"level": "string", "place_id": "string"}
KEYS = {
    "fused.place_hours": {"_day": "string", "hour": "timestamp", **PLACE},
    "fused.place_days": {"_day": "string", **PLACE},
    "fused.entity_days": {"_day": "string", "entity": "string", "entity_id": "string", **PLACE},
}
ROWS = {
    "fused.place_hours": "entity IS NULL AND hour IS NOT NULL",
    "fused.place_days": "entity IS NULL",
    "fused.entity_days": f"entity IS NOT NULL AND NOT starts_with(term, {literal(terms.SLOTS)})",
}


@dataclass(frozen=True)
class Wide:
    """One column: a state of an aggregate, under a name a person can read."""

    name: str
    table: str
    term: str
    state: str
    comment: str


def write(city: City, lake: Lake, days: Sequence[str]) -> None:
    """Put the days of the three tables in the place of what they said."""
    if not days:
        return
    counted = pc.field("day").isin([date.fromisoformat(day) for day in days])
    if not any(terms.redated(city, key) for key in city.tables):
        counted = pc.field("_day").isin(list(days)) & pc.field("day").is_valid()
    plain = [name for name in lake.delta("fused.terms").schema().to_arrow().names if name not in _LISTS]
    rows = lake.arrow_where("fused.terms", counted, plain)
    with engine.cursor(threads=2, memory="2GB") as connection:
        connection.register("terms", rows)
        for key in KEYS:
            shown = columns_of(city, key)
            if not shown:
                continue
            made = layout(key, shown)
            with cost.driving(key):
                table = _pivoted(connection, key, shown).cast(arrow_schema(made.columns))
                if table.num_rows or lake.exists(key):
                    lake.put(key, made, table, days)


def layout(key: str, shown: Sequence[Wide]) -> Layout:
    """How one of the tables is laid out."""
    states_ = {one.name: states.TYPES[one.state] for one in shown}
    return Layout(KEYS[key] | states_, ("_day",), comments={one.name: one.comment for one in shown})


def columns_of(city: City, key: str) -> list[Wide]:
    """The columns of one of the tables beside its key."""
    return columns(city, by_entity=key == "fused.entity_days", hourly=key == "fused.place_hours")


_LISTS = {name for name, kind in states.TYPES.items() if kind.startswith("array")}


def _pivoted(connection: duckdb.DuckDBPyConnection, key: str, shown: Sequence[Wide]) -> pa.Table:
    """One row a key. The engine gives each key and term one row; Arrow lays a term's rows where their keys stand."""
    keys = ["day::VARCHAR AS _day", *(name for name in KEYS[key] if name != "_day")]
    named, states_ = ", ".join(KEYS[key]), sorted({one.state for one in shown})
    merged = ", ".join(f"{states.MERGED[name]} AS {name}" for name in states_)
    codes = {term: code for code, term in enumerate(sorted({one.term for one in shown}))}
    coded = {"term": pa.array(list(codes), pa.string()), "code": pa.array(list(codes.values()), pa.int32())}
    connection.register("codes", pa.table(coded))
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE slim AS
        SELECT {", ".join(keys)}, code, {merged} FROM terms JOIN codes USING (term)
        WHERE {ROWS[key]} GROUP BY ALL;
        CREATE OR REPLACE TEMP TABLE keyed AS
        SELECT *, row_number() OVER (ORDER BY {named}) - 1 AS _row FROM (SELECT DISTINCT {named} FROM slim)""")
    rows = engine.table(connection, f"SELECT {named} FROM keyed ORDER BY _row")
    same = " AND ".join(f"k.{name} IS NOT DISTINCT FROM s.{name}" for name in KEYS[key])
    listed = engine.table(connection, f"""
        SELECT code, _row, {", ".join(states_)} FROM slim AS s JOIN keyed AS k ON {same}
        ORDER BY code, _row""").combine_chunks()  # fmt: skip
    starts = np.searchsorted(listed["code"].to_numpy(), np.arange(len(codes) + 1))
    spans = {term: listed.slice(starts[code], starts[code + 1] - starts[code]) for term, code in codes.items()}
    places = {term: _places(span["_row"].to_numpy(), len(rows)) for term, span in spans.items()}
    columns_ = {one.name: spans[one.term][one.state].take(places[one.term]) for one in shown}
    return pa.table(dict(zip(rows.column_names, rows.columns, strict=True)) | columns_)


def _places(rows: npt.NDArray[np.int64], height: int) -> pa.Array:
    """Which of a term's records stands in each row, where one does."""
    at = np.full(height, -1, np.int64)
    at[rows] = np.arange(len(rows))
    return pa.array(at, mask=at < 0)


def columns(city: City, *, by_entity: bool, hourly: bool) -> list[Wide]:
    """The columns of a table, in the order of the silver tables and their aggregates."""
    out = []
    for key, table in city.tables.items():
        if table.kind == "register":
            continue
        hours = terms.hourly(city, key)
        for grid, aggregates in terms.of_table(city, key).items():
            if (grid.entity is not None) == by_entity and (not hourly or grid in hours):
                out += [
                    Wide(f"{_name(one)}_{state}", key, one.id, state, _comment(table, one, state))
                    for one in aggregates
                    for state in ("n", *one.state)
                    if state in SHOWN
                ]
    unique = {(one.term, one.state): one for one in out}.values()
    doubled = {name for name, count in Counter(one.name for one in unique).items() if count > 1}
    return [replace(o, name=f"{o.name}_{_mark(o.term)}") if o.name in doubled else o for o in unique]


def _name(one: terms.Aggregate) -> str:
    """`taxi_trips`, `air_quality_concentration_ugm3_where_pollutant_pm2_5` …; a long one is cut and marked."""
    text = re.sub(r"[^a-z0-9]+", "_", one.id.removeprefix("silver.").lower()).strip("_")
    return text if len(text) <= LONGEST else f"{text[:LONGEST].rstrip('_')}_{_mark(one.id)}"


def _mark(term: str) -> str:
    return hashlib.sha256(term.encode()).hexdigest()[:6]


def _comment(table: Table, one: terms.Aggregate, state: str) -> str:
    zh, en = states.WORDS[state].split(" | ")
    return Words(zh=f"{zh}：{one.id}", en=f"{en}: {one.id}").comment(_unit(table, one, state))


def _unit(table: Table, one: terms.Aggregate, state: str) -> str | None:
    """The unit of a state's number, of what the contract says of its columns."""
    of, weight = (table.units.get(name or "") for name in (one.of, one.weight))
    if state == "n":
        return table.records
    if one.lasts and state in ("weighted", "weight"):
        return "s"
    units = {"squares": of and f"({of})**2", "weighted": of and weight and f"{of}*{weight}", "weight": weight}
    return units.get(state, of)


__all__ = ["KEYS", "Wide", "columns", "write"]
