"""Adding is one new file each and no edit: a scratch city, a source and an indicator made by `citypulse new`."""

from pathlib import Path

import pytest

from citypulse import asking, scaffold
from jobs import landing
from jobs.checking import faults
from jobs.core.errors import Problem
from jobs.core.lake import Lake
from schemas import load_city
from tests.conftest import RunNight

pytestmark = pytest.mark.slow


@pytest.fixture
def conf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "conf"
    monkeypatch.setenv("CITYPULSE_CONF", str(folder))
    return folder


def test_a_city_a_source_and_an_indicator_are_one_new_file_each(conf: Path, tmp_path: Path, night: RunNight) -> None:
    made = scaffold.write("city", "tinytown", None)
    made += scaffold.write("source", "stations", "tinytown")
    made += scaffold.write("indicator", "weather.reports", "tinytown")
    assert sorted(path for path in conf.rglob("*") if path.is_file()) == sorted(made)
    city = load_city("tinytown")
    assert faults(city) == []

    delivered = tmp_path / "delivered" / "stations"
    delivered.mkdir(parents=True)
    (delivered / "day.csv").write_text(
        "station,date,temperature\nS1,2025-01-01,3.5\nS2,2025-01-01,4.0\nS1,2025-01-02,2.5\n", "utf-8"
    )
    lake = Lake(tmp_path / "lake", "tinytown")
    landing.land(city, lake, tmp_path / "delivered", landing.delivered_at("2025-01-03T02:00", city))
    night(lake, "2025-01-02")
    rows = asking.values(city, lake, "weather.reports", None, "city", "2025-01-01..2025-01-02", None, None).to_pylist()
    assert [(row["period"], row["value"], row["coverage"]) for row in rows] == [
        ("2025-01-01", 2.0, 1.0),
        ("2025-01-02", 1.0, 0.5),  # S2 was heard the day before, and is missing
    ]


def test_a_file_that_is_there_is_never_written_over(conf: Path) -> None:
    scaffold.write("city", "tinytown", None)
    with pytest.raises(Problem, match="is there already"):
        scaffold.write("city", "tinytown", None)
