"""What both rivals know of geography: the datum in numpy, places by shapely's R-tree. Nothing of it is the night's."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely

Floats = npt.NDArray[np.float64]
CITY = "lanhai"
A_M, E2 = 6378245.0, 0.00669342162296594323
UNPLACED = "unplaced"


class Places:
    """Streets and kilometre cells as polygons; districts by their streets."""

    def __init__(self, folder: Path) -> None:
        self.districts = sorted(one["code"] for one, _ in _features(folder / "districts.geojson"))
        streets = list(_features(folder / "streets.geojson"))
        self.parents = {one["code"]: one["district_code"] for one, _ in streets}
        cells = list(_features(folder / "grid_1km.geojson"))
        self.levels = {
            "street": _tree([(one["code"], shape) for one, shape in streets]),
            "grid": _tree([(one["cell_id"], shape) for one, shape in cells]),
        }

    def members(self) -> pa.Table:
        """Every place that has values, with the level's finest places that make it up."""
        rows = [("city", CITY, None, None)]
        rows += [("district", one, None, None) for one in [*self.districts, UNPLACED]]
        for level, (ids, _) in self.levels.items():
            rows += [(level, one, None, None) for one in [*ids.tolist(), UNPLACED]]
        return pa.table({"level": [row[0] for row in rows], "place": [row[1] for row in rows]})

    def locate(self, lon: Floats, lat: Floats) -> dict[str, pa.Array]:
        """The street and the cell of each point; on a shared border the smaller code."""
        known = np.flatnonzero(np.isfinite(lon) & np.isfinite(lat))
        points = shapely.points(lon[known], lat[known])
        out = {}
        for level, (ids, tree) in self.levels.items():
            hits, shapes = tree.query(points, predicate="intersects")
            found = np.full(len(lon), len(ids), np.int64)
            np.minimum.at(found, known[hits], shapes)
            out[level] = pa.array(ids.tolist(), pa.string()).take(pa.array(found, mask=found == len(ids)))
        return out


def _features(path: Path) -> Iterator[tuple[dict[str, str], shapely.Geometry]]:
    for one in json.loads(path.read_text("utf-8"))["features"]:
        yield one["properties"], shapely.from_geojson(json.dumps(one["geometry"]))


def _tree(named: list[tuple[str, shapely.Geometry]]) -> tuple[npt.NDArray[np.str_], shapely.STRtree]:
    named = sorted(named, key=lambda one: one[0])
    shapes = np.array([shape for _, shape in named])
    shapely.prepare(shapes)
    return np.array([name for name, _ in named]), shapely.STRtree(shapes)


def to_wgs84(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Degrees in WGS84 from GCJ-02: three fixed-point steps."""
    x, y = lon, lat
    for _ in range(3):
        dx, dy = _offset(x, y)
        x, y = lon - dx, lat - dy
    return x, y


def _offset(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    x, y, root = lon - 105.0, lat - 35.0, np.sqrt(np.abs(lon - 105.0))
    pi = np.pi
    both = 20.0 * np.sin(6.0 * x * pi) + 20.0 * np.sin(2.0 * x * pi)
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north += (both + 20.0 * np.sin(y * pi) + 40.0 * np.sin(y / 3.0 * pi)) * 2.0 / 3.0
    north += (160.0 * np.sin(y / 12.0 * pi) + 320.0 * np.sin(y / 30.0 * pi)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east += (both + 20.0 * np.sin(x * pi) + 40.0 * np.sin(x / 3.0 * pi)) * 2.0 / 3.0
    east += (150.0 * np.sin(x / 12.0 * pi) + 300.0 * np.sin(x / 30.0 * pi)) * 2.0 / 3.0
    phi = np.radians(lat)
    magic = 1.0 - E2 * np.sin(phi) ** 2
    north = np.degrees(north * magic * np.sqrt(magic) / (A_M * (1.0 - E2)))
    return np.degrees(east * np.sqrt(magic) / (A_M * np.cos(phi))), north


def delivered(folders: Sequence[Path]) -> dict[str, Path]:
    """The files by a name that tells where each stands in the order of delivery."""
    paths = [(number, path) for number, one in enumerate(folders) for path in (one / "transport" / "gps").glob("*.*")]
    return {f"{number}-{path.stem}": path for number, path in sorted(paths)}
