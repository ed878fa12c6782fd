"""The share of values that keep a limit: within a response standard, at or above a pressure, in a punctuality window.

Both bounds are inclusive, and either may be left open. Unknown values are in neither count. The limit is the user's:
NFPA 1710 480 s (read in a secondary source), a local pressure, a line's own window.
"""

from collections.abc import Mapping

from jobs.methods import Parameter
from jobs.methods._sql import number, quotient

INPUTS = {"values": "bag"}
OUTPUTS = ("share", "meets", "within")
PARAMETERS = {
    "low": Parameter("the lowest value that keeps the limit", default=None),
    "high": Parameter("the highest value that keeps the limit", default=None),
    "target": Parameter("the share that is aimed at; reaching it exactly meets it", default=None),
}


def sql(inputs: Mapping[str, str], parameters: Mapping[str, object], edition: str, output: str) -> str:
    """The output; NULL for an empty list, and `meets` without a target."""
    values = inputs["values"]
    tests = [f"v >= {number(parameters['low'], 'low')}"] if parameters["low"] is not None else []
    tests += [f"v <= {number(parameters['high'], 'high')}"] if parameters["high"] is not None else []
    within = f"len(list_filter({values}, lambda v: {' AND '.join(tests) or 'v IS NOT NULL'}))"
    if output == "within":
        return within
    if output == "share":
        return quotient(within, f"len({values})")
    if parameters["target"] is None:
        return "NULL::BOOLEAN"
    return f"CASE WHEN len({values}) > 0 THEN {within} >= len({values}) * {number(parameters['target'], 'target')} END"
