"""The command line; and for analysts `citypulse.read()`, `citypulse.values()` and `citypulse.sql()`."""

from citypulse.reading import read, sql, values

__all__ = ["read", "sql", "values"]
