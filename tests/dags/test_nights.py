"""Which night a run is for, when it starts, and how long it may take."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from schemas import City, DeclarationError, load_city, nights

BERLIN = "Europe/Berlin"


@pytest.fixture
def city(monkeypatch: pytest.MonkeyPatch) -> City:
    monkeypatch.setenv("CITYPULSE_CONF", str(Path(__file__).parent / "conf"))
    read = load_city("probe")
    return replace(read, file=read.file.model_copy())  # tests here set the clock in their own copy


def test_a_date_asked_for_is_the_business_date_whenever_the_run_is() -> None:
    assert nights.biz_date("2020-06-30", datetime(2026, 1, 1, tzinfo=UTC), BERLIN) == "2020-06-30"


def test_a_date_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="2020-06-31"):
        nights.biz_date("2020-06-31; true", datetime(2026, 1, 1, tzinfo=UTC), BERLIN)


def test_a_run_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="has a zone"):
        nights.biz_date(None, datetime(2026, 1, 1), BERLIN)


@pytest.mark.parametrize(
    "zone", [BERLIN, "America/New_York", "Asia/Shanghai", "Australia/Lord_Howe", "Pacific/Kiritimati"]
)
def test_a_run_at_the_cut_off_is_for_the_day_before_on_every_day_of_two_years(zone: str) -> None:
    first = date(2024, 1, 1)
    for n in range(731):
        day = first + timedelta(days=n)
        run = datetime(day.year, day.month, day.day, 5, tzinfo=ZoneInfo(zone)).astimezone(UTC)
        assert nights.biz_date(None, run, zone) == (day - timedelta(days=1)).isoformat()


@pytest.mark.parametrize(
    ("run", "zone", "night"),
    [
        # Spring: 02:00 to 03:00 is not there. Autumn: it is there twice.
        ("2024-03-31T00:59:59+00:00", BERLIN, "2024-03-30"),
        ("2024-03-31T01:00:00+00:00", BERLIN, "2024-03-30"),
        ("2024-10-27T00:30:00+00:00", BERLIN, "2024-10-26"),
        ("2024-10-27T01:30:00+00:00", BERLIN, "2024-10-26"),
        # Midnight is the city's, which on the day of a change is an hour nearer or further than the day before.
        ("2024-03-30T22:59:59+00:00", BERLIN, "2024-03-29"),
        ("2024-03-30T23:00:00+00:00", BERLIN, "2024-03-30"),
        ("2024-10-26T22:00:00+00:00", BERLIN, "2024-10-26"),
        ("2024-10-27T22:59:59+00:00", BERLIN, "2024-10-26"),
        ("2024-10-27T23:00:00+00:00", BERLIN, "2024-10-27"),
        # Five in the morning is still the day before in UTC in one city, and the same day in the next.
        ("2025-03-03T21:00:00+00:00", "Asia/Shanghai", "2025-03-03"),
        ("2020-03-08T09:00:00+00:00", "America/New_York", "2020-03-07"),
        ("2020-11-01T10:00:00+00:00", "America/New_York", "2020-10-31"),
    ],
)
def test_the_business_date_follows_the_city_clock_over_both_changes(run: str, zone: str, night: str) -> None:
    assert nights.biz_date(None, datetime.fromisoformat(run), zone) == night


def test_a_night_starts_at_the_cut_off_of_the_next_day_and_is_found_again_from_there(city: City) -> None:
    for night, instant in [("2024-03-30", "2024-03-31T03:00"), ("2024-10-26", "2024-10-27T04:00")]:
        at = nights.starts(city, night)
        assert at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M") == instant
        assert nights.biz_date(None, at, city.timezone) == night


def test_a_cut_off_in_the_hour_that_clock_changes_skip_is_refused(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITYPULSE_SCHEDULE", "1")
    assert nights.cron(city) == "0 5 * * *"
    object.__setattr__(city.file, "cut_off", "02:30")
    with pytest.raises(DeclarationError, match="02:30"):
        nights.cron(city)


ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "Asia/Shanghai",
    "Australia/Lord_Howe",
    "America/Santiago",
    "Africa/Cairo",
)
WINDOWS = (("05:00", "07:00"), ("00:30", "03:10"), ("23:00", "01:00"), ("22:15", "06:45"), ("01:00", "02:30"))
SPAN = [(date(2025, 1, 1) + timedelta(days=n)).isoformat() for n in range(731)]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("hours", WINDOWS)
def test_when_every_try_takes_all_it_may_there_are_two_editions_before_every_deadline(
    city: City, zone: str, hours: tuple[str, str]
) -> None:
    """As Airflow does it: every try is killed at its box, and what follows begins a delay and some seconds later."""
    for name, value in zip(("timezone", "cut_off", "deadline"), (zone, *hours), strict=True):
        object.__setattr__(city.file, name, value)
    for submits in (1, 2, 5):
        try:
            box = nights.time_box(city, submits)
        except DeclarationError:
            assert hours in WINDOWS[1:], "two hours are enough for five submits"
            continue
        assert box >= nights.SHORTEST
        for night in SPAN:
            at = nights.starts(city, night).astimezone(UTC)
            for longest in [box] * (2 * submits) + [nights.EDITION_BOX] * 2:
                at += timedelta(seconds=20 + 10) + longest
            assert at <= nights.due(city, night), (night, submits)


def test_a_deadline_after_midnight_belongs_to_the_same_night(city: City) -> None:
    object.__setattr__(city.file, "cut_off", "23:00")
    object.__setattr__(city.file, "deadline", "01:00")
    assert nights.time_box(city, 1) == timedelta(minutes=52)
    assert nights.due(city, "2024-01-10") == datetime(2024, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("night", "due"),
    [
        ("2024-01-10", "2024-01-11T06:00"),
        ("2024-03-29", "2024-03-30T06:00"),
        ("2024-03-30", "2024-03-31T05:00"),
        ("2024-10-26", "2024-10-27T06:00"),
    ],
)
def test_an_edition_is_due_by_the_city_clock_over_both_changes(city: City, night: str, due: str) -> None:
    assert nights.due(city, night).strftime("%Y-%m-%dT%H:%M") == due


def test_the_window_is_as_short_as_on_the_night_of_the_clock_change(city: City) -> None:
    object.__setattr__(city.file, "cut_off", "01:00")
    assert nights.window(city) == timedelta(hours=5)
    object.__setattr__(city.file, "timezone", "Asia/Shanghai")
    assert nights.window(city) == timedelta(hours=6)


def test_a_window_that_is_too_short_is_refused_with_what_it_needs(city: City) -> None:
    object.__setattr__(city.file, "deadline", "05:25")
    with pytest.raises(
        DeclarationError, match="0:25:00 from cut_off 05:00 to deadline 05:25, expected 0:37:00 at least"
    ):
        nights.time_box(city, 2)


def test_the_days_to_replay_are_all_days_between() -> None:
    assert nights.days("2024-02-28", "2024-03-01") == "2024-02-28 2024-02-29 2024-03-01"
    with pytest.raises(ValueError, match="before"):
        nights.days("2024-03-01", "2024-02-28")


def test_a_table_without_a_row_in_the_ledger_was_not_touched() -> None:
    assert not nights.touched("silver.a", {})
    assert nights.touched("silver.a", {"silver.a": {"outcome": "done", "reason": ""}})


@pytest.mark.parametrize("outcome", ["failed", "held"])
def test_a_table_that_failed_says_why(outcome: str) -> None:
    with pytest.raises(nights.TableFailed, match=f"silver.a: {outcome}: too few rows"):
        nights.touched("silver.a", {"silver.a": {"outcome": outcome, "reason": "too few rows"}})
