"""Air of China: HJ 633, GB 3095, HJ 663, WHO."""

import math
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from tests.oracle.cases import EXACT, FLOAT, Case

NODES: dict[str, list[int]] = {
    "SO2_24h": [0, 50, 150, 475, 800, 1600, 2100, 2620],
    "SO2_1h": [0, 150, 500, 650, 800],
    "NO2_24h": [0, 40, 80, 180, 280, 565, 750, 940],
    "NO2_1h": [0, 100, 200, 700, 1200, 2340, 3090, 3840],
    "PM10_24h": [0, 50, 150, 250, 350, 420, 500, 600],
    "CO_24h": [0, 2, 4, 14, 24, 36, 48, 60],
    "CO_1h": [0, 5, 10, 35, 60, 90, 120, 150],
    "O3_1h": [0, 160, 200, 300, 400, 800, 1000, 1200],
    "O3_8h": [0, 100, 160, 215, 265, 800],
    "PM2.5_24h": [0, 35, 75, 115, 150, 250, 350, 500],
}
INDEX = [0, 50, 100, 150, 200, 300, 400, 500]


def iaqi(pollutant: str, text: str, year: int = 2012) -> int | None:
    """HJ 633 eq. 1, rounded up, in fractions."""
    nodes = list(NODES[pollutant])
    value = Fraction(text)
    if year == 2026:
        nodes[2] = {"PM2.5_24h": 60, "PM10_24h": 120}.get(pollutant, nodes[2])
        quantum = Decimal("0.1") if pollutant.startswith("CO") else Decimal(1)
        value = Fraction(Decimal(text).quantize(quantum, rounding="ROUND_HALF_EVEN"))
    for i in range(1, len(nodes)):
        if value <= nodes[i]:
            rise, run = INDEX[i] - INDEX[i - 1], nodes[i] - nodes[i - 1]
            return math.ceil((value - nodes[i - 1]) * rise / run + INDEX[i - 1])
    if pollutant in ("SO2_1h", "O3_8h"):
        return {"SO2_1h": 200, "O3_8h": 300}[pollutant] if year == 2026 else None
    return 500


def air() -> Iterator[Case]:
    """Chinese indices and what stands beside them."""
    day = {"SO2_24h": 60, "NO2_24h": 95, "PM10_24h": 260, "PM2.5_24h": 116, "CO_24h": 2.3, "O3_8h": 100}
    of_each = {name: iaqi(name, str(value)) for name, value in day.items()}
    yield (
        "air.cn.aqi.daily",
        {"edition": "HJ633-2012", "day": day},
        {"iaqi": of_each, "aqi": 155, "primary": ["PM10_24h"], "level": "中度污染"},
        EXACT,
    )
    tie = {"O3_8h": 160, "SO2_24h": 150, "NO2_24h": 12, "PM10_24h": 30, "PM2.5_24h": 9, "CO_24h": 0.3}
    yield (
        "air.cn.primary_pollutant",
        {"edition": "HJ633-2012", "day": tie},
        {"aqi": 100, "primary": ["O3_8h", "SO2_24h"], "level": "良", "exceeded": []},
        EXACT,
    )
    over = tie | {"PM2.5_24h": 151, "O3_8h": 161}
    yield (
        "air.cn.primary_pollutant",
        {"edition": "HJ633-2026", "day": over},
        {"aqi": 201, "primary": ["PM2.5_24h"], "level": "重度污染", "exceeded": ["O3_8h", "PM2.5_24h"]},
        EXACT,
    )
    clean = {"SO2_24h": 10, "NO2_24h": 40, "PM10_24h": 20, "PM2.5_24h": 9, "CO_24h": 0.3, "O3_8h": 60}
    yield (
        "air.cn.primary_pollutant",
        {"edition": "HJ633-2012", "day": clean},
        {"aqi": 50, "primary": [], "level": "优", "exceeded": []},
        EXACT,
    )


def missing_and_handovers() -> Iterator[Case]:
    """What is missing, and what hands over."""
    whole = {"PM2.5_24h": 20, "PM10_24h": None, "SO2_24h": 8, "NO2_24h": 85, "CO_24h": 0.6, "O3_8h": 99}
    yield (
        "air.cn.aqi.missing.2026",
        {"edition": "HJ633-2026", "days": [whole, whole | {"NO2_24h": 70}, whole | {"PM10_24h": 121}, {"O3_8h": 801}]},
        [103, None, 103, 300],
        EXACT,
    )
    yield (
        "air.cn.aqi.o3_handover",
        {"edition": "HJ633-2012", "day": {"O3_8h": 801, "O3_1h": 401}},
        {"iaqi": {"O3_8h": None, "O3_1h": 201}, "aqi": 201},
        EXACT,
    )
    yield "air.cn.aqi.o3_handover", {"edition": "HJ633-2026", "day": {"O3_8h": 801}}, {"iaqi": {"O3_8h": 300}}, EXACT
    yield (
        "air.cn.aqi.so2_handover",
        {"edition": "HJ633-2026", "SO2_1h": 900, "SO2_24h": 476},
        {"SO2_1h": 200, "SO2_24h": 151},
        EXACT,
    )
    yield (
        "air.cn.aqi.so2_handover",
        {"edition": "HJ633-2012", "SO2_1h": 651, "SO2_24h": None},
        {"SO2_1h": 151, "SO2_24h": None},
        EXACT,
    )


def indices_of_one_pollutant() -> Iterator[Case]:
    """Every pollutant between its breakpoints, in both editions."""
    for name, nodes in NODES.items():
        between = sorted({str(Decimal(n + m) / 3) for n in nodes for m in (1, 50, 333)} - {"0"}, key=Decimal)
        texts = [str(round(Decimal(text), 3)) for text in between if Decimal(text) <= nodes[-1]]
        values = [float(text) for text in texts]
        yield (
            "air.cn.iaqi",
            {"edition": "HJ633-2012", "pollutant": name, "unit": "ug/m3", "conc": values},
            [iaqi(name, text) for text in texts],
            EXACT,
        )
        yield (
            "air.cn.iaqi.2026",
            {"cases": [[name, v] for v in values], "editions": ["HJ633-2012", "HJ633-2026"]},
            {f"HJ633-{year}": [iaqi(name, text, year) for text in texts] for year in (2012, 2026)},
            EXACT,
        )
    yield (
        "air.cn.iaqi",
        {"edition": "HJ633-2012", "nodes": {"NO2_1h": [100, 100.01], "CO_1h": [10, 151]}},
        {"NO2_1h": [50, 51], "CO_1h": [100, 500]},
        EXACT,
    )
    cases = [["PM10_24h", 351], ["CO_24h", 4.1], ["SO2_1h", 800], ["SO2_1h", 801], ["PM2.5_24h", None]]
    yield "air.cn.iaqi.round_up", {"edition": "HJ633-2012", "cases": cases}, [202, 101, 200, None, None], EXACT


def annual_air() -> Iterator[Case]:
    """Composite index, percentiles, validity, exposure and exceedances."""
    limits = [
        ["PM2.5", 40, 35],
        ["PM10", 77, 70],
        ["SO2", 12, 60],
        ["NO2", 38, 40],
        ["O3_8h", 150, 160],
        ["CO", 1.2, 4],
    ]
    total = sum(Fraction(str(value)) / Fraction(str(limit)) for _, value, limit in limits)
    yield "air.cn.composite_index", {"case": "x", "terms": limits}, total, FLOAT
    yield "air.cn.composite_index", {"case": "x", "terms": [*limits[:5], ["CO", None, 4]]}, None, EXACT
    conc = {"SO2": 6, "NO2": 24, "PM10": 50, "PM2.5": 25, "CO": 1.0, "O3": 144}
    yield (
        "air.cn.composite_index",
        {
            "conc": conc,
            "standard": "GB3095-2026 class II annual (SO2 20, NO2 30, PM10 50, PM2.5 25), CO 4 (P95), O3_8h 160",
        },
        Fraction(6, 20) + Fraction(24, 30) + 1 + 1 + Fraction(1, 4) + Fraction(144, 160),
        FLOAT,
    )
    yield "air.cn.percentile_hj663", {"values": [9, 1, 7, 3], "p": 0.25}, 2.5, FLOAT
    yield "air.cn.percentile_hj663", {"values": [0.7], "p": 0.95}, 0.7, FLOAT
    yield "air.cn.percentile_hj663", {"values": [], "p": 0.95}, None, EXACT
    yield "air.cn.percentile_hj663", {"values": [*range(1, 366), None], "p": 0.98}, 357.72, FLOAT
    yield "air.cn.validity", {"hours_valid_per_day": [24, 0, 20, None, 19]}, [True, False, True, None, False], EXACT
    cells = [{"pm25": 12.5, "pop": 200}, {"pm25": 40, "pop": 0}, {"pm25": 8, "pop": 300}, {"pm25": None, "pop": 9}]
    yield "air.pop_weighted_pm25", {"cells": cells}, (Fraction("12.5") * 200 + 8 * 300) / 500, FLOAT
    yield "air.pop_weighted_pm25", {"cells": [{"pm25": 12.5, "pop": 0}]}, None, EXACT
    yield (
        "air.who.exceedance_days",
        {"pm10_24h": [45, 45.01, None, 200, 1], "level": 45},
        {"exceed": 2, "valid": 4},
        EXACT,
    )
    yield "env.good_days_ratio", {"days_aqi_le_100": 291, "valid_days": 365}, Fraction(29100, 365), FLOAT
    yield "env.good_days_ratio", {"days_aqi_le_100": 0, "valid_days": 0}, None, EXACT
