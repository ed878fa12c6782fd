"""What the answer key makes of lists of values, in exact fractions, from the definitions as they stand in the books."""

from collections.abc import Callable, Sequence
from decimal import Context, Decimal
from fractions import Fraction
from itertools import pairwise

Series = Sequence[Fraction | None]
BASELINE = 7
NORMAL_999 = Fraction("3.0902323061678")
"""The 99.9 % point of the normal distribution."""


def mean(series: Series) -> Fraction | None:
    """The mean of days that are all known."""
    known = [value for value in series if value is not None]
    return sum(known, Fraction(0)) / len(known)


def ears_signal(gap: int, least: Fraction) -> Callable[[Series], Fraction | None]:
    """1 where the newest day is above mean + z·sd of the seven days that end `gap` days before it, else 0.

    The standard deviation (divisor 6) counts as at least `least`. Compared as squares: no root is taken.
    """

    def made(series: Series) -> Fraction | None:
        newest, baseline = series[-1], [value for value in series[-gap - BASELINE : -gap] if value is not None]
        if newest is None or len(baseline) < BASELINE:
            return None
        middle = sum(baseline, Fraction(0)) / BASELINE
        variance = sum(((value - middle) ** 2 for value in baseline), Fraction(0)) / (BASELINE - 1)
        is_above = newest > middle and (newest - middle) ** 2 > NORMAL_999**2 * max(variance, least**2)
        return Fraction(int(is_above))

    return made


def shortfall(aim: Fraction, slack: Fraction) -> Callable[[Series], Fraction | None]:
    """The lower sum of a CUSUM: what known days fell below `aim` by more than `slack`, less what they made good."""

    def made(series: Series) -> Fraction | None:
        low = Fraction(0)
        for value in series:
            low = low if value is None else max(Fraction(0), low + aim - slack - value)
        return None if series[-1] is None else low

    return made


def gini(bag: Sequence[Fraction]) -> Fraction | None:
    """Half the mean difference of all pairs, over the mean."""
    total = sum(bag, Fraction(0))
    apart = sum((abs(a - b) for a in bag for b in bag), Fraction(0))
    return apart / (2 * len(bag) * total) if total else None


def hoover(bag: Sequence[Fraction]) -> Fraction | None:
    """The share that lies above the mean, which would have to move."""
    total = sum(bag, Fraction(0))
    above = sum((max(Fraction(0), value - total / len(bag)) for value in bag), Fraction(0))
    return above / total if total else None


def share_up_to(highest: Fraction) -> Callable[[Sequence[Fraction]], Fraction]:
    """How many of a list are at most so much."""
    return lambda bag: Fraction(sum(value <= highest for value in bag), len(bag))


FIFTY = Context(prec=50)
"""Roots and logarithms to fifty digits: as good as exact beside a DOUBLE."""


def _decimal(value: Fraction) -> Decimal:
    return FIFTY.divide(Decimal(value.numerator), Decimal(value.denominator))


def root(value: Fraction) -> Fraction:
    """The square root."""
    return Fraction(FIFTY.sqrt(_decimal(value)))


def log(value: Fraction) -> Fraction:
    """The natural logarithm."""
    return Fraction(FIFTY.ln(_decimal(value)))


def deviation(values: Sequence[Fraction], ddof: int) -> Fraction:
    """The standard deviation with divisor n - ddof."""
    middle = sum(values, Fraction(0)) / len(values)
    return root(sum(((value - middle) ** 2 for value in values), Fraction(0)) / (len(values) - ddof))


def theil(bag: Sequence[Fraction]) -> Fraction | None:
    """Theil's T: the mean of s ln s, s being each value over the mean."""
    middle = sum(bag, Fraction(0)) / len(bag)
    if not middle:
        return None
    relative = [value / middle for value in bag if value]
    return sum((s * log(s) for s in relative), Fraction(0)) / len(bag)


def atkinson_half(bag: Sequence[Fraction]) -> Fraction | None:
    """Atkinson's index with an aversion of one half: 1 less the squared mean root over the mean."""
    middle = sum(bag, Fraction(0)) / len(bag)
    roots = sum(map(root, bag), Fraction(0)) / len(bag)
    return 1 - roots**2 / middle if middle else None


def variation(bag: Sequence[Fraction]) -> Fraction | None:
    """The coefficient of variation, divisor n."""
    middle = sum(bag, Fraction(0)) / len(bag)
    return deviation(bag, 0) / middle if middle else None


def percentile(p: Fraction) -> Callable[[Series], Fraction | None]:
    """The value at place 1 + (n - 1)p of the known ones in order, on the line between neighbours (HJ 663)."""

    def made(series: Series) -> Fraction | None:
        values = sorted(value for value in series if value is not None)
        at = (len(values) - 1) * p
        below = at.numerator // at.denominator
        above = values[min(below + 1, len(values) - 1)]
        return values[below] + (at - below) * (above - values[below])

    return made


def above(level: Fraction) -> Callable[[Series], Fraction | None]:
    """How many known days are above a level."""
    return lambda series: Fraction(sum(value is not None and value > level for value in series))


def buffer_index(series: Series) -> Fraction | None:
    """How far the 95th percentile lies above the mean, over the mean."""
    middle, high = mean(series), percentile(Fraction(95, 100))(series)
    return high / middle - 1 if middle and high is not None else None


def major_event_threshold(series: Series) -> Fraction | None:
    """exp(α + 2.5 β) of the logarithms of the days above zero, divisor n - 1."""
    logs = [log(value) for value in series if value]
    if len(logs) < 2:
        return None
    limit = sum(logs, Fraction(0)) / len(logs) + Fraction(5, 2) * deviation(logs, 1)
    return Fraction(FIFTY.exp(_decimal(limit)))


def steps_below(target: int, step: int) -> Callable[[Fraction], Fraction | None]:
    """One point at the target, a fifth less for each step, or part of one, below it; never below zero."""

    def made(value: Fraction) -> Fraction | None:
        short = max(Fraction(0), target - value)
        return max(Fraction(0), 1 - Fraction(-(-short // step), 5))

    return made


def between(nodes: Sequence[tuple[Fraction, int]]) -> Callable[[Fraction], Fraction | None]:
    """A value put on the lines between nodes; beyond the last on the last line, up to ten."""

    def made(value: Fraction) -> Fraction | None:
        for (low, bottom), (high, top) in pairwise(nodes):
            if value < high or high == nodes[-1][0]:
                return min(Fraction(10), bottom + (value - low) / (high - low) * (top - bottom))
        return None

    return made


def reached(*bounds: str) -> Callable[[Fraction], Fraction]:
    """How many of the bounds a value is at or above."""
    return lambda value: Fraction(sum(value >= Fraction(bound) for bound in bounds))


Rows = Sequence[tuple[str, tuple[Fraction, ...]]]
"""Of each place the district it lies in and its values: what is compared and, where there is one, its weight."""


def weighted_mean(rows: Rows) -> Fraction | None:
    """Σ x·w / Σ w."""
    weight = sum((w for _, (_, w) in rows), Fraction(0))
    return sum((x * w for _, (x, w) in rows), Fraction(0)) / weight if weight else None


def gini_of_people(rows: Rows) -> Fraction | None:
    """Half the mean difference of all pairs of people, over the mean of people."""
    pairs = [row for _, row in rows]
    people, mass = sum((p for _, p in pairs), Fraction(0)), sum((x * p for x, p in pairs), Fraction(0))
    apart = sum((abs(a - b) * p * q for a, p in pairs for b, q in pairs), Fraction(0))
    return apart / (2 * people * mass) if mass else None


def theil_within(rows: Rows) -> Fraction | None:
    """Σ x / Σx · ln(x / mean of its district)."""
    total = sum((x for _, (x,) in rows), Fraction(0))
    own: dict[str, list[Fraction]] = {}
    for district, (x,) in rows:
        own.setdefault(district, []).append(x)
    each = [(x, sum(xs, Fraction(0)) / len(xs)) for xs in own.values() for x in xs if x]
    return sum((x / total * log(x / middle) for x, middle in each), Fraction(0)) if total else None
