"""The mean of the trailing days up to the newest, where enough of them are known."""

from collections.abc import Mapping

from jobs.methods import Parameter
from jobs.methods._moments import mean
from jobs.methods._sql import let, whole

INPUTS = {"series": "series"}
PARAMETERS = {
    "window": Parameter("how many days, the newest among them", default=7),
    "required": Parameter("how many of them must be known", default=7),
}


def sql(inputs: Mapping[str, str], parameters: Mapping[str, object], edition: str, output: str) -> str:
    """The mean of the known days as DOUBLE; NULL where fewer than required are known."""
    window = whole(parameters["window"], "window", least=1)
    required = whole(parameters["required"], "required", least=1)
    newest = f"list_reverse({inputs['series']})[1:{window}]"
    return let("w", {"x": newest}, f"CASE WHEN list_count(w.x) >= {required} THEN {mean('w.x')} END")
