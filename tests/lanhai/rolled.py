"""A few nights of the demo city for roll-up tests, and indicators of kinds that the city itself does not have yet."""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from shutil import copytree
from typing import Any

from jobs import landing
from jobs.core.lake import Lake
from jobs.sample import DAILY, elements, events, ledger, medical, registers, returns, services, transport
from jobs.sample.faults import FAULTS
from jobs.sample.world import FOLDER, World
from schemas import City, load_city
from schemas.city import ROOT
from tests import inline
from tests.engine import toy

FIRST, NIGHTS = date(2025, 3, 25), 11
WHOLE = (4, 5, 11)
"""The nights on which everything is delivered: a Friday and Saturday of March, and a Friday of April, a holiday."""
WHOLE_FILES = {"encoding", "truncated", "wrong_header"}
"""Faults by which a register never arrives, so that what is divided by it is unknown for ever."""
NEVER = ("street_trees",)
"""A register that never comes: what rests on it is unknown, and not zero."""
EVERY_NIGHT = ("disease_reports", "appearance_inspections")
"""Returns for every night, so that trailing days are known, and that there are more of them than a sketch keeps."""
HOURS = ("hour", "day", "week", "month", "quarter", "year")
GPS, WEATHER, CASES = "silver.vehicle_positions", "silver.weather", "silver.hotline_cases"
TRIPS = {"indicator": "transport.taxi_trips"}


def _of(value: str | None, unit: str, terms: Mapping[str, Any], *periods: str, **keys: Any) -> dict[str, Any]:
    return toy.indicator({"value": value, "unit": unit, "terms": terms, "periods": periods or HOURS[1:], **keys}) | {
        "owner": "transport_bureau"
    }


SPEED = {"of": "speed_kmh"}
ADDED = {
    "positions": _of("x", "report", {"x": {"count": GPS}}, *HOURS, segments=("peak", "workday", "holiday", "month")),
    "speed": _of(
        "x", "km/h", {"x": {"mean": GPS, **SPEED}}, "day", "month", "quarter",
        segments=("hour_of_day", "off_peak", "rest_day", "season"),
    ),
    "slowest": _of("x", "km/h", {"x": {"min": GPS, **SPEED}}),
    "speed_variance": _of(
        "(x.squares - x.sum * x.sum / x.n) / (x.n - 1)", "km**2/h**2", {"x": {"moments": GPS, **SPEED}}
    ),
    "speed_p90": _of("x", "km/h", {"x": {"percentile": GPS, **SPEED, "p": 0.9, "type": "nearest_rank"}}, *HOURS),
    "speed_p95": _of("x", "km/h", {"x": {"percentile": GPS, **SPEED, "p": 0.95, "type": "linear"}}),
    "visibility_estimate": _of(
        "x", "m", {"x": {"percentile": WEATHER, "of": "visibility_m", "p": 0.9, "type": "linear", "exact": False}},

    ),
    "speed_gini": _of(
        None, "1", {"values": {"rows": GPS, **SPEED}}, *HOURS, method="gini", segments=("peak", "rest_day")
    ),
    "road_length_met": _of(
        None, "m", {"rows": {"rows": "silver.road_segments", "of": {"value": "length_m", "weight": "length_m"}}},
        *HOURS[1:], method="weighted_mean",
    ),
    "vehicles": _of("x", "vehicle", {"x": {"distinct": GPS, "of": "vehicle_id"}}),
    "inspections_estimate": _of(
        "x", "inspection",
        {"x": {"distinct": "silver.appearance_inspections", "of": "inspection_id", "exact": False}},
    ),
    "occupied_share": _of("x", "%", {"x": {"time_share": GPS, "where": "is_occupied", "entity": "vehicle_id"}}, *HOURS),
    "wind_in_the_rain": _of(
        "x", "m/s", {"x": {"weighted_mean": WEATHER, "of": "wind_ms", "weight": "precipitation_mm"}}
    ),
    "beds_by_hospital": _of(
        "x", "bed", {"x": {"last": "silver.hospital_beds", "of": "open_beds", "entity": "hospital_id"}}
    ),
    "first_beds": _of("x", "bed", {"x": {"first": "silver.hospital_beds", "of": "open_beds"}}),
    "closed": _of("x", "case", {"x": {"count": CASES, "at": "closed"}}),
    "trips_changed": _of(
        "x - y", "trip", {"x": TRIPS, "y": {**TRIPS, "when": "previous"}}, "hour", "day", "month"
    ),
    "trips_on_last_week": _of("x / y", "%", {"x": TRIPS, "y": {**TRIPS, "when": "same_day_last_week"}}, "hour", "day"),
    "trips_on_last_year": _of("x - y", "trip", {"x": TRIPS, "y": {**TRIPS, "when": "year_ago"}}, "day", "month"),
    "trips_of_days": _of("x", "trip", {"x": {**TRIPS, "trailing": {"days": 3, "required": 2}, "take": "sum"}}, "day"),
    "speed_of_days": _of(
        "x", "km/h",
        {"x": {"indicator": "transport.vehicle_speed_kmh", "trailing": {"days": 3, "required": 1}, "take": "mean"}},
        "day", "month",
    ),
    "beds_of_days": _of(
        "x", "bed", {"x": {"last": "silver.hospital_beds", "of": "open_beds"}}, rollup={"time": "mean"}
    ),
    "lowest_instrument": _of(
        "x", "µg/m³",
        {"x": {"mean": "silver.air_quality", "of": "concentration_ugm3", "where": "pollutant = 'PM2.5'"}},
        entity={"kind": "instrument", "column": "instrument_id"}, rollup={"place": "min"},
    ),
}  # fmt: skip


def configured(folder: Path) -> None:
    """The demo city's declarations with those of ADDED, in a folder of configuration."""
    copytree(ROOT / "conf", folder, ignore=lambda at, names: {"airflow.env", "setup"} & set(names))
    shown_whole(folder / "cities" / "lanhai")
    starting(folder / "cities" / "lanhai", FIRST)
    own = folder / "cities" / "lanhai" / "indicators" / "general"
    own.mkdir(parents=True, exist_ok=True)
    for name, keys in ADDED.items():
        (own / f"{name}.yaml").write_text(json.dumps(keys, ensure_ascii=False, default=str), "utf-8")


def shown_whole(city: Path) -> None:
    """Take the release threshold out of a city's folder: what is compared with the truth is compared in every cell."""
    path = city / "city.yaml"
    lines = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not line.startswith("release:")), "utf-8")


def starting(city: Path, first: date) -> None:
    """Let a city's folder begin on another day: of every day from its first on, each night has its say."""
    path = city / "city.yaml"
    lines = path.read_text("utf-8").splitlines(keepends=True)
    begun = [f"first_day: {first}\n" if line.startswith("first_day:") else line for line in lines]
    assert begun != lines
    path.write_text("".join(begun), "utf-8")


def delivered(folder: Path) -> World:
    """What departments deliver in these nights, with the faults of records."""
    world = World(7, 0.02, NIGHTS, FIRST, FAULTS - WHOLE_FILES, folder)
    registers.write(world)
    transport.bus(world)
    for k in range(1, NIGHTS + 1):
        for deliver in DAILY if k in WHOLE else (ledger.write, medical.calls, services.hotline):
            deliver(world, k)
        for one in elements.returns():
            if k in (1, *WHOLE) and one.source not in NEVER:
                returns.write(world, k, one)
        for each in elements.events():
            if k in WHOLE or each.source in EVERY_NIGHT:
                events.write(world, k, each)
    return world


def night(folder: Path) -> tuple[City, Lake]:
    """The configured city and a lake in which one night has made all of it."""
    city, lake, world = load_city("lanhai"), Lake(folder / "lake", "lanhai"), delivered(folder / "delivered")
    for k in range(1, NIGHTS + 1):
        at = landing.delivered_at(f"{world.day(k + 1)}T02:30", city)
        landing.land(city, lake, world.to / FOLDER.format(k), at)
    inline.night(city, lake, world.day(NIGHTS))
    return city, lake
