"""Versions of a definition, and a definition that changes in a lake that has values."""

from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from jobs import definitions
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger
from schemas import City
from tests import inline
from tests.engine import toy
from tests.engine.toy import TABLE

DAYS = [date(2024, 10, 1) + timedelta(days=n) for n in range(10)]
TRIPS = {"terms": {"n": {"count": TABLE}}, "value": "n", "unit": "trip", "periods": ["day", "month"]}
SOME = TRIPS | {"terms": {"n": {"count": TABLE, "where": "kind = 'x'"}}}


def night(city: City, lake: Lake, biz_date: date) -> None:
    inline.fused_of(city, lake, biz_date)
    inline.indicators_of(city, lake, biz_date)


def days_of(lake: Lake, name: str) -> dict[date, dict[str, Any]]:
    said = toy.said(lake, name)
    return {row["period_start"]: row for key, row in said.items() if key[:3] == ("city", "toy", "day")}


def test_a_period_is_computed_by_the_version_in_force_at_its_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    earlier = {"effective_from": DAYS[2], "terms": TRIPS["terms"]}
    versions = SOME | {"effective_from": DAYS[6], "earlier": [earlier]}
    city, lake = toy.city(tmp_path / "conf", monkeypatch, {"trips": versions}), Lake(tmp_path / "lake", "toy")
    rows = toy.trips(Random(31), DAYS, 200)
    toy.deliver(lake, city, rows, DAYS, DAYS[-1])
    night(city, lake, DAYS[-1])
    for day, row in days_of(lake, "trips").items():
        kinds = "x" if day >= DAYS[6] else "xyz"
        assert row["value"] == len([one for one in rows if one.day == day and one.kind in kinds])
        assert row["definition_version"] == (DAYS[6] if day >= DAYS[6] else DAYS[2]).isoformat()
    assert set(days_of(lake, "trips")) == set(DAYS[2:])
    assert not [key for key in toy.said(lake, "trips") if key[2] == "month"]


def test_a_changed_definition_is_applied_to_every_day_some_each_night(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(definitions, "DAYS_A_NIGHT", 4)
    lake, rows = Lake(tmp_path / "lake", "toy"), toy.trips(Random(32), DAYS, 200)
    city = toy.city(tmp_path / "conf", monkeypatch, {"trips": TRIPS, "other": TRIPS})
    toy.deliver(lake, city, rows, DAYS, DAYS[-1])
    night(city, lake, DAYS[-1])
    first = DAYS[-1] + timedelta(days=30)
    city = toy.city(tmp_path / "conf", monkeypatch, {"trips": SOME, "other": TRIPS})
    pending = []
    for later in range(4):
        night(city, lake, first + timedelta(days=later))
        waiting = {day for day, row in days_of(lake, "trips").items() if "pending" in (row["reasons"] or "")}
        pending.append(sorted(waiting))
        for day in set(DAYS) - waiting:
            found = [one for one in rows if one.day == day and one.kind == "x"]
            assert days_of(lake, "trips")[day]["value"] == len(found)
    assert pending == [DAYS[:6], DAYS[:2], [], []]
    editions = {row["edition"] for row in days_of(lake, "other").values()}
    assert editions == {DAYS[-1].isoformat()} | {
        row["edition"] for day, row in days_of(lake, "other").items() if day > DAYS[-1] - timedelta(days=4)
    }


def test_a_new_indicator_is_computed_for_days_that_were_there_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake, rows = Lake(tmp_path / "lake", "toy"), toy.trips(Random(33), DAYS, 100)
    city = toy.city(tmp_path / "conf", monkeypatch, {"trips": TRIPS})
    toy.deliver(lake, city, rows, DAYS, DAYS[-1])
    night(city, lake, DAYS[-1])
    city = toy.city(tmp_path / "conf", monkeypatch, {"trips": TRIPS, "some": SOME})
    night(city, lake, DAYS[-1] + timedelta(days=30))
    said = days_of(lake, "some")
    assert {day: said[day]["value"] for day in DAYS} == {
        day: len([one for one in rows if one.day == day and one.kind == "x"]) for day in DAYS
    }


def test_other_words_are_no_other_definition(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    city = toy.city(tmp_path / "conf", monkeypatch, {"trips": TRIPS})
    before = definitions.digest(city, city.indicators["transport.trips"])
    city = toy.city(tmp_path / "conf", monkeypatch, {"trips": TRIPS | {"name": {"zh": "行程", "en": "Journeys"}}})
    assert definitions.digest(city, city.indicators["transport.trips"]) == before
    city = toy.city(tmp_path / "conf", monkeypatch, {"trips": TRIPS | {"minimum_coverage": 0.9}})
    assert definitions.digest(city, city.indicators["transport.trips"]) != before


def test_a_night_that_changes_no_definition_keeps_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lake, city = Lake(tmp_path / "lake", "toy"), toy.city(tmp_path / "conf", monkeypatch, {"trips": TRIPS})
    toy.deliver(lake, city, toy.trips(Random(34), DAYS, 50), DAYS, DAYS[-1])
    night(city, lake, DAYS[-1])
    night(city, lake, DAYS[-1] + timedelta(days=1))
    assert len(Ledger(lake).rows("definitions")) == 1
