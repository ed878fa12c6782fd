"""Level of a traffic performance index: 0–2 畅通, 2–4 基本畅通, 4–6 轻度, 6–8 中度, 8–10 严重.

The sources print "0~2, 2~4"; that a bound belongs to the worse level is ours.
"""

from collections.abc import Mapping

from jobs.methods._sql import grade

INPUTS = {"tpi": "number"}
STEPS = [("2", "畅通"), ("4", "基本畅通"), ("6", "轻度拥堵"), ("8", "中度拥堵")]


def sql(inputs: Mapping[str, str], parameters: Mapping[str, object], edition: str, output: str) -> str:
    """The level's name; NULL for an index outside 0 to 10."""
    tpi = inputs["tpi"]
    return f"CASE WHEN {tpi} BETWEEN 0 AND 10 THEN {grade(tpi, STEPS, 'lower', '严重拥堵')} END"
