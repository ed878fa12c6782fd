"""The weight that a floating catchment gives a travel cost: Luo & Wang; the steps and powers are the user's."""

from collections.abc import Mapping

from jobs.methods import _catchment

INPUTS = {"cost": "number"}
PARAMETERS = _catchment.PARAMETERS


def sql(inputs: Mapping[str, str], parameters: Mapping[str, object], edition: str, output: str) -> str:
    """The weight as DOUBLE."""
    return _catchment.weight(inputs["cost"], parameters)
