"""Shapefile: the .dbf's fields as text, and `geometry` as GeoJSON text in WGS84.

Source: ESRI Shapefile Technical Description (1998). The .shp's path is given; .dbf and .shx lie beside it, as
do .prj (the reference system) and .cpg (the encoding), which the options overrule. Records marked as deleted
are none but are counted. A record whose shape cannot be placed stays whole, as JSON, in `_malformed`.
"""

import re
import struct
import warnings
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import shapefile
from pydantic import BaseModel

from jobs.readers import Span, Unreadable
from jobs.readers._dbf import Dbf
from jobs.readers._geometry import Crs, Way, from_shape, plain, reprojected, to_wgs84
from jobs.readers._json import compact, text
from jobs.readers._rows import Row, batches, unique
from jobs.readers._text import Encoding

RECORD = "record number, the first is 1"
# A header that states another length loses nothing by itself: what counts is that shapes are in step with the .dbf.
warnings.filterwarnings("ignore", category=shapefile.PossiblyCorruptFileHeader)


class Options(BaseModel, extra="forbid", frozen=True):
    """`crs`: such as EPSG:2263 or GCJ-02, else the .prj; `encoding` of the .dbf, else the .cpg, its own mark, UTF-8."""

    crs: Crs | None = None
    encoding: Encoding | None = None


def read(path: Path, options: Options, span: Span | None = None) -> Iterator[pa.RecordBatch]:
    """Batches of the records. Raises Unreadable for a damaged file, a missing companion, an unknown crs."""
    path.stat()  # A file that is gone is no matter of companions.
    way = _way(path, options.crs)
    table = _companion(path, ".dbf")
    if table is None:
        raise Unreadable("no .dbf beside the .shp", "the .dbf (companions)")
    records = Dbf(table, options.encoding or _encoding(path))
    names = [field.name for field in records.fields]
    yield from batches(unique([*names, "geometry"]), _rows(path, names, records, way))


def _rows(path: Path, names: list[str], records: Dbf, way: Way | None) -> Iterator[tuple[int, Row | None, str | None]]:
    try:
        with shapefile.Reader(shp=path, shx=_companion(path, ".shx")) as shapes:
            pairs = zip(shapes.iterShapes(), records.records(), strict=True)
            for number, (shape, values) in enumerate(pairs, start=1):
                if values is not None:
                    yield number, *_row(shape, names, values, way)
    except (shapefile.ShapefileException, struct.error, ValueError, IndexError) as error:
        raise Unreadable(f"a damaged shapefile ({error})", "shapes in step with the .dbf") from error


def _row(
    shape: shapefile.Shape, names: list[str], values: list[str | None], way: Way | None
) -> tuple[Row | None, str | None]:
    """(fields, malformed)."""
    if not shape.points:
        return [*values, None], None
    try:
        geometry = from_shape(shape.__geo_interface__)
        return [*values, text(reprojected(geometry, way) if way else geometry)], None
    except (ValueError, shapefile.GeoJSON_Error):
        whole = {"type": shape.shapeTypeName, "coordinates": plain(shape.points)}
        return None, compact({**dict(zip(names, values, strict=True)), "geometry": whole})


def _way(path: Path, option: str | None) -> Way | None:
    projection = _companion(path, ".prj")
    name = option or (projection.read_text(encoding="utf-8", errors="surrogateescape") if projection else None)
    if name is None:
        raise Unreadable("no .prj beside the .shp", "a .prj, or the option crs")
    try:
        return to_wgs84(name)
    except ValueError as error:
        raise Unreadable(str(error), "a known reference system (option crs)") from error


def _encoding(path: Path) -> str | None:
    """What the .cpg says: UTF-8, GBK, 936, ANSI 1252 …"""
    page = _companion(path, ".cpg")
    said = page.read_text(encoding="ascii", errors="replace").strip() if page else ""
    if not said:
        return None
    number = re.search(r"(?:^|ANSI |OEM |CP)(\d+)$", said, re.IGNORECASE)
    name = f"cp{number[1]}" if number and len(number[1]) < 6 else said
    try:
        "".encode(name)
    except LookupError as error:
        raise Unreadable(f"a .cpg that says '{said[:40]}'", "an encoding (option encoding)") from error
    return name


def _companion(path: Path, suffix: str) -> Path | None:
    """The file of the same stem, whatever the case of its suffix."""
    found = (file for file in path.parent.iterdir() if file.stem == path.stem and file.suffix.lower() == suffix)
    return next(found, None)
