"""A weighted mean."""

from tests.methods.made import made


def test_people_weigh_not_cells() -> None:
    rows = [{"value": 30, "weight": 1000}, {"value": 50, "weight": 3000}, {"value": 10, "weight": 6000}]
    assert made("weighted_mean", rows=rows) == 24


def test_a_row_not_wholly_known_is_in_neither_sum() -> None:
    rows = [{"value": 30, "weight": 2}, {"value": None, "weight": 8}, {"value": 7, "weight": None}]
    assert made("weighted_mean", rows=rows) == 30


def test_without_weight_there_is_no_mean() -> None:
    assert made("weighted_mean", rows=[{"value": 30, "weight": 0}]) is None
    assert made("weighted_mean", rows=[]) is None
