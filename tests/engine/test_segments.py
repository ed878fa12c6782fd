"""Segments: a ratio of a segment is that of its hours or days, and only those."""

from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from random import Random

import pytest

from jobs import segments
from jobs.core.lake import Lake
from schemas import City
from tests import inline
from tests.engine import toy
from tests.engine.toy import TABLE, Trip

DAYS = [date(2024, 10, 19) + timedelta(days=n) for n in range(16)]
FAMILIES = ["hour_of_day", "peak", "off_peak", "workday", "rest_day", "holiday", "month", "season"]
ASKED = {
    "terms": {"x": {"sum": TABLE, "of": "amount"}, "n": {"count": TABLE}},
    "value": "x / n",
    "unit": "m/trip",
    "periods": ["hour", "day", "week", "month", "year"],
    "segments": FAMILIES,
}
PER_DAY = {
    "terms": {"n": {"count": TABLE}},
    "value": "n / days",
    "unit": "trip/day",
    "periods": ["month"],
    "segments": ["workday", "rest_day", "peak"],
}


@pytest.fixture
def city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> City:
    return toy.city(tmp_path / "conf", monkeypatch, {"per_trip": ASKED, "per_day": PER_DAY})


def of(row: Trip, kind: str) -> set[str]:
    """The segments a row counts in, spelled out for these days."""
    if kind == "hour":
        return {"all"}
    day, hour = row.day, row.local.hour
    out = {"all", f"hour-{hour:02}", "peak" if hour in (7, 8, 17, 18) else "off_peak"}
    if day == date(2024, 11, 1):
        out.add("holiday")
    elif day.weekday() < 5 or day == date(2024, 10, 26):
        out.add("workday")
    else:
        out.add("rest_day")
    return out | ({f"month-{day.month}", "autumn"} if kind == "year" else set())


def test_a_ratio_of_a_segment_is_that_of_its_own_records(tmp_path: Path, city: City) -> None:
    lake, rows = Lake(tmp_path / "lake", "toy"), toy.trips(Random(7), DAYS, 300)
    toy.deliver(lake, city, rows, DAYS, DAYS[-1])
    inline.fused_of(city, lake, DAYS[-1])
    inline.indicators_of(city, lake, DAYS[-1])
    said = toy.said(lake, "per_trip")
    wanted: dict[tuple[str, ...], list[Trip]] = {}
    for row in rows:
        for level, place in toy.places(row).items():
            for kind, period in toy.periods(row.day, row.local).items():
                for segment in of(row, kind) if kind in ASKED["periods"] else ():
                    wanted.setdefault((level, place, kind, period, segment), []).append(row)
    wrong = {}
    for key, row in said.items():
        found = wanted.get(key, [])
        total = sum((Fraction(one.amount) for one in found if one.amount is not None), Fraction(0))
        truth = toy.nearest(total / len(found)) if found else None
        if row["value"] != truth or row["n_records"] != len(found):
            wrong[key] = (row["value"], truth)
    assert wrong == {}
    assert set(wanted) <= set(said)
    per_day = toy.said(lake, "per_day")
    rested = len([row for row in rows if row.day.month == 10 and "rest_day" in of(row, "month")])
    assert per_day["city", "toy", "month", "2024-10", "rest_day"]["value"] == toy.nearest(Fraction(rested, 7))


def test_a_worked_rest_day_is_a_workday_and_a_holiday_is_neither(city: City) -> None:
    kinds = [set(segments.of_day(city, day)) & set(segments.DAYS) for day in (date(2024, 10, 26), date(2024, 11, 1))]
    assert kinds == [{"workday"}, {"holiday"}]
