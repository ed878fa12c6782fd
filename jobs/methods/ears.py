"""EARS C1, C2, C3 of the newest day of a series: CDC's early aberration reporting, as in the R package surveillance.

C1 compares with t−7…t−1, C2 with t−9…t−3 (baseline 7): (y − mean)/sd, sd with ddof 1. C3 is Σ max(0, C2 − 1) over the
last three days. An upper bound is mean + z(1−α)·sd; a day strictly above it is a signal. `minimum_sd` keeps a quiet
baseline from signalling at every case.
"""

from collections.abc import Mapping
from statistics import NormalDist

from jobs.methods import Parameter
from jobs.methods._moments import deviation, mean
from jobs.methods._sql import decimal, let, number, quotient, whole
from schemas import DeclarationError

INPUTS = {"series": "series"}
OUTPUTS = ("c1", "c2", "c3", "upper_c1", "upper_c2", "signal_c1", "signal_c2")
PARAMETERS = {
    "baseline": Parameter("how many days are compared with", default=7, verified=True),
    "gap_c1": Parameter("how many days before the newest C1's baseline ends", default=1, verified=True),
    "gap_c2": Parameter("how many days before the newest C2's baseline ends", default=3, verified=True),
    "ddof": Parameter("what is taken from n in the standard deviation", default=1, verified=True),
    "alpha": Parameter("one-sided error of the upper bound", default="0.001", verified=True),
    "minimum_sd": Parameter("the least standard deviation assumed", default=0, verified=True),
}


def sql(inputs: Mapping[str, str], parameters: Mapping[str, object], edition: str, output: str) -> str:
    """The output as DOUBLE; NULL where a day is unknown or missing, or the baseline does not vary."""
    if output == "c3":
        excess = [_excess(_at(inputs["series"], back, "c2", "c", parameters)) for back in range(3)]
        return " + ".join(excess)
    return _at(inputs["series"], 0, output[-2:], output[0], parameters)


def _at(series: str, back: int, statistic: str, wanted: str, parameters: Mapping[str, object]) -> str:
    """C, the upper bound (`u`) or the signal (`s`) of the day `back` days before the newest."""
    baseline, ddof = whole(parameters["baseline"], "baseline", least=2), whole(parameters["ddof"], "ddof")
    gap = whole(parameters[f"gap_{statistic}"], f"gap_{statistic}", least=1)
    n = f"(len({series}) - {back})"
    window = f"{series}[{n} - {gap + baseline - 1}:{n} - {gap}]"
    spread = f"greatest({deviation('b.x', ddof)}, {number(parameters['minimum_sd'], 'minimum_sd')}::DOUBLE)"
    if wanted in "us":
        made = f"{mean('b.x')} + CAST('{_quantile(parameters['alpha'])}' AS DOUBLE) * {spread}"
        made = f"b.y::DOUBLE > {made}" if wanted == "s" else made
    else:
        made = quotient(f"b.y::DOUBLE - {mean('b.x')}", spread)
    enough = f"{n} >= {gap + baseline} AND list_count(b.x) = {baseline}"
    return let("b", {"x": window, "y": f"{series}[{n}]"}, f"CASE WHEN {enough} THEN {made} END")


def _excess(c2: str) -> str:
    return let("e", {"c": c2}, "CASE WHEN e.c IS NOT NULL THEN greatest(0, e.c - 1) END")


def _quantile(alpha: object) -> float:
    value = decimal(alpha, "alpha")
    if not 0 < value < 1:
        raise DeclarationError(f"alpha {alpha} is not between 0 and 1")
    return NormalDist().inv_cdf(float(1 - value))
