"""Hoover's index."""

from tests.methods.made import made


def test_it_is_the_share_that_would_have_to_move() -> None:
    assert made("hoover", values=[0, 0, 0, 8]) == 0.75
    assert made("hoover", values=[2, 2]) == 0


def test_it_is_undefined_for_nothing_for_a_zero_sum_and_below_zero() -> None:
    assert [made("hoover", values=values) for values in ([], [0, 0], [-1, 4])] == [None, None, None]
