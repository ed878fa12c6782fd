"""What is said of a value: status, grade and reasons, from what is held, silent, lost or known to be wrong."""

from dataclasses import replace
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from jobs import judgement, values
from jobs.core import engine
from jobs.core.lake import arrow_schema
from jobs.vintages import VALUES
from schemas import City, load_city
from schemas.indicator import KnownIssue

CITY = load_city("lanhai")
SPEED, DAY, TONIGHT = "transport.road_speed_kmh", date(2025, 3, 10), date(2025, 3, 20)
SPEEDS = "silver.road_speeds"
Row = dict[str, Any]


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    made = engine.connect()
    values.relations(made)
    made.execute('CREATE TABLE held ("table" VARCHAR, day VARCHAR, rule VARCHAR)')
    made.execute('CREATE TABLE warned_days ("table" VARCHAR, day VARCHAR, rule VARCHAR)')
    made.execute("""CREATE TABLE owed ("table" VARCHAR, term VARCHAR, day DATE, entity_id VARCHAR, place_id VARCHAR,
        level VARCHAR, expected BIGINT, observed BIGINT, hours BIGINT)""")
    made.execute(
        "CREATE TABLE up AS SELECT 'street' AS from_level, 's1' AS from_id, 'city' AS to_level, 'lanhai' AS to_id"
    )
    made.register("history", arrow_schema(VALUES).empty_table())
    return made


def say(connection: duckdb.DuckDBPyConnection, city: City = CITY, **given: Any) -> Row:
    """What is said of the city's road speed of a day, once whatever else was prepared."""
    row = {
        "indicator": SPEED, "level": "city", "place": "lanhai", "period_kind": "day", "period": str(DAY),
        "segment": "all", "period_start": DAY, "period_end": DAY, "value": 30.0, "coverage": 1.0, "n_records": 96,
        "definition_version": CITY.indicators[SPEED].version, "over": None, "under": None, "published": True,
        "inner_low": 30.0, "inner_high": 30.0, "lost": 0, "unplaced": 0, "days_known": 1, "days_due": 1,
        "least": 0.0, "most": 200.0,
    } | given  # fmt: skip
    connection.execute(f"INSERT INTO found VALUES ({', '.join('?' for _ in row)})", list(row.values()))
    judgement.judge(connection, city, TONIGHT)
    (said,) = engine.table(connection, "SELECT * FROM judged").to_pylist()
    return dict(said)


def owe(connection: duckdb.DuckDBPyConnection, *sensors: str, hours: int = 0) -> None:
    for sensor in sensors:
        row = [SPEEDS, "slots of speed_kmh", DAY, sensor, "s1", "street", 24, hours.bit_count(), hours]
        connection.execute("INSERT INTO owed VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)


def hold(connection: duckdb.DuckDBPyConnection, table: str = "held") -> None:
    connection.execute(f"INSERT INTO {table} VALUES ('{SPEEDS}', '{DAY}', 'some_readings')")


def test_a_complete_old_value_is_final_grade_a_and_says_nothing(connection: duckdb.DuckDBPyConnection) -> None:
    said = say(connection)
    assert (said["status"], said["grade"], said["reasons"]) == ("final", "A", "")


@pytest.mark.parametrize(("coverage", "grade"), [(0.98, "A"), (0.979, "B"), (0.9, "B"), (0.8, "C"), (0.79, "D")])
def test_the_grade_follows_the_declared_coverage(
    connection: duckdb.DuckDBPyConnection, coverage: float, grade: str
) -> None:
    assert say(connection, coverage=coverage)["grade"] == grade


def test_a_city_may_grade_otherwise_and_an_indicator_otherwise_again(connection: duckdb.DuckDBPyConnection) -> None:
    strict = replace(CITY, file=CITY.file.model_copy(update={"grades": (1.0, 0.99, 0.95)}))
    assert say(connection, strict, coverage=0.98)["grade"] == "C"
    connection.execute("DELETE FROM found")
    own = {**strict.indicators, SPEED: strict.indicators[SPEED].model_copy(update={"grades": (0.9, 0.8, 0.7)})}
    assert say(connection, replace(strict, indicators=own), coverage=0.98)["grade"] == "A"


def test_below_its_minimum_coverage_a_value_is_never_final(connection: duckdb.DuckDBPyConnection) -> None:
    said = say(connection, coverage=0.7999)
    assert (said["status"], said["reasons"]) == ("provisional", "below_minimum_coverage 0.79 < 0.80")


def test_who_did_not_report_is_named(connection: duckdb.DuckDBPyConnection) -> None:
    owe(connection, "S40", "S12")
    owe(connection, "S13", hours=2**24 - 1)
    assert say(connection, coverage=0.9)["reasons"] == "missing_reporters: S12, S40"


def test_ten_of_many_are_named(connection: duckdb.DuckDBPyConnection) -> None:
    owe(connection, *(f"S{n:02d}" for n in range(12)))
    first = ", ".join(f"S{n:02d}" for n in range(10))
    assert say(connection, coverage=0.9)["reasons"] == f"missing_reporters: {first} … (12)"


def test_an_hour_names_those_silent_in_that_hour(connection: duckdb.DuckDBPyConnection) -> None:
    owe(connection, "S12", hours=1 << 8)
    owe(connection, "S40", hours=1 << 9)
    said = say(connection, coverage=0.9, period_kind="hour", period=f"{DAY}T08")
    assert said["reasons"] == "missing_reporters: S40"


def test_lost_and_unplaced_records_are_counted(connection: duckdb.DuckDBPyConnection) -> None:
    said = say(connection, coverage=0.95, lost=12, unplaced=750)
    assert said["reasons"] == "missing_records: 12; unplaced: 750 records"


def test_a_held_day_without_a_value_is_withheld(connection: duckdb.DuckDBPyConnection) -> None:
    hold(connection)
    said = say(connection, value=None, inner_low=0.0, inner_high=200.0, coverage=0.0)
    assert (said["status"], said["grade"]) == ("withheld", None)
    assert said["reasons"] == f"held_by_quality: {SPEEDS} some_readings"


def test_a_held_day_shows_the_last_good_value_of_the_cell_and_its_date(connection: duckdb.DuckDBPyConnection) -> None:
    hold(connection)
    good = {
        **dict.fromkeys(VALUES), "indicator": SPEED, "level": "city", "place": "lanhai", "period_kind": "day",
        "period": str(DAY), "segment": "all", "value": 28.5, "coverage": 0.9, "low": 20.0, "high": 40.0,
        "n_records": 90, "status": "provisional", "edition": "2025-03-12",
    }  # fmt: skip
    older = good | {"value": 27.0, "edition": "2025-03-11"}
    stale = good | {"value": 99.0, "status": "stale", "edition": "2025-03-13"}
    connection.register("history", pa.Table.from_pylist([good, older, stale], schema=arrow_schema(VALUES)))
    said = say(connection)
    assert [said[name] for name in ("value", "low", "high", "coverage", "n_records")] == [28.5, 20.0, 40.0, 0.9, 90]
    assert (said["status"], said["grade"]) == ("stale", "D")
    assert "stale: last good 2025-03-12" in said["reasons"].split("; ")


def test_a_failed_warning_lowers_the_grade_by_one(connection: duckdb.DuckDBPyConnection) -> None:
    hold(connection, "warned_days")
    said = say(connection)
    assert (said["status"], said["grade"]) == ("final", "B")
    assert said["reasons"] == f"quality_warning: {SPEEDS} some_readings"


def test_days_without_data_are_counted_in_a_longer_period(connection: duckdb.DuckDBPyConnection) -> None:
    said = say(connection, period_end=date(2025, 3, 12), days_known=2, days_due=3, coverage=0.9)
    assert said["reasons"] == "missing_days: 1 of 3"


def test_recent_values_are_provisional_for_the_declared_nights(connection: duckdb.DuckDBPyConnection) -> None:
    recent = date(2025, 3, 18)
    said = say(connection, period=str(recent), period_start=recent, period_end=recent)
    assert (said["status"], said["reasons"]) == ("provisional", "recent")


def test_a_known_issue_is_said_in_both_languages_of_the_periods_it_concerns(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    issue = KnownIssue.model_validate(
        {"from": "2025-03-01", "to": "2025-03-10", "zh": "八号线圈偏低", "en": "loop 8 reads low"}
    )
    told = CITY.indicators[SPEED].model_copy(update={"known_issues": (issue,)})
    city = replace(CITY, indicators={**CITY.indicators, SPEED: told})
    assert say(connection, city)["reasons"] == "known_issue: 八号线圈偏低 | loop 8 reads low"


def test_an_issue_that_is_over_is_not_said(connection: duckdb.DuckDBPyConnection) -> None:
    issue = KnownIssue.model_validate(
        {"from": "2025-03-01", "to": "2025-03-09", "zh": "八号线圈偏低", "en": "loop 8 reads low"}
    )
    told = CITY.indicators[SPEED].model_copy(update={"known_issues": (issue,)})
    assert say(connection, replace(CITY, indicators={**CITY.indicators, SPEED: told}))["reasons"] == ""
