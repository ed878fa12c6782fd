"""Nights in their window: until when layers may work, what becomes of those that do not end, and what is told."""

import json
import os
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from citypulse import watch
from jobs import deadline
from jobs.core.errors import CriticalFailure
from jobs.deadline import Limit
from schemas import load_city
from tests.commands import FORK

NIGHT = date(2025, 3, 29)
"""Clocks in Berlin go forward in it: its cut-off is 03:00 UTC, its deadline 05:00."""
STOP = datetime(2025, 3, 30, 4, 45, tzinfo=UTC)
LIMIT = Limit(STOP, STOP + timedelta(minutes=15))
STEPS = ("bronze", "edition", "verdict")


@pytest.mark.parametrize(
    ("at", "slack"),
    [
        ("2025-03-30T02:59:59", None),
        ("2025-03-30T03:00:00", 7200),
        ("2025-03-30T04:59:30", 30),
        ("2025-03-30T05:10:00", -600),
        ("2025-03-31T02:59:59", -79199),
        ("2025-03-31T03:00:00", None),
        ("2026-01-30T03:00:00", None),
    ],
)
def test_slack_is_told_in_the_window_of_a_night_and_a_night_run_later_is_late_for_nobody(
    monkeypatch: pytest.MonkeyPatch, at: str, slack: float | None
) -> None:
    monkeypatch.setenv("CITYPULSE_CONF", str(Path(__file__).parents[1] / "soak" / "conf"))
    assert deadline.slack(load_city("mini"), NIGHT, datetime.fromisoformat(at).replace(tzinfo=UTC)) == slack


def test_a_layer_that_is_too_late_to_begin_says_so_and_one_after_the_deadline_has_all_the_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[str] = []
    monkeypatch.setattr(deadline, "now", lambda: STOP)
    with pytest.raises(CriticalFailure, match="bronze failed: not begun after 04:45"), _kept(told.append):
        pytest.fail("it was begun")
    assert told == ["bronze failed: not begun after 04:45, the edition is due at 05:00"]
    monkeypatch.setattr(deadline, "now", lambda: LIMIT.due)
    with _kept(told.append):
        told.append("done")
    assert told[1:] == ["done"]


def test_a_layer_that_hangs_ends_with_its_process_and_the_ledger_knows_why(tmp_path: Path) -> None:
    process = FORK.Process(target=_hang, args=(tmp_path / "told",))
    process.start()
    process.join()
    assert process.exitcode == deadline.STOPPED
    assert (tmp_path / "told").read_text() == "bronze failed: not done by 04:45, the edition is due at 05:00"


@pytest.mark.parametrize(
    ("what", "begins", "there", "code", "worked"),
    [
        ("done", -3600, False, 0, [[*STEPS, True]]),
        ("red", -3600, False, 1, [[*STEPS, True]]),
        ("killed", -3600, False, 0, [[*STEPS, True], ["edition", False], [*STEPS, False]]),
        ("stopped", -0.5, False, 0, [[*STEPS, True], ["edition", False], [*STEPS, False]]),
        ("frozen", -0.5, True, 0, [[*STEPS, True], ["edition", False], [*STEPS, False]]),
        ("asked", -3600, False, 143, [[*STEPS, True]]),
        ("done", 60, False, 0, [["edition", False], [*STEPS, False]]),
        ("done", 60, True, 0, [[*STEPS, False]]),
        ("frozen", 899, False, 0, [["edition", False], [*STEPS, False]]),
        ("done", 3600, False, 0, [["edition", False], [*STEPS, False]]),
        ("unforeseen", 3600, True, 1, [[*STEPS, False]]),
    ],
)
def test_who_watches_a_night_sees_to_it_that_there_is_an_edition(
    tmp_path: Path, what: str, begins: float, there: bool, code: int, worked: list[list[object]]
) -> None:
    if there:
        (tmp_path / "edition").mkdir()
    process = FORK.Process(target=_watched, args=(tmp_path, what, begins))
    process.start()
    process.join()
    assert process.exitcode == code
    assert [json.loads(line) for line in (tmp_path / "worked").read_text().splitlines()] == worked


def test_a_night_that_is_told_to_end_ends_what_works_on_it(tmp_path: Path) -> None:
    process = FORK.Process(target=_watched, args=(tmp_path, "frozen", -3600))
    process.start()
    while not (tmp_path / "worked").exists():
        time.sleep(0.01)
    os.kill(process.pid or 0, signal.SIGTERM)
    process.join()
    assert process.exitcode == 130


def _kept(fail: Callable[[str], None]) -> AbstractContextManager[None]:
    return deadline.kept(LIMIT, "bronze", fail)


def _clock(begins: float) -> Callable[[], datetime]:
    began = time.monotonic()
    return lambda: STOP + timedelta(seconds=begins + time.monotonic() - began)


def _hang(told: Path) -> None:
    deadline.now = _clock(-0.2)
    with deadline.kept(LIMIT, "bronze", lambda why: _write(told, why)):
        time.sleep(600)


def _write(told: Path, why: str) -> None:
    told.write_text(why)


def _watched(folder: Path, what: str, begins: float) -> None:
    """A night in this process, of which the first that works ends in some way."""
    deadline.now, watch.GRACE = _clock(begins), timedelta(seconds=0.5)

    def work(steps: Sequence[str], limit: Limit | None) -> int:
        is_first = not (folder / "worked").exists()
        with (folder / "worked").open("a") as file:
            file.write(json.dumps([*steps, limit is not None]) + "\n")
        return _end(what) if is_first or what == "unforeseen" else 0

    try:
        code = watch.night(LIMIT, folder / "edition", STEPS, work)
    except KeyboardInterrupt:
        code = 130
    os._exit(code)


def _end(what: str) -> int:
    match what:
        case "killed" | "asked" | "frozen":
            ends = {"killed": signal.SIGKILL, "asked": signal.SIGTERM, "frozen": signal.SIGSTOP}
            os.kill(os.getpid(), ends[what])
        case "unforeseen":
            raise RuntimeError("nobody foresaw this")
        case "stopped":
            return deadline.STOPPED
    return 1 if what == "red" else 0
