"""Water, power and gas."""

import math
import statistics
from collections.abc import Iterator
from fractions import Fraction

from tests.oracle.cases import EXACT, FLOAT, Case


def supply() -> Iterator[Case]:
    """Water, power and gas."""
    outages = [[40, 0.5], [1000, 2.25], [3, 48]]
    hours = Fraction(20) + 2250 + 144
    yield (
        "power.ieee1366",
        {"outages_customers_hours": outages, "customers_served": 5000},
        {"SAIFI": Fraction(1043, 5000), "SAIDI": hours / 5000, "CAIDI": hours / 1043},
        FLOAT,
    )
    yield (
        "power.ieee1366",
        {"outages_customers_hours": [], "customers_served": 5000},
        {"SAIFI": 0, "SAIDI": 0, "CAIDI": None},
        EXACT,
    )
    yield (
        "power.ieee1366",
        {"customer_interruptions": 0, "customer_hours": 0, "customers_served": 0},
        {"SAIFI": None, "SAIDI": None, "CAIDI": None},
        EXACT,
    )
    yield "power.asai", {"saidi_h": 1.25, "period_h": 744}, 1 - Fraction(5, 4 * 744), 1e-12
    yield "power.rs1", {"avg_outage_h": 12.5, "period_h": 8784}, 100 - Fraction(1250, 8784), FLOAT
    yield "power.rs1", {"avg_outage_h": 0, "period_h": 0}, None, EXACT
    yield "power.cemi_n", {"customers_ge_n": 77, "customers_served": 61000}, Fraction(77, 610), FLOAT
    daily = [0.25, 0, 3, 1.5, 0.75, None, 12]
    for ddof, spread in ((0, statistics.pstdev), (1, statistics.stdev)):
        logs = [math.log(v) for v in daily if v]
        alpha, beta = statistics.fmean(logs), spread(logs)
        yield (
            "power.major_event_threshold",
            {"daily_saidi_min": daily, "ddof": ddof},
            {"n_used": 5, "alpha": alpha, "beta": beta, "t_med": math.exp(alpha + 2.5 * beta)},
            FLOAT,
        )
    yield "power.major_event_threshold", {"daily_saidi_min": [0, 2], "ddof": 1}, {"n_used": 1, "t_med": None}, EXACT


def gas_and_water() -> Iterator[Case]:
    """Gas, access and leakage."""
    yield "gas.loss_rate", {"purchased": 812.5, "sold": 830}, Fraction(-35, 1625) * 100, FLOAT
    yield "gas.loss_rate", {"purchased": 0, "sold": 0}, None, EXACT
    yield "gas.leaks_per_100km", {"leaks": 0, "km": 350}, 0, EXACT
    yield "gas.leaks_per_100km", {"leaks": 5, "km": 0}, None, EXACT
    yield (
        "utility.access_rate",
        {"registered": 3.5, "temporary": 0.5, "water_users": 3.9, "gas_users": 3.1},
        {"water": 97.5, "gas": 77.5},
        FLOAT,
    )
    for supplied, used, correction, grade in (
        (8000, 7100, 1.25, "一级"),
        (8000, 7100, -0.75, "二级"),
        (8000, 7000, 0, None),
    ):
        gross = Fraction(supplied - used, supplied) * 100
        yield (
            "water.leak_rate",
            {"Qs": supplied, "Qa": used, "Rn": correction},
            {"R_WL": gross, "R_BL": gross - Fraction(str(correction)), "grade": grade},
            FLOAT,
        )
    cities = [{"R_BL": 7.5, "Qs": 120}, {"R_BL": 11, "Qs": 380}, {"R_BL": 30, "Qs": 0}]
    yield "water.leak_rate.rollup", {"cities": cities}, Fraction(900 + 4180, 500), FLOAT


def water_networks() -> Iterator[Case]:
    """Leakage index, interruptions, pressure and quality."""
    unavoidable = (18 * Fraction("212.5") + Fraction("0.8") * 12000 + 25 * 90) * 52
    yield (
        "water.ili",
        {"Lm_km": 212.5, "Nc": 12000, "Lp_km": 90, "P_m": 52, "CARL_L_day": 2000000},
        {"UARL_L_day": unavoidable, "ILI": 2000000 / unavoidable},
        FLOAT,
    )
    for change in ({"Nc": 5000}, {"Lm_km": 600}, {"P_m": 24.9}, {"P_m": 101}):
        yield (
            "water.ili",
            {"Lm_km": 212.5, "Nc": 12000, "Lp_km": 90, "P_m": 52, "CARL_L_day": 2e6} | change,
            None,
            EXACT,
        )
    yield (
        "water.interruption_hours_iso37120",
        {"interruptions_hours_households": [[1.5, 33], [12, 8]], "households": 4000},
        Fraction(1455, 40000),
        FLOAT,
    )
    yield "water.interruption_hours_iso37120", {"interruptions_hours_households": [], "households": 10}, 0, EXACT
    yield (
        "water.pressure_compliance",
        {"readings_MPa": [0.14, 0.139, 0.5, None], "min_MPa": 0.14},
        Fraction(2, 3),
        FLOAT,
    )
    yield "water.pressure_compliance", {"readings_MPa": [None], "min_MPa": 0.14}, None, EXACT
    yield "water.quality_plain_ratio", {"qualified": 41, "tested": 43}, Fraction(4100, 43), FLOAT
    yield "water.quality_plain_ratio", {"qualified": 0, "tested": 0}, None, EXACT
