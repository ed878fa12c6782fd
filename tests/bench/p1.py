"""P1: the night of ten million positions beside a DuckDB script that does its row work.

Both are run once unmeasured and must say the same; then each in turn, every round in a fresh lake.
"""

import json
import shutil
import statistics
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from schemas.city import ROOT
from tests.bench import compare, deliveries, measure, report
from tests.bench.home import CITY, CITYPULSE, HOME, ask, prepare, run, say

ROWS, LEAST_ROWS, ROUNDS = 10_000_000, 20_000, 3


@dataclass
class Measured:
    """The rounds of both."""

    rows: int
    night: list[measure.Spent] = field(default_factory=list)
    rival: list[measure.Spent] = field(default_factory=list)
    steps: list[dict[str, float]] = field(default_factory=list)
    """Seconds by step, `land` first; `session` is within the first step that asks for Spark."""


def bench(rows: int, rounds: int) -> list[dict[str, Any]]:
    """The scenario, compared and measured. Raises Unequal, RuntimeError."""
    folder = prepare(f"deliveries-{rows}")
    clock = time.perf_counter()
    planted = deliveries.write(folder, rows)
    size = sum(path.stat().st_size for path in folder.rglob("*.csv"))
    say(f"P1 deliveries: {rows:,} records, {size / 1e6:,.0f} MB, {time.perf_counter() - clock:.0f} s")
    _, _ = night(folder), rival(folder)
    compared = check()
    say(f"same counts, rows and flags; {compared:,} values equal bit by bit")
    found = Measured(rows)
    for number in range(1, rounds + 1):
        spent, steps = night(folder)
        found.night.append(spent)
        found.steps.append(steps)
        found.rival.append(rival(folder))
        check()
        say(f"round {number}: night {spent.seconds:.1f} s, rival {found.rival[-1].seconds:.1f} s")
    return [result(found, size, compared, dict(planted))]


def night(folder: Path) -> tuple[measure.Spent, dict[str, float]]:
    """The whole night in a fresh lake: what it cost, and its steps."""
    shutil.rmtree(HOME / "lake", ignore_errors=True)
    day = deliveries.DAY.isoformat()
    there = ("--from", str(folder), "--delivered-at", deliveries.DELIVERED_AT)
    landed = run("land", *CITYPULSE, "land", "--city", CITY, *there)
    made = run("night", *CITYPULSE, "night", "--city", CITY, "--biz-date", day)
    rows = json.loads(ask()("steps", "--city", CITY, "--biz-date", day, "--format", "json"))
    steps = {"land": landed.seconds} | {row["step"]: row["seconds"] for row in rows}
    return measure.both(landed, made), steps


def rival(folder: Path) -> measure.Spent:
    """The script, into an empty folder."""
    shutil.rmtree(HOME / "rival", ignore_errors=True)
    return run("rival", sys.executable, "-m", "tests.bench.rival", str(folder), str(HOME / "rival"))


def check() -> int:
    """How many values were equal. Raises Unequal naming what was not."""
    compare.require(compare.differences(ask(), CITY, HOME / "values.parquet", HOME / "rival"))
    return compare.count_values(HOME / "rival")


def result(found: Measured, size: int, compared: int, planted: dict[str, int]) -> dict[str, Any]:
    """What is kept of the measurement."""
    names = list(dict.fromkeys(name for steps in found.steps for name in steps))
    steps = {name: round(statistics.median(steps.get(name, 0.0) for steps in found.steps), 2) for name in names}
    return {
        "scenario": "P1 night of vehicle positions", "rows": found.rows, "bytes": size, "values": compared,
        "planted": planted, **report.made_on(ROOT), "target": "≤ 4, later ≤ 2",
        **report.beside(found.night, found.rival), "steps": steps,
    }  # fmt: skip
