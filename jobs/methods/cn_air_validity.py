"""How much must be measured for a mean to be valid: GB 3095-2026 Table 4 (2012: the same numbers, from memory)."""

from collections.abc import Mapping

INPUTS = {"minutes_of_hour": "number", "hours_of_8": "number", "hours_of_day": "number", "days_of_year": "number"}
OPTIONAL = tuple(INPUTS)
LEAST = {"minutes_of_hour": 45, "hours_of_8": 6, "hours_of_day": 20, "days_of_year": 324}


def sql(inputs: Mapping[str, str], parameters: Mapping[str, object], edition: str, output: str) -> str:
    """Whether every count given reaches its least; NULL where one is unknown."""
    return "(" + " AND ".join(f"{value} >= {LEAST[name]}" for name, value in inputs.items()) + ")"
