"""Polygons made light."""

from typing import cast

from jobs.publish import FeatureCollection
from jobs.publish.outlines import outlines
from tests.publish.invented_edition import edition

Ring = list[list[float]]


def collection(**polygons: list[Ring]) -> FeatureCollection:
    features = [
        {"type": "Feature", "properties": {"id": name}, "geometry": {"type": "Polygon", "coordinates": rings}}
        for name, rings in polygons.items()
    ]
    return cast("FeatureCollection", {"type": "FeatureCollection", "features": features})


def rings(found: FeatureCollection, name: str) -> list[Ring]:
    feature = next(each for each in found["features"] if each["properties"]["id"] == name)
    assert feature["geometry"] is not None
    return [ring for polygon in cast("list[list[Ring]]", feature["geometry"]["coordinates"]) for ring in polygon]


def square(left: float, low: float, side: float) -> Ring:
    return [[left, low], [left + side, low], [left + side, low + side], [left, low + side], [left, low]]


def test_a_border_of_two_districts_stays_the_same_line_for_both() -> None:
    wiggle: Ring = [[1 + 0.0001 * (i % 3), i / 1000] for i in range(1001)]
    west: Ring = [[0, 0], *wiggle, [0, 1], [0, 0]]
    east: Ring = [[2, 0], [2, 1], *wiggle[::-1], [2, 0]]
    found = outlines(collection(west=[west], east=[east]))
    shared = {tuple(p) for p in rings(found, "west")[0] if 0.5 < p[0] < 1.5}
    assert shared == {tuple(p) for p in rings(found, "east")[0] if 0.5 < p[0] < 1.5}
    assert len(shared) < len(wiggle) / 100


def test_no_vertex_moves_by_more_than_a_grid_step() -> None:
    found = outlines(collection(a=[square(118.03, 31.07, 0.4)]))
    for point, corner in zip(rings(found, "a")[0], square(118.03, 31.07, 0.4), strict=True):
        assert max(abs(point[0] - corner[0]), abs(point[1] - corner[1])) <= 0.4 / 1500


def test_a_place_smaller_than_the_grid_is_still_drawn() -> None:
    tiny = square(0.5, 0.5, 0.0001)
    assert rings(outlines(collection(city=[square(0, 0, 1)], tiny=[tiny])), "tiny") == [tiny]


def test_a_hole_stays_a_hole() -> None:
    found = outlines(collection(ring=[square(0, 0, 1), square(0.4, 0.4, 0.2)]))
    assert [len(ring) for ring in rings(found, "ring")] == [5, 5]


def test_a_place_without_polygon_is_left_out_and_the_properties_stay() -> None:
    features = outlines(edition().geometry)["features"]
    assert [each["properties"]["id"] for each in features] == ["d01", "d02", "d03", "d04"]
    assert features[0]["properties"]["name_en"] == "North Bank"


def test_no_polygon_at_all_is_an_empty_map() -> None:
    assert outlines({"type": "FeatureCollection", "features": []})["features"] == []
