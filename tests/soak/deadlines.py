"""Nights with something wrong: a source missing, late or damaged; a process killed, hung or stopped at a step.

The city is `mini`, whose clock is set: a night begins at its cut-off, and has a deadline. Each trial is the second of
three nights. Nobody but `citypulse night` itself does anything about what happens in it.
"""

import contextlib
import json
import os
import re
import shutil
import signal
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from random import Random
from typing import Any

import pytest

from citypulse import cli, watch
from jobs import closing, deadline, edition, landing, night, said
from jobs.core import engine
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger
from jobs.night import Night
from schemas import City, nights
from tests.commands import FORK
from tests.soak import changes, town
from tests.soak.nights import resting
from tests.soak.world import Delivery, World

SOURCES = ("cases", "hotline", "meters", "places", "residents", "rides", "wards")
KINDS = ("missing", "late", "cut", "garbled")
HOW = ("killed", "hung", "stopped")
"""By SIGKILL before a step; in a layer that takes for ever; by SIGSTOP, so that not even its own watch goes on."""
FAULTY, AFTER = 2, 3
LATE = timedelta(hours=7)
SOON = timedelta(seconds=0.3)
"""How long before its limit it is when a layer hangs: the clock is moved on, so that no trial takes an hour."""
WHENCE = ("_delivery_id", "_record")
"""Which delivery a row is of: of what is said twice, as what was cut off is, the first that said it."""
Row = dict[str, Any]
Cell = tuple[Any, ...]


@dataclass(frozen=True)
class Fault:
    """What becomes of a source's file of the second night."""

    source: str
    kind: str

    def __str__(self) -> str:
        return f"{self.source} {self.kind}"

    def falls_on(self, one: Delivery) -> bool:
        return one.source == self.source


@dataclass(frozen=True)
class Blow:
    """What happens to the process that works, before or in a step of the second night; once."""

    how: str
    step: str

    def __str__(self) -> str:
        return f"{self.how} in {self.step}"


@dataclass
class Seen:
    """An edition made before its night was done, and what the night came to."""

    interim: list[Row] | None
    banner: bool
    steps: list[Row]
    code: int | None


def delivered(seed: int) -> dict[int, list[Delivery]]:
    """What departments send for each night, every source one file."""
    world = World(Random(seed))
    return {1: world.first() + world.every(1), 2: world.every(2), 3: world.every(3)}


def garbled(one: Delivery) -> bytes:
    """A file that is no text any more."""
    return one.text.encode()[:40] + b"\xff\xfe\x00" + one.text.encode()[40:]


def cut(one: Delivery) -> bytes:
    """A file whose transfer broke off in its middle record."""
    lines = one.text.splitlines()
    middle = (len(lines) + 1) // 2
    return ("\n".join(lines[:middle]) + "\n" + lines[middle].split(",")[0]).encode() if middle < len(lines) else b"x"


class Trials:
    """Second nights, each from a copy of the lake of the first one, beside those that nothing happened to."""

    def __init__(self, root: Path, seed: int) -> None:
        self.root, self.sent = root, delivered(seed)
        (root / "keys").mkdir(parents=True)
        with self.settled() as city:
            self.city = city
            first = Lake(root / "first", changes.CITY)
            self._land(first, self.sent[1])
            self._undisturbed(first, 1)
            self.before = rows_of(first, changes.day(1))
        self.whole = self.copy("whole")
        self.second(self.whole)
        self.expected = rows_of(self.whole, changes.day(FAULTY))

    @cached_property
    def after(self) -> Lake:
        """The third night of a city to which nothing ever happened."""
        lake = Lake(self.root / "after", changes.CITY)
        shutil.copytree(self.whole.root.parent, lake.root.parent)
        self.third(lake)
        return lake

    @contextlib.contextmanager
    def settled(self) -> Iterator[City]:
        """The city's declarations and keys, as long as the context lasts."""
        with changes.declared(self.root) as city:
            yield city

    def copy(self, name: str) -> Lake:
        place = self.root / re.sub(r"\W+", "-", name)
        shutil.copytree(self.root / "first", place)
        return Lake(place, changes.CITY)

    def second(self, lake: Lake, fault: Fault | None = None) -> None:
        """The second night, with nothing but a source gone wrong."""
        with self.settled():
            self._deliver(lake, fault)
            self._undisturbed(lake, FAULTY)

    def third(self, lake: Lake, fault: Fault | None = None) -> None:
        """The third night, to which comes what was late, and whole what was damaged."""
        with self.settled():
            if fault is not None and fault.kind != "missing":
                self._land(lake, [replace(one, at=one.at + LATE) for one in self.sent[FAULTY] if fault.falls_on(one)])
            self._land(lake, self.sent[AFTER])
            self._undisturbed(lake, AFTER)

    def struck(self, lake: Lake, blow: Blow, fault: Fault | None = None) -> Seen:
        """The second night as `citypulse night` runs it, with a blow."""
        with self.settled():
            self._deliver(lake, fault)
        process = FORK.Process(target=_night, args=(self.root, lake.root.parent, blow))
        process.start()
        process.join()
        with self.settled():
            steps = [row for row in Ledger(lake).rows("steps", f"biz_date = DATE '{changes.day(FAULTY)}'", "started_at")
                     if row["table"] is None]  # fmt: skip
        interim = lake.root.parent / "interim"
        found = json.loads((interim / "values.json").read_text()) if interim.exists() else None
        is_told = interim.exists() and '"incomplete":{' in (interim / "data" / "city.js").read_text()
        return Seen(found, is_told, steps, process.exitcode)

    def _deliver(self, lake: Lake, fault: Fault | None) -> None:
        sent = self.sent[FAULTY]
        whole = [one for one in sent if fault is None or not fault.falls_on(one)]
        self._land(lake, whole)
        for one in sent if fault is not None and fault.kind in DAMAGE else ():
            if fault is not None and fault.falls_on(one):
                self._land(lake, [one], DAMAGE[fault.kind])

    def _land(
        self, lake: Lake, sent: Sequence[Delivery], how: Callable[[Delivery], bytes] = lambda one: one.text.encode()
    ) -> None:
        for at, one in enumerate(sent):
            folder = lake.root.parent / "in" / f"{len(list((lake.root.parent / 'in').glob('*')))}-{at}"
            path = folder / one.file
            path.parent.mkdir(parents=True)
            path.write_bytes(how(one))
            landing.land(self.city, lake, folder, one.at)

    def _undisturbed(self, lake: Lake, number: int) -> None:
        with town.without_spark():
            night.run(Night(self.city, lake, changes.day(number)), night.STEPS[:-1])


DAMAGE: Mapping[str, Callable[[Delivery], bytes]] = {"cut": cut, "garbled": garbled}


def faults() -> list[Fault]:
    """Every source in every way."""
    return [Fault(source, kind) for source in SOURCES for kind in KINDS]


def blows() -> list[Blow]:
    """A kill before every step, a layer that hangs, and one that stands still."""
    killed = [Blow("killed", step) for step in night.STEPS]
    return [*killed, *(Blow("hung", step) for step in night.LAYERS), Blow("stopped", "fused")]


def rows_of(lake: Lake, biz_date: date) -> dict[Cell, Row]:
    """Every value as an edition says it, by its cell."""
    with said.by(lake, biz_date) as connection:
        rows: list[Row] = engine.table(connection, "SELECT * FROM said").to_pylist()
    return {tuple(row[name] for name in changes.KEY): row for row in rows}


def downstream(city: City, source: str) -> set[str]:
    """The indicators that may say something else when a source does: all of them when it tells where places lie."""
    return {*city.indicators} if source == "places" else resting(city, source)


def wrong(trials: Trials, lake: Lake, fault: Fault) -> list[str]:
    """What the second night's edition must not be, with a source gone wrong."""
    found, hit, out = rows_of(lake, changes.day(FAULTY)), downstream(trials.city, fault.source), []
    if not (edition.folder(lake, changes.day(FAULTY)) / "index.html").is_file():
        out.append("no edition")
    for cell in sorted({*found, *trials.expected}, key=repr):
        row, expected = found.get(cell), trials.expected.get(cell)
        if cell[0] not in hit and row != expected:
            out.append(f"{cell} is {row}, undisturbed {expected}")
        if row is None or expected is None or row["value"] == expected["value"]:
            continue
        if not (is_labelled(row) or is_kept(trials, row, cell)):
            out.append(f"{cell} is {row['value']} instead of {expected['value']} and does not say so")
    return out


def is_labelled(row: Mapping[str, Any]) -> bool:
    """Whether a reader is told that the number may not be the last word."""
    return row["value"] is None or (row["status"] != "final" and bool(row["reasons"]))


def is_kept(trials: Trials, row: Mapping[str, Any], cell: Cell) -> bool:
    """Whether it is a closed number that stands as it was, or says that it was revised: the data that did not come
    would have revised it.
    """
    before = trials.before.get(cell)
    stands = before is not None and before["value"] == row["value"]
    return is_closed(trials, row) and (stands or is_revised(row))


def is_closed(trials: Trials, row: Mapping[str, Any]) -> bool:
    """Whether a reader was told that the number changes only by a revision, which then says that it is one."""
    ended: date = row["period_end"]
    return (changes.day(FAULTY) - ended).days >= trials.city.indicators[row["indicator"]].final_after


def is_revised(row: Mapping[str, Any]) -> bool:
    """Whether it says that it is a revision."""
    return closing.REASON in (row["reasons"] or "")


def unmarked(trials: Trials, lake: Lake) -> list[str]:
    """Closed numbers of the second night that the third one changed without a word."""
    before, now = rows_of(lake, changes.day(FAULTY)), rows_of(lake, changes.day(AFTER))
    changed = [cell for cell in sorted(before, key=repr) if before[cell]["value"] != now[cell]["value"]]
    silent = [cell for cell in changed if is_closed(trials, before[cell]) and not is_revised(now[cell])]
    return [f"{cell} is {now[cell]['value']} and is not called revised" for cell in silent]


def differ(one: Lake, other: Lake, without: Collection[str] = ()) -> list[str]:
    """Tables and values of two lakes that are not the same, whatever the editions that said them are called."""
    return changes.differ(changes.digests(one, without), changes.digests(other, without))


def wrongly_shown(trials: Trials, seen: Seen, lake: Lake) -> list[str]:
    """What an edition made before its night was done must not be, by what the finished one says."""
    out = [] if seen.interim is None or seen.banner else ["the edition does not say that it is not complete"]
    last = rows_of(lake, changes.day(FAULTY))
    for row in seen.interim or ():
        cell = tuple(row[name] for name in changes.KEY)
        now = last.get(cell)
        is_told = row["value"] is None or (is_labelled(row) and "not_up_to_date" in " ".join(row["reasons"]))
        if now is not None and now["value"] != row["value"] and not is_told:
            out.append(f"{cell} is shown as {row['value']}, will be {now['value']}, and does not say so")
        if row["period"] == str(changes.day(FAULTY)) and not row["reasons"]:
            out.append(f"{cell} does not say why it is {row['value']}")
    return out


def _night(root: Path, place: Path, blow: Blow) -> None:
    """`citypulse night` in its window, in this process and those it makes, and the blow, once."""
    with changes.declared(root) as city, town.without_spark(), pytest.MonkeyPatch.context() as patch:
        lake, day = Lake(place, changes.CITY), changes.day(FAULTY)
        begins, mark = nights.starts(city, str(day)).astimezone(UTC), place / "struck"
        stop = begins if blow.how == "killed" else nights.due(city, str(day)) - nights.RESERVE - SOON
        patch.setattr(deadline, "now", _clock(begins, stop, mark))
        patch.setattr(deadline, "LOOKS", 0.1)
        patch.setattr(watch, "GRACE", timedelta(seconds=2))
        name = "_one" if blow.how == "killed" else "_step"
        patch.setattr(night, name, _struck(getattr(night, name), blow, mark))
        patch.setattr(edition, "run", _kept(edition.run, place / "interim"))
        one = Night(city, lake, day)

        def work(steps: Sequence[str], limit: deadline.Limit | None) -> int:
            return cli._code(lambda: night.run(one, steps, limit=limit))

        limit = deadline.of(city, day, deadline.now())
        assert limit is not None
        code = watch.night(limit, edition.folder(lake, day), night.STEPS, work)
    os._exit(code)


def _clock(begins: datetime, then: datetime, mark: Path) -> Callable[[], datetime]:
    """A clock that begins at an instant, and goes on from another one when the blow has been struck."""
    began = time.time()

    def now() -> datetime:
        at, since = (then, mark.stat().st_mtime) if mark.exists() else (begins, began)
        return at + timedelta(seconds=time.time() - since)

    return now


def _struck(inner: Callable[..., Any], blow: Blow, mark: Path) -> Callable[..., Any]:
    def one(*args: Any) -> Any:
        if blow.step not in args or mark.exists():
            return inner(*args)
        mark.touch()
        if blow.how != "hung":
            os.kill(os.getpid(), signal.SIGKILL if blow.how == "killed" else signal.SIGSTOP)
        while True:
            time.sleep(1)

    return one


def _kept(inner: Callable[..., dict[str, Any]], place: Path) -> Callable[..., dict[str, Any]]:
    """An edition that is not sealed is copied before another takes its place."""

    def run(city: City, lake: Lake, biz_date: date) -> dict[str, Any]:
        told = inner(city, lake, biz_date)
        if told["sealed"] == "no" and not place.exists():
            shutil.copytree(edition.folder(lake, biz_date), place)
        return told

    return run
