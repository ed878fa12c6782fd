"""P1: the night of ten and of twenty million positions beside scripts, in DuckDB and in Polars, that do its row work.

All are run once unmeasured and must say the same; then each in turn, every round in a fresh lake.
"""

import os
import shutil
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from schemas import profiles
from tests.bench import compare, deliveries, measure, report
from tests.bench.home import CITY, CITYPULSE, HOME, POLARS, ask, prepare, run, say, steps
from tests.bench.scenario import Aim, Grows, Result, Scenario, Takes

RIVALS = {"DuckDB": "tests.bench.rival", "Polars": "tests.bench.rival_polars"}
"""What each rival is written in, and its program."""
HEAP = "2g"
GIB = 2**30


@dataclass
class Measured:
    """The rounds of all."""

    spent: dict[str, list[measure.Spent]] = field(default_factory=dict)
    steps: list[dict[str, float]] = field(default_factory=list)
    """Seconds by step, `land` first; `session` is within the first step that asks for Spark."""

    def times(self, rival: str, without: str | None = None) -> list[float]:
        """The night's seconds over a rival's, round by round; without those of a step, if one is named."""
        less = [took.get(without, 0.0) if without else 0.0 for took in self.steps]
        rounds = zip(self.spent["night"], less, self.spent[rival], strict=True)
        return [(night.seconds - some) / other.seconds for night, some, other in rounds]


def bench(rows: int, rounds: int, form: str = "csv", name: str = "p1") -> list[Result]:
    """The scenario, compared and measured, of files of one format. Raises Unequal, RuntimeError."""
    folder = prepare(f"deliveries-{rows}" if form == "csv" else f"deliveries-{form}-{rows}")
    clock = time.perf_counter()
    planted = deliveries.write(folder, rows, form=form)
    size = deliveries.bytes_of(folder, form)
    say(f"P1 deliveries: {rows:,} records, {size / 1e6:,.0f} MB, {time.perf_counter() - clock:.0f} s")
    heap, against = profiles.load().spark["spark.driver.memory"], rivals()
    compare.require([] if heap == HEAP else [f"the heap of the profile is {heap}, of the target {HEAP}"])
    night(folder)
    compared = _each(against, folder, Measured())
    say(f"same counts, rows and flags; {compared:,} values equal bit by bit")
    found = Measured()
    for number in range(1, rounds + 1):
        spent, took = night(folder)
        found.spent.setdefault("night", []).append(spent)
        found.steps.append(took)
        _each(against, folder, found)
        told = ", ".join(f"{who} {rounds_[-1].seconds:.1f} s" for who, rounds_ in found.spent.items())
        say(f"round {number}: {told}; {spent.peak_bytes / GIB:.2f} GiB")
    more = {"rows": rows, "bytes": size, "planted": planted, "steps": medians(found.steps)}
    told = f"{compared:,} values, and every row and count, with each rival"
    return [report.result(name, rows, aims(found), found.spent, compared=told, note=f"Heap {heap}", **more)]


def _each(against: Sequence[str], folder: Path, found: Measured) -> int:
    """Each rival in turn, compared; how many values were equal."""
    for one in against:
        found.spent.setdefault(one, []).append(rival(one, folder))
        check()
    return compare.count_values(HOME / "rival")


def rivals() -> list[str]:
    """Those that can run: Polars is installed for the benchmark alone."""
    if POLARS.is_dir():
        return list(RIVALS)
    say(f"Polars is not measured: {POLARS} is not there, `conf/setup/setup.sh bench` makes it")
    return [one for one in RIVALS if one != "Polars"]


def night(folder: Path) -> tuple[measure.Spent, dict[str, float]]:
    """The whole night in a fresh lake: what it cost, and its steps."""
    shutil.rmtree(HOME / "lake", ignore_errors=True)
    return landed(folder, deliveries.DELIVERED_AT, deliveries.DAY.isoformat())


def landed(folder: Path, at: str, day: str, lake: str = "lake") -> tuple[measure.Spent, dict[str, float]]:
    """Deliveries landed, and their night."""
    land = run("land", *CITYPULSE, "land", "--city", CITY, "--from", str(folder), "--delivered-at", at, lake=lake)
    made = run("night", *CITYPULSE, "night", "--city", CITY, "--biz-date", day, lake=lake)
    return measure.both(land, made), {"land": land.seconds} | steps(day, lake)


def rival(which: str, *folders: Path) -> measure.Spent:
    """A script, into an empty folder, from what was delivered in that order."""
    shutil.rmtree(HOME / "rival", ignore_errors=True)
    library = {"PYTHONPATH": os.pathsep.join([str(POLARS), *filter(None, [os.environ.get("PYTHONPATH")])])}
    command = (sys.executable, "-m", RIVALS[which], str(HOME / "rival"), *map(str, folders))
    return run(which, *command, more=library if which == "Polars" else {})


def check(lake: str = "lake") -> None:
    """Raises Unequal naming what the night and the rival say differently."""
    compare.require(compare.differences(ask(lake), CITY, HOME / "values.parquet", HOME / "rival"))


def medians(rounds: Sequence[dict[str, float]]) -> dict[str, float]:
    """The steps' median seconds."""
    names = list(dict.fromkeys(name for took in rounds for name in took))
    return {name: round(statistics.median(took.get(name, 0.0) for took in rounds), 2) for name in names}


def aims(found: Measured) -> dict[str, list[float]]:
    """The figures of each round."""
    out = {"memory": [one.peak_bytes / GIB for one in found.spent["night"]]}
    for one in (name for name in RIVALS if name in found.spent):
        out |= {one: found.times(one), f"{one}, no session": found.times(one, "session")}
    return out


AIMS = {
    "DuckDB": Aim("night ÷ DuckDB script", 2),
    "DuckDB, no session": Aim("night without the session's start ÷ DuckDB script", 1.5),
    "Polars": Aim("night ÷ Polars script", 2),
    "Polars, no session": Aim("night without the session's start ÷ Polars script", 1.5),
    "memory": Aim("memory of the night, highest round, with a heap of 2 GiB", 3, "GiB", highest=True),
}
SCENARIO = Scenario(
    "P1, the night of vehicle positions", AIMS, bench, sizes=(10_000_000, 20_000_000), least=20_000,
    takes=Takes(before=Grows(0.7, 7.5), each=Grows(0.7, 7), gigabytes=Grows(0.1, 8), stays=Grows(0, 1.3)),
)  # fmt: skip
