"""Beds that could be added."""

from tests.methods.made import made


def test_free_dischargeable_and_surge_beds_over_staffed_ones() -> None:
    given = {"staffed": 1000, "occupied": 880, "dischargeable": 50, "surge": 120}
    assert made("surge_capacity", "ratio", **given) == 0.29
    assert (made("surge_capacity", "available_now", **given), made("surge_capacity", "available", **given)) == (
        120,
        290,
    )


def test_a_hospital_without_staffed_beds_or_with_an_unknown_part_has_no_ratio() -> None:
    assert made("surge_capacity", "ratio", staffed=0, occupied=0, dischargeable=0, surge=5) is None
    assert made("surge_capacity", "ratio", staffed=9, occupied=None, dischargeable=0, surge=5) is None
