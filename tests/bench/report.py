"""What is kept of measurements: tests/bench/results.json, from which docs/benchmarks.md and its plots are written."""

import importlib.metadata
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from schemas.city import ROOT
from tests.bench import measure, page, plots
from tests.bench.home import POLARS
from tests.bench.scenario import Result, Scenario

RESULTS, PAGE, PLOTS = "tests/bench/results.json", "docs/benchmarks.md", "docs/benchmarks"
PACKAGES = ("pyspark", "duckdb", "polars", "pyarrow", "deltalake", "great-expectations", "numpy", "shapely")
Rounds = Mapping[str, Sequence[measure.Spent]]


def result(
    scenario: str, size: int, aims: Mapping[str, Sequence[float]], spent: Rounds, **more: object
) -> dict[str, Any]:
    """A measurement: each aim's figure in every round, and what the rounds cost whom; the project comes first."""
    kept = {name: [round(figure, 4) for figure in rounds] for name, rounds in aims.items()}
    costs = {who: figures(rounds) for who, rounds in spent.items()}
    return {"scenario": scenario, "size": size, "aims": kept, "spent": costs, **more, **made_on(ROOT)}


def figures(rounds: Sequence[measure.Spent]) -> dict[str, list[float]]:
    """The rounds as they are kept."""
    return {
        "seconds": [round(one.seconds, 2) for one in rounds],
        "cpu_s": [round(one.cpu_s, 2) for one in rounds],
        "peak_bytes": [one.peak_bytes for one in rounds],
        "others": [round(one.others, 2) for one in rounds],
    }


def made_on(root: Path) -> dict[str, Any]:
    """The machine, the versions and the commit of a measurement."""
    return {"machine": measure.machine(), "versions": versions(), **commit(root)}


def versions() -> dict[str, str]:
    """Of what the figures depend on, where it is installed."""
    places = [str(POLARS), *sys.path]
    known = {one.metadata["Name"].lower(): one.version for one in importlib.metadata.distributions(path=places)}
    return {name: known[name] for name in PACKAGES if name in known}


def commit(root: Path) -> dict[str, str]:
    """The commit that was measured, marked when files had been changed, and when."""

    def git(*words: str) -> str:  # a line of the status may begin with a space, which says something
        return subprocess.run(["git", *words], cwd=root, capture_output=True, text=True, check=False).stdout.rstrip()

    written = (RESULTS, PAGE, PLOTS)
    changed = [line for line in git("status", "--porcelain").splitlines() if not line[3:].startswith(written)]
    name = (git("rev-parse", "--short", "HEAD") or "unknown") + (" and changes" if changed else "")
    return {"commit": name, "measured_at": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")}


def read(root: Path) -> list[Result]:
    """Every result so far, the oldest first."""
    path = root / RESULTS
    known: list[Result] = json.loads(path.read_text("utf-8")) if path.exists() else []
    return known


def keep(root: Path, scenarios: Mapping[str, Scenario], found: Sequence[Result]) -> None:
    """Add results to those before them and write the page and its plots."""
    results = [*read(root), *found]
    (root / RESULTS).write_text(json.dumps(results, ensure_ascii=False, indent=1) + "\n", "utf-8")
    write(root, scenarios, results)


def write(root: Path, scenarios: Mapping[str, Scenario], results: Sequence[Result]) -> None:
    """The page and its plots, from nothing but the results and the scenarios' words."""
    folder = root / PLOTS
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.svg"):
        old.unlink()
    for name, drawing in plots.plots(scenarios, results).items():
        (folder / f"{name}.svg").write_text(drawing, "utf-8")
    (root / PAGE).write_text(page.page(scenarios, results), "utf-8")
