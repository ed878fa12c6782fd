"""`python -m tests.bench`: the night of ten million positions beside a script that does its row work, round by round.

Both are run once unmeasured and must say the same; then each in turn, `--rounds` times, every round in a fresh lake.
Figures go to docs/benchmarks.md, every result to tests/bench/results.json. Everything else lies in `.bench`.
"""

import argparse
import json
import os
import shutil
import statistics
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from schemas.city import ROOT
from tests.bench import compare, deliveries, measure, report

CITY = "lanhai"
HOME = ROOT / ".bench"
CITYPULSE = (sys.executable, "-c", "from citypulse.cli import main; main()")
RIVAL = (sys.executable, "-m", "tests.bench.rival")
LEAST_ROWS = 20_000


@dataclass
class Measured:
    """The rounds of both."""

    rows: int
    night: list[measure.Spent] = field(default_factory=list)
    rival: list[measure.Spent] = field(default_factory=list)
    steps: list[dict[str, float]] = field(default_factory=list)
    """Seconds by step, `land` first; `session` is within the first step that asks for Spark."""


def main() -> int:
    """Exit code 0; 1 when the two do not say the same or one fails."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--dry", action="store_true", help="print the table only, keep no result")
    asked = parser.parse_args()
    if asked.rows < LEAST_ROWS or asked.rounds < 1:
        parser.error(f"at least {LEAST_ROWS} rows and one round")
    measure.adopt()
    try:
        found = bench(asked.rows, asked.rounds)
    except (RuntimeError, Unequal) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    print(report.table([found]))
    if not asked.dry:
        report.keep(ROOT, found)
    return 0


class Unequal(Exception):
    """The night and its rival differ: there is nothing to time."""


def bench(rows: int, rounds: int) -> dict[str, Any]:
    """One scenario, compared and measured."""
    folder = HOME / f"deliveries-{rows}"
    folder.mkdir(parents=True, exist_ok=True)
    (HOME / ".gitignore").write_text("*\n", "utf-8")  # gigabytes that nobody wants in a commit
    clock = time.perf_counter()
    planted = deliveries.write(folder, rows)
    size = sum(path.stat().st_size for path in folder.rglob("*.csv"))
    say(f"deliveries: {rows:,} records, {size / 1e6:,.0f} MB, {time.perf_counter() - clock:.0f} s")
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
    return result(found, size, compared, dict(planted))


def night(folder: Path) -> tuple[measure.Spent, dict[str, float]]:
    """The whole night in a fresh lake: what it cost, and its steps."""
    shutil.rmtree(HOME / "lake", ignore_errors=True)
    day = deliveries.DAY.isoformat()
    land = (*CITYPULSE, "land", "--city", CITY, "--from", str(folder), "--delivered-at", deliveries.DELIVERED_AT)
    landed = measure.run([land], ROOT, environment(), log("land"))
    made = measure.run([(*CITYPULSE, "night", "--city", CITY, "--biz-date", day)], ROOT, environment(), log("night"))
    rows = json.loads(ask()("steps", "--city", CITY, "--biz-date", day, "--format", "json"))
    steps = {"land": landed.seconds} | {row["step"]: row["seconds"] for row in rows}
    return measure.both(landed, made), steps


def rival(folder: Path) -> measure.Spent:
    """The script, into an empty folder."""
    shutil.rmtree(HOME / "rival", ignore_errors=True)
    return measure.run([(*RIVAL, str(folder), str(HOME / "rival"))], ROOT, environment(), log("rival"))


def check() -> int:
    """How many values were equal. Raises Unequal naming what was not."""
    values = HOME / "values.parquet"
    unlike = compare.differences(ask(), CITY, values, HOME / "rival")
    if unlike:
        raise Unequal("the night and its rival differ:\n  " + "\n  ".join(unlike))
    return compare.count_values(HOME / "rival")


def ask() -> compare.Ask:
    """`citypulse` in the benchmark's lake."""
    return compare.asker(CITYPULSE, ROOT, environment())


def environment() -> dict[str, str]:
    """Where the lake is; the profile is the one a user has."""
    return {**os.environ, "CITYPULSE_LAKE": str(HOME / "lake"), "CITYPULSE_KEYS": str(HOME / "keys")}


def log(name: str) -> Path:
    """Where a command's output goes."""
    (HOME / "logs").mkdir(parents=True, exist_ok=True)
    return HOME / "logs" / f"{name}.log"


def result(found: Measured, size: int, compared: int, planted: dict[str, int]) -> dict[str, Any]:
    """What is kept of the measurement."""
    names = list(dict.fromkeys(name for steps in found.steps for name in steps))
    return {
        "scenario": "P1 night of vehicle positions", "rows": found.rows, "bytes": size, "values": compared,
        "planted": planted,
        "machine": measure.machine(), "versions": report.versions(), **report.commit(ROOT),
        "night": report.figures(found.night), "rival": report.figures(found.rival),
        "ratio": statistics.median(a.seconds / b.seconds for a, b in zip(found.night, found.rival, strict=True)),
        "cpu_ratio": statistics.median(a.cpu_s / b.cpu_s for a, b in zip(found.night, found.rival, strict=True)),
        "steps": {name: round(statistics.median(steps.get(name, 0.0) for steps in found.steps), 2) for name in names},
    }  # fmt: skip


def say(text: str) -> None:
    """Progress."""
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
