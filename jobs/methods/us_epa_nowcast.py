"""NowCast of particles: EPA-454/B-24-002, a mean of the last 12 hours that weighs new hours more when they change fast.

Input: hourly means in µg/m³ by time, the newest last, NULL where unknown. The weight is max(1 − range/max, ½); hours
that are all zero change nothing, weight 1. Two of the newest three hours must be known. Truncate to 0.1 before the
index.
"""

from collections.abc import Mapping

from jobs.methods._sql import let, quotient

INPUTS = {"hours": "series"}
OUTPUTS = ("nowcast", "weight")
WINDOW, NEWEST, KNOWN = 12, 3, 2


def sql(inputs: Mapping[str, str], parameters: Mapping[str, object], edition: str, output: str) -> str:
    """The output as DOUBLE; NULL where fewer than two of the newest three hours are known."""
    newest = f"list_reverse({inputs['hours']})[1:{WINDOW}]"
    spread = quotient("list_min(c.x)", "list_max(c.x)")
    weight = f"greatest(coalesce({spread}, 1), 0.5)::DOUBLE"
    if output == "weight":
        return let("c", {"x": newest}, f"CASE WHEN list_count(c.x[1:{NEWEST}]) >= {KNOWN} THEN {weight} END")
    powers = "list_transform(h.x, lambda v, i: CASE WHEN v IS NOT NULL THEN pow(h.w, i - 1) END)"
    masses = "list_transform(h.x, lambda v, i: v::DOUBLE * pow(h.w, i - 1))"
    value = quotient(f"list_sum({masses})", f"list_sum({powers})")
    parts = {"x": newest, "w": let("c", {"x": newest}, weight)}
    return let("h", parts, f"CASE WHEN list_count(h.x[1:{NEWEST}]) >= {KNOWN} THEN {value} END")
