"""NowCast of particles."""

import pytest

from tests.methods.made import made


def test_steady_air_is_its_mean_and_changing_air_weighs_the_newest() -> None:
    assert made("us_epa_nowcast", "nowcast", hours=[12] * 12) == 12
    assert made("us_epa_nowcast", "weight", hours=[5, 50]) == 0.5
    assert made("us_epa_nowcast", "nowcast", hours=[50, 5]) == pytest.approx((5 + 25) / 1.5)


def test_an_unknown_hour_keeps_its_place() -> None:
    assert made("us_epa_nowcast", "nowcast", hours=[40, None, 20]) == pytest.approx((20 + 40 / 4) / 1.25)


def test_two_of_the_newest_three_hours_must_be_known() -> None:
    assert made("us_epa_nowcast", "nowcast", hours=[9, 9, 9, None, None, 9]) is None
    assert made("us_epa_nowcast", "weight", hours=[9, 9, 9, None, None, 9]) is None
    assert made("us_epa_nowcast", "nowcast", hours=[9, 9, 9, None, 9, 9]) == 9


def test_only_the_last_twelve_hours_count_and_clean_air_is_zero() -> None:
    assert made("us_epa_nowcast", "nowcast", hours=[900, *[8] * 12]) == 8
    assert made("us_epa_nowcast", "nowcast", hours=[0] * 12) == 0
