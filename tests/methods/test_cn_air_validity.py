"""How much must be measured."""

from tests.methods.made import made


def test_the_least_of_each_span_is_enough() -> None:
    least = {"minutes_of_hour": 45, "hours_of_8": 6, "hours_of_day": 20, "days_of_year": 324}
    for name, number in least.items():
        assert made("cn_air_validity", **{name: number}) is True
        assert made("cn_air_validity", **{name: number - 1}) is False


def test_an_unknown_count_is_unknown() -> None:
    assert made("cn_air_validity", hours_of_day=None) is None
