"""Waiting at a stop."""

import pytest

from tests.methods.made import made


def test_a_bunched_line_waits_longer_than_an_even_one() -> None:
    assert made("headways", "expected_wait", headways=[10] * 6) == 5
    assert made("headways", "expected_wait", headways=[10, 10, 10, 28, 1, 1]) == 543 / 60


def test_the_identity_holds_with_ddof_0_only() -> None:
    headways = [10, 15, 5, 10, 10, 10]
    wait = made("headways", "expected_wait", headways=headways)
    assert made("headways", "wait_identity", headways=headways) == pytest.approx(wait)
    assert made("headways", "wait_identity", set_={"ddof": 1}, headways=headways) > wait


def test_no_headway_or_none_but_zeros_is_unknown() -> None:
    for output in ("expected_wait", "cov", "wait_identity"):
        assert made("headways", output, headways=[]) is None
        assert made("headways", output, headways=[0, 0]) is None
