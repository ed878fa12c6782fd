"""What a failing disk is called, whichever library meets it."""

import errno
from datetime import date
from pathlib import Path

import pytest

from jobs import night
from jobs.core.errors import CriticalFailure, Problem, on_disk, refused
from jobs.core.lake import Lake
from schemas import load_city

FULL = "there is no space left on the device; nothing is damaged: free some, then run the same again"


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        OSError("Error writing bytes to file. Detail: [errno 28] No space left on device"),
        ValueError("Generic LocalFileSystem error: Unable to copy data to file: No space left on device (os error 28)"),
    ],
)
def test_no_space_is_one_line_that_says_where_and_what_to_do(error: Exception) -> None:
    with pytest.raises(Problem) as refusal, on_disk(Path("lake/here")):
        raise error
    assert str(refusal.value) == f"lake/here: {FULL}"


@pytest.mark.parametrize("error", [KeyError("28"), OSError(errno.ENOENT, "gone"), Problem("[errno 28]")])
def test_what_is_no_refusal_of_the_disk_stays_what_it_is(error: Exception) -> None:
    assert refused(error, Path("here")) is None
    with pytest.raises(type(error)), on_disk(Path("here")):
        raise error


def test_a_refusal_that_a_spark_task_met_is_the_step_s(tmp_path: Path) -> None:
    one = night.Night(load_city("lanhai"), Lake(tmp_path, "lanhai"), date(2025, 3, 3))
    said = "Traceback (most recent call last):\n  File\njobs.core.errors.Problem: lake/here: full\n"
    ended = night._named(RuntimeError(said), "bronze", one)
    assert (type(ended), str(ended)) == (Problem, "lake/here: full")
    ended = night._named(RuntimeError("a worker exited\n\nat java"), "bronze", one)
    assert (type(ended), str(ended)) == (CriticalFailure, "bronze failed: RuntimeError: a worker exited")
