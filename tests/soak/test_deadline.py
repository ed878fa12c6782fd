"""One source of a small city late, and its night struck twice; `make soak` does so to every source at every step."""

from pathlib import Path

import pytest

from tests.soak import due
from tests.soak.deadlines import Blow, Fault, Trials

pytestmark = pytest.mark.slow


def test_with_a_source_late_and_a_layer_killed_or_hung_there_is_an_edition_that_says_so_and_then_the_right_one(
    tmp_path: Path,
) -> None:
    found = due.Found()
    due.tried(Trials(tmp_path, 302), Fault("meters", "late"), [Blow("killed", "fused"), Blow("hung", "silver")], found)
    assert found.wrong == []
    assert (found.blows, found.interim, found.recovered) == ({"killed": 1, "hung": 1}, 2, 1)
    assert found.shown > 200
