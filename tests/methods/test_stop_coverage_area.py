"""Area near stops."""

import math

import pytest

from schemas import DeclarationError
from tests.methods.made import made


def area(*stops: tuple[float | None, float], radius: float = 100) -> float:
    rows = [{"x_m": x, "y_m": y} for x, y in stops]
    found = made("stop_coverage_area", "covered_km2", set_={"radius_m": radius}, stops=rows)
    return float(found) * 1e6


ONE = math.pi * 100**2


def test_circles_apart_or_touching_add_up_and_one_twice_counts_once() -> None:
    assert area((0, 0)) == pytest.approx(ONE, rel=1e-12)
    assert area((0, 0), (200, 0), (0, 900)) == pytest.approx(3 * ONE, rel=1e-12)
    assert area((5, 5), (5, 5), (None, 5)) == pytest.approx(ONE, rel=1e-12)


def test_two_circles_less_the_lens_between_them() -> None:
    lens = 2 * 100**2 * math.acos(0.3) - 30 * math.sqrt(4 * 100**2 - 60**2)
    for x, y in ((60, 0), (0, 60), (-60, 0), (0, -60), (36, 48)):
        assert area((1000, 2000), (1000 + x, 2000 + y)) == pytest.approx(2 * ONE - lens, rel=1e-9)


def test_a_circle_that_others_hide_wholly_adds_nothing() -> None:
    ring = [(60 * math.cos(a), 60 * math.sin(a)) for a in (0, 1.2, 2.4, 3.6, 4.8)]
    ring = [(round(x, 6), round(y, 6)) for x, y in ring]
    assert area((0, 0), *ring) == pytest.approx(area(*ring), rel=1e-9)


def test_a_row_of_many_stops_agrees_with_counting_points() -> None:
    stops = [(40.0 * i, 15.0 * (i % 3)) for i in range(12)]
    steps = [(x, y) for x in range(-100, 545, 3) for y in range(-100, 135, 3)]
    hit = sum(any((x - a) ** 2 + (y - b) ** 2 <= 1e4 for a, b in stops) for x, y in steps)
    assert area(*stops) == pytest.approx(hit * 9, rel=0.01)


def test_the_share_of_the_built_up_area() -> None:
    stop = [{"x_m": 0, "y_m": 0}]
    share = made("stop_coverage_area", "ratio", set_={"radius_m": 500}, stops=stop, built_up_km2=2)
    assert share == pytest.approx(math.pi / 8)
    assert made("stop_coverage_area", "ratio", stops=stop, built_up_km2=0) is None
    assert made("stop_coverage_area", "ratio", stops=[], built_up_km2=2) == 0


def test_a_radius_that_is_none_is_refused() -> None:
    with pytest.raises(DeclarationError, match="radius_m 0 is not above zero"):
        area((0, 0), radius=0)
