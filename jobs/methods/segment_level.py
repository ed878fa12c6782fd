"""Level of a road segment by its mean speed, by road class: the table of DB11/T 785, read in secondary sources.

Classes are (low, high]: the upper bound belongs to the worse level. km/h.
"""

from collections.abc import Mapping

from jobs.core.engine import literal
from jobs.methods._sql import grade

INPUTS = {"road_class": "text", "speed_kmh": "number"}
LEVELS = ("严重拥堵", "中度拥堵", "轻度拥堵", "基本畅通", "畅通")
BOUNDS = {"快速路": (20, 35, 50, 65), "主干路": (15, 20, 30, 40), "次干路": (10, 15, 25, 35)}
SAME = {
    "快速路": ("快速路", "expressway"),
    "主干路": ("主干路", "arterial"),
    "次干路": ("次干路", "支路", "次干路支路", "次干路、支路", "collector", "local"),
}


def sql(inputs: Mapping[str, str], parameters: Mapping[str, object], edition: str, output: str) -> str:
    """The level's name; NULL for an unknown speed or a class that has no table."""
    return level(inputs["road_class"], inputs["speed_kmh"])


def level(road_class: str, speed: str) -> str:
    """The level of one segment."""
    cases = []
    for name, bounds in BOUNDS.items():
        steps = [(str(bound), at) for bound, at in zip(bounds, LEVELS, strict=False)]
        listed = ", ".join(literal(one) for one in SAME[name])
        cases.append(f"WHEN {road_class} IN ({listed}) THEN {grade(speed, steps, 'upper', LEVELS[-1])}")
    return f"CASE {' '.join(cases)} END"
