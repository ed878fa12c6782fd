"""A night of deliveries full of people's numbers leaves none in clear: lake, pages, event logs, what it prints."""

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from jobs import sample
from schemas.city import ROOT

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with deliveries, a lake after a night of them, and `logs` of everything that was said."""
    folder = tmp_path_factory.mktemp("leaks")
    sample.write("lanhai", 1, 0.1, sample.FAULTS, 7, date(2025, 3, 3), folder / "in")
    (folder / "logs").mkdir()
    assert (
        citypulse(folder, "land", "--from", str(folder / "in" / "night-1"), "--delivered-at", "2025-03-04T02:30") == 0
    )
    assert citypulse(folder, "night", "--biz-date", "2025-03-03") == 0
    assert list((folder / "lake" / "lanhai" / "logs" / "spark" / "2025-03-03").rglob("events_1_*"))
    return folder


def citypulse(folder: Path, command: str, *arguments: str) -> int:
    """Run a command as a process of its own; what it says is a log like others."""
    paths = {"CITYPULSE_LAKE": "lake", "CITYPULSE_KEYS": "keys"}
    env = os.environ | {name: str(folder / part) for name, part in paths.items()}
    run = "from citypulse.cli import main; main()"
    said = subprocess.run(
        [sys.executable, "-c", run, command, "--city", "lanhai", *arguments],
        capture_output=True, text=True, env=env, cwd=ROOT, check=False,
    )  # fmt: skip
    with (folder / "logs" / f"{command}.log").open("a") as log:
        log.write(said.stdout + said.stderr)
    return said.returncode


def test_nothing_planted_is_in_clear(place: Path) -> None:
    planted = place / "in" / "answers" / "planted.json"
    assert {one["kind"] for one in json.loads(planted.read_text("utf-8"))} >= {
        "citizen_id", "phone", "plate", "bank_card", "email", "name", "caller_phone",
    }  # fmt: skip
    assert citypulse(place, "scan", "--planted", str(planted), "--in", str(place / "logs")) == 0


def test_the_profile_of_the_night_adds_up_and_names_every_step_that_spark_ran(place: Path) -> None:
    """Here, because this is a night whose session Spark itself has logged."""
    assert citypulse(place, "profile", "--biz-date", "2025-03-03", "--format", "json") == 0
    told = json.loads((place / "logs" / "profile.log").read_text("utf-8"))
    assert told["notes"] == []
    assert sum(one["seconds"] for one in told["parts"]) == pytest.approx(told["seconds"], abs=0.01)
    assert all(one["seconds"] >= 0 for one in told["parts"])
    steps = [one for one in told["work"] if not one["about"]]
    assert [one["step"] for one in steps] == ["bronze", "silver", "quality", "fused"]
    assert all(0 <= one["idle_s"] <= one["seconds"] and one["run_s"] > 0 for one in steps)
    assert {one["about"].split(":")[0] for one in told["work"] if one["about"]} == {one["step"] for one in steps}
    in_python = {one["step"]: one["python_s"] for one in steps}
    assert all(0 < in_python[one["step"]] <= one["run_s"] for one in steps if one["step"] != "quality")
    assert {one["table"].split(".")[0] for one in told["tables"]} == {"bronze", "silver", "fused"}


def test_the_search_bites(place: Path) -> None:
    planted = place / "in" / "answers" / "planted.json"
    value = json.loads(planted.read_text("utf-8"))[-1]["value"]
    spill = place / "lake" / "lanhai" / "spill.html"
    spill.write_text(f"<p>{value}</p>", "utf-8")
    assert citypulse(place, "scan", "--planted", str(planted)) == 1
    spill.unlink()
    said = (place / "logs" / "scan.log").read_text()
    assert "spill.html: 1" in said
    assert value not in said
