"""A seeded sample of the damaged files that `make soak` has in full."""

from pathlib import Path

import pytest

from tests.soak import changes, fuzz


@pytest.mark.filterwarnings("ignore")
def test_no_file_ends_a_night_and_no_record_is_unaccounted_for(tmp_path: Path) -> None:
    found = changes.Found()
    fuzz.run(tmp_path, 1, 150, 100, found)
    assert found.wrong == []
    assert (found.nights, found.deliveries > 120, found.rows > 300) == (1, True, True)
