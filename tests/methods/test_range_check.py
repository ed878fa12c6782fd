"""Whether a value is possible."""

from tests.methods.made import made


def test_both_bounds_are_within() -> None:
    limits = {"low": 0, "high": 100}
    assert [made("range_check", "valid", set_=limits, value=v) for v in (0, 100, 100.1, -0.1, None)] == [
        True,
        True,
        False,
        False,
        None,
    ]


def test_the_rule_in_words() -> None:
    assert made("range_check", "rule", set_={"low": -1.50, "high": 100}, value=1) == "-1.5<=x<=100"
