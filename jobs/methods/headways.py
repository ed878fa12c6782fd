"""Waiting at a stop from its headways: TCQSM, and the identity wait = mean/2 · (1 + CoV²), which needs ddof 0.

Headways cross the hour: a gap counts where it ends. Minutes in, minutes out; unknown headways are left out.
"""

from collections.abc import Mapping

from jobs.methods import Parameter
from jobs.methods._moments import mean, variation
from jobs.methods._sql import let, quotient, whole

INPUTS = {"headways": "bag"}
OUTPUTS = ("expected_wait", "cov", "wait_identity", "mean")
PARAMETERS = {"ddof": Parameter("what is taken from n in the standard deviation", default=0, verified=True)}


def sql(inputs: Mapping[str, str], parameters: Mapping[str, object], edition: str, output: str) -> str:
    """The output as DOUBLE; NULL without headways or where they are all zero."""
    headways, ddof = inputs["headways"], whole(parameters["ddof"], "ddof")
    if output == "wait_identity":
        parts = {"mean": mean(headways), "cov": variation(headways, ddof)}
        return let("h", parts, "h.mean / 2 * (1 + h.cov * h.cov)")
    return {"expected_wait": wait(headways), "cov": variation(headways, ddof), "mean": mean(headways)}[output]


def wait(headways: str) -> str:
    """Σh² / 2Σh: what a passenger who comes at any time waits in the mean."""
    return quotient(f"list_sum(list_transform({headways}, lambda h: h * h))", f"2 * list_sum({headways})")
