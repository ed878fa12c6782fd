"""Theil's T between and within groups."""

import pytest

from tests.methods.made import made

ROWS = [{"value": v, "group": g} for v, g in ((1, "a"), (3, "a"), (4, "b"), (0, "b"))]


def test_total_is_between_and_within_and_agrees_with_theil() -> None:
    total, between, within = (made("theil_decomposition", o, rows=ROWS) for o in ("total", "between", "within"))
    assert between == pytest.approx(0, abs=1e-15)
    assert total == pytest.approx(between + within, abs=1e-15)
    assert total == pytest.approx(made("theil", values=[1, 3, 4, 0]), abs=1e-15)


def test_groups_of_one_have_nothing_within() -> None:
    rows = [{"value": v, "group": str(v)} for v in (1, 5)]
    assert made("theil_decomposition", "within", rows=rows) == 0


def test_it_is_undefined_for_nothing_for_a_zero_mean_and_below_zero() -> None:
    for values in ([], [0], [-1, 4]):
        assert made("theil_decomposition", rows=[{"value": v, "group": "a"} for v in values]) is None
