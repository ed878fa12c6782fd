"""Timetables, bikes, stops and shares."""

import math
from collections.abc import Iterator
from fractions import Fraction

from tests.oracle.cases import EXACT, FLOAT, Case


def stops() -> Iterator[Case]:
    """Timetables, bikes and stops."""
    yield (
        "transport.gtfs.frequency_trips",
        {
            "frequencies": [
                ["A", "23:30:00", "25:10:00", 1200],
                ["B", "05:00:00", "5:00:01", 600],
                ["C", "7:00:00", "7:00:00", 60],
            ]
        },
        {"per_row": [5, 1, 0], "total": 6},
        EXACT,
    )
    yield "transport.gtfs.frequency_trips", {"frequencies": [["A", "6:00:00", "22:00:01", 1800]]}, 33, EXACT
    shots = [
        ["S2", "07:00", 9, 9],
        ["S1", "07:50", 0, 12],
        ["S1", "07:30", 2, 0],
        ["S1", "08:30", 4, 8],
        ["S1", "09:30", 0, 0],
    ]
    yield (
        "transport.bike_availability_time_weighted",
        {"station": "S1", "snapshots_time_bikes_docks": shots, "end": "09:10"},
        {"has_bike": 0.6, "has_dock": 0.8},
        FLOAT,
    )
    yield (
        "transport.bike_dock_availability",
        {"minutes_with_dock": 37, "minutes_observed": 60},
        Fraction(3700, 60),
        FLOAT,
    )
    yield "transport.bike_dock_availability", {"minutes_with_dock": 0, "minutes_observed": 0}, None, EXACT


def people_near_stops() -> Iterator[Case]:
    """People near stops."""
    blocks = [
        {"pop": 10, "dist_low_m": 500, "dist_high_m": None},
        {"pop": 20, "dist_low_m": 500.1, "dist_high_m": 1000},
        {"pop": 70, "dist_low_m": None, "dist_high_m": 1000.5},
    ]
    yield "transport.stop_coverage_population", {"blocks": blocks}, 30, FLOAT
    yield "transport.stop_coverage_population", {"blocks": [{"pop": 0, "dist_low_m": 5, "dist_high_m": 5}]}, None, EXACT


def area_of_stops() -> Iterator[Case]:
    """Area near stops."""
    radius, apart = 300.0, 250.0
    lens = 2 * radius**2 * math.acos(apart / 2 / radius) - apart / 2 * math.sqrt(4 * radius**2 - apart**2)
    two = 2 * math.pi * radius**2 - lens
    yield (
        "transport.stop_coverage_area",
        {"stop_xy_m": [[10, 20], [10, 270]], "radius_m": 300, "built_up_km2": 1.5},
        {"covered_km2": two / 1e6, "ratio": two / 1.5e6},
        FLOAT,
    )
    alone = math.pi * radius**2
    xy = [[1e6, 2e6], [1e6, 2e6], [5e6, 2e6], [5e6 + 600, 2e6], [1e6, 2000250]]
    yield (
        "transport.stop_coverage_area",
        {"stop_xy_m": xy, "radius_m": 300, "built_up_km2": 2},
        {"covered_km2": (two + 2 * alone) / 1e6},
        1e-7,
    )
    yield (
        "transport.stop_coverage_area",
        {"stop_xy_m": [], "radius_m": 300, "built_up_km2": 2},
        {"covered_km2": 0, "ratio": 0},
        EXACT,
    )
    triangle = [[0, 0], [100, 0], [50, 86.6025403784]]
    # three discs of which each passes through the centres of the others: π r² of one arc each, a triangle less
    reuleaux = (math.pi - math.sqrt(3)) / 2 * 100**2
    pair = 2 * 100**2 * math.acos(0.5) - 50 * math.sqrt(4 * 100**2 - 100**2)
    union = 3 * math.pi * 100**2 - 3 * pair + reuleaux
    yield (
        "transport.stop_coverage_area",
        {"stop_xy_m": triangle, "radius_m": 100, "built_up_km2": 1},
        {"covered_km2": union / 1e6},
        FLOAT,
    )


def networks() -> Iterator[Case]:
    """Shares of transport."""
    yield "transport.bus_network_ratio", {"km_with_bus": 123.4, "km_roads": 456.7}, Fraction(123400, 4567), FLOAT
    yield "transport.bus_network_ratio", {"km_with_bus": 0, "km_roads": 0}, None, EXACT
    modes = {
        "bus": 11,
        "rail": 0,
        "ferry": 2,
        "car": 30.5,
        "taxi": 4,
        "motorcycle": 1,
        "commuter_bus": 3,
        "walk": 99,
        "bike": 9,
    }
    yield "transport.pt_motorised_share", modes, Fraction(1300) / Fraction("51.5"), FLOAT
    yield (
        "transport.taxi_occupied_km_ratio",
        {"occupied_km": 301.5, "total_km": 450},
        {"utilisation": 67, "empty": 33},
        FLOAT,
    )
    yield (
        "transport.taxi_occupied_km_ratio",
        {"occupied_km": 0, "total_km": 0},
        {"utilisation": None, "empty": None},
        EXACT,
    )
