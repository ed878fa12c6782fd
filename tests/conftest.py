"""What tests share: one Spark session with the profile the demo's nights use, and lakes in temporary folders."""

import gc
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jobs.core.lake import Lake
from jobs.night import STEPS, Night
from jobs.night import run as run_night
from schemas import load_city
from tests.once import once

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

RunNight = Callable[[Lake, str], None]


def pytest_collection_finish() -> None:
    """What was imported and collected is no garbage: it is not gone through again each time that some is looked for."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure() -> None:
    """Or extensions say at the end that what was kept has leaked."""
    gc.unfreeze()


@pytest.fixture(scope="session")
def spark() -> "Iterator[SparkSession]":
    """The one Spark session."""
    from jobs.core import session

    made = session.start("citypulse tests", "local")
    yield made
    made.stop()


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder for keys of personal data: one for all workers, since they read each other's lakes."""
    folder = once(tmp_path_factory, "keys", lambda to: None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CITYPULSE_KEYS", str(folder))
        yield folder


@pytest.fixture(scope="session")
def night(spark: "SparkSession", keys: Path) -> RunNight:
    """Runs a whole night of a lake's city, up to the edition."""

    def run(lake: Lake, biz_date: str) -> None:
        steps = [step for step in STEPS if step != "verdict"]
        run_night(Night(load_city(lake.city), lake, date.fromisoformat(biz_date)), steps)

    return run
