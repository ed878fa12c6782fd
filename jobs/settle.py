"""Conflicts between claims settled: the winners of some days, placed and dated, as silver files."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import duckdb
import pyarrow as pa

from jobs import placing
from jobs.core import engine
from jobs.core.engine import literal, quoted
from jobs.core.lake import FileWriter, Lake, Written
from schemas import City, Table, load_city
from schemas.table import TECHNICAL

BATCH_ROWS = 250_000
KEPT_ROWS = 200_000
"""Claims of a slice that are read once; more are read again for each question, which keeps memory bounded."""
KEYS = 1 << 63


@dataclass(frozen=True)
class Slice:
    """One task: some days of a table, or one hash bucket of a big day."""

    root: str
    city: str
    table: str
    days: tuple[str, ...]
    bucket: int
    buckets: int
    files: tuple[str, ...]
    moving: tuple[str, ...]
    """Files of claims that may date the same keys on other days."""
    deliveries: tuple[tuple[str, str, int], ...]
    """(delivery, day, order) of the claims that count: among those on one key the highest order wins."""
    rows: int
    new: tuple[str, ...] = ()
    """Columns that were added to the contract: older claims do not have them."""


@dataclass
class Settled:
    """What a slice gave."""

    table: str
    files: list[Written] = field(default_factory=list)
    days: dict[str, tuple[int, int]] = field(default_factory=dict)
    parts: dict[tuple[str, str, str, str], int] = field(default_factory=dict)
    """Rows by day, delivery, part and reason."""


def columns(city: City, table: Table) -> dict[str, str]:
    """Columns and Spark types of `silver/<table>`."""
    ends = {"valid_to": "date"} if table.kind == "register" else {}
    others = dict.fromkeys(placing.other_levels(city), "string")
    return {"_day": "string", **table.stored, **ends, **TECHNICAL, **others}


def settle(one: Slice) -> Settled:
    """Winners of a slice, placed, as silver files. Runs in a Spark task."""
    city, lake = load_city(one.city), Lake(one.root, one.city)
    table = city.tables[one.table]
    out = Settled(one.table)
    if not one.files:
        return out
    with engine.cursor() as connection:
        _claims(connection, one)
        weigh(connection, city, table, placing.load(city, lake), one.days if one.moving else ())
        _count(connection, out)
        _write(connection, city, lake, table, out)
    return out


def weigh(
    connection: duckdb.DuckDBPyConnection, city: City, table: Table, places: placing.Places, days: Sequence[str]
) -> None:
    """Make `settled`, and `won`: the rows of silver, from the relation `claims` (with the `_rank` of each delivery).

    Only claims on `days` are settled, where some of other days are there to compete with them; else all.
    """
    _winners(connection, table, placing.placer(connection, city, places, "claims"), days)
    stored = columns(city, table)
    named = [_valid_to(table) if name == "valid_to" and table.kind == "register" else quoted(name) for name in stored]
    connection.execute(f"CREATE TEMP VIEW won AS SELECT {', '.join(named)} FROM settled WHERE _part = 'accepted'")


def _claims(connection: duckdb.DuckDBPyConnection, one: Slice) -> None:
    """`claims`: what the deliveries that count say of the slice, each with its order."""
    names = (("_delivery_id", pa.string()), ("_day", pa.string()), ("_rank", pa.int64()))
    counting = [pa.array([row[at] for row in one.deliveries], kind) for at, (_, kind) in enumerate(names)]
    connection.register("deliveries", pa.table(dict(zip([name for name, _ in names], counting, strict=True))))
    days = ", ".join(literal(day) for day in one.days)
    wide = KEYS // one.buckets
    bucket = f"AND c._key BETWEEN {one.bucket * wide} AND {(one.bucket + 1) * wide - 1}" if one.buckets > 1 else ""
    read = f"{_read(one.files, one.new)} WHERE c._day IN ({days}) {bucket}"
    is_kept = one.new or one.moving or one.rows <= KEPT_ROWS
    connection.execute(f"CREATE TEMP {'TABLE' if is_kept else 'VIEW'} claims AS {read}")
    there = {row[0] for row in connection.execute("DESCRIBE claims").fetchall()} if one.new else set()
    for name in (name for name in one.new if name not in there):
        kind = engine.sql_type(load_city(one.city).tables[one.table].stored[name])
        connection.execute(f"ALTER TABLE claims ADD COLUMN {quoted(name)} {kind}")
    if one.moving:
        connection.execute(f"""
            INSERT INTO claims BY NAME {_read(one.moving, one.new)}
            WHERE c._day NOT IN ({days}) AND c._key IN (SELECT _key FROM claims)""")


def _read(paths: Sequence[str], new: Sequence[str]) -> str:
    """Claims in files; where some lack columns, all files are asked which they have (2 ms each)."""
    listed = ", ".join(literal(path) for path in paths)
    ways = "hive_partitioning=true, hive_types={'_delivery_id': VARCHAR}" + (", union_by_name=true" if new else "")
    return f"""
        SELECT c.*, d._rank FROM read_parquet([{listed}], {ways}) AS c
        JOIN deliveries AS d USING (_delivery_id, _day)"""


def _winners(
    connection: duckdb.DuckDBPyConnection, table: Table, placed: Callable[[str], str], days: Sequence[str]
) -> None:
    """`settled`: every claim with its part: accepted, duplicate (the winner says the same) or superseded, and why.

    It yields to a source of higher priority, to another record of its own delivery, to the delivery that said it first
    (where deliveries only add), or to one that restates it, on the same day or on another. Only claims on `days` are
    settled, where some of other days are there to compete with them.
    """
    mine = f"WHERE _day IN ({', '.join(literal(day) for day in days)})" if days else ""
    key = ["_key", "_key_high"] if table.key == "whole_record" else list(table.key_columns)
    if table.kind == "register" and table.day_column not in key:
        key.append(table.day_column)
    named = ", ".join(quoted(name) for name in key)
    text = engine.row_text([quoted(name) for name in [*table.stored, "place_level", "place_id"]])
    order = "_priority DESC, _rank DESC, CASE WHEN _rank < 0 THEN -_record ELSE _record END DESC, _delivery_id"
    connection.execute(f"""
        CREATE TEMP TABLE hits AS SELECT _key FROM claims GROUP BY _key HAVING count(*) > 1;
        CREATE TEMP TABLE contested AS
        SELECT * EXCLUDE (_position, _said, _won),
            CASE WHEN _position = 1 THEN 'accepted' WHEN _said = _won._said THEN 'duplicate' ELSE 'superseded' END
                AS _part,
            CASE WHEN _position = 1 THEN '' WHEN _priority < _won._priority THEN 'priority'
                WHEN _delivery_id = _won._delivery_id THEN 'same_delivery' WHEN _rank < 0 THEN 'said_before'
                WHEN _day <> _won._day THEN 'moved' ELSE 'restated' END AS _reason
        FROM (
            SELECT *, row_number() OVER w AS _position,
                first_value({{'_said': _said, '_priority': _priority, '_delivery_id': _delivery_id, '_day': _day}})
                    OVER w AS _won
            FROM (
                SELECT *, {text} AS _said FROM ({placed("(SELECT * FROM claims WHERE _key IN (FROM hits))")}))
            WINDOW w AS (PARTITION BY {named} ORDER BY {order})) {mine};
        CREATE TEMP VIEW settled AS
        SELECT *, 'accepted' AS _part, '' AS _reason
        FROM ({placed("(SELECT * FROM claims WHERE NOT EXISTS (SELECT 1 FROM hits WHERE hits._key = claims._key))")})
        UNION ALL SELECT * FROM contested""")


def _count(connection: duckdb.DuckDBPyConnection, out: Settled) -> None:
    rows = connection.sql("SELECT _day, _delivery_id, _part, _reason, count(*) FROM settled GROUP BY ALL").fetchall()
    out.parts = {(day, delivery, part, reason): count for day, delivery, part, reason, count in rows}


def _write(connection: duckdb.DuckDBPyConnection, city: City, lake: Lake, table: Table, out: Settled) -> None:
    """A file for each day's winners, with the day's rows and digest; the winners pass once, some at a time."""
    stored = columns(city, table)
    digest = engine.row_digest(engine.row_text([quoted(name) for name in content(stored)]))
    writers: dict[str, FileWriter] = {}
    sums: Counter[str] = Counter()
    for batch in connection.sql(f"SELECT *, {digest} AS _digest FROM won").to_arrow_reader(BATCH_ROWS):
        for day, rows in _by_day(pa.table(batch)):
            if day not in writers:
                writers[day] = FileWriter(lake.folder(out.table), stored, {"_day": day})
            writers[day].write(rows)
            sums[day] += engine.total(rows["_digest"])
    for day, writer in sorted(writers.items()):
        out.files.append(writer.close())
        out.days[day] = (writer.rows, sums[day])


def _by_day(rows: pa.Table) -> Iterator[tuple[str, pa.Table]]:
    days = sorted(rows["_day"].unique().to_pylist())
    if len(days) < 2:
        yield from ((day, rows) for day in days)
        return
    for day in days:
        yield day, rows.filter(pa.compute.equal(rows["_day"], day))


def _valid_to(table: Table) -> str:
    """A register's row holds until the next version of the same key; without versions it holds for good."""
    day = quoted(table.day_column)
    if table.day_column in table.key_columns:
        return "NULL::DATE AS valid_to"
    key = ", ".join(quoted(name) for name in table.key_columns)
    return f"lead({day}) OVER (PARTITION BY {key} ORDER BY {day}) AS valid_to"


def content(stored: Mapping[str, str]) -> list[str]:
    """The columns a row's digest covers: what it says, not which delivery said it."""
    return [name for name in stored if name not in ("_delivery_id", "_record")]
