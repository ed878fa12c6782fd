"""Each part's share of a whole, in per cent; the whole is given, or is the sum of the parts."""

from collections.abc import Mapping

from jobs.methods import Rows
from jobs.methods._sql import field, let, quotient

INPUTS = {"parts": Rows({"name": "text", "amount": "number"}), "whole": "number"}
OPTIONAL = ("whole",)
OUTPUTS = ("shares", "total")


def sql(inputs: Mapping[str, str], parameters: Mapping[str, object], edition: str, output: str) -> str:
    """`shares`: a list of {name, share} in the order given, NULL where the whole is zero; `total`: the whole."""
    parts = inputs["parts"]
    total = inputs.get("whole", f"list_sum({field(parts, 'amount')})")
    if output == "total":
        return total
    share = quotient("r.amount * 100", "s.total")
    made = f"list_transform(s.parts, lambda r: {{'name': r.name, 'share': {share}}})"
    return let("s", {"parts": parts, "total": total}, made)
