"""Share of person-miles on reliable segments."""

from tests.methods.made import made


def segment(length: float, *ratios: float | None) -> dict[str, object]:
    return {"length": length, "aadt": 1000, "occupancy": 1.7, "ratios": list(ratios)}


def share(*segments: dict[str, object]) -> object:
    return made("lottr", segments=list(segments))


def test_one_and_a_half_exactly_is_not_reliable() -> None:
    assert share(segment(1, 1.1, 1.49), segment(3, 1.5, 1.1)) == 25
    assert share(segment(1, 1.1, 1.4999)) == 100


def test_it_is_rounded_to_a_tenth_halves_up() -> None:
    assert share(segment(1.0005, 1), segment(0.9995, 2)) == 50  # 50.025
    assert share(segment(1.001, 1), segment(0.999, 2)) == 50.1  # 50.05


def test_an_unknown_period_is_not_reliable_and_no_travel_is_unknown() -> None:
    assert share(segment(1, 1.1, None)) == 0
    assert share() is None
