"""What ledgers of one at work share: what was read, and neither what has changed since nor what an asker made of it."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from jobs.core.lake import Lake
from jobs.core.ledger import Ledger

FIRST, SECOND = ({"biz_date": date(2025, 3, day), "digest": str(day)} for day in (3, 4))


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tables that are read, each time they are."""
    told, arrow = list[str](), Lake.arrow

    def noted(lake: Lake, key: str, *others: Any, **named: Any) -> Any:
        told.append(key)
        return arrow(lake, key, *others, **named)

    monkeypatch.setattr(Lake, "arrow", noted)
    return told


def test_a_table_is_read_once_by_all_ledgers_of_one_at_work(tmp_path: Path, read: list[str]) -> None:
    lake = Lake(tmp_path, "here").remembering()
    Ledger(lake).add("editions", [FIRST])
    assert [Ledger(lake).rows("editions") for _ in range(3)] == [[FIRST]] * 3
    assert read == ["ops.editions"]


def test_what_another_has_written_since_is_there(tmp_path: Path) -> None:
    lake = Lake(tmp_path, "here").remembering()
    Ledger(lake).add("editions", [FIRST])
    assert Ledger(lake).rows("editions") == [FIRST]
    Ledger(Lake(tmp_path, "here")).add("editions", [SECOND])
    assert Ledger(lake).rows("editions") == [FIRST, SECOND]


def test_an_answer_that_its_asker_changes_is_nobody_elses(tmp_path: Path) -> None:
    lake = Lake(tmp_path, "here").remembering()
    Ledger(lake).add("editions", [FIRST])
    Ledger(lake).rows("editions")[0]["digest"] = "another"
    assert Ledger(lake).rows("editions") == [FIRST]


def test_who_only_looks_reads_for_itself(tmp_path: Path, read: list[str]) -> None:
    """Or a row that was altered at rest would not be seen."""
    lake = Lake(tmp_path, "here")
    Ledger(lake).add("editions", [FIRST])
    for _ in range(2):
        Ledger(lake).rows("editions")
    assert read == ["ops.editions"] * 2
