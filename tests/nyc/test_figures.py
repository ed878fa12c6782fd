"""The figures stand in the raw files themselves, and the declarations agree with what the publishers print."""

from datetime import date
from decimal import Decimal

import duckdb
import pytest
import yaml

from schemas import conf
from tests.nyc import figures
from tests.nyc.figures import RAW

pytestmark = [pytest.mark.real_data, pytest.mark.skipif(not RAW.is_dir(), reason=figures.ABSENT)]


def test_the_raw_trips_give_the_printed_figures() -> None:
    found = figures.trips(RAW)
    assert {month: str(value) for month, (value, _) in found.items()} == figures.TRIPS_PER_DAY
    assert {month: str(value) for month, (_, value) in found.items()} == figures.TRIP_MINUTES
    assert {month: int(value) for month, (value, _) in found.items()} == figures.TRIPS_PER_DAY_PRINTED


def test_the_admissions_of_one_day_grow_with_the_editions() -> None:
    day, expected = figures.ADMITTED_ON, figures.ADMISSIONS_AS_OF
    assert {edition: figures.admissions_as_of(RAW, day, edition) for edition in expected} == expected


def test_a_day_that_a_delivery_withdraws_is_unknown_until_another_has_it() -> None:
    editions = [date(2020, 4, 16), date(2020, 4, 28), date(2020, 4, 30), date(2020, 5, 17)]
    assert [figures.admissions_as_of(RAW, date(2020, 3, 2), edition) for edition in editions] == [12, None, None, 22]


def test_every_borough_row_carries_an_index() -> None:
    assert {stem: len(figures.aqi(RAW, stem)) for stem in figures.AQI_ROWS} == figures.AQI_ROWS


def test_a_borough_shows_its_highest_instrument() -> None:
    by_instrument, by_borough = figures.aqi(RAW, "pm25"), figures.aqi_by_borough(RAW, "pm25")
    assert max(by_borough.values()) == max(by_instrument.values())
    assert {borough for _, borough in by_borough} == set(figures.BOROUGHS.values())


def test_three_deliveries_print_rates_of_177_areas() -> None:
    found = figures.case_rates(RAW)
    assert len(found) == 3 * 177
    assert found[date(2020, 5, 18), "10001"] == (Decimal("1421.72"), Decimal("72.15"))


def test_the_city_is_not_the_sum_of_its_boroughs() -> None:
    found = {place: cases for (day, place), (cases, _) in figures.case_counts(RAW).items() if day == date(2020, 5, 18)}
    assert found.pop("Citywide") == 191073
    assert sum(found.values()) == 190978


def test_a_blank_of_the_railway_is_not_a_zero() -> None:
    found = figures.ridership(RAW)
    assert len(found) == 122
    assert found[date(2020, 3, 1)] == 2214601 + 1077000 + 55826 + 19922


def test_zip_prefixes_give_the_borough_the_publisher_prints() -> None:
    source = yaml.safe_load((conf() / "cities/nyc/sources/modzcta.yaml").read_text("utf-8"))
    rule = source["columns"]["parent_id"]
    printed = figures.boroughs_of_modzctas(RAW)
    values = ", ".join(f"('{area}', '{borough}')" for area, borough in printed.items())
    wrong = duckdb.execute(
        f"SELECT MODZCTA FROM (VALUES {values}) AS areas(MODZCTA, printed) WHERE ({rule}) IS DISTINCT FROM printed"
    ).fetchall()
    assert (len(printed), wrong) == (177, [])
