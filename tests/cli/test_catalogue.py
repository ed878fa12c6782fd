"""`citypulse catalogue` and `citypulse usage` over a few sealed nights of an invented town."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from citypulse import read
from jobs.core.lake import Lake
from jobs.publish import catalogue
from schemas import City
from tests.commands import citypulse
from tests.seal import town

CALLS = "silver.calls"


@dataclass(frozen=True)
class Made:
    """The town and the lake of its nights."""

    city: City
    lake: Lake

    def ask(self, *words: str) -> str:
        """What a command that succeeds prints."""
        code, out, error = self.run(*words)
        assert (code, error) == (0, "")
        return out

    def run(self, *words: str) -> tuple[int | None, str, str]:
        return citypulse(self.lake.root.parent, words[0], "--city", self.city.id, *words[1:])


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Made]:
    with town.declared(tmp_path) as city:
        lake = Lake(tmp_path / "lake", city.id)
        town.sealed(city, lake, tmp_path / "in", 2)
        yield Made(city, lake)


def test_the_catalogue_is_shown_and_what_is_asked_is_counted_until_nobody_is_left_out(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = made.lake.root / "editions" / town.day(1).isoformat() / catalogue.FILE
    sealed = path.read_bytes()
    assert json.loads(made.ask("catalogue", "--format", "json")) == json.loads(sealed)["resources"]
    entry = json.loads(made.ask("catalogue", CALLS, "--format", "json"))
    assert (entry["id"], entry["rows"], entry["personal"]) == (CALLS, made.lake.arrow(CALLS).num_rows, "direct")
    rows = list(csv.DictReader(io.StringIO(made.ask("catalogue", "--format", "csv"))))
    assert {row["资源标识"] for row in rows} == {*made.city.tables, *made.city.indicators}
    assert "不予共享" in made.ask("catalogue", CALLS)
    assert made.run("catalogue", "silver.nothing")[0] == 2
    assert made.run("catalogue", "--as-of", "2024-10-01")[0] == 2

    unused = json.loads(made.ask("usage", "--unused", "--format", "json"))
    assert [row["resource"] for row in unused if row["resource"] == CALLS] == []  # no indicator is a headline: all are
    monkeypatch.setenv("CITYPULSE_LAKE", str(made.lake.root.parent))
    made.ask("values", "--indicator", town.NAME)
    made.ask("sql", f"SELECT ring FROM {CALLS} LIMIT 3")
    assert read(CALLS, city=made.city.id).num_rows == entry["rows"]
    before = json.loads(made.ask("usage", "--format", "json"))
    told = {row["resource"]: row for row in before}
    assert (told[CALLS]["asked"], told[CALLS]["rows_given"]) == (2, 3 + entry["rows"])
    assert told[town.NAME]["asked"] == 1

    town.night(made.city, made.lake, 2)
    assert list((made.lake.root / "usage").rglob("*.json")) == []
    after = {row["resource"]: row for row in json.loads(made.ask("usage", "--format", "json"))}
    assert {key: row["asked"] for key, row in after.items()} == {key: row["asked"] for key, row in told.items()}
    daily = json.loads(made.ask("usage", "--daily", "--format", "json"))
    assert {row["interface"]: row["calls"] for row in daily if row["interface"] in ("values", "sql", "read")} == {
        "values": 1, "sql": 1, "read": 1,
    }  # fmt: skip
    assert path.read_bytes() == sealed
    made.ask("verify")


@pytest.mark.parametrize("words", [("--days", "0"), ("--unused", "--daily"), ("--format", "xml")])
def test_what_makes_no_sense_is_one_line(made: Made, words: tuple[str, ...]) -> None:
    code, out, error = made.run("usage", *words)
    assert (code, out, len(error.splitlines())) == (2, "", 1)
