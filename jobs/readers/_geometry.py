"""Geometries as GeoJSON text in WGS84.

Source: RFC 7946 (longitude before latitude, outer rings counter-clockwise). Reprojected points keep longitude
and latitude only, rounded to nine decimals of a degree: a tenth of a millimetre.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import AfterValidator
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from jobs.readers._json import Json, Numeral

DECIMALS = 9
WGS84 = CRS.from_epsg(4326)


def _known(name: str) -> str:
    system(name)
    return name


def system(name: str) -> CRS:
    """A coordinate reference system by EPSG code, URN or the text of a .prj. Raises ValueError."""
    try:
        return CRS.from_user_input(name)
    except CRSError as error:
        raise ValueError(f"'{name[:60]}' is no coordinate reference system") from error


Crs = Annotated[str, AfterValidator(_known)]


def to_wgs84(source: CRS) -> Transformer | None:
    """The way from a system to longitude and latitude; None when the coordinates are these already."""
    return None if source.equals(WGS84, ignore_axis_order=True) else Transformer.from_crs(source, WGS84, always_xy=True)


def reprojected(geometry: Json, way: Transformer) -> Json:
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


def _placed(coordinates: Json, way: Transformer) -> Json:
    """Coordinates of any depth; the innermost lists are points."""
    if not isinstance(coordinates, list):
        raise TypeError(coordinates)
    if not coordinates or not isinstance(coordinates[0], list):
        return _points([coordinates], way)[0] if coordinates else []
    if coordinates[0] and isinstance(coordinates[0][0], list):
        return [_placed(part, way) for part in coordinates]
    return _points(coordinates, way)


def _points(points: Sequence[Json], way: Transformer) -> list[Json]:
    pairs = [(float(str(point[0])), float(str(point[1]))) for point in points if isinstance(point, list)]
    xs, ys = way.transform([x for x, _ in pairs], [y for _, y in pairs])
    if not all(map(math.isfinite, (*xs, *ys))):
        raise ValueError("a point outside the coordinate reference system")
    return [[Numeral(round(x, DECIMALS)), Numeral(round(y, DECIMALS))] for x, y in zip(xs, ys, strict=True)]
