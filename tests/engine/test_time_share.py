"""Shares of time, against a walk through every second."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from pathlib import Path
from random import Random

import pytest

from jobs.core.lake import Lake
from tests import inline
from tests.engine import toy
from tests.engine.toy import TABLE, Trip

DAYS = [date(2024, 10, 26) + timedelta(days=n) for n in range(4)]
ASKED = {
    "terms": {"x": {"time_share": TABLE, "where": "kind <> 'x'", "entity": "vehicle"}},
    "value": "x",
    "unit": "1",
    "periods": ["hour", "day", "week"],
    "places": ["block", "city"],
}


def start(day: date) -> datetime:
    return datetime.combine(day, time(), toy.ZONE).astimezone(UTC)


def walked(rows: list[Trip], days: list[date]) -> dict[tuple[str, str, str, str], list[int]]:
    """(level, place, kind, period) to seconds in the state and seconds known."""
    out: dict[tuple[str, str, str, str], list[int]] = {}
    by_id = {row.trip_id: row for row in rows}
    for (hour, name), seconds in Counter(seconds_held(rows, days)).items():
        holding, local = by_id[name], hour.astimezone(toy.ZONE)
        for kind, period in toy.periods(local.date(), local).items():
            for level, place in toy.places(holding).items():
                counted = out.setdefault((level, place, kind, period), [0, 0])
                counted[0] += seconds * (holding.kind != "x")
                counted[1] += seconds
    return out


def seconds_held(rows: list[Trip], days: list[date]) -> Iterator[tuple[datetime, str]]:
    """Second by second: the hour it lies in, and the record that holds."""
    for vehicle in {row.vehicle for row in rows}:
        mine = sorted((row for row in rows if row.vehicle == vehicle), key=order)
        for day in days:
            holding: Trip | None = max((r for r in mine if r.day == day - timedelta(days=1)), key=order, default=None)
            if not any(row.day == day for row in mine):
                continue
            at = {row.utc: row for row in mine if row.day == day}
            moment, end = start(day), start(day + timedelta(days=1))
            while moment < end:
                holding = at.get(moment, holding)
                if holding is not None:
                    yield moment.replace(minute=0, second=0), holding.trip_id
                moment += timedelta(seconds=1)


def order(row: Trip) -> tuple[datetime, str]:
    return row.utc, row.kind


def test_a_state_lasts_until_the_next_record_to_the_second(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    city, lake = toy.city(tmp_path / "conf", monkeypatch, {"moving": ASKED}), Lake(tmp_path / "lake", "toy")
    rows = toy.trips(Random(11), DAYS, 60)
    for row in rows:
        row.vehicle = f"v{int(row.vehicle[1:]) % 3}"
    toy.deliver(lake, city, rows, DAYS, DAYS[-1])
    inline.fused_of(city, lake, DAYS[-1])
    inline.indicators_of(city, lake, DAYS[-1])
    wanted, said = walked(rows, DAYS), toy.said(lake, "moving")
    for key, value in said.items():
        held, known = wanted.get(key[:4], (0, 0))
        assert value["value"] == (toy.nearest(Fraction(held, known)) if known else None), key
    assert {key for key in wanted if key[0] in ("block", "city") and key[2] in ASKED["periods"]} <= {
        key[:4] for key in said
    }


def test_a_corrected_day_changes_the_day_after_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    city, lake = toy.city(tmp_path / "conf", monkeypatch, {"moving": ASKED}), Lake(tmp_path / "lake", "toy")

    def trip(name: str, at: datetime, kind: str) -> Trip:
        return Trip(name, at, None, 1, 1, kind, "v", None, "b1", None, None)

    first, second = DAYS[2], DAYS[3]
    evening = trip("a", start(first) + timedelta(hours=20), "x")
    noon = trip("b", start(second) + timedelta(hours=12), "y")
    toy.deliver(lake, city, [evening, noon], [first, second], second)
    inline.fused_of(city, lake, second)
    inline.indicators_of(city, lake, second)
    assert toy.said(lake, "moving")["city", "toy", "day", second.isoformat(), "all"]["value"] == 0.5
    evening.kind = "y"
    night = second + timedelta(days=1)
    toy.deliver(lake, city, [evening], [first], night, version=1)
    inline.fused_of(city, lake, night)
    inline.indicators_of(city, lake, night)
    assert toy.said(lake, "moving")["city", "toy", "day", second.isoformat(), "all"]["value"] == 1.0
