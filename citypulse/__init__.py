"""The command line, and `citypulse.read()` for analysts."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa


def read(table: str, city: str) -> "pa.Table":
    """A table of the city's lake (such as `silver.air_quality`) as Arrow. Raises jobs.core.errors.Problem."""
    from jobs.core import meter
    from jobs.core.errors import Problem
    from jobs.core.lake import Lake

    lake = Lake.of(city)
    if not lake.exists(table):
        raise Problem(f"{table} is not in {lake.root}")
    rows = lake.arrow(table)
    meter.note(lake, "read", {table: rows.num_rows})
    return rows


__all__ = ["read"]
