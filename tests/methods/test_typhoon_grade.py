"""Grades of a tropical cyclone."""

from tests.methods.made import made

NAMES = ["热带低压", "热带风暴", "强热带风暴", "台风", "强台风", "超强台风"]


def test_a_class_holds_its_lower_bound() -> None:
    starts = (10.8, 17.2, 24.5, 32.7, 41.5, 51)
    assert [made("typhoon_grade", wind_ms=start) for start in starts] == NAMES
    assert [made("typhoon_grade", wind_ms=start - 0.1) for start in starts] == [None, *NAMES[:-1]]


def test_a_number_counts_the_grades_and_is_zero_below_them() -> None:
    assert [made("typhoon_grade", "number", wind_ms=ms) for ms in (10.7, 10.8, 17.2, 51, None)] == [0, 1, 2, 6, None]


def test_the_unknown_has_no_grade() -> None:
    assert made("typhoon_grade", wind_ms=None) is None
