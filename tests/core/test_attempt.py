"""Who may write a lake: one attempt at a time, known by name and age; one that was given up writes nothing more."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pyarrow as pa
import pytest

from jobs.core import attempt
from jobs.core.attempt import Fenced
from jobs.core.errors import Problem
from jobs.core.lake import Lake, Layout

TABLE = Layout({"day": "string", "n": "bigint"}, ("day",))
ROWS = pa.table({"day": ["a"], "n": [1]})
HOLDS = """
import sys, time
from pathlib import Path
from jobs.core import attempt
with attempt.hold(Path(sys.argv[1]), "night", "the night of here 2025-03-03"):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path, "here")


def test_a_second_one_is_told_who_is_at_work_and_since_when(lake: Lake) -> None:
    other = subprocess.Popen([sys.executable, "-c", HOLDS, str(lake.root)], stdout=subprocess.PIPE, text=True)
    assert other.stdout is not None
    assert other.stdout.readline() == "held\n"
    with pytest.raises(Problem) as refusal, attempt.hold(lake.root, "night", "another"):
        pass
    said = str(refusal.value)
    assert f"the night of here 2025-03-03, process {other.pid} on " in said
    assert " s) is at work here; wait for it or end it" in said
    assert "\n" not in said
    other.send_signal(signal.SIGKILL)
    other.wait()
    other.stdout.close()
    with attempt.hold(lake.root, "night", "another"):
        assert json.loads((lake.root / ".night.lock").read_text())["pid"] == os.getpid()


def test_the_next_try_of_the_same_scheduler_takes_the_lock_and_fences_the_one_given_up(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(attempt.SCHEDULER, "nightly_here")
    with attempt.hold(lake.root, "night", "first try") as first:
        late = lake.by(first)
        late.put("silver.trips", TABLE, ROWS, ["a"])
        with attempt.hold(lake.root, "night", "second try") as second:
            now = lake.by(second)
            now.put("silver.trips", TABLE, pa.table({"day": ["a"], "n": [2]}), ["a"])
            writes: list[Callable[[], None]] = [
                partial(late.put, "silver.trips", TABLE, ROWS, ["a"]),
                partial(late.append, "silver.trips", ROWS),
                partial(late.replace, "silver.trips", ROWS, "day = 'a'"),
                partial(late.create, "silver.others", TABLE),
            ]
            for write in writes:
                with pytest.raises(Fenced, match=r"first try.* has lost the lock to second try"):
                    write()
    assert lake.arrow("silver.trips").to_pylist() == [{"day": "a", "n": 2}]
    assert not lake.exists("silver.others")


def test_a_lock_is_taken_between_two_commits_never_in_the_middle_of_one(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(attempt.SCHEDULER, "nightly_here")
    monkeypatch.setattr(attempt, "COMMIT_SECONDS", 0.1)
    with (
        attempt.hold(lake.root, "night", "first try") as first,
        first.writing(),
        pytest.raises(Problem, match="in the middle of a commit"),
        attempt.hold(lake.root, "night", "second try"),
    ):
        pass


@pytest.mark.parametrize(("first", "second"), [("", ""), ("nightly_here", ""), ("", "nightly_here"), ("a", "b")])
def test_nobody_else_is_overtaken(lake: Lake, monkeypatch: pytest.MonkeyPatch, first: str, second: str) -> None:
    monkeypatch.setenv(attempt.SCHEDULER, first)
    with attempt.hold(lake.root, "night", "first"):
        monkeypatch.setenv(attempt.SCHEDULER, second)
        with pytest.raises(Problem, match="first, process"), attempt.hold(lake.root, "night", "second"):
            pass


def test_a_table_whose_first_commit_was_cut_short_is_not_there_yet(lake: Lake) -> None:
    (lake.folder("silver.trips") / "_delta_log").mkdir(parents=True)
    (lake.folder("silver.trips") / "_delta_log" / "_commit_1.json.tmp").write_text("{")
    assert not lake.exists("silver.trips")
    assert lake.keys("silver") == []
    lake.put("silver.trips", TABLE, ROWS, ["a"])
    assert lake.arrow("silver.trips").num_rows == 1
