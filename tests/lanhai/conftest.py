"""Three nights of the demo city with every kind of fault, made once in a run; nothing writes into them."""

import json
from pathlib import Path
from typing import Any

import pytest

from jobs import landing
from jobs.core.lake import Lake
from schemas import load_city
from tests.conftest import RunNight
from tests.once import once
from tests.sample.conftest import faulty

CITY = "lanhai"


@pytest.fixture(scope="session")
def three_nights(
    tmp_path_factory: pytest.TempPathFactory, faulty: Path, keys: Path, request: pytest.FixtureRequest
) -> Lake:
    """The deliveries of each night and the night, one after the other. Spark starts where they are made only."""

    def make(folder: Path) -> None:
        night: RunNight = request.getfixturevalue("night")
        city, lake = load_city(CITY), Lake(folder, CITY)
        for one in plan(faulty):
            landing.land(city, lake, faulty / one["folder"], landing.delivered_at(one["delivered_at"], city))
            night(lake, one["biz_date"])

    return Lake(once(tmp_path_factory, "three-nights", make), CITY)


def plan(delivered: Path) -> list[dict[str, Any]]:
    """The nights in order."""
    listed: list[dict[str, Any]] = json.loads((delivered / "nights.json").read_text("utf-8"))
    return listed


__all__ = ["faulty"]
