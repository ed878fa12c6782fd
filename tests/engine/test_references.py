"""Other indicators as terms: earlier periods, trailing days, the places inside a place; and what a change moves."""

from collections.abc import Mapping
from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest

from jobs import plan, values
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger
from tests import inline
from tests.engine import toy
from tests.engine.toy import TABLE, Trip

DAYS = [date(2024, 10, 1) + timedelta(days=n) for n in range(34)]
LAST = DAYS[-1]


def one(**keys: Any) -> dict[str, Any]:
    return {"unit": "trip", "periods": ["day"], **keys}


def of(name: str, **look: Any) -> dict[str, Any]:
    return {"indicator": f"transport.{name}", **look}


WEEK = {"days": 7, "required": 7}
ASKED: dict[str, dict[str, Any]] = {
    "trips": one(terms={"n": {"count": TABLE}}, value="n", periods=["hour", "day", "week", "month"]),
    "share": one(terms={"x": {"sum": TABLE, "of": "amount"}, "n": {"count": TABLE}}, value="x / n", unit="m/trip",
                 periods=["day", "month"]),
    "growth": one(terms={"now": of("trips"), "before": of("trips", when="previous")}, value="now / before - 1",
                  unit="1", periods=["hour", "day", "week", "month"]),
    "on_week": one(terms={"now": of("trips"), "before": of("trips", when="same_day_last_week")}, value="now / before",
                   unit="1"),
    "share_change": one(terms={"now": of("share"), "before": of("share", when="previous")}, value="now - before",
                        unit="m/trip"),
    "mean_7d": one(terms={"x": of("trips", trailing=WEEK, take="mean")}, value="x"),
    "most_7d": one(terms={"x": of("trips", trailing=WEEK, take="max"), "now": of("trips")}, value="now / x", unit="1"),
    "lowest": one(terms={"x": of("trips", across="block", take="min")}, value="x", places=["district", "city"]),
    "at_closing": one(terms={"n": {"count": TABLE, "at": "closed"}}, value="n", periods=["day", "month"]),
    "to": one(terms={"n": {"count": TABLE, "place": "to_block"}}, value="n", places=["block", "district", "city"]),
    "trailing_own": one(terms={"n": {"count": TABLE}}, value="n / valid_days", trailing={"days": 3, "required": 3},
                        unit="trip/day"),
}  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One night with every row."""
    folder = tmp_path_factory.mktemp("toy")
    with pytest.MonkeyPatch.context() as patch:
        city, lake = toy.city(folder / "conf", patch, ASKED), Lake(folder / "lake", "toy")
        rows = toy.trips(Random(21), DAYS, 500)
        toy.deliver(lake, city, rows, DAYS, LAST)
        inline.fused_of(city, lake, LAST)
        inline.indicators_of(city, lake, LAST)
        yield city, lake, rows


def counts(rows: list[Trip], place: tuple[str, str] = ("city", "toy")) -> dict[date, int]:
    mine = [row.day for row in rows if toy.places(row)[place[0]] == place[1]]
    return {day: mine.count(day) for day in DAYS}


said = cache(toy.said)
"""Read once of a lake that no further night changes."""


def value(lake: Lake, name: str, day: date, place: tuple[str, str] = ("city", "toy"), kind: str = "day") -> Any:
    row = said(lake, name).get((*place, kind, toy.periods(day)[kind], "all"))
    return row["value"] if row else None


@pytest.mark.parametrize("place", [("city", "toy"), ("district", "d1"), ("block", "b3")])
def test_what_looks_at_earlier_days_is_exact(made: Any, place: tuple[str, str]) -> None:
    _, lake, rows = made
    per_day = counts(rows, place)
    for before, now in pairwise(DAYS):
        growth = Fraction(per_day[now], per_day[before]) - 1 if per_day[before] else None
        assert value(lake, "growth", now, place) == toy.nearest(growth)
    for now in DAYS[7:]:
        then = per_day[now - timedelta(days=7)]
        assert value(lake, "on_week", now, place) == toy.nearest(Fraction(per_day[now], then) if then else None)
        week = [per_day[now - timedelta(days=n)] for n in range(7)]
        assert value(lake, "mean_7d", now, place) == toy.nearest(Fraction(sum(week), 7))
        assert value(lake, "most_7d", now, place) == (per_day[now] / max(week) if max(week) else None)
    assert value(lake, "mean_7d", DAYS[5], place) is None


def test_a_difference_of_ratios_is_rounded_once(made: Any) -> None:
    _, lake, rows = made
    shares = {}
    for day in DAYS:
        mine = [row for row in rows if row.day == day]
        shares[day] = sum((Fraction(row.amount) for row in mine if row.amount is not None), Fraction(0)) / len(mine)
    for before, now in pairwise(DAYS):
        assert value(lake, "share_change", now) == toy.nearest(shares[now] - shares[before])


def test_months_look_back_a_month_and_hours_an_hour(made: Any) -> None:
    _, lake, rows = made
    months = [len([row for row in rows if row.day.month == month]) for month in (10, 11)]
    assert value(lake, "growth", LAST, kind="month") == toy.nearest(Fraction(months[1], months[0]) - 1)
    hours: dict[str, int] = {}
    for row in rows:
        text = toy.periods(row.day, row.local)["hour"]
        hours[text] = hours.get(text, 0) + 1
    for now, before in (("2024-10-09T00", "2024-10-08T23"), ("2024-10-27T02+0100", "2024-10-27T02")):
        row = said(lake, "growth").get(("city", "toy", "hour", now, "all"))
        then = hours.get(before, 0)
        truth = toy.nearest(Fraction(hours.get(now, 0), then) - 1) if then else None
        assert (row["value"] if row else None) == truth


def test_across_takes_the_places_inside_a_place(made: Any) -> None:
    _, lake, rows = made
    for day in DAYS:
        each = {block: counts(rows, ("block", block))[day] for block in toy.BLOCKS}
        assert value(lake, "lowest", day) == min(each.values())
        assert value(lake, "lowest", day, ("district", "d1")) == min(each["b1"], each["b2"])


def test_a_record_counts_on_the_day_and_in_the_place_its_columns_say(made: Any) -> None:
    _, lake, rows = made
    for day in DAYS:
        assert value(lake, "at_closing", day) == len([row for row in rows if row.closed == day])
        mine = [row for row in rows if row.day == day]
        assert value(lake, "to", day, ("block", "b2")) == len([row for row in mine if row.to_block == "b2"])
        nowhere = len([row for row in mine if row.to_block == "nowhere"])
        assert (value(lake, "to", day, ("block", "unplaced")) or 0) == nowhere
        assert value(lake, "to", day) == len(mine)


def test_nights_that_correct_days_end_like_one_night_that_knew_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    city = toy.city(tmp_path / "conf", monkeypatch, ASKED)
    random = Random(22)
    rows, changed = toy.trips(random, DAYS, 300), toy.trips(random, [DAYS[9], DAYS[20]], 40)
    lake, whole = Lake(tmp_path / "a", "toy"), Lake(tmp_path / "b", "toy")
    first = [day for day in DAYS if day != DAYS[15]]
    last = LAST + timedelta(days=3)
    toy.deliver(lake, city, rows, first, LAST)
    inline.fused_of(city, lake, LAST)
    inline.indicators_of(city, lake, LAST)
    after = [row for row in rows if row.day not in (DAYS[9], DAYS[20])] + changed
    toy.deliver(lake, city, after, [DAYS[9], DAYS[15], DAYS[20]], last, version=1)
    inline.fused_of(city, lake, last)
    inline.indicators_of(city, lake, last)
    toy.deliver(whole, city, after, DAYS, last)
    inline.fused_of(city, whole, last)
    inline.indicators_of(city, whole, last)
    for name in ASKED:
        mine, theirs = toy.said(lake, name), toy.said(whole, name)
        there = {key: row["value"] for key, row in theirs.items()}
        assert {key: row["value"] for key, row in mine.items() if key in there} == there, name


def test_a_changed_day_moves_what_looks_back_on_it_and_nothing_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    city, lake = toy.city(tmp_path / "conf", monkeypatch, ASKED), Lake(tmp_path / "lake", "toy")
    rows, day, night = toy.trips(Random(23), DAYS, 100), DAYS[9], LAST + timedelta(days=60)
    toy.deliver(lake, city, rows, DAYS, LAST)
    inline.fused_of(city, lake, LAST)
    inline.indicators_of(city, lake, LAST)
    toy.deliver(lake, city, rows, [day], night, version=1)
    wanted = plan.affected(city, Ledger(lake), night)
    moved = {
        name: sorted(d for d in wanted[f"transport.{name}"]["day"] if d <= LAST)
        for name in ("trips", "growth", "on_week", "mean_7d", "share_change", "trailing_own")
    }
    later = [day + timedelta(days=n) for n in range(8)]
    assert moved == {
        "trips": [day], "growth": later[:2], "on_week": [day, later[7]], "mean_7d": later[:7],
        "share_change": later[:2], "trailing_own": later[:3],
    }  # fmt: skip
    assert {start for start in wanted["transport.growth"]["month"] if start <= LAST} == {DAYS[0], date(2024, 11, 1)}


def test_a_method_is_given_days_in_order_and_places_without_the_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def weighed(city: object, one: object, inputs: Mapping[str, str]) -> str:
        """Each element times its position: another order gives another number; what is unknown counts as 1000."""
        return f"list_sum(list_transform({inputs['x']}, lambda e, i: coalesce(e, 1000) * i))::DOUBLE"

    monkeypatch.setattr(values, "_method", weighed)
    asked = {
        "trips": ASKED["trips"],
        "days": one(terms={"x": of("trips", trailing={"days": 4, "required": 2}, take="series")}, method="cusum"),
        "blocks": one(terms={"x": of("trips", across="block", take="bag")}, method="gini", places=["district", "city"]),
    }
    city, lake = toy.city(tmp_path / "conf", monkeypatch, asked), Lake(tmp_path / "lake", "toy")
    rows, days = toy.trips(Random(24), DAYS[:6], 90), DAYS[:6]
    toy.deliver(lake, city, rows, [days[0], days[1], days[3], days[4], days[5]], days[5])
    inline.fused_of(city, lake, days[5])
    inline.indicators_of(city, lake, days[5])
    per_day = counts(rows)
    window = [1000, per_day[days[3]], per_day[days[4]], per_day[days[5]]]
    assert value(lake, "days", days[5]) == sum(n * i for i, n in enumerate(window, start=1))
    assert value(lake, "days", days[0]) is None
    each = sorted(counts(rows, ("block", block))[days[4]] for block in toy.BLOCKS)
    assert value(lake, "blocks", days[4]) == sum(n * i for i, n in enumerate(each, start=1))
    assert value(lake, "blocks", days[2]) is None
