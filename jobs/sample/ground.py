"""The map of Lanhai: streets and districts that look grown, a kilometre grid, and where points may lie.

The map is the same for every seed. Points are drawn inside raster cells of 100 m that no boundary crosses, at least 5 m
from the cell's edge: which street and which kilometre cell a point lies in is known by construction, and holds after
rounding and a change of datum.
"""

from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import shapely

from jobs.sample.names import DISTRICTS, STREETS

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

WEST, SOUTH = 121.44, 29.95
LON_PER_KM, LAT_PER_KM = 0.01037, 0.00898
COLUMNS_KM, ROWS_KM = (0.9, 4.2, 6.8, 9.3, 12.3), (0.8, 3.7, 6.1, 8.7, 11.9)
RASTER_KM, MARGIN_KM = 0.1, 0.005
EXTENT_KM = (16, 13)
SEA_REACH_KM = 2.0
CENTRE_KM, SPREAD_KM = (7.4, 6.2), 3.4
Node = tuple[int, int]


@dataclass(frozen=True)
class Ground:
    """Polygons in degrees (WGS84) and the raster cells in which points may lie.

    `lon`, `lat` are the cells' centres; `street` and `grid` are positions in STREETS and `cells`, -1 where there is
    none. `land` and `sea` are raster cells, `weight` how many people are about in each land cell;
    `nearest[row, column]` is the land cell nearest to a place of the raster.
    """

    streets: tuple[shapely.Polygon, ...]
    districts: tuple[shapely.Polygon, ...]
    cells: tuple[str, ...]
    squares: tuple[shapely.Polygon, ...]
    lon: Floats
    lat: Floats
    street: Ints
    grid: Ints
    land: Ints
    sea: Ints
    weight: Floats
    nearest: Ints


@cache
def ground() -> Ground:
    """The map, made once a process."""
    streets = _streets()
    districts = tuple(
        shapely.unary_union([streets[i] for i, street in enumerate(STREETS) if street.district == one.code])
        for one in DISTRICTS
    )
    cells, squares = _grid(shapely.unary_union(list(streets)))
    return Ground(streets, districts, cells, squares, *_raster(streets, cells))


def degrees(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Longitude and latitude of kilometres east and north of the map's corner, to six decimals."""
    return np.round(WEST + x * LON_PER_KM, 6), np.round(SOUTH + y * LAT_PER_KM, 6)


def _streets() -> tuple[shapely.Polygon, ...]:
    """A jittered lattice whose edges are bent; neighbours share each bent edge, so they leave no gap."""
    rng = np.random.default_rng(20250303)
    nodes = {
        (r, c): np.array([x, y]) + rng.uniform(-0.35, 0.35, 2) * (1.0, 1.0 if 0 < r < 4 else 0.6)
        for r, y in enumerate(ROWS_KM)
        for c, x in enumerate(COLUMNS_KM)
    }
    bent: dict[tuple[Node, Node], Floats] = {}
    for r, c in nodes:
        for end in ((r, c + 1), (r + 1, c)):
            if end in nodes:
                is_coast = c == 4 and end[1] == 4
                bent[((r, c), end)] = _bent(rng, nodes[(r, c)], nodes[end], 0.17 if is_coast else 0.07)
    return tuple(shapely.Polygon(_ring(bent, one.row, one.column)) for one in STREETS)


def _bent(rng: np.random.Generator, start: Floats, end: Floats, amplitude: float) -> Floats:
    """A line of eight pieces by midpoint displacement; `amplitude` is a share of each piece's length."""
    points = [start, end]
    for _ in range(3):
        finer = [points[0]]
        for a, b in pairwise(points):
            across = np.array([a[1] - b[1], b[0] - a[0]])
            finer += [(a + b) / 2 + across * rng.uniform(-amplitude, amplitude), b]
        points = finer
    return np.array(points)


def _ring(bent: dict[tuple[Node, Node], Floats], r: int, c: int) -> Floats:
    south, north = bent[((r, c), (r, c + 1))], bent[((r + 1, c), (r + 1, c + 1))]
    west, east = bent[((r, c), (r + 1, c))], bent[((r, c + 1), (r + 1, c + 1))]
    ring = np.concatenate([south[:-1], east[:-1], north[::-1][:-1], west[::-1]])
    return np.column_stack(degrees(ring[:, 0], ring[:, 1]))


def _grid(city: shapely.Geometry) -> tuple[tuple[str, ...], tuple[shapely.Polygon, ...]]:
    """Every kilometre cell that the land touches; a cell is named by its row and column."""
    shapely.prepare(city)
    found = []
    for row in range(EXTENT_KM[1]):
        for column in range(EXTENT_KM[0]):
            lon, lat = degrees(np.array([column, column + 1.0]), np.array([row, row + 1.0]))
            square = shapely.box(lon[0], lat[0], lon[1], lat[1])
            if city.intersects(square):
                found.append((f"G{row:02d}{column:02d}", square))
    return tuple(name for name, _ in found), tuple(square for _, square in found)


def _raster(
    streets: tuple[shapely.Polygon, ...], cells: tuple[str, ...]
) -> tuple[Floats, Floats, Ints, Ints, Ints, Ints, Floats, Ints]:
    per_km = round(1 / RASTER_KM)
    row, column = (a.ravel() for a in np.mgrid[0 : EXTENT_KM[1] * per_km, 0 : EXTENT_KM[0] * per_km])
    x, y = (column + 0.5) * RASTER_KM, (row + 0.5) * RASTER_KM
    half_x, half_y = RASTER_KM / 2 * LON_PER_KM, RASTER_KM / 2 * LAT_PER_KM
    lon, lat = WEST + x * LON_PER_KM, SOUTH + y * LAT_PER_KM
    boxes = shapely.box(lon - half_x, lat - half_y, lon + half_x, lat + half_y)
    street = np.full(len(boxes), -1, np.int64)
    touched = np.zeros(len(boxes), bool)
    tree = shapely.STRtree(boxes)
    for position, polygon in enumerate(streets):
        touched[tree.query(polygon, predicate="intersects")] = True
        street[tree.query(polygon, predicate="contains")] = position
    numbered = {name: position for position, name in enumerate(cells)}
    grid = np.array(
        [numbered.get(f"G{r // per_km:02d}{c // per_km:02d}", -1) for r, c in zip(row, column, strict=True)]
    )
    land = np.flatnonzero(street >= 0)
    coast = np.array([column[touched & (row == r)].max(initial=-1) for r in range(EXTENT_KM[1] * per_km)])[row]
    sea = np.flatnonzero((coast >= 0) & (column > coast) & (column <= coast + SEA_REACH_KM * per_km))
    away = ((x[land] - CENTRE_KM[0]) ** 2 + (y[land] - CENTRE_KM[1]) ** 2) / (2 * SPREAD_KM**2)
    weight = np.exp(-away) + 0.12
    centres = shapely.points(lon[land], lat[land])
    nearest = land[shapely.STRtree(centres).nearest(shapely.points(lon, lat))]
    shape = (EXTENT_KM[1] * per_km, EXTENT_KM[0] * per_km)
    return lon, lat, street, grid, land, sea, weight / weight.sum(), nearest.reshape(shape)
