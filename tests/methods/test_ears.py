"""EARS C1, C2, C3 of the newest day."""

import statistics

import pytest

from schemas import DeclarationError
from tests.methods.made import made

QUIET = [1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3]


def test_c1_compares_with_the_days_before_and_c2_leaves_two_out() -> None:
    days = [2, 4, 3, 5, 1, 2, 4, 9, 9, 30]
    for output, window in (("c1", days[2:9]), ("c2", days[:7])):
        worked = (30 - statistics.fmean(window)) / statistics.stdev(window)
        assert made("ears", output, series=days) == pytest.approx(worked)


def test_c3_adds_up_what_c2_exceeds_1_by_over_three_days() -> None:
    days = [*QUIET, 1, 9, 3]
    c2 = [made("ears", "c2", series=days[: len(days) - back]) for back in (0, 1, 2)]
    assert made("ears", "c3", series=days) == pytest.approx(sum(max(0, one - 1) for one in c2))


def test_the_upper_bound_is_the_quantile_above_the_mean() -> None:
    window = QUIET[4:11]
    worked = statistics.fmean(window) + statistics.NormalDist().inv_cdf(0.95) * statistics.stdev(window)
    assert made("ears", "upper_c1", set_={"alpha": 0.05}, series=QUIET) == pytest.approx(worked)


def test_the_baseline_the_gap_and_the_divisor_are_parameters() -> None:
    days = [2, 4, 3, 5, 1, 2, 4, 9]
    worked = (9 - statistics.fmean(days[2:6])) / statistics.pstdev(days[2:6])
    assert made("ears", "c1", set_={"baseline": 4, "gap_c1": 2, "ddof": 0}, series=days) == pytest.approx(worked)


def test_too_short_a_series_or_an_unknown_day_is_unknown() -> None:
    assert made("ears", "c1", series=QUIET[:7]) is None
    assert made("ears", "c3", series=QUIET[:11]) is None
    assert made("ears", "c1", series=[*QUIET[:10], None, 5]) is None


def test_a_baseline_that_does_not_vary_has_no_statistic_unless_a_least_deviation_is_set() -> None:
    assert made("ears", "c1", series=[2] * 7 + [4]) is None
    assert made("ears", "c1", set_={"minimum_sd": 0.5}, series=[2] * 7 + [4]) == 4
    assert made("ears", "upper_c1", series=[2] * 7 + [4]) == 2


@pytest.mark.parametrize(("statistic", "gap"), [("c1", 1), ("c2", 3)])
def test_a_day_strictly_above_the_upper_bound_is_a_signal(statistic: str, gap: int) -> None:
    days = [2] * 7 + [9] * (gap - 1)
    said = [made("ears", f"signal_{statistic}", set_={"minimum_sd": 1}, series=[*days, day]) for day in (2, 5, 6)]
    assert said == [False, False, True]
    assert made("ears", f"signal_{statistic}", series=[*days, 2]) is False
    assert made("ears", f"signal_{statistic}", series=[*days, 3]) is True
    assert made("ears", f"signal_{statistic}", series=[*days[1:], None]) is None


def test_an_error_outside_0_to_1_is_refused() -> None:
    with pytest.raises(DeclarationError, match="alpha 5 is not between 0 and 1"):
        made("ears", "upper_c1", set_={"alpha": 5}, series=QUIET)
