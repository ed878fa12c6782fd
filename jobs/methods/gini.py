"""Gini coefficient over areas: Σ(2r − n − 1)x / (n Σx), r the rank; it measures areas, not the people in them."""

from collections.abc import Mapping

from jobs.methods._sql import fraction, let

INPUTS = {"values": "bag"}


def sql(inputs: Mapping[str, str], parameters: Mapping[str, object], edition: str, output: str) -> str:
    """The coefficient as DOUBLE; NULL for an empty list, a mean of zero, or a negative value."""
    values = inputs["values"]
    ranked = "list_sum(list_transform(g.x, lambda v, i: v * (2 * i - g.n - 1)))"
    value = fraction(ranked, "g.n * list_sum(g.x)")
    parts = {"x": values, "n": f"len({values})"}
    return let("g", parts, f"CASE WHEN g.x[1] >= 0 THEN {value} END")
