"""One writer at a time: who is at work in a lake, since when, and the fence that keeps an overtaken one from writing.

A lock is a file that its process holds locked (`flock`) and that says who that is, so that it goes with the process
however that ends. An attempt whose scheduler has given it up may live on as a process: the scheduler's next attempt
puts a lock file of its own in that one's place, and what does not find itself in the file any more may not commit.
"""

import contextlib
import fcntl
import json
import os
import socket
import time
import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from jobs.core.errors import Problem, on_disk

SCHEDULER = "AIRFLOW_CTX_DAG_ID"
"""Airflow runs a DAG's tasks one after the other here, and who watches a night (`citypulse/watch.py`) sets this too:
when one starts, all before it have ended or were given up."""
COMMIT_SECONDS = 120
"""How long a commit that is under way may take before nobody waits for it any more."""


class Fenced(Problem):
    """Another attempt has taken this one's place; it may write nothing more."""


@dataclass(frozen=True)
class Owner:
    """What a lock file says."""

    attempt: str
    doing: str
    pid: int
    host: str
    since: str
    scheduler: str

    def __str__(self) -> str:
        known = f"{self.doing}, process {self.pid} on {self.host}, attempt {self.attempt}"
        return f"{known}, since {self.since} ({_age(self.since)})"


@dataclass(frozen=True)
class Attempt:
    """One attempt at changing a lake, as long as it holds the lock."""

    owner: Owner
    lock: Path

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """Around every commit. Raises Fenced when another attempt has the lock; none can take it meanwhile."""
        with _gate(self.lock, fcntl.LOCK_SH):
            found = _owner(self.lock)
            if found is None or found.attempt != self.owner.attempt:
                raise Fenced(
                    f"{self.lock}: this attempt ({self.owner}) has lost the lock to {found or 'nobody'} "
                    "and writes nothing more; leave the work to that one"
                )
            yield


@contextlib.contextmanager
def hold(root: Path, name: str, doing: str) -> Iterator[Attempt]:
    """Hold the lock `name` of a lake. Raises Problem naming its owner and age when another process has it.

    An owner that the same scheduler started is overtaken, not waited for: the scheduler has given it up.
    """
    with on_disk(root):
        root.mkdir(parents=True, exist_ok=True)
    scheduler = os.environ.get(SCHEDULER, "")
    since = datetime.now(UTC).isoformat(timespec="seconds")
    owner = Owner(uuid.uuid4().hex[:8], doing, os.getpid(), socket.gethostname(), since, scheduler)
    lock = root / f".{name}.lock"
    with on_disk(root):
        file = _locked(lock, owner)
    with file:
        yield Attempt(owner, lock)


def _locked(lock: Path, owner: Owner) -> IO[str]:
    file = _free(lock)
    if file is not None:
        _say(file, owner)
        return file
    found = _owner(lock)
    if found is None or not owner.scheduler or found.scheduler != owner.scheduler:
        raise Problem(f"{lock.parent}: {found or 'another process'} is at work here; wait for it or end it")
    return _overtake(lock, owner)


def _free(lock: Path) -> IO[str] | None:
    """The lock file, locked; None when another process holds it."""
    while True:
        file = lock.open("a+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return None
        if lock.exists() and os.path.samestat(os.fstat(file.fileno()), lock.stat()):
            return file
        file.close()  # another attempt put its own in this file's place while we opened it


def _overtake(lock: Path, owner: Owner) -> IO[str]:
    """A lock file of our own in the place of another's, between two of its commits."""
    new = lock.with_name(f"{lock.name}.{owner.attempt}")
    file = new.open("w")
    fcntl.flock(file, fcntl.LOCK_EX)
    _say(file, owner)
    with _gate(lock, fcntl.LOCK_EX):
        new.replace(lock)
    return file


def _say(file: IO[str], owner: Owner) -> None:
    file.truncate(0)
    file.write(json.dumps(asdict(owner)))
    file.flush()


def _owner(lock: Path) -> Owner | None:
    try:
        said: dict[str, Any] = json.loads(lock.read_text())
        return Owner(**said)
    except (OSError, ValueError, TypeError):
        return None


@contextlib.contextmanager
def _gate(lock: Path, kind: int) -> Iterator[None]:
    """Shared by commits, alone for who takes the lock away. Raises Problem when a commit does not end."""
    with lock.with_name(f"{lock.name}.gate").open("a") as gate:
        until = time.monotonic() + COMMIT_SECONDS
        while True:
            try:
                fcntl.flock(gate, kind | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    raise Problem(f"{lock}: {_owner(lock)} is in the middle of a commit; end that process") from None
                time.sleep(0.05)
        yield


def _age(since: str) -> str:
    minutes, seconds = divmod(max(0, int((datetime.now(UTC) - datetime.fromisoformat(since)).total_seconds())), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
