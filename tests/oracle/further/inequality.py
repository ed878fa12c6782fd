"""Inequality and roll-ups."""

import math
import statistics
from collections.abc import Iterator
from fractions import Fraction

from tests.oracle.cases import EXACT, FLOAT, Case


def inequality() -> Iterator[Case]:
    """Equity and roll-ups."""
    values = [12.5, 0, 7, 7, 31, 18.25]
    n, total = len(values), sum(map(Fraction, map(str, values)))
    exact = [Fraction(str(v)) for v in values]
    gaps = sum(abs(a - b) for a in exact for b in exact)
    yield "equity.gini", {"x": values}, gaps / (2 * n * total), 1e-12
    yield "equity.gini", {"x": [0, 0]}, None, EXACT
    yield "equity.gini", {"x": [-1, 5]}, None, EXACT
    yield "equity.gini", {"x": [4, 4, 4]}, 0, EXACT
    shares = [float(v * n / total) for v in exact]
    yield "equity.theil_t", {"x": values}, math.fsum(s * math.log(s) for s in shares if s) / n, 1e-12
    yield "equity.theil_t", {"x": []}, None, EXACT
    yield "equity.hoover", {"x": values}, sum(abs(v / total - Fraction(1, n)) for v in exact) / 2, 1e-12
    ordered = sorted(exact)
    yield "equity.lorenz", {"x": values}, [sum(ordered[:i], Fraction(0)) / total for i in range(n + 1)], 1e-12


def aversion_and_variation() -> Iterator[Case]:
    """Atkinson and the coefficient of variation."""
    values = [12.5, 0, 7, 7, 31, 18.25]
    positive = [3, 9, 27.5, 40]
    mean = statistics.fmean(positive)
    for epsilon in (0.25, 2):
        power = 1 - epsilon
        equal = statistics.fmean(v**power for v in positive) ** (1 / power)
        yield "equity.atkinson", {"x": positive, "epsilon": [epsilon]}, {str(epsilon): 1 - equal / mean}, 1e-12
    yield (
        "equity.atkinson",
        {"x": positive, "epsilon": [1, 0]},
        {"1": 1 - statistics.geometric_mean(positive) / mean, "0": 0},
        1e-12,
    )
    yield "equity.atkinson", {"x": [0, 8], "epsilon": [1, 0.5]}, {"1": 1, "0.5": 1 - (math.sqrt(8) / 2) ** 2 / 4}, 1e-12
    yield (
        "equity.coefficient_of_variation",
        {"x": values},
        {
            "mean": statistics.fmean(values),
            "std_pop": statistics.pstdev(values),
            "std_sample": statistics.stdev(values),
            "cv_pop": statistics.pstdev(values) / statistics.fmean(values),
            "cv_sample": statistics.stdev(values) / statistics.fmean(values),
        },
        1e-12,
    )
    yield "equity.coefficient_of_variation", {"x": [0.1, 0.1, 0.1]}, {"cv_pop": 0, "std_sample": 0}, EXACT
    yield "equity.coefficient_of_variation", {"x": [5]}, {"cv_pop": 0, "cv_sample": None, "std_sample": None}, EXACT


def weights_and_groups() -> Iterator[Case]:
    """Weighted and decomposed inequality."""
    rates, people = [1.5, 6, 2, 2], [40, 10, 30, 5]
    spread = [Fraction(str(r)) for r, p in zip(rates, people, strict=True) for _ in range(p)]
    each = sum(abs(a - b) for a in spread for b in spread)
    yield "equity.gini_weighted", {"rate": rates, "population": people}, each / (2 * len(spread) * sum(spread)), 1e-12
    yield "equity.gini_weighted", {"rate": [2], "population": [0]}, None, EXACT
    x, groups = [5, 10, 0, 20, 15, 2], ["n", "s", "n", "w", "s", "w"]
    mu = statistics.fmean(x)
    whole = math.fsum(v / mu * math.log(v / mu) for v in x if v) / len(x)
    between = 0.0
    for one in sorted(set(groups)):
        mine = [v for v, g in zip(x, groups, strict=True) if g == one]
        between += sum(mine) / sum(x) * math.log(statistics.fmean(mine) / mu)
    yield (
        "equity.theil_decomposition",
        {"x": x, "group": groups},
        {"total": whole, "between": between, "within": whole - between},
        1e-12,
    )
    yield "equity.urban_rural_ratio", {"urban": 7.2, "rural": 0.9}, 8, FLOAT
    yield "equity.urban_rural_ratio", {"urban": 7.2, "rural": 0}, None, EXACT


def rollups() -> Iterator[Case]:
    """Ratios and distinct members over parts."""
    districts = [{"num": 3, "den": 7}, {"num": 12.5, "den": 20}, {"num": 0, "den": 0}]
    yield (
        "rollup.ratio_vs_mean",
        {"districts": districts},
        {"rollup": Fraction("15.5") / 27, "mean_of_rates": (Fraction(3, 7) + Fraction(5, 8)) / 2},
        1e-12,
    )
    yield (
        "rollup.distinct",
        {"east": ["a", "b", "a"], "west": ["c"], "north": []},
        {"distinct": 3, "sum_of_parts": 3},
        EXACT,
    )
    yield (
        "rollup.distinct",
        {"mon": ["x", "y"], "tue": ["x"], "wed": ["x", "z"]},
        {"distinct": 3, "sum_of_parts": 5},
        EXACT,
    )
