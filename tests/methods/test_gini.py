"""Gini over areas."""

from fractions import Fraction

from tests.methods.made import made


def test_one_area_that_has_everything_and_areas_that_are_alike() -> None:
    assert made("gini", values=[0, 0, 0, 8]) == 0.75
    assert made("gini", values=[2.5, 2.5]) == 0


def test_the_order_of_the_areas_does_not_matter() -> None:
    assert made("gini", values=[5, 1, 3]) == made("gini", values=[1, 3, 5]) == 8 / 27


def test_rates_with_digits_after_the_point_are_rounded_once() -> None:
    values = [Fraction(n, 10**9) for n in (54585529008, 76034210420, 77607018613, 99765542518)]
    apart = sum(abs(a - b) for a in values for b in values)
    assert made("gini", values=[float(value) for value in values]) == float(apart / (2 * 4 * sum(values)))


def test_it_is_undefined_for_nothing_for_a_zero_mean_and_below_zero() -> None:
    assert [made("gini", values=values) for values in ([], [0, 0], [-1, 4])] == [None, None, None]
