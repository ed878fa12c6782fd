"""Points in polygons: the raster says what the polygons say."""

import json

import numpy as np
import shapely

from jobs.shared import geo


def polygons(seed: int) -> geo.Polygons:
    """Cells of a Voronoi diagram, some of them cut away or overlapped by another one."""
    random = np.random.default_rng(seed)
    cells = shapely.voronoi_polygons(
        shapely.multipoints(random.uniform(0, 1, (40, 2))), extend_to=shapely.box(0, 0, 1, 1)
    )
    shapes = [cell.intersection(shapely.box(0, 0, 1, 1)) for cell in cells.geoms][5:]
    shapes += [shapely.box(0.2, 0.2, 0.5, 0.5), shapely.box(0.25, 0.25, 0.75, 0.75).difference(shapes[3])]
    return geo.Polygons([f"{at:02}" for at in range(len(shapes))], [shapely.to_geojson(shape) for shape in shapes])


def points(found: geo.Polygons) -> tuple[geo.Floats, geo.Floats]:
    """Anywhere in and around them, on their corners and sides, on the sides of the raster's cells, and unknown ones."""
    random = np.random.default_rng(1)
    corners = shapely.get_coordinates(found.shapes)
    halves = (corners[1:] + corners[:-1]) / 2
    low, high = corners.min(axis=0), corners.max(axis=0)
    sides = low + np.arange(513)[:, None] / 512 * (high - low)
    given = [
        random.uniform(-0.1, 1.1, (20_000, 2)),
        corners,
        halves,
        sides,
        sides[:, ::-1],
        [[np.nan, 0.5], [0.5, np.nan]],
    ]
    both = np.concatenate(given)
    return both[:, 0], both[:, 1]


def test_a_raster_places_every_point_where_its_polygons_do() -> None:
    for seed in range(3):
        exact, fast = polygons(seed), polygons(seed)
        fast._raster = geo.Raster.of(fast)
        lon, lat = points(exact)
        assert fast._raster is not None
        assert (fast._raster.cells != geo.Raster.UNDECIDED).mean() > 0.8
        assert np.array_equal(fast.place(lon, lat), exact.place(lon, lat))


def test_a_shared_border_belongs_to_the_smaller_id() -> None:
    halves = [("b", shapely.box(0, 0, 1, 1)), ("a", shapely.box(1, 0, 2, 1))]
    found = geo.Polygons([name for name, _ in halves], [json.dumps(shapely.geometry.mapping(one)) for _, one in halves])
    assert [found.ids[at] for at in found.place(np.array([1.0, 0.5, 1.5]), np.array([0.5, 0.5, 0.5]))] == [
        "a",
        "b",
        "a",
    ]


def test_places_without_an_area_have_no_raster() -> None:
    assert geo.Raster.of(geo.Polygons(["a"], ['{"type": "Point", "coordinates": [1, 1]}'])) is None
