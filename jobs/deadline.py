"""The deadline: until when a night's layers may work, and how long before it an edition was there.

A night has a deadline while it is run in its window, from its cut-off to the next night's; one that is run days later,
or replayed, is late for nobody.
"""

import contextlib
import os
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from jobs.core.errors import CriticalFailure
from schemas import City, nights

STOPPED = 75
"""The exit code of a process whose layer was not done in time: EX_TEMPFAIL of sysexits.h, try again later."""
LOOKS = 5.0
"""Seconds between two looks at the clock, which may be set, or stand still with a machine that sleeps."""


@dataclass(frozen=True)
class Limit:
    """When the layers of a night end, done or not, and when its edition is due; in the city's zone."""

    stop: datetime
    due: datetime

    def is_near(self, at: datetime) -> bool:
        """Whether there is time for an edition and for nothing else."""
        return self.stop <= at < self.due

    def failed(self, step: str, how: str) -> str:
        """Why a layer ended, in one line."""
        return f"{step} failed: {how} {self.stop:%H:%M}, the edition is due at {self.due:%H:%M}"


def now() -> datetime:
    """The instant that deadlines are measured against."""
    return datetime.now(UTC)


def of(city: City, biz_date: date, at: datetime) -> Limit | None:
    """The limit of a night that is run at an instant; None outside the night's window."""
    night = biz_date.isoformat()
    following = (biz_date + timedelta(days=1)).isoformat()
    if not nights.starts(city, night) <= at < nights.starts(city, following):
        return None
    due = nights.due(city, night)
    return Limit(*(moment.astimezone(city.zone) for moment in (due - nights.RESERVE, due)))


def slack(city: City, biz_date: date, at: datetime) -> float | None:
    """Seconds from an instant to the night's deadline, negative when that has passed; None outside its window."""
    limit = of(city, biz_date, at)
    return (limit.due - at).total_seconds() if limit is not None else None


@contextlib.contextmanager
def kept(limit: Limit | None, step: str, fail: Callable[[str], None]) -> Iterator[None]:
    """Around a layer, which ends in time: with this process, and with Spark, if nothing else ends it.

    `fail` tells the ledger why. What the layer has not committed is lost, as when the process is killed (decision 14).
    Raises CriticalFailure when it is too late to begin.
    """
    if limit is None or now() >= limit.due:
        yield
        return
    if limit.is_near(now()):
        why = limit.failed(step, "not begun after")
        fail(why)
        raise CriticalFailure(why)
    done = threading.Event()
    watch = threading.Thread(target=_watch, args=(limit, step, fail, done), daemon=True)
    watch.start()
    try:
        yield
    finally:
        done.set()


def _watch(limit: Limit, step: str, fail: Callable[[str], None], done: threading.Event) -> None:
    while (left := (limit.stop - now()).total_seconds()) > 0:
        if done.wait(min(left, LOOKS)):
            return
    if done.is_set():
        return
    why = limit.failed(step, "not done by")
    try:
        fail(why)
    finally:
        print(f"citypulse: {why}", file=sys.stderr, flush=True)
        os._exit(STOPPED)
