"""IWA's leakage index."""

import pytest

from tests.methods.made import made

ZONE = {"mains_km": 100, "connections": 10000, "service_pipes_km": 50, "pressure_m": 40, "losses_l_day": 1326000}


def test_losses_over_what_is_unavoidable() -> None:
    assert made("infrastructure_leakage_index", "ili", **ZONE) == 3
    assert made("infrastructure_leakage_index", "unavoidable_l_day", **ZONE) == 442000


@pytest.mark.parametrize(
    ("change", "holds"),
    [
        ({"connections": 5000}, False),
        ({"connections": 5001}, True),
        ({"mains_km": 500}, False),
        ({"mains_km": 499}, True),
        ({"pressure_m": 25}, True),
        ({"pressure_m": 100}, True),
        ({"pressure_m": 24.9}, False),
        ({"pressure_m": 100.1}, False),
        ({"mains_km": 0}, False),
        ({"connections": None}, False),
    ],
)
def test_outside_the_formulas_bounds_both_are_unknown(change: dict[str, float | None], holds: bool) -> None:
    for output in ("ili", "unavoidable_l_day"):
        assert (made("infrastructure_leakage_index", output, **(ZONE | change)) is not None) is holds
