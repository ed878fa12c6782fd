"""What the answer key makes of lists: worked by hand, and the same as the published examples."""

from fractions import Fraction

import pytest

from jobs.sample import statistics

QUIET = [Fraction(n) for n in (2, 4, 3, 5, 1, 2, 4)]
"""Mean 3, variance 2: three days at distance 1 or less, four further off."""


@pytest.mark.parametrize(("newest", "signal"), [(7, 0), (8, 1), (0, 0)])
def test_a_day_above_the_mean_and_three_deviations_is_a_signal(newest: int, signal: int) -> None:
    """3 + 3.0902·√2 = 7.37."""
    assert statistics.ears_signal(1, Fraction(0))([*QUIET, Fraction(newest)]) == signal
    assert statistics.ears_signal(3, Fraction(0))([*QUIET, None, Fraction(99), Fraction(newest)]) == signal


def test_a_quiet_baseline_has_a_least_deviation() -> None:
    days = [Fraction(2)] * 7
    assert statistics.ears_signal(1, Fraction(0))([*days, Fraction(3)]) == 1
    assert [statistics.ears_signal(1, Fraction(1, 2))([*days, Fraction(n)]) for n in (3, 4)] == [0, 1]


def test_a_day_that_is_not_known_leaves_the_signal_unknown() -> None:
    assert statistics.ears_signal(1, Fraction(0))([*QUIET, None]) is None
    assert statistics.ears_signal(1, Fraction(0))([None, *QUIET[1:], Fraction(9)]) is None


def test_a_shortfall_adds_up_and_is_made_good() -> None:
    made = statistics.shortfall(Fraction(90), Fraction(2))
    assert made([Fraction(n) for n in (80, 85, 95)]) == 8 + 3 - 7
    assert made([Fraction(80), None, Fraction(100), Fraction(87)]) == 1
    assert made([Fraction(80), None]) is None


def test_inequality_is_that_of_the_books() -> None:
    assert statistics.gini([Fraction(n) for n in (1, 3, 5)]) == Fraction(8, 27)
    assert statistics.hoover([Fraction(n) for n in (0, 0, 0, 8)]) == Fraction(3, 4)
    assert statistics.gini([Fraction(0)]) is statistics.hoover([Fraction(0)]) is None
    assert statistics.share_up_to(Fraction(75))([Fraction(n) for n in (20, 75, 76)]) == Fraction(2, 3)
