"""Grades of leakage."""

from tests.methods.made import made


def test_a_grade_holds_its_upper_bound_and_there_are_two() -> None:
    found = [made("leakage_grade", basic_rate_pct=rate) for rate in (-1, 10, 10.01, 12, 12.01, None)]
    assert found == ["一级", "一级", "二级", "二级", None, None]
