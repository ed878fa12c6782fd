"""Grade of a tropical cyclone by its highest 2-minute mean wind near the centre: GB/T 19201-2006. Classes are [low,
high), m/s.
"""

from collections.abc import Mapping

from jobs.methods._sql import grade, reached

INPUTS = {"wind_ms": "number"}
OUTPUTS = ("grade", "number")
STEPS = [
    ("17.2", "热带低压"), ("24.5", "热带风暴"), ("32.7", "强热带风暴"), ("41.5", "台风"), ("51.0", "强台风"),
]  # fmt: skip
LEAST = "10.8"


def sql(inputs: Mapping[str, str], parameters: Mapping[str, object], edition: str, output: str) -> str:
    """The grade's name; NULL below a tropical depression, where the standard has none. Or its number, 0 below to 6."""
    wind = inputs["wind_ms"]
    if output == "number":
        return f"CASE WHEN {wind} IS NOT NULL THEN {reached(wind, (LEAST, *(bound for bound, _ in STEPS)))} END"
    return f"CASE WHEN {wind} >= {LEAST} THEN {grade(wind, STEPS, 'lower', '超强台风')} END"
