"""Indicators made of trailing days, as far as they look back: against the answer key, and what they lack.

Some nights are missed, and the next one takes what was delivered meanwhile.
"""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from jobs import landing
from jobs.core.lake import Lake
from jobs.sample import elements, environment, events, ledger, lists, medical, registers, returns, services
from jobs.sample.asked import Days
from jobs.sample.faults import FAULTS
from jobs.sample.sums import Row, Sums
from jobs.sample.truth import SEEN, TRUE
from jobs.sample.world import FOLDER, World
from jobs.vintages import KEY
from schemas import City, load_city
from tests import inline
from tests.agreement import agree

pytestmark = pytest.mark.slow
FIRST, NIGHTS = date(2025, 3, 3), 11
RUN = (1, 2, 3, 8, 10, NIGHTS)
"""The nights that are run."""
LOOK_BACK = {name: one for name, one in elements.listed().items() if isinstance(one, Days)}
REPORTED = next(one for one in elements.events() if one.source == "disease_reports")
FILED = [one for one in elements.returns() if one.source in ("corridor_hours", "power_customers")]
MENDABLE = FAULTS - {"encoding"}
"""A night of outages that never becomes readable would leave every later list of them short."""
Cell = tuple[str, ...]
Values = dict[Cell, dict[str, Any]]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """What those deliver in these nights whose days are looked at, with every kind of fault but one."""
    made = World(7, 0.1, NIGHTS, FIRST, MENDABLE, tmp_path_factory.mktemp("deliveries"))
    registers.write(made)
    for k in range(1, NIGHTS + 1):
        for deliver in (ledger.write, medical.calls, services.hotline, services.power, environment.air):
            deliver(made, k)
        for each in FILED:
            returns.write(made, k, each)
        events.write(made, k, REPORTED)
    return made


@pytest.fixture(scope="module")
def said(world: World, tmp_path_factory: pytest.TempPathFactory) -> dict[int, Values]:
    """Night to the newest values of what looks at trailing days."""
    whole, lake = load_city("lanhai"), Lake(tmp_path_factory.mktemp("lake"), "lanhai")
    named = {*LOOK_BACK, *(one.of for one in LOOK_BACK.values())}
    mine = {k: one for k, one in whole.indicators.items() if k in named}
    city: City = replace(whole, indicators=mine, file=whole.file.model_copy(update={"release": None}))
    out: dict[int, Values] = {}
    for k in range(1, NIGHTS + 1):
        at = landing.delivered_at(f"{world.day(k + 1)}T02:30", city)
        landing.land(city, lake, world.to / FOLDER.format(k), at)
        if k in RUN:
            inline.night(city, lake, world.day(k))
            rows = lake.arrow("indicators.current").to_pylist()
            out[k] = {tuple(row[name] for name in KEY[:5]): row for row in rows}
    return out


def key(world: World, kind: str, night: int) -> dict[Cell, Row]:
    days = [world.day(night) - timedelta(days=back) for back in range(min(3, night))]
    return {
        row.key: row for row in lists.rows(Sums(world.truth, "lanhai", kind, night, days)) if row.indicator in LOOK_BACK
    }


def test_every_edition_says_what_the_answer_key_says(world: World, said: dict[int, Values]) -> None:
    known, unknown = Counter[str](), Counter[str]()
    for night, values in said.items():
        seen = key(world, SEEN, night)
        for cell, row in key(world, TRUE, night).items():
            if row.made_of != seen[cell].made_of:
                continue
            got = values.get(cell)
            truth = None if row.value is None else float(row.value)
            assert agree(got["value"] if got else None, truth, row.is_near), (night, cell)
            (unknown if row.value is None else known)[row.indicator] += 1
    assert set(known) == set(LOOK_BACK)
    assert set(unknown) == set(LOOK_BACK) - {"medical.admissions_mean_7d", "environment.pm25_exceedance_days"}


def test_some_days_are_a_signal_and_most_are_none(said: dict[int, Values]) -> None:
    signals = [row["value"] for row in said[NIGHTS].values() if "_ears_" in str(row["indicator"])]
    found = Counter(value for value in signals if value is not None)
    assert set(found) == {0.0, 1.0}
    assert found[1.0] < found[0.0] / 10


def test_a_series_that_lacks_days_is_unknown_and_says_how_many(world: World, said: dict[int, Values]) -> None:
    row = said[3]["medical.ambulance_calls_ears_c1", "city", "lanhai", "day", str(world.day(3))]
    assert (row["value"], row["status"]) == (None, "provisional")
    assert "missing_days: 5 of 8" in str(row["reasons"])
