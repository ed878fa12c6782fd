"""Grades of rain."""

from tests.methods.made import made

NAMES = ["微量降雨", "小雨", "中雨", "大雨", "暴雨", "大暴雨", "特大暴雨"]


def test_a_class_holds_its_lower_bound() -> None:
    for output, starts in {
        "hours_24": (0, 0.1, 10, 25, 50, 100, 250),
        "hours_12": (0, 0.1, 5, 15, 30, 70, 140),
    }.items():
        assert [made("rain_grade", output, mm=start) for start in starts] == NAMES
        assert [made("rain_grade", output, mm=start - 0.01) for start in starts[1:]] == NAMES[:-1]


def test_a_number_counts_the_grades_from_the_trace() -> None:
    assert [made("rain_grade", "number_24", mm=mm) for mm in (0, 0.1, 9.9, 10, 250)] == [0, 1, 1, 2, 6]
    assert [made("rain_grade", "number_12", mm=mm) for mm in (0, 4.9, 5, 140, None)] == [0, 1, 2, 6, None]


def test_the_unknown_and_the_negative_have_no_grade() -> None:
    assert [made("rain_grade", mm=value) for value in (None, -1)] == [None, None]
