"""Travel time index of a network: Σ q·t / Σ q·t₀ over its segments, q the flow and t₀ the free-flow time (FHWA)."""

from collections.abc import Mapping

from jobs.methods import Rows
from jobs.methods._sql import complete, let, quotient

INPUTS = {"segments": Rows({"flow": "number", "time": "number", "free_flow_time": "number"})}


def sql(inputs: Mapping[str, str], parameters: Mapping[str, object], edition: str, output: str) -> str:
    """The index as DOUBLE; NULL without flow. A segment not wholly known is in neither sum."""
    rows = complete(inputs["segments"], "flow", "time", "free_flow_time")
    over = "list_sum(list_transform(net.rows, lambda r: r.flow * r.time))"
    under = "list_sum(list_transform(net.rows, lambda r: r.flow * r.free_flow_time))"
    return let("net", {"rows": rows}, quotient(over, under))
