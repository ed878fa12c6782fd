"""A trailing mean."""

from tests.methods.made import made


def test_only_the_window_counts() -> None:
    assert made("moving_average", series=[100, 1, 2, 3, 4, 5, 6, 7]) == 4
    assert made("moving_average", set_={"window": 2, "required": 2}, series=[9, 1, 2]) == 1.5


def test_too_few_known_days_are_unknown() -> None:
    assert made("moving_average", series=[1] * 6) is None
    assert made("moving_average", series=[1, 1, 1, None, 1, 1, 1]) is None
    assert made("moving_average", set_={"required": 6}, series=[1, 1, 1, None, 1, 1, 1]) == 1
    assert made("moving_average", series=[]) is None
