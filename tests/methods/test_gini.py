"""Gini over areas."""

from tests.methods.made import made


def test_one_area_that_has_everything_and_areas_that_are_alike() -> None:
    assert made("gini", values=[0, 0, 0, 8]) == 0.75
    assert made("gini", values=[2.5, 2.5]) == 0


def test_the_order_of_the_areas_does_not_matter() -> None:
    assert made("gini", values=[5, 1, 3]) == made("gini", values=[1, 3, 5]) == 8 / 27


def test_it_is_undefined_for_nothing_for_a_zero_mean_and_below_zero() -> None:
    assert [made("gini", values=values) for values in ([], [0, 0], [-1, 4])] == [None, None, None]
