"""What an index means in minutes: FHWA. Free-flow time × travel time index, and mean time × buffer index."""

from collections.abc import Mapping

INPUTS = {"minutes": "number", "index": "number"}


def sql(inputs: Mapping[str, str], parameters: Mapping[str, object], edition: str, output: str) -> str:
    """The minutes that the index makes of the minutes given, DOUBLE."""
    return f"({inputs['minutes']} * {inputs['index']})::DOUBLE"
