"""The two ways a command can end badly, and what a failing disk is called."""

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path

REFUSES = {
    "28": ("there is no space left on the device", "free some"),
    "122": ("the disk quota is used up", "free some or have it raised"),
    "27": ("a file would be larger than allowed here", "have the limit raised"),
    "30": ("the file system is read-only", "mount it writable"),
    "13": ("permission is denied", "give this user the right to write there"),
    "5": ("the device cannot be read or written", "repair it"),
}
NUMBER = re.compile(r"(?:os error|[Ee]rrno) (\d+)\b")


class Problem(Exception):
    """The request cannot be met. One line: where, what was found, what was expected, what to do. Exit code 2."""


class CriticalFailure(Exception):
    """A critical step, check or verification failed. Exit code 1."""


def refused(error: BaseException, where: Path) -> Problem | None:
    """The Problem when it was the disk that refused, whichever library met it; None when it was something else."""
    found = NUMBER.search(str(error))
    if isinstance(error, Problem | CriticalFailure) or found is None or found[1] not in REFUSES:
        return None
    why, remedy = REFUSES[found[1]]
    return Problem(f"{where}: {why}; nothing is damaged: {remedy}, then run the same again")


@contextlib.contextmanager
def on_disk(where: Path) -> Iterator[None]:
    """Raise Problem naming `where` when the disk refuses."""
    try:
        yield
    except Exception as error:
        problem = refused(error, where)
        if problem is None:
            raise
        raise problem from error
