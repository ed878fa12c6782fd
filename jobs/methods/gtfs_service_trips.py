"""Trips of a service day: GTFS reference, calendar.txt with calendar_dates.txt, and frequencies.txt where a trip has
rows there.

A service runs on a day that its calendar names (weekday flag, start and end inclusive) or that an exception adds (1),
and not on one that an exception takes away (2). A trip counts once, or as often as its frequencies say.
"""

from collections.abc import Mapping

from jobs.methods import Rows
from jobs.methods._gtfs import departures

INPUTS = {
    "trips": Rows({"trip_id": "text", "service_id": "text"}),
    "calendar": Rows({"service_id": "text", "days": "text", "start_date": "date", "end_date": "date"}),
    "exceptions": Rows({"service_id": "text", "date": "date", "exception_type": "number"}),
    "frequencies": Rows({"trip_id": "text", "start_time": "text", "end_time": "text", "headway_secs": "number"}),
    "date": "date",
}
OPTIONAL = ("calendar", "exceptions", "frequencies")


def sql(inputs: Mapping[str, str], parameters: Mapping[str, object], edition: str, output: str) -> str:
    """The number of trips on `date`; `days` are seven flags from Monday, such as 1111100."""
    day = inputs["date"]
    by_calendar = f"""list_filter({inputs.get("calendar", "[]")}, lambda c: c.service_id = t.service_id
        AND {day} BETWEEN c.start_date AND c.end_date AND c.days[isodow({day})] = '1')"""
    said = f"list_filter({inputs.get('exceptions', '[]')}, lambda e: e.service_id = t.service_id AND e.date = {day}"
    runs = (
        f"(len({by_calendar}) > 0 AND len({said} AND e.exception_type = 2)) = 0)"
        f" OR len({said} AND e.exception_type = 1)) > 0"
    )
    if "calendar" not in inputs:
        runs = runs.replace(f"len({by_calendar}) > 0", "false")
    if "exceptions" not in inputs:
        runs = f"len({by_calendar}) > 0" if "calendar" in inputs else "false"
    count = "1"
    if "frequencies" in inputs:
        mine = f"list_filter({inputs['frequencies']}, lambda f: f.trip_id = t.trip_id)"
        times = f"list_transform({mine}, lambda f: {departures('f.start_time', 'f.end_time', 'f.headway_secs')})"
        count = f"coalesce(list_sum({times}), 1)"
    return (
        f"coalesce(list_sum(list_transform({inputs['trips']}, lambda t: CASE WHEN {runs} THEN {count} ELSE 0 END)), 0)"
    )
