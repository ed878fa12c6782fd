"""Whether a value lies in its indicator's valid range, both bounds within, and the rule in words."""

from collections.abc import Mapping

from jobs.core.engine import literal
from jobs.methods import Parameter
from jobs.methods._sql import decimal, number

INPUTS = {"value": "number"}
OUTPUTS = ("valid", "rule")
PARAMETERS = {"low": Parameter("the lowest valid value"), "high": Parameter("the highest valid value")}


def sql(inputs: Mapping[str, str], parameters: Mapping[str, object], edition: str, output: str) -> str:
    """`valid`, NULL for an unknown value; `rule`, such as 0<=x<=100."""
    if output == "rule":
        low, high = (f"{decimal(parameters[name], name).normalize():f}" for name in ("low", "high"))
        return literal(f"{low}<=x<={high}")
    return f"({inputs['value']} BETWEEN {number(parameters['low'], 'low')} AND {number(parameters['high'], 'high')})"
