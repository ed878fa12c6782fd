"""One source of a small city missing, and its night killed; `make soak` does so to every source at every step."""

from pathlib import Path

import pytest

from tests.soak import due
from tests.soak.deadlines import Blow, Fault, Trials

pytestmark = pytest.mark.slow


def test_with_a_source_missing_and_a_layer_killed_there_is_an_edition_that_says_so_and_then_the_right_one(
    tmp_path: Path,
) -> None:
    found = due.Found()
    due.tried(Trials(tmp_path, 302), Fault("meters", "missing"), [Blow("killed", "fused")], found)
    assert found.wrong == []
    assert (found.faults, found.blows, found.interim) == ({"missing": 1}, {"killed": 1}, 1)
    assert found.shown > 100
