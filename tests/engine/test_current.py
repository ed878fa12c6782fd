"""`indicators.current` is the newest word of the history on every value, however a night ended and was run again."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from jobs import vintages, work_days
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger
from jobs.vintages import KEY, VALUES
from schemas import City
from tests import inline
from tests.engine import toy
from tests.engine.toy import TABLE, Trip

DAYS = [date(2025, 1, 30) + timedelta(days=n) for n in range(5)]
COUNT = {
    "terms": {"n": {"count": TABLE}}, "value": "n", "unit": "trip", "periods": ["day", "month", "year"],
}  # fmt: skip


@pytest.fixture
def city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> City:
    return toy.city(tmp_path, monkeypatch, {"count": COUNT})


def half_done(city: City, lake: Lake, monkeypatch: pytest.MonkeyPatch, rows: list[Trip], biz_date: date) -> None:
    """A night that is killed when it has written the newest word, and not the history."""
    put = lake.put

    def killed(key: str, *rest: Any) -> None:
        if key == "indicators.values":
            raise KeyboardInterrupt
        put(key, *rest)

    begun = {"attempt": "killed", "step": "indicators", "started_at": datetime.now(UTC), "outcome": work_days.STARTED}
    Ledger(lake).add("steps", [begun | {"biz_date": biz_date, "table": None, "seconds": 0.0, "detail": ""}])
    with monkeypatch.context() as patch:
        patch.setattr(lake, "put", killed)
        with pytest.raises(KeyboardInterrupt):
            night(city, lake, rows, biz_date, 1)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake", "toy")


def night(city: City, lake: Lake, rows: list[Trip], biz_date: date, version: int = 0) -> None:
    toy.deliver(lake, city, rows, DAYS, biz_date, version)
    inline.fused_of(city, lake, biz_date)
    inline.indicators_of(city, lake, biz_date)


def some(seed: int, count: int = 60) -> list[Trip]:
    return toy.trips(Random(seed), DAYS, count)


def newest(lake: Lake, until: date = date.max) -> list[tuple[object, ...]]:
    """Every value's newest row of the history, up to a night."""
    rows = sorted(lake.arrow("indicators.values").to_pylist(), key=lambda row: str(row["edition"]))
    known = [row for row in rows if row["edition"] <= str(until)]
    found = {tuple(row[name] for name in KEY): tuple(row[name] for name in VALUES) for row in known}
    return sorted(found.values(), key=str)


def current(lake: Lake) -> list[tuple[object, ...]]:
    return listed(lake.arrow("indicators.current"))


def listed(table: pa.Table) -> list[tuple[object, ...]]:
    rows = table.to_pylist()
    return sorted((tuple(row[name] for name in VALUES) for row in rows), key=str)


def test_it_is_the_newest_word_of_every_night(city: City, lake: Lake) -> None:
    for number, seed in enumerate((1, 2, 1)):
        night(city, lake, some(seed), DAYS[-1] + timedelta(days=number), number)
        assert current(lake) == newest(lake)
        assert {row[-1] for row in current(lake)} >= {str(DAYS[-1] + timedelta(days=number))}


def test_values_of_an_indicator_lie_together_and_few_in_a_group(
    city: City, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who asks for one indicator reads the groups that hold it, and passes over the others by their ends."""
    for name in ("CURRENT", "HISTORY"):
        monkeypatch.setattr(vintages, name, replace(getattr(vintages, name), group=16))
    night(city, lake, some(5), DAYS[-1])
    night(city, lake, some(6), DAYS[-1] + timedelta(days=1), 1)
    for key in ("indicators.current", "indicators.values"):
        for path in lake.delta(key).file_uris():
            file = pq.ParquetFile(path.removeprefix("file://"))
            held = [tuple(row.values()) for row in file.read(list(vintages.ORDER)).to_pylist()]
            sizes = [file.metadata.row_group(at).num_rows for at in range(file.num_row_groups)]
            assert held == sorted(held), path
            assert sizes == [16] * (len(held) // 16) + [len(held) % 16] * bool(len(held) % 16)


@pytest.mark.parametrize("again", [0, 1], ids=["that night", "the next"])
def test_what_a_killed_attempt_said_is_not_the_newest_word(
    city: City, lake: Lake, monkeypatch: pytest.MonkeyPatch, again: int
) -> None:
    """Of values that the next attempt has nothing new of it is what the nights before said; so if it is never made."""
    first, second = DAYS[-1], DAYS[-1] + timedelta(days=1)
    night(city, lake, some(1), first)
    before = current(lake)
    half_done(city, lake, monkeypatch, some(2), second)
    assert current(lake) != before
    night(city, lake, some(1), second + timedelta(days=again), 2)
    assert current(lake) == newest(lake)


def test_what_was_known_before_a_night_is_found_whoever_spoke_since(
    city: City, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    nights = [DAYS[-1] + timedelta(days=number) for number in range(4)]
    for number, seed in enumerate((1, 2, 1)):
        night(city, lake, some(seed), nights[number], number)
    days = pc.field("period_kind") == "day"
    for killed in (False, True):
        if killed:
            half_done(city, lake, monkeypatch, some(4), nights[3])
        for until in nights[:3]:
            found = listed(vintages.newest(lake, Ledger(lake), until, days))
            assert found == [row for row in newest(lake, until) if row[KEY.index("period_kind")] == "day"]
            assert found
        assert vintages.firsts(lake, nights[2], ["transport.count"]) == {"transport.count": str(nights[0])}


def test_a_night_run_again_after_later_ones_takes_nothing_from_them(city: City, lake: Lake) -> None:
    for number, seed in enumerate((1, 2)):
        night(city, lake, some(seed), DAYS[-1] + timedelta(days=number), number)
    night(city, lake, some(3), DAYS[-1], 2)
    assert current(lake) == newest(lake)
    assert str(DAYS[-1] + timedelta(days=1)) in {row[-1] for row in current(lake)}
