"""Lorenz curve: the share of the sum that the poorest 0, 1, 2, … n areas have."""

from collections.abc import Mapping

from jobs.methods._sql import let, quotient

INPUTS = {"values": "bag"}


def sql(inputs: Mapping[str, str], parameters: Mapping[str, object], edition: str, output: str) -> str:
    """n + 1 shares from 0 to 1; NULL for an empty list, a sum of zero, or a negative value."""
    values = inputs["values"]
    up_to = "list_sum(t.x[1:i])"
    curve = f"list_prepend(0::DOUBLE, list_transform(t.x, lambda v, i: {quotient(up_to, 't.s')}))"
    parts = {"x": values, "s": f"list_sum({values})"}
    return let("t", parts, f"CASE WHEN t.x[1] >= 0 AND t.s > 0 THEN {curve} END")
