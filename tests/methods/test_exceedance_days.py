"""Days above a level."""

from tests.methods.made import made


def test_the_level_itself_is_not_exceeded_and_unknown_days_are_not_valid() -> None:
    given = {"values": [14.9, 15, 15.1, None, 20]}
    assert made("exceedance_days", "exceed", set_={"level": 15}, **given) == 2
    assert made("exceedance_days", "valid", set_={"level": 15}, **given) == 4


def test_without_a_valid_day_exceedances_are_unknown_not_none() -> None:
    assert made("exceedance_days", "exceed", set_={"level": 15}, values=[None]) is None
    assert made("exceedance_days", "valid", set_={"level": 15}, values=[]) == 0
