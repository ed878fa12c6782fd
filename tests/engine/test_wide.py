"""The analysts' tables: one column a state, and what they add up to."""

from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest

from jobs.core.lake import Lake
from tests import inline
from tests.engine import toy
from tests.engine.toy import TABLE

DAYS = [date(2024, 10, 26) + timedelta(days=n) for n in range(3)]
ASKED = {
    "trips": {"terms": {"n": {"count": TABLE}}, "value": "n", "unit": "trip", "periods": ["hour", "day"]},
    "metres": {"terms": {"x": {"sum": TABLE, "of": "amount", "where": "kind = 'x'"}}, "value": "x", "unit": "m",
               "periods": ["day"]},
    "fleet": {"terms": {"x": {"last": TABLE, "of": "beds", "entity": "vehicle"}}, "value": "x", "unit": "bed",
              "periods": ["day"]},
}  # fmt: skip


def test_wide_tables_say_what_the_rows_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    city, lake = toy.city(tmp_path / "conf", monkeypatch, ASKED), Lake(tmp_path / "lake", "toy")
    rows = toy.trips(Random(41), DAYS, 200)
    toy.deliver(lake, city, rows, DAYS, DAYS[-1])
    inline.fused_of(city, lake, DAYS[-1])
    days, hours, entities = (
        lake.arrow(f"fused.{name}").to_pylist() for name in ("place_days", "place_hours", "entity_days")
    )
    for day in DAYS:
        mine = [row for row in days if row["_day"] == day.isoformat() and row["level"] == "block"]
        found = [row for row in rows if row.day == day]
        assert sum(row["trips_n"] for row in mine) == len(found)
        metres = [row.amount for row in found if row.kind == "x" and row.amount is not None]
        assert sum(row["trips_amount_where_kind_x_total"] or 0 for row in mine) == sum(metres)
    assert sum(row["trips_n"] for row in hours if row["level"] == "block") == len(rows)
    last = {(row["_day"], row["entity_id"]): row["trips_beds_last"] for row in entities if row["level"] == "block"}
    assert len(last) == len({(row.day, row.vehicle) for row in rows})


def test_a_day_that_is_made_again_is_replaced_and_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    city, lake = toy.city(tmp_path / "conf", monkeypatch, ASKED), Lake(tmp_path / "lake", "toy")
    rows = toy.trips(Random(42), DAYS, 100)
    toy.deliver(lake, city, rows, DAYS, DAYS[-1])
    inline.fused_of(city, lake, DAYS[-1])
    inline.indicators_of(city, lake, DAYS[-1])
    before = {f["path"] for f in lake.files("fused.place_days", "_day", [day.isoformat() for day in DAYS])}
    toy.deliver(lake, city, rows[:50], DAYS[:1], DAYS[-1] + timedelta(days=1), version=1)
    inline.fused_of(city, lake, DAYS[-1] + timedelta(days=1))
    after = {f["path"] for f in lake.files("fused.place_days", "_day", [day.isoformat() for day in DAYS])}
    assert len(before - after) == len(after - before) == 1
    comments = {f.name: f.metadata.get("comment") for f in lake.delta("fused.place_days").schema().fields}
    assert comments["trips_n"] == "记录数：silver.trips | Records: silver.trips [trip]"
