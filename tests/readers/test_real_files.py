"""Publishers' own files, where they are at hand."""

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from shapely.geometry import shape

from tests.readers.conftest import columns, read_rows

Shared = Callable[[str], Path]
NYC = "nyc_2020"

pytestmark = pytest.mark.real_data


@pytest.mark.parametrize(("month", "count"), [("03", 223_406), ("04", 35_612), ("05", 57_360), ("06", 63_109)])
def test_every_green_trip_is_a_record(shared: Shared, month: str, count: int) -> None:
    rows = read_rows("csv", shared(f"{NYC}/transport/green_trips/green_tripdata_2020-{month}.csv.gz"))
    assert len(rows) == count
    assert not any("_malformed" in row for row in rows)
    assert [row["_record"] for row in rows] == list(range(1, count + 1))


@pytest.mark.parametrize("month", ["04", "05", "06"])
def test_the_same_trips_as_parquet_and_as_csv_are_the_same_values(shared: Shared, month: str) -> None:
    name = f"green_tripdata_2020-{month}"
    as_csv = read_rows("csv", shared(f"{NYC}/transport/green_trips/{name}.csv.gz"))
    as_parquet = read_rows("parquet", shared(f"{NYC}/transport/green_trips_parquet/{name}.parquet"))
    assert len(as_csv) == len(as_parquet)
    # What a cast sees: amounts as decimals, everything else letter by letter.
    amounts = {
        "trip_distance",
        "fare_amount",
        "extra",
        "mta_tax",
        "tip_amount",
        "tolls_amount",
        "improvement_surcharge",
    }
    amounts |= {"total_amount", "congestion_surcharge"}
    for name in as_csv[0]:
        rule = Decimal if name in amounts else str
        left, right = ([rule(str(row[name])) if row[name] else None for row in rows] for rows in (as_csv, as_parquet))
        assert left == right, name


def test_the_day_on_which_the_header_was_a_message_shows_that_header(shared: Shared) -> None:
    path = shared(f"{NYC}/medical/health_dept/2020-04-15/case-hosp-death.csv")
    assert columns("csv", path)[0].startswith("Retrieving data.")


def test_zones_without_header_take_their_names(shared: Shared) -> None:
    path = shared(f"{NYC}/transport/taxi_zone_location_ids.csv")
    rows = read_rows("csv", path, header=False, columns=["id", "zone", "borough", "group"])
    assert len(rows) == 263
    assert rows[0] == {"id": "1", "zone": "Newark Airport", "borough": "EWR", "group": "newark", "_record": 1}


@pytest.mark.parametrize("crs", [None, "EPSG:2263"])
def test_taxi_zones_in_feet_lie_in_new_york(shared: Shared, crs: str | None) -> None:
    rows = read_rows("shapefile", shared(f"{NYC}/transport/taxi_zones/taxi_zones.shp"), crs=crs)
    assert len(rows) == 263
    for row in rows:
        west, south, east, north = shape(json.loads(str(row["geometry"]))).bounds
        assert -74.3 < west < east < -73.6
        assert 40.4 < south < north < 41.0


def test_every_stop_time_of_the_subway_is_a_record(shared: Shared) -> None:
    rows = read_rows("gtfs", shared(f"{NYC}/transport/gtfs/nyc_subway_2018.zip"), member="stop_times.txt")
    assert len(rows) == 446_924
    assert sum(str(row["arrival_time"]) >= "24:00:00" for row in rows) == 12_819


def test_hospitals_are_points(shared: Shared) -> None:
    rows = read_rows("geojson", shared(f"{NYC}/medical/nyc_hospitals.geojson"))
    assert len(rows) == 55
    assert json.loads(str(rows[0]["geometry"])) == {"type": "Point", "coordinates": [-73.912773, 40.872475]}


def test_encounters_are_read_without_names(shared: Shared) -> None:
    fields = {"id": "$.id", "patient": "$.subject.reference", "start": "$.period.start", "class": "$.class.code"}
    path = shared("fhir_synthea/Encounter.000.ndjson")
    rows = read_rows("fhir", path, resource="Encounter", fields=fields)
    assert len(rows) == 1215
    assert rows[0]["class"] == "AMB"
    assert str(rows[0]["patient"]).startswith("Patient/")


@pytest.mark.parametrize("name", ["pm25", "no2", "ozone", "co", "so2"])
def test_monitors_daily_values_are_whole(shared: Shared, name: str) -> None:
    rows = read_rows("csv", shared(f"{NYC}/environment/epa_ny_state_2020_{name}.csv"))
    assert rows
    assert not any("_malformed" in row for row in rows)
