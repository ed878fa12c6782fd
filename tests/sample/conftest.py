"""Two small runs of the generator that the tests share: one without faults, one with all of them."""

from datetime import date
from pathlib import Path

import pytest

from jobs import sample
from jobs.sample.faults import FAULTS
from tests.once import once

FIRST = date(2025, 3, 3)


@pytest.fixture(scope="session")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two nights without faults: but the late file and the correction that are always there."""
    return once(tmp_path_factory, "clean", lambda to: sample.write("lanhai", 2, 0.1, frozenset(), 7, FIRST, to))


@pytest.fixture(scope="session")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three nights with every kind of fault, from the same seed."""
    return once(tmp_path_factory, "faulty", lambda to: sample.write("lanhai", 3, 0.1, FAULTS, 7, FIRST, to))
