"""Numbers through formulas: the factor to the declared unit is exact, and the value is rounded once."""

from collections.abc import Mapping
from fractions import Fraction

import duckdb
import pytest

from jobs.formula import Ratio, constant, to_sql
from schemas.arithmetic import formula
from schemas.meaning import span
from schemas.units import UnitError, factor, parse


def value(text: str, terms: Mapping[str, Fraction | None], scale: Fraction = Fraction(1)) -> float | None:
    """A formula's value as the engine computes it, the whole scaled."""
    exact = {name: Ratio("NULL::HUGEINT") if one is None else constant(one) for name, one in terms.items()}
    sql = to_sql(text, exact, {}, {span(formula(text)): scale})
    row = duckdb.connect().execute(f"SELECT {sql}").fetchone()
    assert row is not None
    made: float | None = row[0]
    return made


def test_a_share_becomes_percent() -> None:
    share = value("a / b", {"a": Fraction(1920237366), "b": Fraction(2575612968)}, Fraction(100))
    assert share == 192023736600 / 2575612968


def test_what_is_no_binary_fraction_is_rounded_once() -> None:
    assert value("a", {"a": Fraction(1, 3)}, Fraction(1, 60)) == 1 / 180


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("greatest(a, b) * 2", 10.0),
        ("least(a, b) - c", 2.0),
        ("1 + greatest(a, unknown)", 4.0),
        ("greatest(unknown, a, b) / c", 5.0),
        ("-a + b", 2.0),
        ("a / nothing", None),
        ("greatest(-a, -b)", -3.0),
        ("0 + greatest(a / -c, b / -c)", -3.0),
        ("least(unknown, unknown) + a", None),
    ],
)
def test_greatest_and_least_stand_anywhere_and_ignore_the_unknown(text: str, made: float | None) -> None:
    terms = {"a": Fraction(3), "b": Fraction(5), "c": Fraction(1), "nothing": Fraction(0), "unknown": None}
    assert value(text, terms) == made


def test_moments_are_used_by_their_parts() -> None:
    terms = {"x.n": Fraction(4), "x.sum": Fraction(10), "x.squares": Fraction(30)}
    assert value("(x.squares - x.sum * x.sum / x.n) / (x.n - 1)", terms) == 5 / 3


@pytest.mark.parametrize(
    ("unit", "into", "by"),
    [
        ("s", "min", Fraction(1, 60)),
        ("km/h", "m/s", Fraction(5, 18)),
        ("case/person", "case/(100000 person)", Fraction(100000)),
        ("person*h/day", "person", Fraction(1, 24)),
        ("人", "万人", Fraction(1, 10000)),
        ("元", "亿元", Fraction(1, 10**8)),
        ("1", "‰", Fraction(1000)),
        ("%", "‰", Fraction(10)),
        ("m²", "亩", Fraction(3, 2000)),
        ("µg/m³", "mg/m³", Fraction(1, 1000)),
        ("kWh", "MJ", Fraction(18, 5)),
        ("Δ°C", "K", Fraction(1)),
        ("°C", "°C", Fraction(1)),
    ],
)
def test_units_are_converted_by_exact_fractions(unit: str, into: str, by: Fraction) -> None:
    assert factor(parse(unit), parse(into)) == by


@pytest.mark.parametrize(
    ("unit", "into"), [("trip", "person"), ("°C", "K"), ("bed*day", "bed"), ("Pa", "Pa/s"), ("1", "rad")]
)
def test_what_measures_another_thing_is_not_converted(unit: str, into: str) -> None:
    with pytest.raises(UnitError):
        factor(parse(unit), parse(into))
