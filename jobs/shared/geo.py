"""Datums and placement: coordinates to WGS84, points to polygons, vectorised over arrays."""

import json
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyproj
import shapely

Floats = npt.NDArray[np.float64]
SEMI_MAJOR_M = 6378245.0
ECCENTRICITY2 = 0.00669342162296594323
BD_ANGLE = np.pi * 3000.0 / 180.0
FIXED_POINT_STEPS = 3


def to_wgs84(lon: Floats, lat: Floats, datum: str) -> tuple[Floats, Floats]:
    """Degrees in WGS84 from WGS84, GCJ-02, BD-09 or a projected CRS (EPSG:n, axis order east, north).

    GCJ-02 has no closed inverse: three fixed-point steps are within 0.2 mm.
    """
    if datum == "WGS84":
        return lon, lat
    if datum == "GCJ-02":
        return _from_gcj02(lon, lat)
    if datum == "BD-09":
        x, y = lon - 0.0065, lat - 0.006
        z = np.hypot(x, y) - 0.00002 * np.sin(y * BD_ANGLE)
        theta = np.arctan2(y, x) - 0.000003 * np.cos(x * BD_ANGLE)
        return _from_gcj02(z * np.cos(theta), z * np.sin(theta))
    east, north = _transformer(datum).transform(lon, lat)
    return np.asarray(east, float), np.asarray(north, float)


def to_gcj02(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Degrees in GCJ-02 from WGS84."""
    x, y = lon - 105.0, lat - 35.0
    shared = (20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)) * 2.0 / 3.0
    d_lat = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x)) + shared
    d_lat = d_lat + (20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
    d_lat = d_lat + (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0
    d_lon = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x)) + shared
    d_lon = d_lon + (20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
    d_lon = d_lon + (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    radians = lat / 180.0 * np.pi
    magic = 1.0 - ECCENTRICITY2 * np.sin(radians) ** 2
    root = np.sqrt(magic)
    d_lat = d_lat * 180.0 / ((SEMI_MAJOR_M * (1.0 - ECCENTRICITY2)) / (magic * root) * np.pi)
    d_lon = d_lon * 180.0 / (SEMI_MAJOR_M / root * np.cos(radians) * np.pi)
    return lon + d_lon, lat + d_lat


def _from_gcj02(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    x, y = lon, lat
    for _ in range(FIXED_POINT_STEPS):
        there_x, there_y = to_gcj02(x, y)
        x, y = x + (lon - there_x), y + (lat - there_y)
    return x, y


@cache
def _transformer(datum: str) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(datum, "EPSG:4326", always_xy=True)


class Polygons:
    """The members of one level as polygons, for point-in-polygon by an R-tree."""

    def __init__(self, ids: Sequence[str], geojson: Sequence[str]) -> None:
        order = sorted(range(len(ids)), key=lambda i: ids[i])
        self.ids = [ids[i] for i in order]
        self.shapes = np.array([shapely.from_geojson(geojson[i]) for i in order], dtype=object)
        shapely.prepare(self.shapes)
        self.tree = shapely.STRtree(self.shapes)

    def place(self, points: npt.NDArray[Any]) -> npt.NDArray[np.int32]:
        """The position in `ids` of the polygon each point lies in, -1 for none; on a border the smaller id wins."""
        out = np.full(len(points), -1, dtype=np.int32)
        found, shapes = self.tree.query(points, predicate="intersects")
        out[found[::-1]] = shapes[::-1]
        return out


def geometry_text(geometry: object) -> str:
    """A GeoJSON geometry as compact text with sorted keys."""
    return json.dumps(geometry, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
