"""Excess waiting time (超额候车时间): actual less scheduled expected wait, both from headways. TfL, for five buses an
hour or more.
"""

from collections.abc import Mapping

from jobs.methods.headways import wait

INPUTS = {"scheduled": "bag", "actual": "bag"}
OUTPUTS = ("ewt", "swt", "awt")


def sql(inputs: Mapping[str, str], parameters: Mapping[str, object], edition: str, output: str) -> str:
    """The output in the headways' unit, DOUBLE; NULL where a side has no headways."""
    scheduled, actual = wait(inputs["scheduled"]), wait(inputs["actual"])
    return {"swt": scheduled, "awt": actual, "ewt": f"{actual} - {scheduled}"}[output]
