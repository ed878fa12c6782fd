"""Claims that did not come to be rows: which, and why, of the days of a table; and the rivals of records.

Found from claims by the functions that settle a day (jobs/settle.py), among the deliveries that were weighed when the
day was made.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import duckdb
import pyarrow as pa

from jobs import mapping, moves, placing, settle
from jobs.behind import traced
from jobs.behind.traced import Records
from jobs.behind.vintage import Settled, Vintage
from jobs.core import engine
from jobs.core.engine import literal, parquet, quoted
from jobs.core.lake import arrow_schema
from schemas import Table

Found = TypeVar("Found")
MOST, MOST_DAYS = 300_000, 31
"""Lost claims of a day, and days of a term, beyond which they are counted, and not looked at one by one."""
KEPT, READ = 3_000_000, 30_000_000
"""Lost claims, and claims on keys that are claimed more than once, that a process keeps for whoever asks again;
and claims beyond which none of these are looked for."""


@dataclass(frozen=True)
class Lost:
    """The lost claims of a day: as rows of silver with `_part` and `_reason`; of too many only how many."""

    rows: pa.Table
    counts: Mapping[tuple[str, str], int]


def of_day(vintage: Vintage, key: str, day: str) -> Lost:
    """The claims on a day of a table that are no rows. Looked for once."""
    return _kept(vintage, ("lost", key, day), lambda: _of_day(vintage, key, day), lambda one: one.rows.num_rows)


def _kept(vintage: Vintage, asked: tuple[Any, ...], find: Callable[[], Found], size: Callable[[Found], int]) -> Found:
    """What was found when it was asked first; of each kind (`asked[0]`) no more rows are kept than KEPT."""
    kept: dict[tuple[Any, ...], Found] = vintage.once(asked[0], dict)
    if asked not in kept:
        kept[asked] = find()
        while len(kept) > 1 and sum(map(size, kept.values())) > KEPT:
            kept.pop(next(iter(kept)))
    return kept[asked]


def counts(vintage: Vintage, key: str, day: str) -> dict[tuple[str, str], int]:
    """How many claims on a day of a table are no rows, by part and reason."""
    settled = vintage.settled(key, day)
    out = dict(settled.lost)
    for part, rows in settled.others.values():
        out[part] = out.get(part, 0) + rows
    return out


def rivals(vintage: Vintage, key: str, days: Sequence[str], records: Records) -> Records:
    """The records that claim the same keys as some records of these days: rivals that lost, on any day where a key does
    not hold the date, and of a register the other versions.
    """
    table = vintage.city.tables[key]
    near = vintage.all_settled(key) if moves.can_move(table) else {day: vintage.settled(key, day) for day in days}
    if table.kind != "register" and not any(one.lost for one in near.values()):
        return {}
    weighed = sorted(set().union(*(one.took_part for one in near.values())))
    of = None if moves.can_move(table) else tuple(days)
    twice = _twice(vintage, key, tuple(weighed), of)
    with engine.cursor(threads=2, memory="2GB") as connection:
        connection.register("mine", _listed(records))
        if twice is not None:
            connection.register("twice", twice)
            read = "twice"
        else:
            read = _claims(connection, vintage, key, weighed, of)
        connection.execute(f"""
            CREATE TEMP TABLE keys AS SELECT DISTINCT c._key FROM {read} AS c
            WHERE EXISTS (FROM mine AS m WHERE m._delivery_id = c._delivery_id AND m._record = c._record)""")
        return traced.records(connection, f"SELECT * FROM {read} WHERE _key IN (SELECT _key FROM keys)")


def _twice(
    vintage: Vintage, key: str, deliveries: tuple[str, ...], days: tuple[str, ...] | None
) -> pa.Table | None:  # fmt: skip
    """The claims whose keys are claimed more than once: `_key`, `_delivery_id`, `_record`. None of too many to keep.

    They are few of many: whoever asks again need not read all.
    """
    asked = ("twice", key, deliveries, days)
    return _kept(
        vintage, asked, lambda: _claimed_twice(vintage, key, deliveries, days), lambda one: one.num_rows if one else 0
    )


def _claimed_twice(
    vintage: Vintage, key: str, deliveries: Sequence[str], days: Sequence[str] | None
) -> pa.Table | None:  # fmt: skip
    files = vintage.lake.files(f"claims.{vintage.city.tables[key].name}", "_delivery_id", deliveries)
    if sum(file["rows"] for file in files if days is None or moves.may_hold(file, days)) > READ:
        return None
    with engine.cursor(threads=2, memory="2GB") as connection:
        read = _claims(connection, vintage, key, deliveries, days)
        connection.execute(f"""
            CREATE TEMP TABLE twice AS SELECT _key, _delivery_id, _record FROM {read}
            WHERE _key IN (SELECT _key FROM {read} GROUP BY _key HAVING count(*) > 1) LIMIT {KEPT + 1}""")
        many = connection.sql("SELECT count(*) FROM twice").fetchall()[0][0]
        return engine.table(connection, "SELECT * FROM twice ORDER BY ALL") if many <= KEPT else None


def _listed(records: Records) -> pa.Table:
    """Records as a relation."""
    ids = [pa.repeat(pa.scalar(delivery), len(numbers)) for delivery, numbers in records.items()]
    numbers = [pa.array(found, pa.int64()) for found in records.values()]
    columns = {"_delivery_id": (ids, pa.string()), "_record": (numbers, pa.int64())}
    return pa.table({name: pa.chunked_array(*column) for name, column in columns.items()})


def _of_day(vintage: Vintage, key: str, day: str) -> Lost:
    table, settled = vintage.city.tables[key], vintage.settled(key, day)
    nothing, told = _schema(vintage, table).empty_table(), counts(vintage, key, day)
    if not 0 < sum(told.values()) <= MOST:
        return Lost(nothing, told)
    parts = [nothing]
    if settled.lost:
        weighed = _weighed(vintage, table, day, settled, wide=False)
        if weighed.num_rows < sum(settled.lost.values()) and moves.can_move(table):
            weighed = _weighed(vintage, table, day, settled, wide=True)
        parts.append(weighed)
    if settled.others:
        parts.append(_beside(vintage, table, day, settled))
    return Lost(pa.concat_tables(parts), told)


def _weighed(vintage: Vintage, table: Table, day: str, settled: Settled, *, wide: bool) -> pa.Table:
    """Those that were weighed against a winner: of the same day, or (`wide`) of any."""
    key = table.key_id
    with engine.cursor() as connection:
        read = among = _claims(connection, vintage, key, sorted(settled.took_part), [day])
        deliveries = settled.took_part
        if wide:
            deliveries = frozenset().union(*(one.took_part for one in vintage.all_settled(key).values()))
            among = _claims(connection, vintage, key, sorted(deliveries), None)
        ranks(connection, vintage, sorted(deliveries))
        many = "" if wide else "GROUP BY _key HAVING count(*) > 1"
        connection.execute(f"""
            CREATE TEMP TABLE keys AS
            SELECT DISTINCT _key FROM (SELECT _key FROM {read} WHERE _day = {literal(day)} {many});
            CREATE TEMP TABLE claims AS SELECT c.*, d._rank FROM {among} AS c JOIN deliveries AS d USING (_delivery_id)
            WHERE _key IN (SELECT _key FROM keys) AND ({"true" if wide else f"_day = {literal(day)}"})""")
        settle.weigh(connection, vintage.city, table, vintage.places, [day] if wide else [])
        return _shown(connection, vintage, table, f"settled WHERE _part <> 'accepted' AND _day = {literal(day)}")


def _beside(vintage: Vintage, table: Table, day: str, settled: Settled) -> pa.Table:
    """Those of deliveries that say what was said before, or that a later snapshot replaced."""
    with engine.cursor() as connection:
        read = _claims(connection, vintage, table.key_id, sorted(settled.others), [day])
        connection.execute(f"CREATE TEMP TABLE claims AS SELECT * FROM {read} WHERE _day = {literal(day)}")
        placed = placing.placer(connection, vintage.city, vintage.places, "claims")("claims")
        said = [(delivery, *part) for delivery, (part, _) in sorted(settled.others.items())]
        columns = [pa.array([row[i] for row in said], pa.string()) for i in range(3)]
        connection.register("said", pa.table(dict(zip(("_delivery_id", "_part", "_reason"), columns, strict=True))))
        return _shown(connection, vintage, table, f"({placed}) JOIN said USING (_delivery_id)")


def ranks(connection: duckdb.DuckDBPyConnection, vintage: Vintage, deliveries: Sequence[str]) -> None:
    """Make `deliveries`: some of them with their ranks."""
    known = [delivery for delivery in deliveries if delivery in vintage.ranks]
    numbers = pa.array([vintage.ranks[delivery] for delivery in known], pa.int64())
    connection.register("deliveries", pa.table({"_delivery_id": pa.array(known, pa.string()), "_rank": numbers}))


def _claims(
    connection: duckdb.DuckDBPyConnection, vintage: Vintage, key: str, deliveries: Sequence[str],
    days: Sequence[str] | None,
) -> str:  # fmt: skip
    """SQL that reads claims of deliveries, of files that may hold one of the days; a column they lack is NULL."""
    table = vintage.city.tables[key]
    name = f"claims.{table.name}"
    connection.register("no_claims", arrow_schema(mapping.claim_columns(table)).empty_table())
    files = vintage.lake.files(name, "_delivery_id", deliveries)
    paths = [file["path"] for file in files if days is None or moves.may_hold(file, days)]
    there = f" UNION ALL BY NAME SELECT * FROM {parquet(paths, ['_delivery_id'])}" if paths else ""
    return f"(SELECT * FROM no_claims{there})"


def _schema(vintage: Vintage, table: Table) -> pa.Schema:
    return arrow_schema(settle.columns(vintage.city, table) | {"_part": "string", "_reason": "string"})


def _shown(connection: duckdb.DuckDBPyConnection, vintage: Vintage, table: Table, source: str) -> pa.Table:
    """Claims as rows of silver would be; one that lost holds from its day on."""
    schema = _schema(vintage, table)
    named = ", ".join("NULL::DATE AS valid_to" if name == "valid_to" else quoted(name) for name in schema.names)
    return engine.table(connection, f"SELECT {named} FROM {source}").select(schema.names).cast(schema)
