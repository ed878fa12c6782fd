"""Excess waiting time."""

import pytest

from tests.methods.made import made


def test_actual_less_scheduled() -> None:
    given = {"scheduled": [10] * 6, "actual": [10, 10, 10, 28, 1, 1]}
    assert made("excess_wait", "ewt", **given) == pytest.approx(4.05)
    assert (made("excess_wait", "swt", **given), made("excess_wait", "awt", **given)) == (5, 9.05)


def test_a_side_without_headways_is_unknown() -> None:
    assert made("excess_wait", "ewt", scheduled=[10], actual=[]) is None
