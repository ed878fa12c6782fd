"""Formulas are exact integers until one last division."""

from fractions import Fraction

import duckdb

from jobs.formula import Ratio, to_sql


def value(text: str, **terms: Ratio) -> float | None:
    (row,) = duckdb.connect().execute(f"SELECT {to_sql(text, terms, {})}").fetchall()
    found: float | None = row[0]
    return found


def decimals(number: int) -> Ratio:
    """A sum of a column with four decimals."""
    return Ratio(f"{number}::HUGEINT", "10000::HUGEINT")


def test_differences_of_large_decimals_are_rounded_once() -> None:
    supplied, used, explained = 4_182_731_230_000, 3_701_117_710_000, 55_902_370_000
    found = value("(a - b - c) / a", a=decimals(supplied), b=decimals(used), c=decimals(explained))
    assert found == float(Fraction(supplied - used - explained, supplied))


def test_a_quotient_of_the_same_decimals_needs_no_more_digits_than_they_have() -> None:
    pairs = [(41_827_312_300_001 + 7 * n, 37_011_177_100_003 + 11 * n) for n in range(9)]
    found = [value("a / b", a=decimals(a), b=decimals(b)) for a, b in pairs]
    assert found == [float(Fraction(a, b)) for a, b in pairs]


def test_nothing_divided_by_nothing_is_unknown() -> None:
    none = Ratio("NULL::HUGEINT", "NULL::HUGEINT")
    assert value("a / b", a=none, b=none) is None
    assert value("a / b", a=decimals(1), b=decimals(0)) is None
