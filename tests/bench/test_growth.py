"""The nights that docs/scale.md takes scratch tables through put in and take out what real nights did."""

import json
from collections import Counter
from pathlib import Path

import pytest

from jobs.core.lake import RETENTION_DAYS
from tests.bench.growth import WEEK, Kind, grow

KINDS = (
    Kind("_delivery_id", 1, 4, 0, 500), Kind("_day", 1, 1, 0, 1000), Kind("_day", 1, 2, 1, 500),
    Kind("_month", 1, 3, 3, 1000), Kind("", 1, 1, 1, 500), Kind("", 12, 12, 12, 500),
    Kind("edition", 1, 1, 0, 500), Kind("", 1, 0, 0, 0),
)  # fmt: skip


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_a_night_commits_puts_in_and_takes_out_what_its_kind_says(kind: Kind, tmp_path: Path) -> None:
    """Of the last nights of a first week: in the first there was nothing to take out yet."""
    grow(tmp_path, kind, WEEK - 1)
    nights, commits = WEEK - 3, int(kind.commits)
    last = [_actions(tmp_path, 1 + commits * (WEEK - 1) - back) for back in range(1, 1 + commits * nights)]
    found = [sum(one[name] for one in last) / nights for name in ("add", "remove")]
    assert found == [kind.added, kind.removed]


def _actions(folder: Path, version: int) -> Counter[str]:
    lines = (folder / "_delta_log" / f"{version:020d}.json").read_text("utf-8").splitlines()
    return Counter(name for line in lines for name in json.loads(line))


def test_the_log_of_years_is_as_long_as_it_is_kept(tmp_path: Path) -> None:
    """A month of commits and what maintenance makes of them, whatever came before."""
    grow(tmp_path, Kind("", 1, 1, 1, 500), 260)
    commits = sorted(int(path.stem) for path in (tmp_path / "_delta_log").glob("*.json"))
    assert RETENTION_DAYS <= len(commits) <= RETENTION_DAYS + 3 * WEEK
