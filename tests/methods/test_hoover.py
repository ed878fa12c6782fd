"""Hoover's index."""

from fractions import Fraction

from tests.methods.made import made


def test_it_is_the_share_that_would_have_to_move() -> None:
    assert made("hoover", values=[0, 0, 0, 8]) == 0.75
    assert made("hoover", values=[2, 2]) == 0


def test_rates_with_digits_after_the_point_are_rounded_once() -> None:
    values = [Fraction(n, 10**9) for n in (8123456789, 9876543211, 10000000001, 12345678901)]
    mean = sum(values) / 4
    above = sum(max(Fraction(0), value - mean) for value in values)
    assert made("hoover", values=[float(value) for value in values]) == float(above / sum(values))


def test_it_is_undefined_for_nothing_for_a_zero_sum_and_below_zero() -> None:
    assert [made("hoover", values=values) for values in ([], [0, 0], [-1, 4])] == [None, None, None]
