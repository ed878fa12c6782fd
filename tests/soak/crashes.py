"""kill -9 at seeded instants of a night, each followed by one plain rerun; then the lake is what it would have been.

A night is a process of its own, forked from a server that has imported everything and opened nothing. Half of the kills
strike just before or just after the n-th call that changes something on the disk; the others strike by the clock, at a
seeded share of the time that a step takes undisturbed.
"""

import json
import shutil
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from jobs import night, verifying
from jobs.core.lake import Lake
from schemas import load_city
from tests.commands import FORK
from tests.soak import town, watch

AT_ONCE = 2
STEPS = ("land", *night.STEPS[:-1])


@dataclass(frozen=True)
class Kill:
    """When a night is killed: at the n-th moment before or after a change, or after a share of a step's time."""

    night: int
    at: int | None = None
    step: str = ""
    share: float = 0.0

    def __str__(self) -> str:
        return f"{self.night}-{self.at}" if self.at is not None else f"{self.night}-{self.step}-{self.share:.6f}"


@dataclass
class Crashed:
    """What became of the nights that were killed."""

    killed: Counter[str] = field(default_factory=Counter)
    by: Counter[str] = field(default_factory=Counter)
    differ: list[str] = field(default_factory=list)

    @property
    def kills(self) -> int:
        return self.killed.total()


@dataclass(frozen=True)
class Undisturbed:
    """A night as it is when nobody kills it: its tables, its moments, and how long each step takes."""

    digests: dict[str, str]
    moments: int
    seconds: dict[str, float]


class Trials:
    """Nights of a town, each started from the same lake."""

    def __init__(self, root: Path) -> None:
        self.root = root
        town.declare(root / "conf")
        town.deliver(root / "delivered")
        (root / "before-1").mkdir()
        self.undisturbed = {number: self._undisturbed(number) for number in town.NIGHTS}

    def _undisturbed(self, number: int) -> Undisturbed:
        place = self._copy(number, f"undisturbed-{number}")
        counted = self._night(place, number, count=True)
        shutil.copytree(place, self.root / f"before-{number + 1}")
        return Undisturbed(self._digests(place), counted["moments"], counted["seconds"])

    def plan(self, kills: int, seed: int) -> list[Kill]:
        """Seeded kills: both nights, half of them by call and half by clock, the latter in every step alike."""
        rng, out = Random(seed), []
        for n in range(kills):
            number = 1 + n % 2
            if n % 4 < 2:
                out.append(Kill(number, at=rng.randrange(self.undisturbed[number].moments)))
            else:
                out.append(Kill(number, step=STEPS[n // 4 % len(STEPS)], share=rng.random()))
        return out

    def run(self, kills: int, seed: int, tell: Callable[[str], None]) -> Crashed:
        """Kill, run again, compare."""
        out, planned = Crashed(), self.plan(kills, seed)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for n, (kill, (step, wrong)) in enumerate(
                zip(planned, pool.map(self._try, range(kills), planned), strict=True), start=1
            ):
                out.killed[step] += 1
                out.by["call" if kill.at is not None else "clock"] += 1
                out.differ += [f"{kill} in {step}: {one}" for one in wrong]
                tell(f"kill {n} of {kills}: night {kill.night}, {step}: {', '.join(wrong) or 'healed'}")
        return out

    def _try(self, n: int, kill: Kill) -> tuple[str, list[str]]:
        """The step in which the night was killed, and what differs after the rerun."""
        place = self._copy(kill.night, f"{n}-{kill}")
        step, wrong = self._kill(place, kill), self._heal(place, kill.night)
        shutil.rmtree(place)
        return step, wrong

    def _kill(self, place: Path, kill: Kill) -> str:
        """Run a night and kill it; the step it was in."""
        process = self._process(_night, place, kill.night, False, kill.at)
        if kill.at is None:
            takes = self.undisturbed[kill.night].seconds[kill.step]
            while process.is_alive() and _step(place) != kill.step:
                time.sleep(0.001)
            process.join(kill.share * takes)
            process.kill()
        process.join()
        return _step(place) or "start"

    def _heal(self, place: Path, number: int) -> list[str]:
        """One plain rerun; what then differs from an undisturbed night."""
        process = self._process(_night, place, number)
        process.join()
        if process.exitcode != 0:
            return [f"the rerun ended with {process.exitcode}"]
        found, expected = self._digests(place), self.undisturbed[number].digests
        return [key for key in sorted({*found, *expected}) if found.get(key) != expected.get(key)]

    def _copy(self, number: int, name: str) -> Path:
        place = self.root / name
        shutil.copytree(self.root / f"before-{number}", place)
        return place

    def _night(self, place: Path, number: int, *, count: bool) -> Any:
        process = self._process(_night, place, number, count)
        process.join()
        assert process.exitcode == 0
        return json.loads((place / "counted.json").read_text())

    def _digests(self, place: Path) -> dict[str, str]:
        process = self._process(_digest, place)
        process.join()
        assert process.exitcode == 0
        digests: dict[str, str] = json.loads((place / "digests.json").read_text())
        return digests

    def _process(self, target: Callable[..., None], place: Path, *args: Any) -> Any:
        process = FORK.Process(target=target, args=(self.root, place, *args))
        process.start()
        return process


def _night(root: Path, place: Path, number: int, count: bool = False, at: int | None = None) -> None:
    """A night in a process of its own, killed at its moment `at`."""
    with town.settings(root), watch.Watch(place, at).on() as seen:
        town.run(Lake(place, town.CITY), root / "delivered", number)
        if count:
            (place / "counted.json").write_text(json.dumps(seen.counted()))


def _digest(root: Path, place: Path) -> None:
    with town.settings(root):
        lake = Lake(place, town.CITY)
        found = town.digests(lake) | {f"left {name}": "" for name in town.left(lake)}
        verifying.chained(load_city(town.CITY), lake, landing=True, tables=True)
    (place / "digests.json").write_text(json.dumps(found))


def _step(place: Path) -> str:
    """The step that a night is in, or was in when it was killed."""
    try:
        return (place / "step").read_text()
    except FileNotFoundError:
        return ""
