"""Grade of rain by its depth over 24 or 12 hours: GB/T 28592, read in a secondary source. Classes are [low, high),
mm.
"""

from collections.abc import Mapping

from jobs.methods._sql import grade, reached

INPUTS = {"mm": "number"}
OUTPUTS = ("hours_24", "hours_12", "number_24", "number_12")
NAMES = ("微量降雨", "小雨", "中雨", "大雨", "暴雨", "大暴雨", "特大暴雨")
STARTS = {"24": ("0.1", "10", "25", "50", "100", "250"), "12": ("0.1", "5", "15", "30", "70", "140")}


def sql(inputs: Mapping[str, str], parameters: Mapping[str, object], edition: str, output: str) -> str:
    """The grade's name, or its number from 0 (微量降雨) to 6; NULL for an unknown or negative depth."""
    mm = inputs["mm"]
    what, hours = output.split("_")
    if what == "number":
        return f"CASE WHEN {mm} >= 0 THEN {reached(mm, STARTS[hours])} END"
    steps = list(zip(STARTS[hours], NAMES, strict=False))
    return f"CASE WHEN {mm} >= 0 THEN {grade(mm, steps, 'lower', NAMES[-1])} END"
