"""Declarations' Spark SQL expressions for the row engine: DuckDB SQL with Spark's own result.

`to_duckdb` carries an expression over, `compiled` says its type too, `strict_cast` is Spark's try_cast, `local_time`
splits a wall clock time into what an event_time column stores.
"""

from collections.abc import Mapping

from jobs.shared.rowsql.casts import strict_cast
from jobs.shared.rowsql.compiler import compiled
from jobs.shared.rowsql.spark_types import SparkType, Typed
from jobs.shared.rowsql.wall_time import local_time

__all__ = ["SparkType", "Typed", "compiled", "local_time", "strict_cast", "to_duckdb"]


def to_duckdb(text: str, types: Mapping[str, str] | None = None) -> str:
    """DuckDB SQL for a Spark SQL expression; columns are text unless `types` gives their Spark type.

    Raises ExpressionError for what is not allowed, and for types that do not go together.
    """
    return compiled(text, types).sql
