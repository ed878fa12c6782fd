"""GeoJSON: a FeatureCollection's properties as text, and `geometry` as GeoJSON text in WGS84.

Source: RFC 7946. A file of the older form may name another reference system in `crs`; its points are then
reprojected, as they are when the option says so. A feature's own id is the field `id`, unless a property is
called so. What is no feature stays whole in `_malformed`. The file is held in memory.
"""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
from pydantic import BaseModel

from jobs.readers import Span, Unreadable
from jobs.readers._geometry import Crs, Way, reprojected, to_wgs84
from jobs.readers._json import Json, JsonPath, compact, fields, follow, steps
from jobs.readers._rows import batches
from jobs.readers._text import Encoding
from jobs.readers.json import document

RECORD = "position of the feature, the first is 1"
DECLARED = steps("$.crs.properties.name")


class Options(BaseModel, extra="forbid", frozen=True):
    """`crs`: where the file does not say its reference system, such as EPSG:31983 or GCJ-02.

    `fields`: the only members taken, name to path.
    """

    encoding: Encoding = "utf-8"
    crs: Crs | None = None
    fields: dict[str, JsonPath] = {}


def read(path: Path, options: Options, span: Span | None = None) -> Iterator[pa.RecordBatch]:
    """Batches of the file. Raises Unreadable when it is no FeatureCollection."""
    collection = document(path, options.encoding)
    features = follow(collection, ("features",))
    kind = follow(collection, ("type",))
    if kind != "FeatureCollection" or not isinstance(features, list):
        raise Unreadable(f"JSON of type {kind}", "a FeatureCollection")
    way = _way(options.crs, follow(collection, DECLARED))
    declared = {**options.fields, "geometry": "$.geometry"} if options.fields else {}
    records = [_record(feature, way) for feature in features]
    names, values = fields(records, declared)
    rows = (
        (number, values(record), None) if record else (number, None, compact(feature))
        for number, (record, feature) in enumerate(zip(records, features, strict=True), start=1)
    )
    yield from batches(names, rows)


def _way(option: str | None, declared: Json) -> Way | None:
    name = option or declared
    try:
        return to_wgs84(str(name)) if name else None
    except ValueError as error:
        raise Unreadable(str(error), "a known crs (option crs)") from error


def _record(feature: Json, way: Way | None) -> dict[str, Json] | None:
    """Properties and geometry, None for what is no feature."""
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        return None
    properties, geometry = feature.get("properties") or {}, feature.get("geometry")
    if not isinstance(properties, dict) or not isinstance(geometry, dict | None):
        return None
    try:
        placed = reprojected(geometry, way) if way else geometry
    except ValueError:
        return None
    own = {"id": feature["id"]} if "id" in feature else {}
    return {**own, **properties, "geometry": placed}
