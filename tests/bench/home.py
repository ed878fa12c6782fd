"""Where the benchmark works, and how it calls the project's commands."""

import os
import sys
from pathlib import Path

from schemas.city import ROOT
from tests.bench import compare, measure

CITY = "lanhai"
HOME = ROOT / ".bench"
CITYPULSE = (sys.executable, "-c", "from citypulse.cli import main; main()")


def prepare(name: str) -> Path:
    """A folder for deliveries."""
    folder = HOME / name
    folder.mkdir(parents=True, exist_ok=True)
    (HOME / ".gitignore").write_text("*\n", "utf-8")  # gigabytes that nobody wants in a commit
    return folder


def run(name: str, *command: str, lake: str = "lake") -> measure.Spent:
    """What a command costs, with the benchmark's lake of that name. What it prints goes to a log of that name."""
    (HOME / "logs").mkdir(parents=True, exist_ok=True)
    return measure.run([command], ROOT, environment(lake), HOME / "logs" / f"{name}.log")


def ask(lake: str = "lake") -> compare.Ask:
    """`citypulse` in the benchmark's lake of that name."""
    return compare.asker(CITYPULSE, ROOT, environment(lake))


def environment(lake: str) -> dict[str, str]:
    """Where the lake is; the profile is the one a user has."""
    return {**os.environ, "CITYPULSE_LAKE": str(HOME / lake), "CITYPULSE_KEYS": str(HOME / "keys")}


def say(text: str) -> None:
    """Progress."""
    print(text, flush=True)
