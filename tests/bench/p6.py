"""P6: an analyst asks for a year of one indicator, in a cold process without Spark: now, and as an edition said it.

The lake is that of P7, age (tests/bench/grow.py). Beside it a plain read of the same rows by delta-rs. Both must give
the same rows.
"""

import csv
import re
from datetime import timedelta

from tests.bench import compare, grow, measure, report
from tests.bench.deliveries import DAY
from tests.bench.home import CITY, CITYPULSE, HOME, run, say
from tests.bench.scenario import Aim, Grows, Result, Scenario, Takes

INDICATOR = "transport.taxi_trips"
WHICH = ("now", "as of")
IMPORTED = re.compile(r"^import time: +(\d+) \|", re.MULTILINE)
SAME = ("level", "place", "period", "segment", "value", "n_records", "status", "edition")
PYTHON, *CALL = CITYPULSE


def bench(days: int, rounds: int) -> list[Result]:
    """The scenario. Raises Unequal, RuntimeError."""
    grow.grow([days])
    counted = {which: check(days, which) for which in WHICH}
    say(f"P6: {counted['now']:,} values of {days} days, the same from both")
    spent: dict[str, list[measure.Spent]] = {}
    aims: dict[str, list[float]] = {}
    for number in range(1, rounds + 1):
        for which in WHICH:
            spent.setdefault(f"values, {which}", []).append(values(days, which))
            spent.setdefault(f"delta-rs, {which}", []).append(read(days, which))
            aims.setdefault(which, []).append(spent[f"values, {which}"][-1].seconds)
            aims.setdefault(f"{which}, after imports", []).append(after_imports(days, which))
        told = ", ".join(f"{name} {figures[-1]:.2f} s" for name, figures in aims.items())
        say(f"P6 round {number}: {told}")
    told = f"every value of {INDICATOR} by day with delta-rs"
    return [report.result("p6", days, aims, spent, rows=counted["now"], compared=told)]


def values(days: int, which: str, *options: str) -> measure.Spent:
    """The command in a process of its own; `options` are the interpreter's."""
    first, last = span(days)
    words = ["values", "--city", CITY, "--indicator", INDICATOR, "--period", f"{first}..{last}", "--format", "csv"]
    words += ["--as-of", last] if which == "as of" else []
    return run("values", PYTHON, *options, *CALL, *words, lake=grow.at_age(days))


def after_imports(days: int, which: str) -> float:
    """Seconds of the command without those that the interpreter says it spent importing."""
    spent = values(days, which, "-X", "importtime")
    said = (HOME / "logs" / "values.log").read_text("utf-8")
    return spent.seconds - sum(int(microseconds) for microseconds in IMPORTED.findall(said)) / 1e6


def read(days: int, which: str) -> measure.Spent:
    """The plain read."""
    first, last = span(days)
    lake = str(HOME / grow.at_age(days) / CITY)
    words = ("-m", "tests.bench.read", lake, INDICATOR, first, last, *([last] if which == "as of" else []))
    return run("read", PYTHON, *words)


def span(days: int) -> tuple[str, str]:
    """The first and the last day."""
    return DAY.isoformat(), (DAY + timedelta(days=days - 1)).isoformat()


def check(days: int, which: str) -> int:
    """How many values both give. Raises Unequal where they differ, or a day has none."""
    values(days, which), read(days, which)
    mine, theirs = (rows(name) for name in ("values", "read"))
    unlike = [f"{which}: {sorted(mine ^ theirs)[:3]}"] if mine != theirs else []
    there = len({one[SAME.index("period")] for one in mine})
    compare.require(unlike + ([f"{which}: {there} of {days} days have a value"] if there != days else []))
    return len(mine)


def rows(name: str) -> set[tuple[str, ...]]:
    """What a command printed."""
    with (HOME / "logs" / f"{name}.log").open(encoding="utf-8", newline="") as file:
        return {tuple(one[column] for column in SAME) for one in csv.DictReader(file)}


AIMS = {
    "now": Aim("a year of one indicator, the whole process", 1.5, "s"),
    "now, after imports": Aim("the same without imports", 0.5, "s"),
    "as of": Aim("the year as an edition said it, the whole process", 1.5, "s"),
    "as of, after imports": Aim("the same without imports", 0.5, "s"),
}
SCENARIO = Scenario(
    "P6, a year of one indicator", AIMS, bench, sizes=(365,), least=2, counted="days",
    takes=Takes(before=Grows(1, 150), each=Grows(0.2),
        gigabytes=Grows(0.1, 8), stays=Grows(0, 7), shares="grown lakes"),
)  # fmt: skip
