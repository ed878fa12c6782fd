"""The row engine: DuckDB over Arrow, one thread and bounded memory per Spark task."""

import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache

import duckdb
import numpy as np
import pyarrow as pa
from duckdb.func import FunctionNullHandling, PythonUDFType

THREADS, MEMORY = 1, "900MB"
FIELD = re.compile(r"(\w+):(\w+(?:\([\d,]+\))?)")
"""A field of a Spark struct type, and its type."""
ARROW, WITH_NULLS = PythonUDFType.ARROW, FunctionNullHandling.SPECIAL


def connect(threads: int = THREADS, memory: str = MEMORY) -> duckdb.DuckDBPyConnection:
    """A private engine: settings, functions and tables are its own. UTC and a fixed order, so that two machines give
    the same rows."""
    connection = duckdb.connect(config={"threads": threads, "memory_limit": memory})
    connection.execute("SET GLOBAL TimeZone='UTC'; SET preserve_insertion_order=true; SET enable_progress_bar=false")
    return connection


def cursor(threads: int = THREADS, memory: str = MEMORY) -> duckdb.DuckDBPyConnection:
    """A connection to an engine that the process keeps, with the same settings: a new engine takes 20 ms, this none.

    What it registers or makes TEMP is its own and goes when it is closed; anything else would be seen by others. The
    cursors that are open in a process share the memory.
    """
    return _kept(os.getpid(), threads, memory).cursor()


def teach(name: str, function: Callable[..., pa.Array], parameters: Sequence[str], result: str) -> None:
    """Give the engine behind `cursor()` a function over Arrow arrays, NULLs included; once a process.

    It belongs to the connection that is never closed: what a closed one had registered must not be called.
    """
    process = os.getpid()
    if (process, name) not in _TAUGHT:
        _kept(process, THREADS, MEMORY).create_function(
            name, function, list(parameters), result, type=ARROW, null_handling=WITH_NULLS
        )
        _TAUGHT.add((process, name))


_TAUGHT: set[tuple[int, str]] = set()


@cache
def _kept(process: int, threads: int, memory: str) -> duckdb.DuckDBPyConnection:
    """The engine of a process: one that was forked makes its own."""
    return connect(threads, memory)


def quoted(name: str) -> str:
    """A DuckDB identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: str | None) -> str:
    """A DuckDB text literal."""
    return "NULL" if value is None else "'" + value.replace("'", "''") + "'"


def listed(texts: Iterable[str]) -> str:
    """Texts as a SQL list; of none, a list that nothing is in."""
    return ", ".join(literal(text) for text in texts) or "NULL"


def parquet(paths: Iterable[str], partitions: Iterable[str]) -> str:
    """SQL that reads data files, with the partition values that stand in their paths as text."""
    kinds = ", ".join(f"'{name}': VARCHAR" for name in partitions)
    return f"read_parquet([{listed(paths)}], hive_partitioning=true, hive_types={{{kinds}}}, union_by_name=true)"


def sql_type(spark_type: str) -> str:
    """The engine's name of a stored Spark type; a timestamp is an instant, a struct has plain fields only."""
    if spark_type.startswith("array<"):
        return f"{sql_type(spark_type[6:-1])}[]"
    if spark_type.startswith("struct<"):
        parts = FIELD.findall(spark_type[7:-1])
        return f"STRUCT({', '.join(f'{quoted(name)} {sql_type(kind)}' for name, kind in parts)})"
    return {"string": "VARCHAR", "int": "INTEGER", "timestamp": "TIMESTAMPTZ"}.get(spark_type, spark_type.upper())


def row_text(columns: Sequence[str]) -> str:
    """SQL for a row's canonical text: each value's text, NULL as \\N, joined by U+001F, in the order given."""
    if not columns:
        return "''"
    return "concat_ws(chr(31), " + ", ".join(f"coalesce({c}::VARCHAR, '\\N')" for c in columns) + ")"


def digest_of(text: str) -> str:
    """SQL aggregate: an order-independent digest of rows, the sum of their `row_digest`s."""
    return f"coalesce(sum({row_digest(text)}::HUGEINT), 0)::VARCHAR"


def row_digest(text: str) -> str:
    """SQL for a row's digest: the low 64 bits of the MD5 of its canonical text."""
    return f"md5_number_lower({text})"


def hash_of(*columns: str) -> str:
    """SQL for the engine's own 64-bit hash of some values: several times as fast as MD5, and no proof of anything.

    Another version of the engine may give another one (`hashing`).
    """
    return f"hash({', '.join(columns)})"


@cache
def hashing() -> str:
    """What tells whether two versions of the engine hash texts alike: the hash of a short text and of a long one."""
    with cursor() as connection:
        asked = f"SELECT {hash_of(literal('城'))}, {hash_of(literal('a text of more than twelve bytes'))}"
        (found,) = connection.execute(asked).fetchall()
    return " ".join(map(str, found))


def total(digests: pa.ChunkedArray) -> int:
    """The exact sum of `row_digest`s: what `digest_of` says of the same rows."""
    halves = ((chunk.to_numpy(), np.uint64(32)) for chunk in digests.chunks)
    return sum((int((one >> bits).sum()) << 32) + int((one & np.uint64(0xFFFFFFFF)).sum()) for one, bits in halves)


def table(connection: duckdb.DuckDBPyConnection, sql: str) -> pa.Table:
    """The query's result as an Arrow table."""
    return connection.sql(sql).to_arrow_table()


def register(
    connection: duckdb.DuckDBPyConnection, name: str, types: Mapping[str, pa.DataType], rows: Sequence[Sequence[object]]
) -> None:
    """Rows of Python values as a relation."""
    columns = {column: pa.array([row[i] for row in rows], kind) for i, (column, kind) in enumerate(types.items())}
    connection.register(name, pa.table(columns))
