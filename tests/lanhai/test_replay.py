"""The first two nights again from landing, elsewhere: the same editions, and nobody's numbers in clear.

The first is run by commands, so that what they print and what Spark logs of it is looked through too; the second has
late data and corrections.
"""

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from jobs import edition, verifying
from jobs.core.lake import Lake
from schemas import load_city
from schemas.city import ROOT
from tests.conftest import RunNight
from tests.lanhai.conftest import CITY, plan

pytestmark = pytest.mark.slow
NIGHTS = 2


@pytest.fixture(scope="module")
def place(
    tmp_path_factory: pytest.TempPathFactory, three_nights: Lake, faulty: Path, keys: Path, night: RunNight
) -> Path:
    """A folder with a lake that has the nights again, and `logs` of everything that was said of the first."""
    folder = tmp_path_factory.mktemp("replay")
    (folder / "logs").mkdir()
    first, *others = plan(faulty)[:NIGHTS]
    landed = ("--from", str(three_nights.root / "landing"), "--delivered-at", "2025-03-10")
    assert citypulse(folder, "land", *landed) == 0
    assert citypulse(folder, "night", "--biz-date", first["biz_date"]) == 0
    assert list((folder / "lake" / CITY / "logs" / "spark" / first["biz_date"]).rglob("events_1_*"))
    for one in others:
        night(Lake(folder / "lake", CITY), one["biz_date"])
    return folder


def citypulse(folder: Path, command: str, *arguments: str) -> int:
    """Run a command as a process of its own; what it says is a log like others."""
    env = os.environ | {"CITYPULSE_LAKE": str(folder / "lake")}
    run = "from citypulse.cli import main; main()"
    said = subprocess.run(
        [sys.executable, "-c", run, command, "--city", CITY, *arguments],
        capture_output=True, text=True, env=env, cwd=ROOT, check=False,
    )  # fmt: skip
    with (folder / "logs" / f"{command}.log").open("a") as log:
        log.write(said.stdout + said.stderr)
    return said.returncode


def test_every_edition_has_the_same_manifest_and_root(place: Path, three_nights: Lake, faulty: Path) -> None:
    city, again = load_city(CITY), Lake(place / "lake", CITY)
    for one in plan(faulty)[:NIGHTS]:
        mine, theirs = (
            (edition.folder(lake, date.fromisoformat(one["biz_date"])) / "manifest.json").read_text("utf-8")
            for lake in (three_nights, again)
        )
        assert mine.splitlines() == theirs.splitlines()
    sealed = verifying.chained(city, three_nights, landing=True, tables=True).editions
    assert sealed[:NIGHTS] == verifying.chained(city, again).editions


def test_nothing_planted_is_in_clear_and_the_search_bites(place: Path, faulty: Path) -> None:
    """One of them is spilled into the lake, and is all that is found."""
    planted = faulty / "answers" / "planted.json"
    told = json.loads(planted.read_text("utf-8"))
    assert {one["kind"] for one in told} >= {
        "citizen_id", "phone", "plate", "bank_card", "email", "name", "caller_phone",
    }  # fmt: skip
    spill = place / "lake" / CITY / "spill.html"
    spill.write_text(f"<p>{told[-1]['value']}</p>", "utf-8")
    assert citypulse(place, "scan", "--planted", str(planted), "--in", str(place / "logs")) == 1
    spill.unlink()
    said = (place / "logs" / "scan.log").read_text()
    found = [line for line in said.splitlines() if not line.startswith("citypulse: ")]
    assert [line.partition(": ")[2].split()[0] for line in found] == ["1"]
    assert "spill.html" in found[0]
    assert told[-1]["value"] not in said


def test_the_profile_of_the_night_adds_up_and_names_every_step_that_spark_ran(place: Path, faulty: Path) -> None:
    """Here, because this is a night whose session Spark itself has logged."""
    assert citypulse(place, "profile", "--biz-date", plan(faulty)[0]["biz_date"], "--format", "json") == 0
    told = json.loads((place / "logs" / "profile.log").read_text("utf-8"))
    assert told["notes"] == []
    assert sum(one["seconds"] for one in told["parts"]) == pytest.approx(told["seconds"], abs=0.01)
    assert all(one["seconds"] >= 0 for one in told["parts"])
    steps = [one for one in told["work"] if not one["about"]]
    assert [one["step"] for one in steps] == ["bronze", "silver", "fused"]
    assert all(0 <= one["idle_s"] <= one["seconds"] and one["run_s"] > 0 for one in steps)
    assert {one["about"].split(":")[0] for one in told["work"] if one["about"]} == {one["step"] for one in steps}
    in_python = {one["step"]: one["python_s"] for one in steps}
    assert all(0 < in_python[one["step"]] <= one["run_s"] for one in steps)
    assert {one["table"].split(".")[0] for one in told["tables"]} == {"bronze", "silver", "fused"}
