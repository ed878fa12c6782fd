"""Coordinates of any datum as WGS84 degrees, inside the row engine."""

from collections.abc import Callable

import duckdb
import numpy as np
import pyarrow as pa
from duckdb.func import FunctionNullHandling, PythonUDFType

from jobs.shared import geo

SAME = (None, "WGS84")


def register(connection: duckdb.DuckDBPyConnection, datum: str | None) -> None:
    """Make `wgs84(x, y)` of a datum, a struct of lon and lat; nothing for degrees that are WGS84 already."""
    if datum in SAME:
        return
    connection.create_function(
        "wgs84",
        _converted(str(datum)),
        ["DOUBLE", "DOUBLE"],
        "STRUCT(lon DOUBLE, lat DOUBLE)",
        type=PythonUDFType.ARROW,
        null_handling=FunctionNullHandling.SPECIAL,
    )


def to_wgs84(datum: str | None, x: str, y: str) -> tuple[str, str]:
    """SQL for longitude and latitude of a point given by two SQL expressions in the datum."""
    return (x, y) if datum in SAME else (f"wgs84({x}, {y}).lon", f"wgs84({x}, {y}).lat")


def _converted(datum: str) -> Callable[[pa.ChunkedArray, pa.ChunkedArray], pa.Array]:
    def convert(x: pa.ChunkedArray, y: pa.ChunkedArray) -> pa.Array:
        lon, lat = (np.asarray(v.to_numpy(zero_copy_only=False), float) for v in (x, y))
        degrees = geo.to_wgs84(lon, lat, datum)
        known = np.isfinite(degrees[0]) & np.isfinite(degrees[1])
        parts = [pa.array(one, mask=~known) for one in degrees]
        return pa.StructArray.from_arrays(parts, ["lon", "lat"])

    return convert
