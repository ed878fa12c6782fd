"""`citypulse night` as it is run by hand, with Spark, of which the whole process group or one process is killed."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import IO

from jobs.core.lake import Lake
from schemas.city import ROOT
from tests.below import below
from tests.soak import town

CALL = [sys.executable, "-c", "from citypulse.cli import main; main()"]
WHOM = ("the process group", "the JVM", "a Python worker")
STEPS = ("bronze", "silver", "quality", "fused", "indicators", "edition")
LONGEST = 2.0
"""Seconds after the beginning of a step until the kill, at most."""


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it said."""

    code: int
    out: str
    error: str


class Town:
    """The town's second night, by processes of their own.

    `run` runs a night of a lake that nobody disturbs; a caller with a session need not wait for commands to start.
    """

    def __init__(self, root: Path, run: Callable[[Lake, int], int] | None = None) -> None:
        self.root, self.run = root, run or self._by_command
        town.declare(root / "conf")
        town.deliver(root / "delivered")
        self._night(root / "before", 1)
        place = self._copy("undisturbed")
        self.whole = self._night(place, 2), self._digests(place)

    def tried(
        self, kills: int, seed: int, whom: Sequence[str] = WHOM, longest: float = LONGEST
    ) -> Iterator[tuple[str, str, Ended, list[str]]]:
        """(whom, in which step, how the night ended, what differs after a plain rerun) of each kill."""
        rng = Random(seed)
        for n in range(kills):
            place, one, step = self._copy(f"killed-{n}"), whom[n % len(whom)], STEPS[rng.randrange(len(STEPS))]
            self._land(place, 2)
            ended = self._killed(place, one, step, rng.random() * longest)
            code = self._night(place, 2)
            expected, found = self.whole[1], self._digests(place)
            wrong = [key for key in sorted({*found, *expected}) if found.get(key) != expected.get(key)]
            wrong += [f"exit code {code}"] if code != self.whole[0] else []
            shutil.rmtree(place)
            yield one, step, ended, wrong

    def _killed(self, place: Path, whom: str, step: str, after: float) -> Ended:
        process = self._start(place, 2)
        assert process.stdout is not None
        out = _until(process.stdout, STEPS.index(step))
        time.sleep(after)
        if whom == WHOM[0]:
            os.killpg(process.pid, signal.SIGKILL)
        else:
            _kill(process, "deploy.SparkSubmit" if whom == WHOM[1] else "pyspark.daemon")
        rest, error = process.communicate()
        return Ended(process.returncode, out + rest, error)

    def _start(self, place: Path, number: int) -> subprocess.Popen[str]:
        words = ["night", "--city", town.CITY, "--biz-date", str(town.NIGHTS[number])]
        return subprocess.Popen(
            [*CALL, *words], env=self._environment(place), cwd=ROOT, start_new_session=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def _night(self, place: Path, number: int) -> int:
        """Land and run a night; its exit code."""
        self._land(place, number)
        with town.settings(self.root):
            return self.run(Lake(place, town.CITY), number)

    def _by_command(self, lake: Lake, number: int) -> int:
        process = self._start(lake.root.parent, number)
        process.communicate()
        return process.returncode

    def _land(self, place: Path, number: int) -> None:
        with town.settings(self.root):
            town.land(Lake(place, town.CITY), self.root / "delivered", number)

    def _environment(self, place: Path) -> dict[str, str]:
        of_town = town.environment(self.root) | {"CITYPULSE_LAKE": str(place), "CITYPULSE_PROFILE": "ci"}
        return {**os.environ, **of_town, "PYTHONPATH": str(ROOT)}

    def _digests(self, place: Path) -> dict[str, str]:
        with town.settings(self.root):
            return town.digests(Lake(place, town.CITY))

    def _copy(self, name: str) -> Path:
        shutil.copytree(self.root / "before", self.root / name)
        return self.root / name


def _until(out: IO[str], steps: int) -> str:
    """What a night says until so many steps are done, or until it ends."""
    said = ""
    while said.count("\n") < steps and (line := out.readline()):
        said += line
    return said


def _kill(night: subprocess.Popen[str], name: str) -> None:
    """Kill the youngest process below a night whose command names `name`, as soon as there is one that lives."""
    while night.poll() is None:
        for pid in list(below(night.pid, name))[-1:]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                return
        time.sleep(0.02)
