"""The row engine: DuckDB over Arrow, one thread and bounded memory per Spark task."""

import os
from collections.abc import Iterable, Sequence
from functools import cache

import duckdb
import pyarrow as pa

SEPARATOR = "\\x1F"


def connect(threads: int = 1, memory: str = "900MB") -> duckdb.DuckDBPyConnection:
    """A private engine: settings, functions and tables are its own. UTC and a fixed order, so that two machines give
    the same rows."""
    connection = duckdb.connect(config={"threads": threads, "memory_limit": memory})
    connection.execute("SET GLOBAL TimeZone='UTC'; SET preserve_insertion_order=true; SET enable_progress_bar=false")
    return connection


def cursor(threads: int = 1, memory: str = "900MB") -> duckdb.DuckDBPyConnection:
    """A connection to an engine that the process keeps, with the same settings: a new engine takes 20 ms, this none.

    What it registers or makes TEMP is its own and goes when it is closed; anything else would be seen by others. The
    cursors that are open in a process share the memory.
    """
    return _kept(os.getpid(), threads, memory).cursor()


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


def sql_type(spark_type: str) -> str:
    """The engine's name of a stored Spark type; a timestamp is an instant."""
    return {"string": "VARCHAR", "int": "INTEGER", "timestamp": "TIMESTAMPTZ"}.get(spark_type, spark_type.upper())


def row_text(columns: Sequence[str]) -> str:
    """SQL for a row's canonical text: each value's text, NULL as \\N, joined by U+001F, in the order given."""
    if not columns:
        return "''"
    return "concat_ws(chr(31), " + ", ".join(f"coalesce({c}::VARCHAR, '\\N')" for c in columns) + ")"


def digest_of(text: str) -> str:
    """SQL aggregate: an order-independent digest of rows, the sum of each row's low 64 bits of MD5."""
    return f"coalesce(sum(md5_number_lower({text})::HUGEINT), 0)::VARCHAR"


def table(connection: duckdb.DuckDBPyConnection, sql: str) -> pa.Table:
    """The query's result as an Arrow table."""
    return connection.sql(sql).to_arrow_table()
