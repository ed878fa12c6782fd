"""Trips of a service day."""

from datetime import date

from tests.methods.made import made

TRIPS = [
    {"trip_id": "T1", "service_id": "WEEK"},
    {"trip_id": "T2", "service_id": "WEEK"},
    {"trip_id": "T3", "service_id": "SUN"},
]
CALENDAR = [
    {"service_id": "WEEK", "days": "1111100", "start_date": date(2025, 1, 6), "end_date": date(2025, 1, 31)},
    {"service_id": "SUN", "days": "0000001", "start_date": date(2025, 1, 6), "end_date": date(2025, 12, 31)},
]
MONDAY, FRIDAY, SUNDAY = date(2025, 1, 6), date(2025, 1, 31), date(2025, 2, 2)


def trips(day: date, **more: object) -> object:
    return made("gtfs_service_trips", trips=TRIPS, date=day, **({"calendar": CALENDAR} | more))


def test_a_service_runs_on_its_weekdays_between_its_dates_both_included() -> None:
    assert [trips(day) for day in (MONDAY, FRIDAY, SUNDAY, date(2025, 2, 3), date(2025, 1, 5))] == [2, 2, 1, 0, 0]


def test_exceptions_add_and_take_away() -> None:
    exceptions = [
        {"service_id": "WEEK", "date": MONDAY, "exception_type": 2},
        {"service_id": "SUN", "date": MONDAY, "exception_type": 1},
    ]
    assert trips(MONDAY, exceptions=exceptions) == 1
    assert trips(date(2025, 1, 7), exceptions=exceptions) == 2


def test_a_feed_may_have_exceptions_only() -> None:
    only = [{"service_id": "SUN", "date": MONDAY, "exception_type": 1}]
    assert made("gtfs_service_trips", trips=TRIPS, date=MONDAY, exceptions=only) == 1
    assert made("gtfs_service_trips", trips=TRIPS, date=MONDAY) == 0


def test_a_trip_with_frequencies_counts_as_often_as_they_say() -> None:
    rows = [
        {"trip_id": "T1", "start_time": "6:00:00", "end_time": "7:00:00", "headway_secs": 600},
        {"trip_id": "T1", "start_time": "7:00:00", "end_time": "8:00:00", "headway_secs": 1200},
    ]
    assert trips(MONDAY, frequencies=rows) == 10
    assert made("gtfs_service_trips", trips=[], date=MONDAY, calendar=CALENDAR) == 0
