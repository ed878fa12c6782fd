"""Hospitals, response times and early warning."""

import random
import statistics
from collections.abc import Iterator
from fractions import Fraction

from tests.oracle.cases import EXACT, FLOAT, Case


def beds() -> Iterator[Case]:
    """Hospitals."""
    yield (
        "medical.bed_occupancy",
        {"class": "x", "open_bed_days": 5000000001, "occupied_bed_days": 4100000000},
        Fraction(410000000000, 5000000001),
        FLOAT,
    )
    yield "medical.bed_occupancy", {"inpatient_days": 9300, "beds": 280, "days": 31}, Fraction(930000, 8680), FLOAT
    yield "medical.bed_occupancy", {"occupied": 55, "beds": 50}, 110, FLOAT
    yield "medical.bed_occupancy", {"occupied": 0, "beds": 0}, None, EXACT
    yield "medical.avg_open_beds", {"open_bed_days": 36234, "days": 366}, 99, FLOAT
    yield "medical.avg_open_beds", {"open_bed_days": 100, "days": 0}, None, EXACT
    yield "medical.bed_turnover", {"discharges": 8123, "avg_open_beds": 251.5}, Fraction(81230, 2515), FLOAT
    yield "medical.bed_turnover", {"discharges": 8123, "avg_open_beds": 0}, None, EXACT
    yield "medical.bed_working_days", {"occupied_bed_days": 77777, "avg_open_beds": 212}, Fraction(77777, 212), FLOAT
    yield "medical.avg_length_of_stay", {"discharged_bed_days": 12345, "discharges": 1600}, Fraction(12345, 1600), FLOAT
    yield "medical.avg_length_of_stay", {"discharged_bed_days": 0, "discharges": 0}, None, EXACT
    yield "medical.beds_per_1000", {"beds": 12345, "year_end_pop": 2100000}, Fraction(12345, 2100), FLOAT
    yield "medical.incidence_per_100k", {"cases": 17, "population": 812345}, Fraction(1700000, 812345), FLOAT
    yield "medical.incidence_per_100k", {"cases": 17, "population": 0}, None, EXACT
    yield (
        "medical.days_of_supply",
        {"used_units": 910, "over_days": 7, "on_hand": 975},
        {"burn_rate": 130, "days": 7.5},
        FLOAT,
    )
    yield (
        "medical.days_of_supply",
        {"used_units": 0, "over_days": 7, "on_hand": 5},
        {"burn_rate": 0, "days": None},
        FLOAT,
    )
    yield (
        "medical.surge_capacity",
        {"staffed_beds": 400, "occupied": 410, "dischargeable": 15, "surge_beds": 35},
        {"available_now": -10, "surge_available": 40, "surge_ratio": 0.1},
        FLOAT,
    )


def response_times() -> Iterator[Case]:
    """Ambulances."""
    responses = [700, 100, 480, 481, 300, 250, None]
    yield (
        "medical.ems_p90",
        {"response_s": responses},
        {"nearest_rank": 700, "linear": 590.5, "share_within_480": Fraction(2, 3)},
        FLOAT,
    )
    yield "medical.ems_p90", {"response_s": []}, {"nearest_rank": None, "linear": None, "share_within_480": None}, EXACT
    yield (
        "medical.ems_p90_rank",
        {"n": 37, "p": 0.95},
        {"rank": 36, "share_rank35": Fraction(35, 37), "share_rank36": Fraction(36, 37)},
        FLOAT,
    )
    yield (
        "medical.ems_within_standard",
        {"response_s": [300, 361, 360, 9], "standard_s": 360, "target": 0.76},
        {"share": 0.75, "meets": False},
        FLOAT,
    )


DRAW = random.Random(5)
COUNTS = [DRAW.randint(0, 9) for _ in range(40)]
QUANTILE = statistics.NormalDist().inv_cdf


def _at(day: int, gap: int, baseline: int) -> tuple[float, float]:
    """Mean and standard deviation of a day's baseline."""
    window = COUNTS[day - gap - baseline + 1 : day - gap + 1]
    return statistics.fmean(window), statistics.stdev(window)


def _c(day: int, gap: int) -> float:
    mean, sd = _at(day, gap, 7)
    return (COUNTS[day] - mean) / sd


def upper_bounds() -> Iterator[Case]:
    """EARS C1's bound."""
    uppers = [_at(day, 1, 5)[0] + QUANTILE(0.99) * _at(day, 1, 5)[1] for day in (5, 20, 39)]
    yield (
        "medical.ears_c1",
        {"counts_from_2021_03_01": COUNTS, "baseline": 5, "alpha": 0.01, "evaluate": [5, 20, 39]},
        {"upper": uppers},
        FLOAT,
    )
    yield (
        "medical.ears_c1",
        {"counts_from_2021_03_01": COUNTS, "baseline": 7, "alpha": 0.01, "evaluate": [6]},
        {"upper": [None]},
        EXACT,
    )


def early_warning() -> Iterator[Case]:
    """EARS C1 to C3."""
    expected = {}
    for week, day in {"2021-04-26": 8 + 3, "2021-11-29": 39}.items():
        mean, sd = _at(day, 1, 7)
        expected[week] = {
            "y": COUNTS[day],
            "c1": _c(day, 1),
            "c2": _c(day, 3),
            "c3": sum(max(0, _c(d, 3) - 1) for d in range(day - 2, day + 1)),
            "u1_alpha001": mean + QUANTILE(0.999) * sd,
        }
    start = {"2021-04-26": 11}
    yield (
        "medical.ears_c1_c2_c3",
        {"counts_from_2021_02_08": COUNTS, "weeks": list(start), "baseline": 7, "ddof": 1},
        {"2021-04-26": expected["2021-04-26"]},
        FLOAT,
    )
    yield (
        "medical.ears_c1_c2_c3",
        {"counts_from_2021_03_01": COUNTS, "weeks": ["2021-11-29"], "baseline": 7},
        {"2021-11-29": expected["2021-11-29"]},
        FLOAT,
    )


def other_windows() -> Iterator[Case]:
    """A baseline of another length and place, and a trailing mean."""
    window = COUNTS[39 - 6 : 39 - 1]
    sd = statistics.pstdev(window)
    yield (
        "medical.ears_c1_c2_c3",
        {
            "counts_from_2021_03_01": COUNTS,
            "weeks": ["2021-11-29"],
            "baseline": 5,
            "c1_window": "t-6..t-2",
            "ddof": 0,
            "alpha": 0.05,
        },
        {
            "2021-11-29": {
                "c1": (COUNTS[39] - statistics.fmean(window)) / sd,
                "u1_alpha05": statistics.fmean(window) + QUANTILE(0.95) * sd,
            }
        },
        FLOAT,
    )
    yield (
        "medical.moving_average7",
        {"daily": [3, None, 5, 4, 6, 2, 1, 7], "min_valid_days": 6},
        [None, None, None, None, None, None, Fraction(21, 6), Fraction(25, 6)],
        FLOAT,
    )
