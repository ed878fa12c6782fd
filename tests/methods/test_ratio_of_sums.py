"""The roll-up of a ratio."""

from tests.methods.made import made


def test_sums_are_divided_not_rates_averaged() -> None:
    rows = [{"over": 90, "under": 100}, {"over": 1, "under": 10}]
    assert made("ratio_of_sums", "rollup", rows=rows) == 91 / 110
    assert made("ratio_of_sums", "mean_of_rates", rows=rows) == 0.5


def test_a_part_of_nothing_has_no_rate() -> None:
    rows = [{"over": 1, "under": 2}, {"over": 0, "under": 0}]
    assert made("ratio_of_sums", "mean_of_rates", rows=rows) == 0.5
    assert made("ratio_of_sums", "rollup", rows=rows[1:]) is None
    assert made("ratio_of_sums", "mean_of_rates", rows=[]) is None
