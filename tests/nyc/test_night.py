"""A real city by configuration alone: the first load of four months, and editions as of four days."""

from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path
from shutil import copytree

import pytest

from citypulse import asking
from jobs import landing
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger
from schemas import load_city
from tests.conftest import RunNight
from tests.nyc import figures
from tests.publish import audited
from tests.publish.headless import BINARY, Chromium

pytestmark = [
    pytest.mark.slow,
    pytest.mark.real_data,
    pytest.mark.skipif(not figures.RAW.is_dir(), reason=figures.ABSENT),
]
LAST = "2020-06-30"


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory, night: RunNight) -> Lake:
    """Everything delivered on the last day, and that night."""
    made = Lake(tmp_path_factory.mktemp("nyc"), "nyc")
    city = load_city("nyc")
    landing.land(city, made, figures.RAW, landing.delivered_at(LAST, city))
    night(made, LAST)
    return made


def values(lake: Lake, indicator: str, **asked: str) -> list[dict[str, object]]:
    options = dict.fromkeys(("place", "level", "period", "segment", "as_of")) | asked
    rows: list[dict[str, object]] = asking.values(load_city("nyc"), lake, indicator, **options).to_pylist()
    return rows


def test_trips_per_day_and_minutes_are_those_of_the_raw_files(lake: Lake) -> None:
    for month, (per_day, minutes) in figures.trips(figures.RAW).items():
        (trips,) = values(lake, "transport.taxi_trips_per_day", level="city", period=month)
        (mean,) = values(lake, "transport.taxi_trip_minutes", level="city", period=month)
        assert round(Decimal(str(trips["value"])), 2) == per_day
        assert round(Decimal(str(mean["value"])), 3) == minutes
        assert trips["coverage"] == 1


@pytest.mark.parametrize(
    ("indicator", "stem"), [("environment.aqi_us_pm25", "pm25"), ("environment.aqi_us_ozone", "ozone")]
)
def test_the_index_of_every_instrument_and_day_is_the_one_the_epa_prints(lake: Lake, indicator: str, stem: str) -> None:
    ours = {
        (date.fromisoformat(str(row["period"])), str(row["place"])): int(str(row["value"]).removesuffix(".0"))
        for row in values(lake, indicator, level="instrument")
    }
    assert ours == figures.aqi(figures.RAW, stem)
    boroughs = {
        (date.fromisoformat(str(row["period"])), str(row["place"])): int(str(row["value"]).removesuffix(".0"))
        for row in values(lake, indicator, level="borough")
        if row["value"] is not None
    }
    assert boroughs == figures.aqi_by_borough(figures.RAW, stem)


def test_case_and_death_rates_by_modzcta_are_those_published(lake: Lake) -> None:
    cases = {
        (str(r["period"]), r["place"]): r["value"] for r in values(lake, "medical.cases_per_100k", level="modzcta")
    }
    deaths = {
        (str(r["period"]), r["place"]): r["value"] for r in values(lake, "medical.deaths_per_100k", level="modzcta")
    }
    published = figures.case_rates(figures.RAW)
    assert len(published) == 177 * 3
    for (day, place), (case_rate, death_rate) in published.items():
        assert abs(Decimal(str(cases[(day.isoformat(), place)])) - case_rate) <= Decimal("0.01")
        assert abs(Decimal(str(deaths[(day.isoformat(), place)])) - death_rate) <= Decimal("0.01")


def test_a_borough_has_the_published_count_not_the_sum_of_its_modzctas(lake: Lake) -> None:
    for (day, borough), (_, rate) in figures.case_counts(figures.RAW).items():
        place, level = ("nyc", "city") if borough == "Citywide" else (borough, "borough")
        (row,) = values(lake, "medical.cases_per_100k", level=level, place=place, period=day.isoformat())
        assert abs(Decimal(str(row["value"])) - rate) <= Decimal("0.01")


@pytest.mark.skipif(BINARY is None, reason="chromium is not installed (Debian: apt-get install chromium)")
def test_every_page_of_its_edition_opens_and_says_what_the_edition_says(lake: Lake, tmp_path: Path) -> None:
    with Chromium(tmp_path) as browser:
        audited.edition(browser, lake.folder("editions") / LAST, load_city("nyc"))


def test_every_day_of_the_first_load_is_in_one_commit_of_each_table(lake: Lake) -> None:
    for key in lake.keys("silver"):
        history = lake.delta(key).history()
        assert [entry["operation"] for entry in history].count("WRITE") == 1
    assert len(lake.files("silver.taxi_trips", "_day", [f"2020-04-{n:02}" for n in range(1, 31)])) == 30


def test_what_was_odd_in_the_files_is_known_by_rule(lake: Lake) -> None:
    ledger = Ledger(lake)
    attempts = ledger.query(
        "SELECT d.file, i.outcome, i.reason FROM deliveries AS d JOIN ingests AS i USING (delivery_id)",
        "deliveries",
        "ingests",
    )
    refused = {row["file"]: row["reason"] for row in attempts if row["outcome"] == "refused"}
    assert {name.removeprefix("medical/health_dept/") for name in refused} == set(figures.REFUSED)
    assert "Retrieving data" in refused["medical/health_dept/2020-04-15/case-hosp-death.csv"]
    flags = ledger.rows("accounts", "source = 'green_trips' AND part = 'flagged'")
    flagged = Counter[str]()
    for row in flags:
        flagged[row["reason"]] += row["rows"]
    assert flagged["pickup_in_file_month"] == 30
    assert flagged["distance_plausible"] >= 27
    undated = asking.sql(lake, "SELECT count(*) AS n FROM silver.taxi_trips WHERE _day = '_undated'").to_pylist()
    assert undated == [{"n": 7}]


def test_each_edition_says_what_had_arrived_by_then(tmp_path: Path, night: RunNight) -> None:
    city = load_city("nyc")
    delivered = tmp_path / "delivered"
    copytree(figures.RAW / "medical" / "health_dept", delivered / "medical" / "health_dept")
    lake = Lake(tmp_path / "lake", "nyc")
    landing.land(city, lake, delivered, landing.delivered_at(LAST, city))
    for edition in figures.ADMISSIONS_AS_OF:
        night(lake, edition.isoformat())
    for edition, admitted in figures.ADMISSIONS_AS_OF.items():
        (row,) = values(lake, "medical.admissions", level="city", period="2020-04-10", as_of=edition.isoformat())
        assert row["value"] == admitted
    second_of_march = [
        values(lake, "medical.admissions", level="city", period="2020-03-02", as_of=d.isoformat())
        for d in figures.ADMISSIONS_AS_OF
    ]
    assert [rows[0]["value"] for rows in second_of_march] == [12, None, 22, 22]
