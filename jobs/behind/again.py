"""Records read again from landing and made into terms: by the reader, mapping, rules, settlement and aggregates that
made them the first time, for these records only.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set

import duckdb
import pyarrow as pa

from jobs import fields, fused, ingest, mapping, scan, settle
from jobs.behind import contested, landed
from jobs.behind.traced import Records
from jobs.behind.vintage import Vintage
from jobs.core import engine
from jobs.core.engine import listed, quoted
from jobs.core.lake import arrow_schema
from jobs.ingest import ACCEPTED, CHUNK_ROWS
from schemas import City, Into
from schemas.expressions import columns as columns_of


def states(
    vintage: Vintage, key: str, records: Records, days: Sequence[str], back: Sequence[str], only: Set[str]
) -> pa.Table:
    """The states of `only` these terms of a table, from records on some days; `back` are days that last into them.

    Raises Unreadable, and Problem where the key of personal data is missing.
    """
    won = rows(vintage, key, records, [*days, *back])
    with engine.cursor(threads=2, memory="2GB") as connection:
        connection.register("won", won)
        connection.execute(f"CREATE TEMP VIEW rows AS SELECT * FROM won WHERE _day IN ({listed(days)})")
        connection.execute("CREATE TEMP VIEW with_back AS SELECT * FROM won")
        connection.register("spelled", scan.spelled(connection, vintage.city, key, vintage.places))
        return fused.merge([scan.terms_of_rows(connection, vintage.city, key, days, only)])


def rows(vintage: Vintage, key: str, records: Records, days: Sequence[str]) -> pa.Table:
    """The rows of silver that records make on some days, weighed against each other where they claim the same key."""
    found = claims(vintage, key, records)
    table = vintage.city.tables[key]
    schema = arrow_schema(settle.columns(vintage.city, table))
    with engine.cursor() as connection:
        _weighable(connection, vintage, key, found)
        settle.weigh(connection, vintage.city, table, vintage.places, days)
        return engine.table(connection, "SELECT * FROM won").select(schema.names).cast(schema)


def _weighable(connection: duckdb.DuckDBPyConnection, vintage: Vintage, key: str, found: pa.Table) -> None:
    """Make `claims`: of the deliveries that were weighed on the day of each."""
    settled = vintage.all_settled(key)
    pairs = [(day, delivery) for day in settled for delivery in settled[day].took_part]
    columns = [pa.array([pair[i] for pair in pairs], pa.string()) for i in range(2)]
    connection.register("weighed", pa.table(dict(zip(("_day", "_delivery_id"), columns, strict=True))))
    connection.register("found", found)
    contested.ranks(connection, vintage, sorted(vintage.ranks))
    connection.execute("""
        CREATE TEMP TABLE claims AS SELECT f.*, d._rank FROM found AS f JOIN deliveries AS d USING (_delivery_id)
        JOIN weighed AS w USING (_day, _delivery_id)""")


def claims(vintage: Vintage, key: str, records: Records) -> pa.Table:
    """What records say of a table: typed and judged, those that are rejected or out of scope left out."""
    schema = arrow_schema(mapping.claim_columns(vintage.city.tables[key]))
    parts = [schema.empty_table()]
    for delivery, chunks in _alike(vintage, key, records):
        parts.append(_judged(vintage.city, key, vintage.deliveries[delivery], chunks).select(schema.names).cast(schema))
    return pa.concat_tables(parts)


Chunk = tuple[str, pa.Table]
"""A delivery, and records of it."""


def _alike(vintage: Vintage, key: str, records: Records) -> Iterator[tuple[str, list[Chunk]]]:
    """Records of deliveries together that mean the same: of one source, with the same fields and the same context."""
    held: dict[tuple[object, ...], list[Chunk]] = defaultdict(list)
    for delivery, only in records.items():
        row = vintage.deliveries[delivery]
        source = vintage.city.sources[row["source"]]
        own = delivery if row["replays"] or _knows_its_file(source.into[key]) else None
        for chunk in landed.records(vintage.city, vintage.lake, row, only):
            alike = (source.name, row["delivered_date"], row["scope"], own, *fields.of(chunk))
            held[alike].append((delivery, chunk))
            if sum(len(one) for _, one in held[alike]) > CHUNK_ROWS:
                yield delivery, held.pop(alike)
    for chunks in held.values():
        yield chunks[0][0], chunks


def _knows_its_file(into: Into) -> bool:
    texts = [*into.columns.values(), into.where, into.place.id if into.place else None]
    texts += [into.place.point.lon, into.place.point.lat] if into.place and into.place.point else []
    return any("_file_name" in columns_of(text) for text in texts if text)


def _judged(city: City, key: str, delivery: Mapping[str, object], chunks: Sequence[Chunk]) -> pa.Table:
    """Their claims. While they are judged, records are numbered through: those of several files share numbers."""
    source = city.sources[str(delivery["source"])]
    together = pa.concat_tables([chunk for _, chunk in chunks])
    numbers = pa.array(range(len(together)), pa.int64())
    numbered = {
        "_number": numbers, "_record": together["_record"],
        "_delivery_id": pa.chunked_array([pa.repeat(pa.scalar(of), len(chunk)) for of, chunk in chunks], pa.string()),
    }  # fmt: skip
    together = together.set_column(together.column_names.index("_record"), "_record", numbers)
    named = [name for name in mapping.claim_columns(city.tables[key]) if name not in ("_delivery_id", "_record")]
    with engine.cursor() as connection:
        ingest.judge(connection, city, source, key, ingest.context_of(delivery), together)
        connection.register("numbered", pa.table(numbered))
        shown = ", ".join(f"j.{quoted(name)}" for name in named)
        sql = f"""
            SELECT {shown}, n._delivery_id, n._record FROM (SELECT * {ACCEPTED}) AS j
            JOIN numbered AS n ON n._number = j._record"""
        return engine.table(connection, sql)


def differences(
    connection: duckdb.DuckDBPyConnection, expected: str, found: str, keys: Sequence[str], names: Sequence[str]
) -> Iterator[dict[str, object]]:
    """Where two queries of states differ: the keys, the state's name, what was found and what was expected."""
    same = " AND ".join(f"e.{quoted(name)} IS NOT DISTINCT FROM f.{quoted(name)}" for name in keys)
    key = ", ".join(f"coalesce(e.{quoted(name)}, f.{quoted(name)})::VARCHAR AS {quoted(name)}" for name in keys)
    states = [", ".join(f"{name} := {at}.{quoted(name)}" for name in names) for at in ("e", "f")]
    rows = engine.table(connection, f"""
        SELECT {key}, struct_pack({states[0]}) AS expected, struct_pack({states[1]}) AS found
        FROM ({expected}) AS e FULL JOIN ({found}) AS f ON {same}
        WHERE struct_pack({states[0]}) IS DISTINCT FROM struct_pack({states[1]}) ORDER BY ALL""")  # fmt: skip
    for row in rows.to_pylist():
        sides = row.pop("expected"), row.pop("found")
        for name in names:
            if sides[0][name] != sides[1][name]:
                yield {**row, "state": name, "expected": sides[0][name], "found": sides[1][name]}
