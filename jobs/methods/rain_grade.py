"""Grade of rain by its depth over 24 or 12 hours: GB/T 28592, read in a secondary source. Classes are [low, high),
mm.
"""

from collections.abc import Mapping

from jobs.methods._sql import grade

INPUTS = {"mm": "number"}
OUTPUTS = ("hours_24", "hours_12")
NAMES = ("微量降雨", "小雨", "中雨", "大雨", "暴雨", "大暴雨", "特大暴雨")
STARTS = {"hours_24": ("0.1", "10", "25", "50", "100", "250"), "hours_12": ("0.1", "5", "15", "30", "70", "140")}


def sql(inputs: Mapping[str, str], parameters: Mapping[str, object], edition: str, output: str) -> str:
    """The grade's name; NULL for an unknown or negative depth."""
    mm = inputs["mm"]
    steps = list(zip(STARTS[output], NAMES, strict=False))
    return f"CASE WHEN {mm} >= 0 THEN {grade(mm, steps, 'lower', NAMES[-1])} END"
