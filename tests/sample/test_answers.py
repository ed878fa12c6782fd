"""The answer key: complete, consistent with itself, and equal to what the delivered files say when nothing is wrong."""

import csv
import json
from collections import defaultdict
from fractions import Fraction
from pathlib import Path
from typing import Any

import openpyxl

from jobs.sample import aqi
from jobs.sample.answers import exact
from schemas import load_city

CITY = load_city("lanhai")
Key = dict[tuple[str, str, str, str, str], dict[str, Any]]


def key(folder: Path) -> Key:
    lines = (folder / "answers" / "values.ndjson").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    found = {(r["edition"], r["indicator"], r["level"], r["place"], r["period"]): r for r in rows}
    assert len(found) == len(rows)
    return found


def at(rows: Key, edition: str, indicator: str, level: str, place: str, period: str) -> Fraction:
    return Fraction(rows[(edition, indicator, level, place, period)]["value"])


def test_every_indicator_of_the_city_is_answered_for_every_period_kind(clean: Path) -> None:
    answered = defaultdict(set)
    for row in key(clean).values():
        answered[row["indicator"]].add(row["period_kind"])
    assert {name: set(one.periods) for name, one in CITY.indicators.items()} == dict(answered)


def test_without_faults_only_the_late_file_leaves_something_unsaid(clean: Path) -> None:
    short = {(r["edition"], r["indicator"]) for r in key(clean).values() if not r["enough"]}
    late = {name for name, one in CITY.indicators.items() if "silver.vehicle_positions" in one.tables}
    assert short == {("2025-03-03", name) for name in late}


def test_the_correction_changes_a_value_and_the_late_file_completes_one(clean: Path) -> None:
    rows = key(clean)
    response = ("medical.ambulance_response_minutes", "city", "lanhai", "2025-03-03")
    assert rows[("2025-03-03", *response)]["value"] != rows[("2025-03-04", *response)]["value"]
    positions = ("transport.vehicle_positions", "city", "lanhai", "2025-03-03")
    first, second = (rows[(edition, *positions)] for edition in ("2025-03-03", "2025-03-04"))
    assert first["value"] == second["value"]
    assert int(first["arrived"]) < int(second["arrived"]) == int(second["value"])


def test_counts_add_up_over_streets_districts_and_hours(clean: Path) -> None:
    rows = key(clean)
    for indicator in ("transport.taxi_trips", "transport.vehicle_positions", "livelihood.hotline_cases"):
        parts: dict[tuple[str, str, str], int] = defaultdict(int)
        for (edition, name, level, _, period), row in rows.items():
            if name == indicator:
                parts[(edition, level, period)] += int(row["value"])
        for (edition, level, period), total in parts.items():
            if level in ("street", "district"):
                assert total == at(rows, edition, indicator, "city", "lanhai", period)
            if level == "city" and len(period) == 10 and (edition, level, f"{period}T00") in parts:
                assert total == sum(parts[(edition, level, f"{period}T{hour:02d}")] for hour in range(24))


def test_the_key_says_what_the_files_say(clean: Path) -> None:
    rows, night = key(clean), clean / "night-1"
    with (night / "transport/taxi/trips_20250303.csv").open(encoding="utf-8") as file:
        trips = list(csv.DictReader(file))
    assert at(rows, "2025-03-03", "transport.taxi_trips", "city", "lanhai", "2025-03-03") == len(trips)
    with (night / "water/pressure_20250303.csv").open(encoding="utf-8") as file:
        pressures = [Fraction(row["pressure_mpa"].replace(",", ".")) for row in csv.DictReader(file, delimiter=";")]
    enough = Fraction(100 * sum(one >= Fraction("0.14") for one in pressures), len(pressures))
    assert at(rows, "2025-03-03", "water.pressure_compliance", "city", "lanhai", "2025-03-03") == enough
    air = json.loads((night / "environment/air/air_20250303.json").read_text("utf-8"))["data"]
    pm25 = [one["Pollutants"]["PM2.5"]["value"] for one in air]
    known = [value for value in pm25 if value != "—"]
    mean = Fraction(sum(known), len(known))
    assert len(known) < len(pm25)
    assert at(rows, "2025-03-03", "environment.pm25_daily_mean", "city", "lanhai", "2025-03-03") == mean


def test_the_ledger_and_the_key_agree_on_occupied_beds(clean: Path) -> None:
    sheet = openpyxl.load_workbook(clean / "night-1/medical/ledger/床位收治台账_20250303.xlsx").worksheets[0]
    lines = [row for row in sheet.iter_rows(min_row=5, values_only=True) if row[1]][-8:]
    opened = sum(int(str(row[4]).replace(",", "")) for row in lines)
    share = Fraction(100 * sum(int(row[5]) for row in lines), opened)
    assert at(key(clean), "2025-03-03", "medical.bed_occupancy", "city", "lanhai", "2025-03-03") == share
    week = [row[6] for row in sheet.iter_rows(min_row=5, values_only=True) if row[1]]
    mean = at(key(clean), "2025-03-03", "medical.admissions_mean_7d", "city", "lanhai", "2025-03-03")
    assert mean == Fraction(sum(map(int, week)), 7)


def test_a_fault_that_takes_something_away_is_not_enough(faulty: Path) -> None:
    rows = key(faulty)
    refused = {
        "power.outages": "2025-03-04", "weather.mean_temperature": "2025-03-04", "population.presence": "2025-03-05",
    }  # fmt: skip
    for indicator, day in refused.items():
        row = rows[(day, indicator, "city", "lanhai", day)]
        assert (row["enough"], row["arrived"], row["expected_status_hint"]) == (False, None, "unknown")
        assert row["value"] is not None
    trips = rows[("2025-03-05", "transport.taxi_trips", "city", "lanhai", "2025-03-05")]
    planted = json.loads((faulty / "answers/faults.json").read_text("utf-8"))
    lost = [
        one for one in planted
        if one["source"] == "taxi_trips" and one["night"] == 3 and one["found_in"] == "quarantine"
    ]  # fmt: skip
    assert int(trips["value"]) - int(trips["arrived"]) == len(lost) == 6


def test_the_ledger_of_the_next_night_gives_what_a_hospital_left_out(faulty: Path) -> None:
    rows = key(faulty)
    same = ("medical.bed_occupancy", "city", "lanhai", "2025-03-03")
    assert [rows[(edition, *same)]["enough"] for edition in ("2025-03-03", "2025-03-04")] == [False, True]


def test_faults_never_change_the_truth_of_the_first_edition(clean: Path, faulty: Path) -> None:
    mine, theirs = key(clean), key(faulty)
    first = [one for one in mine if one[0] == "2025-03-03"]
    assert first
    assert {one: theirs[one]["value"] for one in first} == {one: mine[one]["value"] for one in first}


def test_exact_values_are_whole_decimal_or_a_fraction() -> None:
    assert [exact(Fraction(text)) for text in ("12", "17/20", "2/3", "-1/8", "0")] == [
        "12",
        "0.85",
        "2/3",
        "-0.125",
        "0",
    ]


def test_the_key_computes_the_indices_of_the_standards() -> None:
    means = {"SO2": "21", "NO2": "39", "PM10": "60", "PM2.5": "21", "CO": "0.7", "O3_8h": "192"}
    assert aqi.cn({name: Fraction(value) for name, value in means.items()}) == 130  # worked example AIR-CN-05
    assert aqi.cn_one("PM2.5", Fraction(76)) == 102
    assert aqi.cn_one("SO2", Fraction(150)) == 100
    assert aqi.us_pm25(Fraction("35.49")) == 100
    assert aqi.us_ozone(Fraction("0.078")) == 126
    assert aqi.us_ozone(Fraction("0.201")) is None
