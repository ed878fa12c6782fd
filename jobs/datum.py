"""Coordinates of any datum as WGS84 degrees, inside the row engine."""

from collections.abc import Callable

import duckdb
import numpy as np
import pyarrow as pa
from duckdb.func import FunctionNullHandling, PythonUDFType

from jobs.shared import geo

SAME = (None, "WGS84")


def register(connection: duckdb.DuckDBPyConnection, datum: str | None) -> None:
    """Make `wgs84_lon(x, y)` and `wgs84_lat(x, y)` of a datum; nothing for degrees that are WGS84 already."""
    if datum in SAME:
        return
    for name, axis in (("wgs84_lon", 0), ("wgs84_lat", 1)):
        connection.create_function(
            name,
            _converted(str(datum), axis),
            ["DOUBLE", "DOUBLE"],
            "DOUBLE",
            type=PythonUDFType.ARROW,
            null_handling=FunctionNullHandling.SPECIAL,
        )


def to_wgs84(datum: str | None, x: str, y: str) -> tuple[str, str]:
    """SQL for longitude and latitude of a point given by two SQL expressions in the datum."""
    return (x, y) if datum in SAME else (f"wgs84_lon({x}, {y})", f"wgs84_lat({x}, {y})")


def _converted(datum: str, axis: int) -> Callable[[pa.ChunkedArray, pa.ChunkedArray], pa.Array]:
    def convert(x: pa.ChunkedArray, y: pa.ChunkedArray) -> pa.Array:
        lon, lat = (np.asarray(v.to_numpy(zero_copy_only=False), float) for v in (x, y))
        out = geo.to_wgs84(lon, lat, datum)[axis]
        return pa.array(np.where(np.isfinite(out), out, np.nan), from_pandas=True)

    return convert
