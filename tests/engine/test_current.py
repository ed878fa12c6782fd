"""`indicators.current` is the newest word of the history on every value, however a night ended and was run again."""

from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from jobs.core.lake import Lake
from jobs.indicators import KEY, VALUES
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


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake", "toy")


def night(city: City, lake: Lake, rows: list[Trip], biz_date: date, version: int = 0) -> None:
    toy.deliver(lake, city, rows, DAYS, biz_date, version)
    inline.fused_of(city, lake, biz_date)
    inline.indicators_of(city, lake, biz_date)


def some(seed: int, count: int = 60) -> list[Trip]:
    return toy.trips(Random(seed), DAYS, count)


def newest(lake: Lake) -> list[tuple[object, ...]]:
    """Every value's newest row of the history."""
    rows = sorted(lake.arrow("indicators.values").to_pylist(), key=lambda row: str(row["edition"]))
    found = {tuple(row[name] for name in KEY): tuple(row[name] for name in VALUES) for row in rows}
    return sorted(found.values(), key=str)


def current(lake: Lake) -> list[tuple[object, ...]]:
    rows = lake.arrow("indicators.current").to_pylist()
    return sorted((tuple(row[name] for name in VALUES) for row in rows), key=str)


def test_it_is_the_newest_word_of_every_night(city: City, lake: Lake) -> None:
    for number, seed in enumerate((1, 2, 1)):
        night(city, lake, some(seed), DAYS[-1] + timedelta(days=number), number)
        assert current(lake) == newest(lake)
        assert {row[-1] for row in current(lake)} >= {str(DAYS[-1] + timedelta(days=number))}


def test_an_attempt_that_was_killed_before_the_history_leaves_nothing(
    city: City, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it said of values that the next attempt has nothing new of is what the nights before said."""
    first, second = DAYS[-1], DAYS[-1] + timedelta(days=1)
    night(city, lake, some(1), first)
    before, put = current(lake), lake.put

    def killed(key: str, *rest: Any) -> None:
        if key == "indicators.values":
            raise KeyboardInterrupt
        put(key, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(lake, "put", killed)
        with pytest.raises(KeyboardInterrupt):
            night(city, lake, some(2), second, 1)
    assert current(lake) != before
    night(city, lake, some(1), second, 2)
    assert current(lake) == newest(lake)


def test_a_night_run_again_after_later_ones_takes_nothing_from_them(city: City, lake: Lake) -> None:
    for number, seed in enumerate((1, 2)):
        night(city, lake, some(seed), DAYS[-1] + timedelta(days=number), number)
    night(city, lake, some(3), DAYS[-1], 2)
    assert current(lake) == newest(lake)
    assert str(DAYS[-1] + timedelta(days=1)) in {row[-1] for row in current(lake)}
