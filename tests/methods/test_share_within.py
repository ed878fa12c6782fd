"""The share that keeps a limit."""

from tests.methods.made import made


def test_both_bounds_are_inclusive() -> None:
    assert made("share_within", set_={"low": -2.5, "high": 5}, values=[-2.5, -2.51, 5, 5.01]) == 0.5


def test_a_bound_may_be_open_and_the_unknown_is_in_neither_count() -> None:
    assert made("share_within", set_={"high": 480}, values=[480, 481, None]) == 0.5
    assert made("share_within", "within", set_={"low": 0.28}, values=[0.28, 0.3, 0.27]) == 2
    assert made("share_within", values=[1, 2]) == 1


def test_reaching_the_target_exactly_meets_it() -> None:
    values = [1] * 9 + [9]
    assert made("share_within", "meets", set_={"high": 1, "target": "0.9"}, values=values) is True
    assert made("share_within", "meets", set_={"high": 1, "target": "0.901"}, values=values) is False


def test_nothing_measured_or_no_target_is_unknown() -> None:
    assert made("share_within", set_={"high": 1}, values=[]) is None
    assert made("share_within", "meets", set_={"high": 1, "target": 0.5}, values=[None]) is None
    assert made("share_within", "meets", set_={"high": 1}, values=[1]) is None
