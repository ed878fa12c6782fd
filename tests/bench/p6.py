"""P6: an analyst asks for a year of one indicator, in a cold process without Spark: now, and as an edition said it.

The lake is that of P7, age: a real night for every day of the year. Beside it a plain read of the same rows by
delta-rs. Both must give the same rows.
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


def bench(nights: int, rounds: int) -> list[Result]:
    """The scenario. Raises Unequal, RuntimeError."""
    grow.grow([nights])
    counted = {which: check(nights, which) for which in WHICH}
    say(f"P6: {counted['now']:,} values of {nights} days, the same from both")
    spent: dict[str, list[measure.Spent]] = {}
    aims: dict[str, list[float]] = {}
    for number in range(1, rounds + 1):
        for which in WHICH:
            spent.setdefault(f"values, {which}", []).append(values(nights, which))
            spent.setdefault(f"delta-rs, {which}", []).append(read(nights, which))
            aims.setdefault(which, []).append(spent[f"values, {which}"][-1].seconds)
            aims.setdefault(f"{which}, after imports", []).append(after_imports(nights, which))
        told = ", ".join(f"{name} {figures[-1]:.2f} s" for name, figures in aims.items())
        say(f"P6 round {number}: {told}")
    told = f"every value of {INDICATOR} by day with delta-rs"
    return [report.result("p6", nights, aims, spent, rows=counted["now"], compared=told)]


def values(nights: int, which: str, *options: str) -> measure.Spent:
    """The command in a process of its own; `options` are the interpreter's."""
    first, last = span(nights)
    words = ["values", "--city", CITY, "--indicator", INDICATOR, "--period", f"{first}..{last}", "--format", "csv"]
    words += ["--as-of", last] if which == "as of" else []
    return run("values", PYTHON, *options, *CALL, *words, lake=grow.at_age(nights))


def after_imports(nights: int, which: str) -> float:
    """Seconds of the command without those that the interpreter says it spent importing."""
    spent = values(nights, which, "-X", "importtime")
    said = (HOME / "logs" / "values.log").read_text("utf-8")
    return spent.seconds - sum(int(microseconds) for microseconds in IMPORTED.findall(said)) / 1e6


def read(nights: int, which: str) -> measure.Spent:
    """The plain read."""
    first, last = span(nights)
    lake = str(HOME / grow.at_age(nights) / CITY)
    words = ("-m", "tests.bench.read", lake, INDICATOR, first, last, *([last] if which == "as of" else []))
    return run("read", PYTHON, *words)


def span(nights: int) -> tuple[str, str]:
    """The first and the last day."""
    return DAY.isoformat(), (DAY + timedelta(days=nights - 1)).isoformat()


def check(nights: int, which: str) -> int:
    """How many values both give. Raises Unequal where they differ, or a day has none."""
    values(nights, which), read(nights, which)
    mine, theirs = (rows(name) for name in ("values", "read"))
    unlike = [f"{which}: {sorted(mine ^ theirs)[:3]}"] if mine != theirs else []
    days = len({one[SAME.index("period")] for one in mine})
    compare.require(unlike + ([f"{which}: {days} of {nights} days have a value"] if days != nights else []))
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
    "P6, a year of one indicator", AIMS, bench, sizes=(365,), least=2, counted="nights",
    takes=Takes(before=Grows(1, 120), each=Grows(0.2),
        gigabytes=Grows(0.1, 8), stays=Grows(0, 7), shares="grown lakes"),
)  # fmt: skip
