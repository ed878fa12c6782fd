"""Polygons made light enough for a page.

Every vertex moves to a grid of 1/1500 of the map's longer side, well under a pixel on a screen. Districts share their
borders vertex by vertex and the grid is the same for all, so borders stay shared: no gaps, no overlaps, unlike a
line-by-line simplification.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import cast

from jobs.publish import Feature, FeatureCollection

STEPS = 1500
DIGITS = 6  # of a degree: 0.1 m
CORNERS = 3  # the fewest that enclose an area

Node = tuple[int, int]
Ring = Sequence[Sequence[float]]
Polygon = list[list[list[float]]]


def outlines(collection: FeatureCollection) -> FeatureCollection:
    """The same features with lighter polygons; features that have none are left out. Degrees in, degrees out."""
    drawn = [(feature, list(_polygons(feature["geometry"]))) for feature in collection["features"]]
    drawn = [(feature, polygons) for feature, polygons in drawn if polygons]
    points = [point for _, polygons in drawn for polygon in polygons for ring in polygon for point in ring]
    if not points:
        return {"type": "FeatureCollection", "features": []}
    spans = [max(point[axis] for point in points) - min(point[axis] for point in points) for axis in (0, 1)]
    step = max(*spans, 1e-6) / STEPS
    return {"type": "FeatureCollection", "features": [_feature(feature, polygons, step) for feature, polygons in drawn]}


def _polygons(geometry: Mapping[str, object] | None) -> Iterator[Sequence[Ring]]:
    if geometry is None:
        return
    if geometry["type"] == "Polygon":
        yield cast("Sequence[Ring]", geometry["coordinates"])
    elif geometry["type"] == "MultiPolygon":
        yield from cast("Sequence[Sequence[Ring]]", geometry["coordinates"])
    elif geometry["type"] == "GeometryCollection":
        for member in cast("Sequence[Mapping[str, object]]", geometry["geometries"]):
            yield from _polygons(member)


def _feature(feature: Feature, polygons: list[Sequence[Ring]], step: float) -> Feature:
    light = [polygon for polygon in (_polygon(each, step) for each in polygons) if polygon]
    if not light:  # smaller than a grid square, and still a place
        light = [[[list(point[:2]) for point in ring] for ring in each] for each in polygons]
    geometry = {"type": "MultiPolygon", "coordinates": light}
    return {"type": "Feature", "properties": feature["properties"], "geometry": geometry}


def _polygon(polygon: Sequence[Ring], step: float) -> Polygon:
    outer, *holes = [_ring(ring, step) for ring in polygon]
    return [outer, *(hole for hole in holes if hole)] if outer else []


def _ring(ring: Ring, step: float) -> list[list[float]]:
    """Empty when fewer than three corners are left."""
    nodes: list[Node] = []
    for node in [(round(point[0] / step), round(point[1] / step)) for point in ring]:
        if len(nodes) > 1 and _straight(nodes[-2], nodes[-1], node):
            nodes[-1] = node
        elif not nodes or nodes[-1] != node:
            nodes.append(node)
    if len(set(nodes)) < CORNERS or not _area(nodes):
        return []
    return [[round(x * step, DIGITS), round(y * step, DIGITS)] for x, y in nodes]


def _straight(first: Node, middle: Node, last: Node) -> bool:
    """Whether the middle lies on the way from first to last: leaving it out moves no border."""
    ahead = (middle[0] - first[0], middle[1] - first[1])
    onward = (last[0] - middle[0], last[1] - middle[1])
    cross, along = ahead[0] * onward[1] - ahead[1] * onward[0], ahead[0] * onward[0] + ahead[1] * onward[1]
    return cross == 0 and along >= 0


def _area(nodes: list[Node]) -> int:
    return sum(one[0] * two[1] - two[0] * one[1] for one, two in pairwise([*nodes, nodes[0]]))
