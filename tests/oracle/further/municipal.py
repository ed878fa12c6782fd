"""Municipal elements, weather, floods and typhoons."""

from collections.abc import Iterator
from fractions import Fraction

from tests.oracle.cases import EXACT, FLOAT, Case


def rest() -> Iterator[Case]:
    """The municipal elements, weather, floods and typhoons."""
    yield (
        "facility.case_closure",
        {"due": 640, "closed": 601, "closed_on_time": 555},
        {"closure": Fraction(60100, 640), "on_time": Fraction(55500, 640)},
        FLOAT,
    )
    yield "facility.case_closure", {"type": "部件", "due": 0, "closed": 0}, None, EXACT
    yield "facility.rework_rate", {"reworked": 7, "closed": 1234}, Fraction(700, 1234), FLOAT
    yield (
        "facility.source_share",
        {"patrol": 10, "public": 5, "sensor": 25},
        {"patrol": 25, "public": 12.5, "sensor": 62.5, "total": 40},
        FLOAT,
    )
    yield "facility.source_share", {"patrol": 0, "public": 0}, {"patrol": None, "public": None, "total": 0}, EXACT
    yield "hotline.channel_share", {"app": 3, "mail": 1, "total": 16}, {"app": 18.75, "mail": 6.25}, FLOAT
    yield (
        "hotline.reconciliation",
        {"direct": 5, "transferred": 8, "new": 9, "carried_over": 3},
        {"by_mode": 13, "by_origin": 12},
        EXACT,
    )
    yield (
        "greening.green_cover_rate",
        {"year": 2019, "green_cover_ha": 8123.5, "built_up_km2": 201.3},
        Fraction(81235, 2013),
        FLOAT,
    )
    yield (
        "greening.park_area_per_capita",
        {"year": 2019, "park_ha": 912, "population_10k": 71.25},
        Fraction(91200, 7125),
        FLOAT,
    )
    yield "greening.park_area_per_capita", {"year": 2019, "park_ha": 912, "population_10k": 0}, None, EXACT
    yield "sanitation.harmless_treatment_rate", {"treated": 0, "collected": 12}, 0, EXACT


def scores_and_grades() -> Iterator[Case]:
    """Scores by steps, and grades of weather."""
    score = {"target": 90, "step": 4, "deduct": 0.15}
    marks = [1, 1, 0.85, 0.85, 0.7, 0, None]
    values = [95, 90, 89.99, 86, 85.9, 20, None]
    yield "sanitation.sweep_cover_score", {"coverage_pct": values} | score | {"partial": "full_step"}, marks, FLOAT
    yield "sanitation.waste_sorting_score", {"coverage_pct": values} | score | {"partial": "full_step"}, marks, FLOAT
    yield (
        "sanitation.waste_sorting_score",
        {"coverage_pct": [88, 86, 81]} | score | {"partial": "proportional"},
        [0.925, 0.85, 1 - 0.15 * 9 / 4],
        FLOAT,
    )
    yield "housing.area_per_capita", {"floor_m2": 123456.5, "persons": 3100}, Fraction(1234565, 31000), FLOAT
    yield (
        "weather.rain_grade_24h",
        {"mm": [9.99, 24.99, 99, 249, 300, None]},
        ["小雨", "中雨", "暴雨", "大暴雨", "特大暴雨", None],
        EXACT,
    )
    yield (
        "weather.rain_grade_12h",
        {"mm": [0.09, 0.1, 14.99, 69, 139, 139.99]},
        ["微量降雨", "小雨", "中雨", "暴雨", "大暴雨", "大暴雨"],
        EXACT,
    )
    yield (
        "typhoon.grade",
        {"max_2min_wind_ms": [10.7, 20, 30, 38.5, 45, 70, None]},
        [None, "热带风暴", "强热带风暴", "台风", "强台风", "超强台风", None],
        EXACT,
    )
    yield "flood.warning_hit_rate", {"events_with_warning": 2, "events": 3}, Fraction(200, 3), FLOAT
    yield "flood.warning_hit_rate", {"events_with_warning": 0, "events": 0}, None, EXACT
