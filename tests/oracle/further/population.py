"""Population."""

from collections.abc import Iterator
from fractions import Fraction

from tests.oracle.cases import EXACT, FLOAT, Case


def people() -> Iterator[Case]:
    """Population."""
    ages = {"age0_14": 17, "age15_59": 60, "age60p": 23, "age65p": 16, "total": 100}
    yield "population.age_shares", ages, {"p0_14": 17, "p15_59": 60, "p60p": 23, "p65p": 16}, FLOAT
    yield (
        "population.dependency_ratio",
        {"age0_14": 150, "age65p": 90, "total": 1000},
        {"total": Fraction(24000, 760), "child": Fraction(15000, 760), "old": Fraction(9000, 760)},
        FLOAT,
    )
    yield "population.dependency_ratio", {"age0_14": 1, "age65p": 2, "total": 3}, {"total": None, "child": None}, EXACT
    yield "population.urbanisation_rate", {"urban": 81.25, "rural": 43.75}, 65, FLOAT
    yield "population.change", {"now": 950, "increase": -50}, -5, FLOAT
    yield "population.change", {"now": 50, "increase": 50}, None, EXACT
    yield "population.net_migration_rate", {"in": 310, "out": 490, "mid_year_population": 72000}, -2.5, FLOAT
    yield (
        "population.floating_identity",
        {"inter_province": 7, "intra_province": 11, "within_city_districts": 5},
        {"floating": 18, "separated": 23},
        EXACT,
    )
    yield "population.day_night_ratio", {"day": 70123, "night": 93000}, Fraction(7012300, 93000), FLOAT
    yield "population.day_night_ratio", {"day": 5, "night": 0}, None, EXACT
    yield (
        "population.day_population",
        {"resident": 800, "commute_in": 20, "commute_out": 220},
        {"day": 600, "ratio": 75},
        FLOAT,
    )
    yield "population.density", {"pop": 98765, "km2": 12.5}, Fraction(98765 * 2, 25), FLOAT
    yield "population.density", {"pop": 98765, "km2": 0}, None, EXACT
