"""What the answer key makes of lists of values, in exact fractions, from the definitions as they stand in the books."""

from collections.abc import Callable, Sequence
from fractions import Fraction

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
