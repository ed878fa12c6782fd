"""Threshold of a major event day: IEEE 1366-2012 Annex B, the 2.5 beta method.

From daily SAIDI of (five) years, days of zero dropped: α the mean and β the standard deviation of ln SAIDI, T = exp(α
+ 2.5β). A day above T, strictly, is a major event day. The text we read does not state ddof; 1 is ours.
"""

from collections.abc import Mapping

from jobs.methods import Parameter
from jobs.methods._sql import added, let, number, whole

INPUTS = {"daily_saidi": "bag"}
OUTPUTS = ("threshold", "alpha", "beta", "days_used", "major_days")
PARAMETERS = {
    "ddof": Parameter("what is taken from n in the standard deviation", default=1),
    "betas": Parameter("how many standard deviations above the mean", default="2.5", verified=True),
}


def sql(inputs: Mapping[str, str], parameters: Mapping[str, object], edition: str, output: str) -> str:
    """The output; NULL where too few days are above zero for a standard deviation."""
    ddof = whole(parameters["ddof"], "ddof")
    logs = f"list_transform(list_filter({inputs['daily_saidi']}, lambda v: v > 0), lambda v: ln(v::DOUBLE))"
    alpha = "list_sum(l.x) / len(l.x)"
    squares = added("a.x", "pow(v - a.mean, 2)", of="DOUBLE")
    beta = let(
        "a", {"x": "l.x", "mean": alpha}, f"CASE WHEN len(a.x) > {ddof} THEN sqrt({squares} / (len(a.x) - {ddof})) END"
    )
    threshold = f"exp({alpha} + {number(parameters['betas'], 'betas')}::DOUBLE * {beta})"
    above = "CASE WHEN t.limit IS NOT NULL THEN len(list_filter(t.days, lambda v: v::DOUBLE > t.limit)) END"
    major = let("t", {"days": "l.days", "limit": threshold}, above)
    made = {"threshold": threshold, "alpha": alpha, "beta": beta, "days_used": "len(l.x)", "major_days": major}[output]
    return let("l", {"x": logs, "days": inputs["daily_saidi"]}, made)
