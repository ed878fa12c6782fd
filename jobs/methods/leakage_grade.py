"""Grade of a water utility's basic leakage rate (漏损率): CJJ 92-2016, read in a secondary source. 一级 ≤ 10 %, 二级
≤ 12 %.
"""

from collections.abc import Mapping

from jobs.methods._sql import grade

INPUTS = {"basic_rate_pct": "number"}
STEPS = [("10", "一级"), ("12", "二级")]


def sql(inputs: Mapping[str, str], parameters: Mapping[str, object], edition: str, output: str) -> str:
    """The grade's name; NULL above the second grade, which has none."""
    return grade(inputs["basic_rate_pct"], STEPS, "upper")
