"""Hoover's index: the share that would have to move for all areas to be equal, ½ Σ|s − 1/n|."""

from collections.abc import Mapping

from jobs.methods._sql import fraction, let

INPUTS = {"values": "bag"}


def sql(inputs: Mapping[str, str], parameters: Mapping[str, object], edition: str, output: str) -> str:
    """The index as DOUBLE; NULL for an empty list, a sum of zero, or a negative value."""
    values = inputs["values"]
    moved = "list_sum(list_transform(t.x, lambda v: abs(t.n * v - t.s)))"
    parts = {"x": values, "n": f"len({values})", "s": f"list_sum({values})"}
    return let("t", parts, f"CASE WHEN t.x[1] >= 0 THEN {fraction(moved, '2 * t.n * t.s')} END")
