"""Trips that rows of frequencies.txt stand for: GTFS reference. The end time is exclusive; times may be past 24:00."""

from collections.abc import Mapping

from jobs.methods import Rows
from jobs.methods._gtfs import departures

INPUTS = {"frequencies": Rows({"trip_id": "text", "start_time": "text", "end_time": "text", "headway_secs": "number"})}
OUTPUTS = ("total", "per_row")


def sql(inputs: Mapping[str, str], parameters: Mapping[str, object], edition: str, output: str) -> str:
    """`per_row`: departures of each row, NULL where its times are not times; `total`: their sum, 0 without rows."""
    made = departures("r.start_time", "r.end_time", "r.headway_secs")
    per_row = f"list_transform({inputs['frequencies']}, lambda r: {made})"
    return per_row if output == "per_row" else f"coalesce(list_sum({per_row}), 0)"
