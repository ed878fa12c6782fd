"""The 2.5 beta method."""

import math
import statistics

import pytest

from tests.methods.made import made

DAYS = [0, 1, math.e, None, 50]


def test_days_of_zero_and_unknown_days_are_left_out() -> None:
    assert made("major_event_threshold", "days_used", daily_saidi=DAYS) == 3


def test_the_threshold_is_the_exponential_of_alpha_and_two_and_a_half_beta() -> None:
    logs = [0, 1, math.log(50)]
    alpha, beta = statistics.fmean(logs), statistics.stdev(logs)
    assert made("major_event_threshold", "alpha", daily_saidi=DAYS) == pytest.approx(alpha)
    assert made("major_event_threshold", "beta", daily_saidi=DAYS) == pytest.approx(beta)
    assert made("major_event_threshold", "threshold", daily_saidi=DAYS) == pytest.approx(math.exp(alpha + 2.5 * beta))


def test_a_day_must_exceed_the_threshold() -> None:
    assert made("major_event_threshold", "major_days", daily_saidi=[2, 2, 2]) == 0
    assert made("major_event_threshold", "major_days", daily_saidi=[*[1, 1.1, 0.9] * 20, 90]) == 1


def test_one_day_has_no_deviation() -> None:
    assert made("major_event_threshold", "threshold", daily_saidi=[3, 0]) is None
    assert made("major_event_threshold", "threshold", set_={"ddof": 0}, daily_saidi=[3, 0]) == pytest.approx(3)
    assert made("major_event_threshold", "alpha", daily_saidi=[]) is None
    assert made("major_event_threshold", "major_days", daily_saidi=[]) is None
