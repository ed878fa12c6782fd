"""Gini over people."""

from tests.methods.made import made


def test_it_is_the_plain_coefficient_of_everyone_in_a_list() -> None:
    rows = [{"rate": 4, "population": 1}, {"rate": 2, "population": 3}]
    assert made("gini_weighted", rows=rows) == made("gini", values=[2, 2, 2, 4]) == 0.15


def test_areas_without_people_or_with_unknown_rates_do_not_count() -> None:
    rows = [{"rate": 2, "population": 3}, {"rate": 9, "population": 0}, {"rate": None, "population": 5}]
    assert made("gini_weighted", rows=rows) == 0


def test_it_is_undefined_without_people_for_a_zero_mean_and_below_zero() -> None:
    for rate, population in ((2, 0), (0, 2), (-1, 2), (1, -2)):
        assert made("gini_weighted", rows=[{"rate": rate, "population": population}]) is None
