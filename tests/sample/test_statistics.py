"""What the answer key makes of lists: worked by hand, and the same as the published examples."""

import math
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


def test_a_percentile_lies_on_the_line_between_neighbours() -> None:
    made = statistics.percentile(Fraction(9, 10))
    assert made([*(Fraction(n) for n in (8, 2, 4, 3)), None, Fraction(4), Fraction(5)]) == Fraction(13, 2)
    assert made([Fraction(7)]) == 7


def test_inequality_with_roots_and_logarithms_is_that_of_the_books() -> None:
    lopsided = [Fraction(n) for n in (0, 0, 0, 8)]
    assert statistics.theil(lopsided) == pytest.approx(math.log(4), abs=1e-12)
    assert statistics.atkinson_half([Fraction(1), Fraction(9)]) == Fraction(1, 5)
    assert statistics.variation([Fraction(1), Fraction(3)]) == Fraction(1, 2)
    assert statistics.theil([Fraction(0)]) is statistics.atkinson_half([Fraction(0)]) is None


def test_points_are_lost_by_the_step_and_never_below_zero() -> None:
    made = statistics.steps_below(70, 10)
    assert [made(Fraction(n)) for n in (71, 70, 69, 60, 59, 5)] == [1, 1, *(Fraction(n, 5) for n in (4, 4, 3)), 0]


def test_an_index_lies_on_the_lines_between_its_nodes_up_to_ten() -> None:
    made = statistics.between([(Fraction(0), 0), (Fraction(1, 5), 2), (Fraction(1, 2), 4)])
    assert [made(Fraction(n, 20)) for n in (0, 2, 4, 7, 10, 13, 40)] == [0, 1, 2, 3, 4, 5, 10]


def test_a_day_is_major_far_above_the_usual_logarithm() -> None:
    """Logarithms 0 and 2: mean 1, standard deviation √2."""
    series = [Fraction(1), None, Fraction(0), Fraction(math.exp(2))]
    assert statistics.major_event_threshold(series) == pytest.approx(math.exp(1 + 2.5 * math.sqrt(2)), rel=1e-12)
    assert statistics.major_event_threshold([Fraction(1), Fraction(0)]) is None


def test_a_buffer_is_what_the_bad_days_take_longer() -> None:
    assert statistics.buffer_index([Fraction(n) for n in (10, 30)]) == Fraction(29, 20) - 1
    assert statistics.above(Fraction(10))([Fraction(10), None, Fraction(11)]) == 1
    assert statistics.reached("1", "2.5")(Fraction(5, 2)) == 2
