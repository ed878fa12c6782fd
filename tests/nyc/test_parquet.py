"""The same months as parquet, by one other source file, are the same silver table."""

from datetime import date
from pathlib import Path
from shutil import copytree

import pytest

from jobs import landing
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger
from jobs.night import Night
from jobs.night import run as run_night
from schemas import load_city
from schemas.city import ROOT
from tests.nyc import figures

pytestmark = [
    pytest.mark.slow,
    pytest.mark.real_data,
    pytest.mark.skipif(not figures.RAW.is_dir(), reason=figures.ABSENT),
]
OVERLAY = Path(__file__).parents[1] / "fixtures" / "cities" / "nyc_parquet"
MONTH = "2020-04"


def silver(lake: Lake, kind: str) -> list[tuple[str, int, str]]:
    """Day, rows and digest of the trips, made from one month of one format."""
    city = load_city("nyc")
    delivered = lake.root.parent / "delivered"
    copytree(figures.RAW / "transport" / "taxi_zones", delivered / "transport" / "taxi_zones")
    (delivered / "transport" / kind).mkdir()
    for path in sorted((figures.RAW / "transport" / kind).glob(f"*{MONTH}*")):
        (delivered / "transport" / kind / path.name).write_bytes(path.read_bytes())
    landing.land(city, lake, delivered, landing.delivered_at("2020-06-30", city))
    run_night(Night(city, lake, date(2020, 6, 30)), ["bronze", "silver"])
    rows = Ledger(lake).rows("table_days", "\"table\" = 'silver.taxi_trips'", "day")
    return [(row["day"], row["rows"], row["digest"]) for row in rows]


@pytest.mark.usefixtures("spark")
def test_parquet_and_csv_give_the_same_trips(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from_csv = silver(Lake(tmp_path / "csv", "nyc"), "green_trips")
    conf = tmp_path / "conf"
    copytree(ROOT / "conf" / "cities" / "nyc", conf / "cities" / "nyc")
    copytree(OVERLAY, conf / "cities" / "nyc", dirs_exist_ok=True)
    monkeypatch.setenv("CITYPULSE_CONF", str(conf))
    from_parquet = silver(Lake(tmp_path / "parquet", "nyc"), "green_trips_parquet")
    assert sum(rows for _, rows, _ in from_csv) == 35612
    assert [row[:2] for row in from_parquet] == [row[:2] for row in from_csv]
    assert from_parquet == from_csv
