"""Traffic performance index (交通运行指数), 0 to 10: three conversions are in use, and an indicator must name the one
it means.

`travel_time` takes extra time over free-flow time; above 1.1 the source says only 8–10, and `beyond` is ours: the
slope from there on. `congested_length` takes the congested share of length, nodes of DB11/T 785 App. C from memory.
`phi30` takes the VKT-weighted congested share of a public road-diagnosis tool: an engineering rule.
"""

from collections.abc import Mapping
from decimal import Decimal
from itertools import pairwise

from jobs.methods import Parameter
from jobs.methods._sql import decimal, number, one_of

INPUTS = {"ratio": "number"}
NODES = {
    "travel_time": (("0", "0"), ("0.2", "2"), ("0.5", "4"), ("0.8", "6"), ("1.1", "8")),
    "congested_length": (("0", "0"), ("0.04", "2"), ("0.08", "4"), ("0.11", "6"), ("0.14", "8"), ("0.24", "10")),
    "phi30": (("0", "0"), ("0.3", "10")),
}
PARAMETERS = {
    "variant": Parameter(f"which conversion: {', '.join(NODES)}"),
    "beyond": Parameter("for travel_time: index points per extra time above 1.1", default=Decimal(20) / 3),
}


def sql(inputs: Mapping[str, str], parameters: Mapping[str, object], edition: str, output: str) -> str:
    """The index as DOUBLE, at most 10; at a node it is the node. NULL for an unknown or negative ratio."""
    ratio = inputs["ratio"]
    nodes = NODES[one_of(parameters["variant"], "variant", tuple(NODES))]
    cases = []
    for (low, bottom), (high, top) in pairwise(nodes):
        rise, run = Decimal(top) - Decimal(bottom), Decimal(high) - Decimal(low)
        on_line = f"(({ratio} - {number(low)}) * {number(rise)})::DOUBLE / {number(run)}::DOUBLE + {bottom}"
        cases.append(f"WHEN {ratio} < {number(high)} THEN {on_line}")
    last, top = nodes[-1]
    slope = f"CAST('{decimal(parameters['beyond'], 'beyond')}' AS DOUBLE)"
    rest = f"least(10, {top} + ({ratio} - {number(last)})::DOUBLE * {slope})"
    return f"CASE WHEN {ratio} < 0 OR {ratio} IS NULL THEN NULL {' '.join(cases)} ELSE {rest} END"
