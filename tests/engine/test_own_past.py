"""An indicator that looks at its own earlier values: made tonight, or said by an earlier edition."""

from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest

from jobs import plan
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger
from tests import inline
from tests.engine import toy
from tests.engine.toy import TABLE, Trip

DAYS = [date(2024, 10, 1) + timedelta(days=n) for n in range(24)]
USUAL = 8
MINE = "transport.excess"
N = {"count": TABLE}


def kept(when: str, *periods: str) -> dict[str, Any]:
    """What came above the usual number, added to what there was before."""
    return {
        "terms": {"n": N, "before": {"indicator": MINE, "when": when}},
        "parameters": {"usual": {"value": USUAL, "unit": "trip", "verified": True}},
        "value": "greatest(n - usual, before + (n - usual))", "unit": "trip", "periods": list(periods),
        "valid_range": [-1000, 1000],
    }  # fmt: skip


def night(city: Any, lake: Lake, rows: list[Trip], days: list[date], biz_date: date, version: int = 0) -> None:
    toy.deliver(lake, city, rows, days, biz_date, version)
    inline.fused_of(city, lake, biz_date)
    inline.indicators_of(city, lake, biz_date)


def said(lake: Lake, kind: str = "day", place: tuple[str, str] = ("city", "toy")) -> dict[str, Any]:
    """Period to value, where there is one."""
    mine = {key[3]: row["value"] for key, row in toy.said(lake, "excess").items() if key[:3] == (*place, kind)}
    return {period: value for period, value in mine.items() if value is not None}


def truth(
    rows: list[Trip], days: list[date], back: int = 1, place: tuple[str, str] = ("city", "toy")
) -> dict[str, int]:
    """greatest(…) takes what is known: a first day stands alone."""
    out: dict[str, int] = {}
    for day in days:
        mine = len([row for row in rows if row.day == day and toy.places(row)[place[0]] == place[1]]) - USUAL
        before = out.get((day - timedelta(days=back)).isoformat())
        out[day.isoformat()] = mine if before is None else max(mine, before + mine)
    return out


@pytest.mark.parametrize("place", [("city", "toy"), ("district", "d1"), ("block", "b2")])
def test_a_chain_of_days_made_in_one_night(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: tuple[str, str]
) -> None:
    city, lake = toy.city(tmp_path / "conf", monkeypatch, {"excess": kept("previous", "day")}), Lake(tmp_path, "toy")
    rows = toy.trips(Random(51), DAYS, 220)
    night(city, lake, rows, DAYS, DAYS[-1])
    assert said(lake, "day", place) == truth(rows, DAYS, place=place)


def test_what_tonight_does_not_make_is_what_an_earlier_edition_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    city, lake = toy.city(tmp_path / "conf", monkeypatch, {"excess": kept("previous", "day")}), Lake(tmp_path, "toy")
    rows, days = toy.trips(Random(52), DAYS, 220), DAYS[:8]
    for day in days:
        night(city, lake, rows, [day], day)
    assert said(lake) == truth(rows, days)


def test_a_corrected_day_moves_every_day_after_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    city, lake = toy.city(tmp_path / "conf", monkeypatch, {"excess": kept("previous", "day")}), Lake(tmp_path, "toy")
    random = Random(53)
    rows = toy.trips(random, DAYS, 220)
    night(city, lake, rows, DAYS, DAYS[-1])
    after = [row for row in rows if row.day != DAYS[3]] + toy.trips(random, [DAYS[3]], 40)
    night(city, lake, after, [DAYS[3]], DAYS[-1] + timedelta(days=1), version=1)
    assert said(lake) == truth(after, DAYS) != truth(rows, DAYS)


def test_the_same_weekday_is_a_chain_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    excess = kept("same_day_last_week", "day")
    city, lake = toy.city(tmp_path / "conf", monkeypatch, {"excess": excess}), Lake(tmp_path, "toy")
    rows = toy.trips(Random(54), DAYS, 220)
    night(city, lake, rows, DAYS[:20], DAYS[19])
    night(city, lake, rows, DAYS[20:], DAYS[-1])
    assert said(lake) == truth(rows, DAYS, back=7)
    toy.deliver(lake, city, rows, [DAYS[2]], DAYS[-1] + timedelta(days=30), version=1)
    wanted = plan.affected(city, Ledger(lake), DAYS[-1] + timedelta(days=30))[MINE]["day"]
    assert sorted(day for day in wanted if day <= DAYS[-1]) == [DAYS[2], DAYS[9], DAYS[16], DAYS[23]]


def test_months_look_at_months(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    days = [date(2024, 10, 25) + timedelta(days=n) for n in range(40)]
    city = toy.city(tmp_path / "conf", monkeypatch, {"excess": kept("previous", "day", "month")})
    lake, rows = Lake(tmp_path, "toy"), toy.trips(Random(55), days, 300)
    night(city, lake, rows, days, days[-1])
    counts = [len([row for row in rows if row.day.month == month]) - USUAL for month in (10, 11, 12)]
    for before, now in pairwise(range(3)):
        counts[now] = max(counts[now], counts[before] + counts[now])
    assert said(lake, "month") == dict(zip(("2024-10", "2024-11", "2024-12"), counts, strict=True))


def test_a_version_follows_on_what_the_one_before_it_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    new = kept("previous", "day") | {"effective_from": DAYS[6], "value": "before + (n - usual)"}
    earlier = {"effective_from": DAYS[0], "value": "n", "terms": {"n": N}, "parameters": None}
    versions = new | {"earlier": [earlier]}
    city, lake = toy.city(tmp_path / "conf", monkeypatch, {"excess": versions}), Lake(tmp_path, "toy")
    rows = toy.trips(Random(56), DAYS, 220)
    night(city, lake, rows, DAYS, DAYS[-1])
    value = Fraction(0)
    for day in DAYS:
        count = len([row for row in rows if row.day == day])
        value = value + count - USUAL if day >= DAYS[6] else Fraction(count)
        assert said(lake)[day.isoformat()] == value
