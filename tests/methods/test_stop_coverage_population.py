"""People near public transport."""

from tests.methods.made import made


def near(people: float | None, low: float | None, high: float | None) -> dict[str, object]:
    return {"people": people, "low_capacity_m": low, "high_capacity_m": high}


def test_500_m_to_a_bus_or_1_km_to_a_train_both_inclusive() -> None:
    blocks = [near(10, 500, 5000), near(20, 501, 1000), near(70, 501, 1001)]
    assert made("stop_coverage_population", blocks=blocks) == 30


def test_an_unknown_distance_reaches_nobody_and_unknown_people_do_not_count() -> None:
    assert made("stop_coverage_population", blocks=[near(10, None, None), near(10, 5, None), near(None, 5, 5)]) == 50


def test_the_reach_is_a_parameter_and_nobody_is_unknown() -> None:
    assert made("stop_coverage_population", set_={"low_capacity_reach_m": 300}, blocks=[near(10, 400, None)]) == 0
    assert made("stop_coverage_population", blocks=[near(0, 5, 5)]) is None
