"""Values at every level and period are what the rows say, to the last decimal."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import ceil
from random import Random
from typing import Any

import pytest

from jobs.core.lake import Lake
from tests import inline
from tests.engine import toy
from tests.engine.toy import TABLE, Trip

DAYS = [date(2024, 10, 20) + timedelta(days=n) for n in range(17)]
LAST = DAYS[-1]
KINDS = ("hour", "day", "week", "month", "quarter", "year")
Made = Fraction | int | None
EVERY = {"periods": list(KINDS)}
LONG = {"periods": list(KINDS[1:])}


def amounts(rows: list[Trip]) -> list[Fraction]:
    return sorted(Fraction(row.amount) for row in rows if row.amount is not None)


def mean(rows: list[Trip]) -> Made:
    found = amounts(rows)
    return sum(found, Fraction(0)) / len(found) if found else None


def variance(rows: list[Trip]) -> Made:
    found = amounts(rows)
    if len(found) < 2:
        return None
    middle = sum(found, Fraction(0)) / len(found)
    return sum(((x - middle) ** 2 for x in found), Fraction(0)) / (len(found) - 1)


def weighted(rows: list[Trip]) -> Made:
    known = [row for row in rows if row.amount is not None]
    weight = sum(row.weight for row in known)
    return sum((Fraction(row.amount or 0) * row.weight for row in known), Fraction(0)) / weight if weight else None


def nearest_rank(rows: list[Trip]) -> Made:
    found = amounts(rows)
    return found[ceil(Fraction(9, 10) * len(found)) - 1] if found else None


def linear(rows: list[Trip]) -> Made:
    found = amounts(rows)
    if not found:
        return None
    where = (len(found) - 1) * Fraction(19, 20)
    low = int(where)
    return found[low] + (found[min(low + 1, len(found) - 1)] - found[low]) * (where - low)


def stock(rows: list[Trip], first: bool = False) -> Made:
    """The last of each place, added up over places."""
    kept: dict[str | None, tuple[Any, int]] = {}
    for row in rows:
        now = (row.utc, row.beds)
        have = kept.get(row.block)
        if have is None or (now < have if first else now > have):
            kept[row.block] = now
    return sum(beds for _, beds in kept.values()) if kept else None


def fleet(rows: list[Trip]) -> Made:
    """The last of each vehicle, added up over vehicles."""
    kept: dict[str, tuple[Any, int]] = {}
    for row in rows:
        kept[row.vehicle] = max(kept.get(row.vehicle, (row.utc, row.beds)), (row.utc, row.beds))
    return sum(beds for _, beds in kept.values()) if kept else None


ASKED: Mapping[str, tuple[Mapping[str, Any], Callable[[list[Trip]], Made]]] = {
    "trips": ({"terms": {"n": {"count": TABLE}}, "value": "n", "unit": "trip", **EVERY}, len),
    "metres": (
        {"terms": {"x": {"sum": TABLE, "of": "amount", "where": "kind <> 'z'"}}, "value": "x", "unit": "m", **EVERY},
        lambda rows: sum(amounts([row for row in rows if row.kind != "z"]), Fraction(0)),
    ),
    "mean": ({"terms": {"x": {"mean": TABLE, "of": "level"}}, "value": "x", "unit": "m", **EVERY}, mean),
    "lowest": (
        {"terms": {"x": {"min": TABLE, "of": "level"}}, "value": "x", "unit": "m", **LONG},
        lambda rows: min(amounts(rows), default=None),
    ),
    "highest": (
        {"terms": {"x": {"max": TABLE, "of": "level"}}, "value": "x", "unit": "m", **LONG},
        lambda rows: max(amounts(rows), default=None),
    ),
    "per_trip": (
        {"terms": {"x": {"sum": TABLE, "of": "amount"}, "n": {"count": TABLE}}, "value": "x / n", "unit": "m/trip",
         **EVERY},
        lambda rows: sum(amounts(rows), Fraction(0)) / len(rows) if rows else None,
    ),
    "variance": (
        {"terms": {"x": {"moments": TABLE, "of": "level"}},
         "value": "(x.squares - x.sum * x.sum / x.n) / (x.n - 1)", "unit": "m**2", **LONG},
        variance,
    ),
    "weighted": (
        {"terms": {"x": {"weighted_mean": TABLE, "of": "level", "weight": "weight"}}, "value": "x", "unit": "m",
         **LONG},
        weighted,
    ),
    "p90": (
        {"terms": {"x": {"percentile": TABLE, "of": "level", "p": 0.9, "type": "nearest_rank"}}, "value": "x",
         "unit": "m", **EVERY},
        nearest_rank,
    ),
    "p95": (
        {"terms": {"x": {"percentile": TABLE, "of": "level", "p": 0.95, "type": "linear"}}, "value": "x", "unit": "m",
         **LONG},
        linear,
    ),
    "vehicles": (
        {"terms": {"x": {"distinct": TABLE, "of": "vehicle"}}, "value": "x", "unit": "vehicle", **LONG},
        lambda rows: len({row.vehicle for row in rows}),
    ),
    "vehicles_estimated": (
        {"terms": {"x": {"distinct": TABLE, "of": "vehicle", "exact": False, "where": "kind <> 'q'"}}, "value": "x",
         "unit": "vehicle", **LONG},
        lambda rows: len({row.vehicle for row in rows}),
    ),
    "fleet": (
        {"terms": {"x": {"last": TABLE, "of": "beds", "entity": "vehicle"}}, "value": "x", "unit": "bed",
         "periods": ["day", "week", "month"], "places": ["city"]},
        fleet,
    ),
}  # fmt: skip


@pytest.fixture(scope="module", params=[1, 2])
def night(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Random rows of two weeks and a bit, and the values of one night."""
    folder = tmp_path_factory.mktemp("toy")
    with pytest.MonkeyPatch.context() as patch:
        city = toy.city(folder / "conf", patch, {name: keys for name, (keys, _) in ASKED.items()})
        lake = Lake(folder / "lake", "toy")
        rows = toy.trips(Random(request.param), DAYS, 400)
        toy.deliver(lake, city, rows, DAYS, LAST)
        inline.fused_of(city, lake, LAST)
        inline.indicators_of(city, lake, LAST)
        yield rows, lake


def grouped(rows: list[Trip]) -> dict[tuple[str, str, str, str], list[Trip]]:
    """(level, place, kind, period) to its rows."""
    out: dict[tuple[str, str, str, str], list[Trip]] = {}
    for row in rows:
        for level, place in toy.places(row).items():
            for kind, period in toy.periods(row.day, row.local).items():
                out.setdefault((level, place, kind, period), []).append(row)
    return out


@pytest.mark.parametrize("name", ASKED)
def test_every_value_is_the_one_straight_from_the_rows(night: Any, name: str) -> None:
    rows, lake = night
    keys, made = ASKED[name]
    said = toy.said(lake, name)
    wanted = grouped(rows)
    assert {key[2] for key in said} == set(keys["periods"])
    wrong = []
    delivered = {period for day in DAYS for period in toy.periods(day).items()}
    for key, row in said.items():
        is_known = key[2:4] in delivered or (key[2] == "hour" and ("day", key[3][:10]) in delivered)
        truth = toy.nearest(made(wanted.get(key[:4], []))) if is_known else None
        if row["value"] != truth:
            wrong.append((key, row["value"], truth))
    assert wrong == []
    levels = keys.get("places", ("block", "district", "cell", "city"))
    there = {key for key in wanted if key[2] in keys["periods"] and key[0] in levels}
    assert {key[:4] for key in said} >= there


def test_levels_add_up_with_their_unplaced_part(night: Any) -> None:
    _, lake = night
    sums: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for (level, _, kind, period, _), row in toy.said(lake, "trips").items():
        sums[kind, period][level] += row["value"] or 0
    for at, by_level in sums.items():
        assert by_level.keys() == {"block", "district", "cell", "city"}, at
        assert len(set(by_level.values())) == 1, (at, by_level)


def test_the_hour_that_an_autumn_night_repeats_is_there_twice(night: Any) -> None:
    _, lake = night
    hours = {key[3] for key in toy.said(lake, "trips") if key[2] == "hour" and key[3].startswith("2024-10-27T02")}
    assert hours == {"2024-10-27T02", "2024-10-27T02+0100"}


def test_decimals_stay_exact() -> None:
    assert toy.nearest(Fraction(Decimal("0.10")) * 3) == 0.3
