"""Atkinson's index: 1 − the equally distributed equivalent over the mean, for an aversion ε ≥ 0."""

from collections.abc import Mapping

from jobs.methods import Parameter
from jobs.methods._sql import decimal, let, quotient
from schemas import DeclarationError

INPUTS = {"values": "bag"}
PARAMETERS = {"epsilon": Parameter("aversion to inequality, 0 or more")}


def sql(inputs: Mapping[str, str], parameters: Mapping[str, object], edition: str, output: str) -> str:
    """The index as DOUBLE; NULL for an empty list, a mean of zero, or a negative value; 1 at ε ≥ 1 where one has
    nothing.
    """
    epsilon = decimal(parameters["epsilon"], "epsilon")
    if epsilon < 0:
        raise DeclarationError(f"epsilon {epsilon} is below zero")
    values = inputs["values"]
    if epsilon == 1:
        equivalent = "exp(list_sum(list_transform(t.x, lambda v: ln(v::DOUBLE))) / t.n)"
    else:
        power = f"CAST('{1 - epsilon}' AS DOUBLE)"
        equivalent = f"pow(list_sum(list_transform(t.x, lambda v: pow(v::DOUBLE, {power}))) / t.n, 1 / {power})"
    index = f"1 - {quotient(f'{equivalent} * t.n', 't.s')}"
    if epsilon >= 1:
        index = f"CASE WHEN t.x[1] = 0 THEN 1 ELSE {index} END"
    parts = {"x": values, "n": f"len({values})", "s": f"list_sum({values})"}
    return let("t", parts, f"CASE WHEN t.x[1] >= 0 AND t.s > 0 THEN {index} END")
