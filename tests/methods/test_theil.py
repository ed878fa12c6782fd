"""Theil's T over areas."""

import math

import pytest

from tests.methods.made import made


def test_alike_areas_have_none_and_one_that_has_everything_has_ln_n() -> None:
    assert made("theil", values=[3, 3, 3]) == 0
    assert made("theil", values=[0, 0, 0, 5]) == pytest.approx(math.log(4), abs=1e-15)


def test_it_is_undefined_for_nothing_for_a_zero_mean_and_below_zero() -> None:
    assert [made("theil", values=values) for values in ([], [0, 0], [-1, 4])] == [None, None, None]
