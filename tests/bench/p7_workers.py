"""P7, workers: the night of P1 on a standalone cluster of one worker, then of two, in turn, each in a fresh lake.

A worker has one core and one gigabyte, as in `make cluster-test`, whose profile this is. First once unmeasured on two
workers: the DuckDB script of P1 must say the same, and so after every night.
"""

import json
import shutil
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from schemas.city import ROOT
from tests.bench import deliveries, measure, p1, report
from tests.bench.home import CITY, CITYPULSE, HOME, prepare, run, say, steps
from tests.bench.scenario import Aim, Grows, Result, Scenario, Takes
from tests.cluster import standalone

NODES = ROOT / ".cluster"
"""Where the profile looks for the nodes' packages."""
WORKERS = {2: "two workers", 1: "one worker"}
DAY = deliveries.DAY.isoformat()


def bench(rows: int, rounds: int) -> list[Result]:
    """The scenario, compared and measured. Raises Unequal, RuntimeError, Failed."""
    folder = prepare(f"deliveries-{rows}")
    deliveries.write(folder, rows)
    size = deliveries.bytes_of(folder)
    shutil.rmtree(NODES, ignore_errors=True)
    standalone.equip(NODES / "environment")
    (NODES / "events").mkdir()
    p1.rival("DuckDB", folder)
    night(folder, max(WORKERS))
    spent: dict[str, list[measure.Spent]] = {name: [] for name in WORKERS.values()}
    took: list[dict[str, float]] = []
    for number in range(1, rounds + 1):
        for workers, name in WORKERS.items():
            cost, each = night(folder, workers)
            spent[name].append(cost)
            took += [each] if workers == max(WORKERS) else []
        say(f"P7 round {number}: " + ", ".join(f"{name} {costs[-1].seconds:.1f} s" for name, costs in spent.items()))
    aims = {"efficiency": efficiency(*([one.seconds for one in spent[WORKERS[n]]] for n in (1, 2)))}
    told = "every row, count and value of each night with the DuckDB script"
    return [
        report.result("p7_workers", rows, aims, spent, rows=rows, bytes=size, steps=p1.medians(took), compared=told)
    ]


def efficiency(one: Sequence[float], two: Sequence[float]) -> list[float]:
    """Of each round: time with one worker over twice the time with two. 1 is a straight line, a half no use at all."""
    return [alone / (2 * together) for alone, together in zip(one, two, strict=True)]


def night(folder: Path, workers: int) -> tuple[measure.Spent, dict[str, float]]:
    """The night on a cluster of so many workers, compared: its cost, with the cluster's own, and its steps."""
    shutil.rmtree(HOME / "lake", ignore_errors=True)
    there = ("--from", str(folder), "--delivered-at", deliveries.DELIVERED_AT)
    run("land", *CITYPULSE, "land", "--city", CITY, *there)
    said = HOME / "cluster.json"
    spent = run("cluster", sys.executable, "-m", "tests.bench.cluster", str(workers), CITY, DAY, str(said))
    p1.check()
    return replace(spent, seconds=json.loads(said.read_text("utf-8"))["seconds"]), steps(DAY)


SCENARIO = Scenario(
    "P7, workers",
    {"efficiency": Aim("efficiency: time with one worker ÷ twice the time with two", 0.8, at_least=True)},
    bench, sizes=(5_000_000,), least=20_000, rounds=3,
    takes=Takes(before=Grows(2, 6), each=Grows(3, 10), gigabytes=Grows(1.5, 2), stays=Grows(0, 0.4)),
)  # fmt: skip
