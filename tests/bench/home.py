"""Where the benchmark works, and how it calls the project's commands."""

import json
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from schemas.city import ROOT
from tests.bench import compare, measure

CITY = "lanhai"
HOME = ROOT / ".bench"
POLARS = ROOT / ".tools" / "polars"
"""Where `make bench` puts the library that only a rival needs."""
STAY = ("deliveries", "city-", "grown", "keys", "logs", "airflow")
"""How the folders begin that are used again: those that take long, and those that are small."""
NOTHING: Mapping[str, str] = {}
CITYPULSE = (sys.executable, "-c", "from citypulse.cli import main; main()")


def prepare(name: str) -> Path:
    """A folder for deliveries."""
    folder = HOME / name
    folder.mkdir(parents=True, exist_ok=True)
    (HOME / ".gitignore").write_text("*\n", "utf-8")  # gigabytes that nobody wants in a commit
    return folder


def tidy() -> None:
    """Remove what a scenario has made for itself alone: gigabytes that the next one needs."""
    for path in HOME.iterdir():
        if path.is_dir() and not path.name.startswith(STAY):
            shutil.rmtree(path)


def copy(lake: str, to: str) -> None:
    """A lake again under another name, in the place of what was there: of a table, files are only added, so they are
    linked."""
    shutil.rmtree(HOME / to, ignore_errors=True)
    shutil.copytree(HOME / lake, HOME / to, copy_function=os.link)


def run(name: str, *command: str, lake: str = "lake", more: Mapping[str, str] = NOTHING) -> measure.Spent:
    """What a command costs, with the benchmark's lake of that name and more in its environment.

    What it prints goes to a log of that name.
    """
    (HOME / "logs").mkdir(parents=True, exist_ok=True)
    return measure.run([command], ROOT, {**environment(lake), **more}, HOME / "logs" / f"{name}.log")


def ask(lake: str = "lake") -> compare.Ask:
    """`citypulse` in the benchmark's lake of that name."""
    return compare.asker(CITYPULSE, ROOT, environment(lake))


def steps(day: str, lake: str = "lake") -> dict[str, float]:
    """Seconds of each step of the newest attempt at a night, in order.

    `session`, where Spark was started, stands behind the step that it is within.
    """
    rows = json.loads(ask(lake)("steps", "--city", CITY, "--biz-date", day, "--format", "json"))
    return {row["step"]: row["seconds"] for row in rows if row["attempt"] == rows[-1]["attempt"]}


def environment(lake: str) -> dict[str, str]:
    """Where the lake is; the profile is the one a user has."""
    return {**os.environ, "CITYPULSE_LAKE": str(HOME / lake), "CITYPULSE_KEYS": str(HOME / "keys")}


def say(text: str) -> None:
    """Progress."""
    print(text, flush=True)
