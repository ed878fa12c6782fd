"""Datums and placement: coordinates to WGS84, points to polygons, vectorised over arrays."""

import json
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely

if TYPE_CHECKING:
    import pyproj

Floats = npt.NDArray[np.float64]
SEMI_MAJOR_M = 6378245.0
ECCENTRICITY2 = 0.00669342162296594323
BD_ANGLE = np.pi * 3000.0 / 180.0
FIXED_POINT_STEPS = 3
RASTER_FROM = 50_000
"""Points after which a raster of the polygons has paid for itself: making one takes some tenths of a second."""


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
def _transformer(datum: str) -> "pyproj.Transformer":
    import pyproj

    return pyproj.Transformer.from_crs(datum, "EPSG:4326", always_xy=True)


class Polygons:
    """The members of one level as polygons, for point-in-polygon: by an R-tree, or a raster where points are many."""

    def __init__(self, ids: Sequence[str], geojson: Sequence[str]) -> None:
        order = sorted(range(len(ids)), key=lambda i: ids[i])
        self.ids = [ids[i] for i in order]
        self.names = pa.array(self.ids, pa.string())
        self.shapes = np.array([shapely.from_geojson(geojson[i]) for i in order], dtype=object)
        shapely.prepare(self.shapes)
        self.tree = shapely.STRtree(self.shapes)
        self._seen = 0
        self._raster: Raster | None = None

    def place(self, lon: Floats, lat: Floats) -> npt.NDArray[np.int32]:
        """The position in `ids` of the polygon each point (degrees) lies in, -1 for none or an unknown point.

        On a border the smaller id wins. The raster answers for cells that lie wholly inside or outside; the polygons
        themselves for the others, so both give the same.
        """
        self._seen += len(lon)
        if self._raster is None and self._seen > RASTER_FROM:
            self._raster = Raster.of(self)
        if self._raster is None:
            return self._exact(lon, lat)
        out = self._raster.at(lon, lat)
        left = np.flatnonzero(out == Raster.UNDECIDED)
        out[left] = self._exact(lon[left], lat[left])
        return out

    def _exact(self, lon: Floats, lat: Floats) -> npt.NDArray[np.int32]:
        out = np.full(len(lon), -1, dtype=np.int32)
        known = np.flatnonzero(np.isfinite(lon) & np.isfinite(lat))
        found, shapes = self.tree.query(shapely.points(lon[known], lat[known]), predicate="intersects")
        first = np.full(len(known), len(self.ids), dtype=np.int32)
        np.minimum.at(first, found, shapes)
        out[known] = np.where(first < len(self.ids), first, -1)
        return out


class Raster:
    """Which polygon all of a cell lies in, or that none touches it; cells that a border crosses are halved."""

    UNDECIDED = -2
    HALVINGS = 9
    MARGIN = 1e-6
    """Of a cell's side: cells are tested that much larger, so that no rounding of a point's cell can matter."""

    def __init__(self, west: float, south: float, width: float, height: float) -> None:
        self.west, self.south, self.width, self.height = west, south, width, height
        self.cells = np.full((1 << self.HALVINGS, 1 << self.HALVINGS), self.UNDECIDED, dtype=np.int32)

    @classmethod
    def of(cls, polygons: Polygons) -> "Raster | None":
        """Of the polygons' bounding box; None where it has no area."""
        west, south, east, north = shapely.total_bounds(polygons.shapes)
        if not (west < east and south < north):
            return None
        raster = cls(west, south, east - west, north - south)
        x = y = np.zeros(1, dtype=np.int64)
        for halving in range(cls.HALVINGS + 1):
            found = raster._decide(polygons, x, y, halving)
            side = 1 << (cls.HALVINGS - halving)
            for at in np.flatnonzero(found != cls.UNDECIDED):
                raster.cells[x[at] * side : (x[at] + 1) * side, y[at] * side : (y[at] + 1) * side] = found[at]
            left = found == cls.UNDECIDED
            x, y = (np.repeat(one[left] * 2, 4) for one in (x, y))
            x, y = x + np.tile([0, 0, 1, 1], left.sum()), y + np.tile([0, 1, 0, 1], left.sum())
        return raster

    def _decide(
        self, polygons: Polygons, x: npt.NDArray[np.int64], y: npt.NDArray[np.int64], halving: int
    ) -> npt.NDArray[np.int32]:
        """Of cells: the first polygon that touches each if it holds all of it, -1 if none does, else undecided."""
        width, height = self.width / (1 << halving), self.height / (1 << halving)
        low, right = self.west + (x - self.MARGIN) * width, self.west + (x + 1 + self.MARGIN) * width
        bottom, top = self.south + (y - self.MARGIN) * height, self.south + (y + 1 + self.MARGIN) * height
        boxes = shapely.box(low, bottom, right, top)
        touched, shapes = polygons.tree.query(boxes, predicate="intersects")
        first = np.full(len(boxes), len(polygons.ids), dtype=np.int32)
        np.minimum.at(first, touched, shapes)
        some = np.flatnonzero(first < len(polygons.ids))
        is_whole = shapely.contains_properly(polygons.shapes[first[some]], boxes[some])
        out = np.full(len(boxes), -1, dtype=np.int32)
        out[some] = np.where(is_whole, first[some], self.UNDECIDED)
        return out

    def at(self, lon: Floats, lat: Floats) -> npt.NDArray[np.int32]:
        """Of points (degrees): a polygon's position, -1 for none, or undecided."""
        side = 1 << self.HALVINGS
        x, y = (lon - self.west) / self.width, (lat - self.south) / self.height
        inside = (x >= 0) & (x <= 1) & (y >= 0) & (y <= 1)
        column, row = (np.minimum(np.where(inside, one, 0) * side, side - 1).astype(np.int64) for one in (x, y))
        return np.where(inside, self.cells[column, row], np.int32(-1))


def geometry_text(geometry: object) -> str:
    """A GeoJSON geometry as compact text with sorted keys."""
    return json.dumps(geometry, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
