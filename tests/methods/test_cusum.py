"""Tabular CUSUM."""

from tests.methods.made import made

RULE = {"target": 10, "slack": 1, "limit": 3}


def test_both_sums_start_at_zero_and_never_go_below() -> None:
    assert made("cusum", "upper_path", set_=RULE, series=[12, 9, 14, 10.5]) == [1, 0, 3, 2.5]
    assert made("cusum", "lower_path", set_=RULE, series=[12, 7, 9]) == [0, 2, 2]


def test_the_limit_itself_does_not_signal() -> None:
    assert made("cusum", "signal", set_=RULE, series=[14]) is False
    assert made("cusum", "signal", set_=RULE, series=[14, 11.1]) is True
    assert made("cusum", "first_signal", set_=RULE, series=[14, 11.1]) == 2
    assert made("cusum", "first_signal", set_=RULE, series=[10]) is None


def test_a_fall_signals_too_unless_only_a_rise_is_watched() -> None:
    assert made("cusum", "first_signal", set_=RULE, series=[10, 5]) == 2
    assert made("cusum", "first_signal", set_=RULE | {"sides": "upper"}, series=[10, 5]) is None


def test_a_head_start_shortens_the_way() -> None:
    assert made("cusum", "upper_path", set_=RULE | {"head_start": 1.5}, series=[12, 8]) == [2.5, 0]


def test_an_unknown_day_is_unknown_and_leaves_the_sum() -> None:
    assert made("cusum", "upper_path", set_=RULE, series=[12, None, 12]) == [1, None, 2]


def test_no_day_signals_nothing_and_has_no_sum() -> None:
    assert made("cusum", "signal", set_=RULE, series=[]) is None
    assert made("cusum", "upper", set_=RULE, series=[]) is None
    assert made("cusum", "upper_path", set_=RULE, series=[]) == []
