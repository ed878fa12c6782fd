"""What work costs the process that does it, and how the work of a step is told apart by table."""

import contextlib
import os
import time
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path


@dataclass(frozen=True)
class Cost:
    """Seconds, processor seconds, and bytes through the system's file calls; None where the system counts none."""

    seconds: float = 0.0
    cpu_s: float = 0.0
    read: int | None = 0
    written: int | None = 0

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(
            self.seconds + other.seconds,
            self.cpu_s + other.cpu_s,
            None if self.read is None or other.read is None else self.read + other.read,
            None if self.written is None or other.written is None else self.written + other.written,
        )


class Meter:
    """Counts from when it is made, for the whole process."""

    def __init__(self) -> None:
        self._clock, self._cpu, self._bytes = time.perf_counter(), time.process_time(), _bytes()

    def read(self) -> Cost:
        """What it has come to so far."""
        before, now = self._bytes, _bytes()
        read, written = (None, None) if before is None or now is None else (now[0] - before[0], now[1] - before[1])
        return Cost(time.perf_counter() - self._clock, time.process_time() - self._cpu, read, written)


@dataclass
class Told:
    """What a step's work cost, by table: in tasks, and in seconds of making and committing it on the driver."""

    tasks: dict[str, Cost] = field(default_factory=dict)
    driver: dict[str, float] = field(default_factory=dict)


_STEP: ContextVar[Told | None] = ContextVar("step", default=None)


@contextlib.contextmanager
def told() -> Iterator[Told]:
    """What the work within tells of itself."""
    mine = Told()
    token = _STEP.set(mine)
    try:
        yield mine
    finally:
        _STEP.reset(token)


def in_task(table: str, spent: Cost) -> None:
    """Tell what a part of a task cost."""
    if (step := _STEP.get()) is not None:
        step.tasks[table] = step.tasks.get(table, Cost()) + spent


def on_driver(table: str, seconds: float) -> None:
    """Tell how long the driver was busy with a table."""
    if (step := _STEP.get()) is not None:
        step.driver[table] = step.driver.get(table, 0.0) + seconds


@contextlib.contextmanager
def driving(table: str) -> Iterator[None]:
    """Tell how long the driver is busy with a table within."""
    started = time.perf_counter()
    yield
    on_driver(table, time.perf_counter() - started)


def process_began() -> datetime | None:
    """When this process was started; None where the system does not tell (any but Linux)."""
    try:
        ticks = int(Path("/proc/self/stat").read_text("utf-8").rpartition(")")[2].split()[19])
        up = float(Path("/proc/uptime").read_text("utf-8").split()[0])
    except (OSError, ValueError, IndexError):
        return None
    return datetime.now(UTC) - timedelta(seconds=up - ticks / os.sysconf("SC_CLK_TCK"))


def _bytes() -> tuple[int, int] | None:
    try:
        said = dict(line.split(": ") for line in Path("/proc/self/io").read_text("utf-8").splitlines())
        return int(said["rchar"]), int(said["wchar"])
    except (OSError, ValueError, KeyError):
        return None
