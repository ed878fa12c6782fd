"""Theil's T over areas: the mean of s·ln s, s = x over the mean; 0·ln 0 is 0."""

from collections.abc import Mapping

from jobs.methods._sql import let, quotient

INPUTS = {"values": "bag"}


def sql(inputs: Mapping[str, str], parameters: Mapping[str, object], edition: str, output: str) -> str:
    """The index as DOUBLE; NULL for an empty list, a mean of zero, or a negative value."""
    values = inputs["values"]
    relative = quotient("t.n * v", "t.s")
    term = f"CASE WHEN v = 0 THEN 0 ELSE {relative} * ln({relative}) END"
    value = f"list_sum(list_transform(t.x, lambda v: {term})) / t.n"
    parts = {"x": values, "n": f"len({values})", "s": f"list_sum({values})"}
    return let("t", parts, f"CASE WHEN t.x[1] >= 0 AND t.s > 0 THEN {value} END")
