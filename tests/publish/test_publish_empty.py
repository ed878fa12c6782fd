"""An edition of a lake that has said nothing yet."""

from datetime import date
from pathlib import Path

from jobs import showing
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger
from schemas import load_city


def test_a_night_before_any_value_shows_none_and_says_so_of_each_indicator(tmp_path: Path) -> None:
    city, lake, night = load_city("nyc"), Lake(tmp_path, "nyc"), date(2020, 6, 30)
    data = showing.gather(city, lake, Ledger(lake), night)
    assert data.changes == []
    assert all(value["value"] is None for value in data.values)
    assert set(data.indicators) == set(city.indicators)
