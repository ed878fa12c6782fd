"""Which rows of a table speak for a place: a table may say totals of several levels, which must not be added twice."""

import duckdb
import pyarrow as pa

from schemas import City

SPOKEN = """
    LEFT JOIN (SELECT *, true AS is_total FROM totals) USING ("table", from_level)
    LEFT JOIN (SELECT *, true AS is_pointed FROM pointed) USING ("table")"""
"""What the declarations say of a row's table and level."""


def levels(connection: duckdb.DuckDBPyConnection, city: City) -> None:
    """Make `ways`, from a level up to another; which tables have totals at which level, and records with a point."""
    fed = [(key, source, source.into[key]) for key in city.tables for source in city.feeding(key)]
    totals = sorted({(key, level) for key, _, into in fed if into.totals and into.place for level in into.place.level})
    pointed = sorted({key for key, _, into in fed if into.place and into.place.point})
    columns = {"table": [key for key, _ in totals], "from_level": [level for _, level in totals]}
    connection.register("totals", pa.table({name: pa.array(rows, pa.string()) for name, rows in columns.items()}))
    connection.register("pointed", pa.table({"table": pa.array(pointed, pa.string())}))
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE ways AS
        SELECT DISTINCT from_level, to_level, distance, distance // 100 AS chain FROM up""")


def chosen(keys: str) -> str:
    """Which rows speak for a place above: the nearest declared totals, else all.

    A record with a point stands at the finest level of each hierarchy, and is taken from the first.
    """
    window = f"(PARTITION BY {keys})"
    return f"""
        QUALIFY (is_pointed IS NULL OR chain = min(chain) OVER {window})
        AND (count(is_total) OVER {window} = 0
            OR (is_total AND distance = min(distance) FILTER (WHERE is_total) OVER {window}))"""
