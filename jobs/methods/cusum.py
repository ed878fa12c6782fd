"""Tabular CUSUM with optional fast initial response: Montgomery & Runger; Lucas & Crosier (head start).

C⁺ = max(0, C⁺ + x − T − K), C⁻ = max(0, C⁻ + T − K − x); a signal is a sum above H, strictly. An unknown day leaves
both sums as they were and is unknown itself.
"""

from collections.abc import Mapping

from jobs.methods import Parameter
from jobs.methods._sql import EXACT, number

INPUTS = {"series": "series"}
OUTPUTS = ("signal", "first_signal", "upper", "lower", "upper_path", "lower_path")
PARAMETERS = {
    "target": Parameter("T, the level that is watched", default=0),
    "slack": Parameter("K, the drift that is tolerated"),
    "limit": Parameter("H, the sum above which it signals"),
    "head_start": Parameter("both sums before the first day", default=0),
    "sides": Parameter("both, or upper for a rise only", default="both"),
}


def sql(inputs: Mapping[str, str], parameters: Mapping[str, object], edition: str, output: str) -> str:
    """The output: paths and last sums exact, `first_signal` counted from 1, NULL where there was none."""
    series = inputs["series"]
    paths = {
        "upper": _path(series, "v - {target} - {slack}", parameters),
        "lower": _path(series, "{target} - {slack} - v", parameters),
    }
    if output.endswith("_path"):
        return paths[output.removesuffix("_path")]
    if output in paths:
        return f"{paths[output]}[-1]"
    watched = [paths["upper"]] if parameters["sides"] == "upper" else list(paths.values())
    limit = number(parameters["limit"], "limit")
    first = [f"nullif(list_position(list_transform({path}, lambda c: c > {limit}), true), 0)" for path in watched]
    earliest = f"least({', '.join(first)})" if len(first) > 1 else first[0]
    return earliest if output == "first_signal" else f"CASE WHEN len({series}) > 0 THEN {earliest} IS NOT NULL END"


def _path(series: str, step: str, parameters: Mapping[str, object]) -> str:
    """The sum on every day. Each day is made a state first, for list_reduce keeps to one type."""
    made = step.format(target=number(parameters["target"], "target"), slack=number(parameters["slack"], "slack"))
    empty = f"[]::{EXACT}[]"
    start = f"{{'c': {number(parameters['head_start'], 'head_start')}, 'path': {empty}}}"
    days = f"list_transform({series}, lambda v: {{'c': ({made})::{EXACT}, 'path': {empty}}})"
    grown = f"greatest(0, a.c + coalesce(b.c, -a.c))::{EXACT}"
    kept = f"CASE WHEN b.c IS NULL THEN a.c ELSE greatest(0, a.c + b.c)::{EXACT} END"
    path = f"list_append(a.path, CASE WHEN b.c IS NOT NULL THEN {grown} END)"
    return f"list_reduce({days}, lambda a, b: {{'c': {kept}, 'path': {path}}}, {start}).path"
