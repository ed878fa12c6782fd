"""A night in its window: this process watches, and works on nothing, so that there is an edition at its deadline.

What works is a child of it. When that is killed, or is not done in time, another makes an edition of what is ready, and
a third goes on with the night, for as long as it takes. docs/decisions/0024-the-deadline.md.
"""

import contextlib
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import NoReturn

from jobs import deadline
from jobs.core import attempt
from jobs.deadline import Limit

Work = Callable[[Sequence[str], Limit | None], int]
"""Steps of the night, until a limit; its exit code."""
GRACE = timedelta(seconds=30)
"""How long after the limit a process that should have ended itself is waited for, and after a kill for its end."""
POLL_SECONDS = 0.2
ASKED = (-signal.SIGINT, -signal.SIGTERM)
"""Ends that somebody asked for."""


def night(limit: Limit, folder: Path, steps: Sequence[str], work: Work) -> int:
    """The exit code of a night, whose edition goes into `folder`."""
    signal.signal(signal.SIGTERM, _ended)
    os.environ.setdefault(attempt.SCHEDULER, f"process {os.getpid()}")  # what it has given up is overtaken
    if deadline.now() < limit.stop:
        code = _child(lambda: work(steps, limit), limit.stop + GRACE)
        if code >= 0 and code != deadline.STOPPED:
            return code
        if code in ASKED:
            return 128 - code
        _edition(limit, work)
    elif not folder.exists():
        _edition(limit, work)
    code = _child(lambda: work(steps, None))
    return code if code >= 0 else 128 - code


def _edition(limit: Limit, work: Work) -> None:
    """An edition of what is ready; one that hangs keeps nobody from going on."""
    is_late = deadline.now() >= limit.due
    _child(lambda: work(["edition"], None), None if is_late else limit.due)


def _child(work: Callable[[], int], until: datetime | None = None) -> int:
    """The exit code of work in a process of its own, negative for the signal that ended it, or STOPPED at an instant.

    A process that does not even end when it is killed is left: the next one overtakes it.
    """
    pid = os.fork()
    if pid == 0:
        _work(work)
    try:
        while (status := _status(pid)) is None and (until is None or deadline.now() < until):
            time.sleep(POLL_SECONDS)
        if status is not None:
            return os.waitstatus_to_exitcode(status)
    except BaseException:  # told to end: what works is ended as at the limit, and healed as then
        _kill(pid)
        raise
    _kill(pid)
    given_up = time.monotonic() + GRACE.total_seconds()
    while _status(pid) is None and time.monotonic() < given_up:
        time.sleep(POLL_SECONDS)
    return deadline.STOPPED


def _work(work: Callable[[], int]) -> NoReturn:
    """Work, in a child; it never returns into what its parent was doing."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    code = 1
    try:
        code = work()
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _status(pid: int) -> int | None:
    ended, status = os.waitpid(pid, os.WNOHANG)
    return status if ended else None


def _ended(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
