"""Geometries as GeoJSON text in WGS84.

Source: RFC 7946 (longitude before latitude, outer rings counter-clockwise). Reprojected points keep longitude
and latitude only, rounded to nine decimals of a degree: a tenth of a millimetre.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Annotated, Protocol, cast

import numpy as np
from pydantic import AfterValidator
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from jobs.readers._json import Json, Numeral
from jobs.shared import geo

DECIMALS = 9
WGS84 = CRS.from_epsg(4326)
OFFSET = ("GCJ-02", "BD-09")
"""Datums of Chinese map services, which are no coordinate reference systems."""


class Way(Protocol):
    """From a system's coordinates to longitude and latitude."""

    def transform(self, x: Sequence[float], y: Sequence[float]) -> tuple[Sequence[float], Sequence[float]]: ...


class _FromOffset:
    """From the degrees of a datum of OFFSET."""

    def __init__(self, datum: str) -> None:
        self.datum = datum

    def transform(self, x: Sequence[float], y: Sequence[float]) -> tuple[list[float], list[float]]:
        lon, lat = geo.to_wgs84(np.array(x, float), np.array(y, float), self.datum)
        return lon.tolist(), lat.tolist()


def _known(name: str) -> str:
    to_wgs84(name)
    return name


def to_wgs84(name: str) -> Way | None:
    """The way to longitude and latitude from an EPSG code, a URN, the text of a .prj, or a datum of OFFSET.

    None when the coordinates are these already. Raises ValueError.
    """
    if name in OFFSET:
        return _FromOffset(name)
    try:
        source = CRS.from_user_input(name)
    except CRSError as error:
        raise ValueError(f"'{name[:60]}' is no coordinate reference system") from error
    if source.equals(WGS84, ignore_axis_order=True):
        return None
    return cast(Way, Transformer.from_crs(source, WGS84, always_xy=True))


Crs = Annotated[str, AfterValidator(_known)]


def reprojected(geometry: Json, way: Way) -> Json:
    """The geometry in WGS84. Raises ValueError for what is no geometry or lies outside what the system can say."""
    if not isinstance(geometry, dict):
        return None
    if isinstance(parts := geometry.get("geometries"), list):
        return {"type": geometry["type"], "geometries": [reprojected(part, way) for part in parts]}
    try:
        return {"type": geometry["type"], "coordinates": _placed(geometry["coordinates"], way)}
    except (TypeError, IndexError, KeyError) as error:
        raise ValueError(f"no geometry ({error!r})") from error


def from_shape(geometry: Mapping[str, object]) -> Json:
    """A shapefile's geometry; its outer rings run clockwise and are turned."""
    coordinates = plain(geometry["coordinates"])
    if geometry["type"] == "Polygon":
        coordinates = _turned(coordinates)
    elif geometry["type"] == "MultiPolygon" and isinstance(coordinates, list):
        coordinates = [_turned(polygon) for polygon in coordinates]
    return {"type": str(geometry["type"]), "coordinates": coordinates}


def plain(coordinates: object) -> Json:
    """Lists and tuples of numbers, of any depth."""
    if isinstance(coordinates, list | tuple):
        return [plain(member) for member in coordinates]
    return Numeral(repr(coordinates))


def _turned(polygon: Json) -> Json:
    return [ring[::-1] for ring in polygon if isinstance(ring, list)] if isinstance(polygon, list) else polygon


def _placed(coordinates: Json, way: Way) -> Json:
    """Coordinates of any depth; the innermost lists are points."""
    if not isinstance(coordinates, list):
        raise TypeError(coordinates)
    if not coordinates or not isinstance(coordinates[0], list):
        return _points([coordinates], way)[0] if coordinates else []
    if coordinates[0] and isinstance(coordinates[0][0], list):
        return [_placed(part, way) for part in coordinates]
    return _points(coordinates, way)


def _points(points: Sequence[Json], way: Way) -> list[Json]:
    pairs = [(float(str(point[0])), float(str(point[1]))) for point in points if isinstance(point, list)]
    xs, ys = way.transform([x for x, _ in pairs], [y for _, y in pairs])
    if not all(map(math.isfinite, (*xs, *ys))):
        raise ValueError("a point outside the coordinate reference system")
    return [[Numeral(round(x, DECIMALS)), Numeral(round(y, DECIMALS))] for x, y in zip(xs, ys, strict=True)]
