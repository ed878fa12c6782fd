"""Days above a level, and days that have a value: WHO AQG 2021 (as quoted by secondary sources); strictly above.

The guideline's 24-hour levels are 99th percentiles: three or four such days a year are within it.
"""

from collections.abc import Mapping

from jobs.methods import Parameter
from jobs.methods._sql import number

INPUTS = {"values": "bag"}
OUTPUTS = ("exceed", "valid")
PARAMETERS = {"level": Parameter("the concentration that counts as exceeded above it")}


def sql(inputs: Mapping[str, str], parameters: Mapping[str, object], edition: str, output: str) -> str:
    """The output as an integer; no valid day gives NULL exceedances, not none."""
    values = inputs["values"]
    above = f"len(list_filter({values}, lambda v: v > {number(parameters['level'], 'level')}))"
    return f"CASE WHEN len({values}) > 0 THEN {above} END" if output == "exceed" else f"len({values})"
