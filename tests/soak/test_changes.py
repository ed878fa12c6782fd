"""A seeded sample of the nights of corrections that `make soak` has in full."""

from pathlib import Path

import pytest

from tests.soak import changes

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("seed", [101])
def test_silver_accounts_and_values_are_those_of_a_rebuild(tmp_path: Path, seed: int) -> None:
    found = changes.Found()
    changes.run(tmp_path, 5, seed, found)
    assert found.wrong == []
    assert (found.nights, found.rows > 100, found.deliveries > 50, found.values > 1000) == (5, True, True, True)
