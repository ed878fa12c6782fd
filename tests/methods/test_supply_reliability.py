"""Share of time with supply."""

import pytest

from tests.methods.made import made


def test_a_share_and_a_percentage_of_the_period() -> None:
    assert made("supply_reliability", "asai", outage_hours=0.58, period_hours=8760) == pytest.approx(
        0.99993379, abs=1e-8
    )
    assert made("supply_reliability", "rs1", outage_hours=3, period_hours=300) == 99


def test_no_outage_is_everything_and_no_period_is_unknown() -> None:
    assert made("supply_reliability", "rs1", outage_hours=0, period_hours=24) == 100
    assert made("supply_reliability", "asai", outage_hours=0, period_hours=0) is None
