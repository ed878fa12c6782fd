"""Weights of distance in floating catchments: everyone alike, steps, or a power of the distance."""

from collections.abc import Mapping

from jobs.methods import Parameter
from jobs.methods._sql import decimal, number, one_of
from schemas import DeclarationError

PARAMETERS = {
    "weight": Parameter("binary, step or gravity", verified=True),
    "steps": Parameter("for step: upper bound (inclusive) to weight; beyond the last it is 0", default={}),
    "exponent": Parameter("for gravity: the power of the distance", default=-1),
    "scale": Parameter("for gravity: the distance that weighs 1", default=1),
    "minimum_cost": Parameter("for gravity: what a shorter distance counts as", default=0),
}


def weight(cost: str, parameters: Mapping[str, object]) -> str:
    """The weight of a cost as DOUBLE; NULL where it is undefined. Raises DeclarationError for steps that make no
    sense.
    """
    kind = one_of(parameters["weight"], "weight", ("binary", "step", "gravity"))
    if kind == "binary":
        return f"CASE WHEN {cost} IS NOT NULL THEN 1::DOUBLE END"
    return _steps(cost, parameters["steps"]) if kind == "step" else _gravity(cost, parameters)


def _steps(cost: str, steps: object) -> str:
    if not isinstance(steps, Mapping) or not steps:
        raise DeclarationError(f"steps {steps!r}: expected upper bounds and their weights, such as {{10: 1, 30: 0.68}}")
    ordered = sorted((decimal(bound, "steps"), decimal(value, "steps")) for bound, value in steps.items())
    cases = " ".join(f"WHEN {cost} <= {number(bound)} THEN {number(value)}::DOUBLE" for bound, value in ordered)
    return f"CASE WHEN {cost} IS NULL THEN NULL {cases} ELSE 0::DOUBLE END"


def _gravity(cost: str, parameters: Mapping[str, object]) -> str:
    """(max(d, d_min)/s)^α; a distance of zero has no weight at a negative power."""
    exponent, scale = decimal(parameters["exponent"], "exponent"), decimal(parameters["scale"], "scale")
    if scale <= 0:
        raise DeclarationError(f"scale {scale} is not above zero")
    least = number(parameters["minimum_cost"], "minimum_cost")
    base = f"(greatest({cost}, {least})::DOUBLE / CAST('{scale}' AS DOUBLE))"
    known = f"{cost} IS NOT NULL" + (f" AND {base} > 0" if exponent < 0 else "")
    return f"CASE WHEN {known} THEN pow({base}, CAST('{exponent}' AS DOUBLE)) END"
