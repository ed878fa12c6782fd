"""Coefficient of variation (差异系数): standard deviation over mean, with both divisors; ddof is not stated where we
read it.
"""

from collections.abc import Mapping

from jobs.methods import Parameter
from jobs.methods._moments import deviation, mean, variation
from jobs.methods._sql import whole

INPUTS = {"values": "bag"}
OUTPUTS = ("cv", "mean", "deviation")
PARAMETERS = {"ddof": Parameter("what is taken from n in the standard deviation: 0 or 1", default=0)}


def sql(inputs: Mapping[str, str], parameters: Mapping[str, object], edition: str, output: str) -> str:
    """The output as DOUBLE; NULL for an empty list, a mean of zero, or too few values for the divisor."""
    ddof = whole(parameters["ddof"], "ddof")
    values = inputs["values"]
    return {"cv": variation(values, ddof), "mean": mean(values), "deviation": deviation(values, ddof)}[output]
