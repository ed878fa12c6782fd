"""Coordinates of any datum as WGS84 degrees, inside the row engine."""

import re
from collections.abc import Callable

import numpy as np
import pyarrow as pa

from jobs.core import engine
from jobs.shared import geo

SAME = (None, "WGS84")


def register(datum: str | None) -> None:
    """Teach the engine to convert a datum: x and y to a struct of lon and lat. Degrees in WGS84 need nothing."""
    if datum is not None and datum not in SAME:
        engine.teach(_name(datum), _converted(datum), ["DOUBLE", "DOUBLE"], "STRUCT(lon DOUBLE, lat DOUBLE)")


def to_wgs84(datum: str | None, x: str, y: str) -> tuple[str, str]:
    """SQL for longitude and latitude of a point given by two SQL expressions in the datum."""
    if datum is None or datum in SAME:
        return x, y
    return f"{_name(datum)}({x}, {y}).lon", f"{_name(datum)}({x}, {y}).lat"


def _name(datum: str) -> str:
    return "wgs84_of_" + re.sub("[^a-z0-9]", "_", datum.casefold())


def _converted(datum: str) -> Callable[[pa.ChunkedArray, pa.ChunkedArray], pa.Array]:
    def convert(x: pa.ChunkedArray, y: pa.ChunkedArray) -> pa.Array:
        lon, lat = (np.asarray(v.to_numpy(zero_copy_only=False), float) for v in (x, y))
        degrees = geo.to_wgs84(lon, lat, datum)
        known = np.isfinite(degrees[0]) & np.isfinite(degrees[1])
        parts = [pa.array(one, mask=~known) for one in degrees]
        return pa.StructArray.from_arrays(parts, ["lon", "lat"])

    return convert
