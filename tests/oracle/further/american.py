"""The index of the US EPA, and NowCast."""

import math
from collections.abc import Iterator
from fractions import Fraction

from tests.oracle.cases import EXACT, FLOAT, Case


def american() -> Iterator[Case]:
    """The American index and NowCast."""
    yield (
        "air.us.aqi",
        {"O3_8h_ppm": 0.0709, "PM2.5": 9.19, "CO": 4.49, "PM10": 154.9},
        {"O3_8h": 100, "PM2.5": 51, "CO": 50, "PM10": 100, "aqi": 100, "main": "O3_8h"},
        EXACT,
    )
    # 126 + 25/1 … NO2 200 ppb: 49/259 × 99 + 101 = 138.4; PM10 300: 49/99 × 45 + 151
    yield (
        "air.us.aqi",
        {"PM10": 300, "NO2_1h_ppb": 200},
        {
            "PM10": math.floor(Fraction(49 * (300 - 255), 99) + 151 + Fraction(1, 2)),
            "NO2_1h": math.floor(Fraction(49 * 99, 259) + 101 + Fraction(1, 2)),
            "main": "PM10",
        },
        EXACT,
    )
    yield "air.us.aqi.o3", {"O3_8h_ppm": 0.201, "O3_1h_ppm": 0.125}, {"O3_8h": None, "O3_1h": 101, "aqi": 101}, EXACT
    yield "air.us.aqi.o3", {"O3_8h_ppm": 0.054, "O3_1h_ppm": 0.124}, {"O3_8h": 50, "O3_1h": None, "aqi": 50}, EXACT
    yield "air.us.aqi.pm25_2024", {"PM2.5": [35.49, 225.59, 900, None, 0.05]}, [100, 301, 500, None, 0], EXACT
    yield "air.us.aqi.so2", {"SO2_1h_ppb": 75, "SO2_24h_ppb": 20}, 100, EXACT
    yield "air.us.aqi.so2", {"SO2_1h_ppb": 400, "SO2_24h_ppb": 604}, 300, EXACT
    yield "air.us.aqi.so2", {"SO2_1h_ppb": 305, "SO2_24h_ppb": 304}, 200, EXACT
    hours: list[float | None] = [20, None, 24, 22, 21, 25, 26, None, 24, 23, 22, 20]
    weight = max(Fraction(20, 26), Fraction(1, 2))
    known = [(i, Fraction(str(value))) for i, value in enumerate(hours) if value is not None]
    mean = sum(weight**i * value for i, value in known) / sum(weight**i for i, _ in known)
    yield "air.us.nowcast", {"pm25_last12h_newest_first": hours}, {"weight": weight, "nowcast": mean}, FLOAT
    yield "air.us.nowcast", {"pm10_last12h_newest_first": [None, 5, None, *[1] * 9]}, None, EXACT
    yield "air.us.nowcast", {"pm25_last12h_newest_first": [0] * 12}, {"nowcast": 0, "weight": 1}, EXACT
