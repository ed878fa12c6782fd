"""Reliability of a corridor's travel times: FHWA Urban Congestion Report.

Buffer index (P95 − mean)/mean, planning time index P95/free flow, travel time index mean/free flow; linear percentile.
"""

from collections.abc import Mapping

from jobs.methods import Parameter
from jobs.methods._moments import mean
from jobs.methods._sql import quotient
from jobs.methods.percentile import linear, share

INPUTS = {"travel_times": "bag", "free_flow": "number"}
OPTIONAL = ("free_flow",)
OUTPUTS = ("buffer_index", "planning_time_index", "travel_time_index", "mean", "percentile")
PARAMETERS = {"p": Parameter("the percentile that is planned for", default="0.95", verified=True)}


def sql(inputs: Mapping[str, str], parameters: Mapping[str, object], edition: str, output: str) -> str:
    """The output as DOUBLE; NULL without travel times, or without a free-flow time where one is needed."""
    middle = mean(inputs["travel_times"])
    high = linear(inputs["travel_times"], share(parameters["p"]))
    free = inputs.get("free_flow", "NULL")
    return {
        "buffer_index": quotient(f"{high} - {middle}", middle),
        "planning_time_index": quotient(high, free),
        "travel_time_index": quotient(middle, free),
        "mean": middle,
        "percentile": high,
    }[output]
