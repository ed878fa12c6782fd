"""Interval arithmetic in SQL: corners, what is unbounded, and what is published of it."""

import duckdb
import pytest

from jobs import bounds
from jobs.bounds import Interval
from jobs.core.staged import Staged

PERCENT = ("0.0::DOUBLE", "100.0::DOUBLE")


def between(text: str, **terms: tuple[float, float]) -> tuple[float | None, float | None]:
    staged = Staged()
    given = {name: Interval(f"{a}::DOUBLE", f"{b}::DOUBLE") for name, (a, b) in terms.items()}
    made = bounds.carried(staged, text, given)
    ((low, high),) = duckdb.execute(
        f"SELECT {made.low}, {made.high} FROM ({staged.query('1', '(SELECT 1)')})"
    ).fetchall()
    return low, high


def ends(made: Interval) -> tuple[float | None, float | None]:
    ((low, high),) = duckdb.execute(f"SELECT {made.low}, {made.high}").fetchall()
    return low, high


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("a + b", -1, 7),
        ("a - b", -6, 2),
        ("a * b", -8, 12),
        ("-a", -3, 2),
        ("a / b", -2, 3),
        ("a / b * 100", -200, 300),
        ("greatest(a, b)", 1, 4),
        ("least(a, b)", -2, 3),
    ],
)
def test_a_formula_of_intervals_is_the_interval_of_the_formula(text: str, low: float, high: float) -> None:
    assert between(text, a=(-2, 3), b=(1, 4)) == (low, high)


def test_over_what_may_be_zero_nothing_is_bounded() -> None:
    low, high = between("a / b", a=(1, 2), b=(-1, 1))
    assert (low, high) == (float("-inf"), float("inf"))
    assert between("a / b", a=(1, 2), b=(0, 2)) == (0.5, float("inf"))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("trips", 1),
        ("trips / residents * 1000", 1),
        ("trips / days", 1),
        ("sufficient / readings * 100", 0),
        ("mean", 0),
        ("top", None),
        ("trips * readings", None),
        ("trips + mean", None),
    ],
)
def test_totals_grow_with_what_reports_and_ratios_do_not(text: str, found: int | None) -> None:
    degrees = {"trips": 1, "sufficient": 1, "readings": 1, "mean": 0, "residents": 0, "days": 0, "top": None}
    assert bounds.degree(text, degrees) == found


def test_a_mean_with_a_quarter_missing_moves_by_a_quarter_of_the_range() -> None:
    assert ends(bounds.shared(bounds.exactly("40::DOUBLE"), "0.75::DOUBLE", 0, *PERCENT)) == (30, 55)


def test_a_total_with_a_quarter_missing_is_at_least_what_was_counted() -> None:
    assert ends(bounds.shared(bounds.exactly("40::DOUBLE"), "0.75::DOUBLE", 1, *PERCENT)) == (40, 65)


def test_a_highest_value_can_only_have_been_higher() -> None:
    assert ends(bounds.shared(bounds.exactly("40::DOUBLE"), "0.75::DOUBLE", None, *PERCENT, "max")) == (40, 100)


def test_full_coverage_has_no_width_whatever_the_arithmetic_rounds_to() -> None:
    made = bounds.published(Interval("0.1::DOUBLE", "0.3::DOUBLE"), "0.2::DOUBLE", "1.0", *PERCENT)
    assert ends(made) == (0.2, 0.2)


def test_bounds_stay_within_the_valid_range_and_around_the_value() -> None:
    made = bounds.published(Interval("-9::DOUBLE", "'infinity'::DOUBLE"), "20::DOUBLE", "0.5", *PERCENT)
    assert ends(made) == (0, 100)


def test_what_is_unknown_can_be_anything_valid() -> None:
    assert ends(bounds.published(Interval("NULL", "NULL"), "NULL::DOUBLE", "0.0", *PERCENT)) == (0, 100)


def test_without_a_declared_range_no_bound_is_invented() -> None:
    made = bounds.published(Interval("1::DOUBLE", "2::DOUBLE"), "1.5::DOUBLE", "0.5", "NULL::DOUBLE", "NULL::DOUBLE")
    assert ends(made) == (None, None)
