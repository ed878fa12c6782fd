"""`citypulse diff`: its answer for an edit is what two lakes say, of which one was rebuilt from landing by the edit.

The city is that of the nights of corrections: its departments send late, again, withdraw and correct themselves.
"""

import json
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random
from tempfile import mkdtemp
from types import SimpleNamespace
from typing import Any

import pytest

from citypulse.cli import app
from jobs import diff, quality, sets
from jobs.core import work
from jobs.core.errors import CriticalFailure, Problem
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger
from jobs.edits import compared, nights, ref
from jobs.edits.differences import KINDS
from jobs.vintages import KEY, SAID
from schemas import City, load_city
from schemas import city as loader
from schemas.city import ROOT
from tests import inline
from tests.soak.changes import CITY, CONF, day, land
from tests.soak.world import World

NIGHTS, SEED = 3, 7
REVISED = re.compile(r"(^|; )revised: [^;]*")
Said = dict[tuple[str, ...], dict[str, Any]]


@dataclass
class Town:
    """A repository of declarations, and a lake whose nights were made by its first commit."""

    repository: Path
    lake: Lake
    folder: Path

    @property
    def declared(self) -> Path:
        """The city's folder."""
        return self.repository / "conf" / "cities" / CITY

    def city(self) -> City:
        """What the working tree declares now."""
        loader._load_city.cache_clear()
        return load_city(CITY)

    def edit(self, name: str, old: str, new: str) -> None:
        """Somebody edits a file; one that is not there is written."""
        path = self.declared / name
        text = path.read_text("utf-8") if path.is_file() else ""
        assert text.count(old) == 1 or not text
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace(old, new) if text else new, "utf-8")

    def diff(self, period: diff.Period | None = None) -> diff.Answer:
        """The answer."""
        return diff.answer(self.city(), self.lake, "main", period, work.here)

    def files(self) -> dict[str, tuple[int, int]]:
        """Every file of the lake and of the repository's history, with its size and time."""
        found = (path for root in (self.lake.root, self.repository / ".git") for path in root.rglob("*"))
        return {str(path): (one.st_size, one.st_mtime_ns) for path in found if (one := path.stat()) and path.is_file()}

    def rebuilt(self) -> Said:
        """What a lake says that was made from the same landing, in one night, by the declarations as they are now."""
        other, city = Lake(mkdtemp(dir=self.folder), CITY), self.city()
        other.root.mkdir()
        other.folder("landing").symlink_to(self.lake.folder("landing"))
        landed = Ledger(self.lake).rows("deliveries")
        Ledger(other).add("deliveries", [row for row in landed if row["source"] in city.sources])
        inline.night(city, other, day(NIGHTS))
        return said(other)


def said(lake: Lake) -> Said:
    """The newest word on every value, but for how it came about: a lake made in one night has revised nothing."""
    rows = lake.arrow("indicators.current").to_pylist()
    return {tuple(row[name] for name in KEY): row | {"reasons": REVISED.sub("", row["reasons"])} for row in rows}


def git(folder: Path, *words: str) -> str:
    who = ("-c", "user.name=tests", "-c", "user.email=tests@invalid", "-c", "init.defaultBranch=main")
    done = subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True, text=True, input="")
    return done.stdout.strip()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Some nights, and the edition after them."""
    folder = tmp_path_factory.mktemp("diff")
    root = folder / "repository"
    shutil.copytree(CONF / "cities" / CITY, root / "conf" / "cities" / CITY)
    (root / "schemas" / "silver").mkdir(parents=True)
    shutil.copy(ROOT / "schemas" / "silver" / "places.yaml", root / "schemas" / "silver")
    for words in (("init",), ("add", "."), ("commit", "-m", "as it is")):
        git(root, *words)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loader, "ROOT", root)
        patch.setattr(ref, "ROOT", root)
        patch.setenv("CITYPULSE_CONF", str(root / "conf"))
        patch.setenv("CITYPULSE_KEYS", str(folder / "keys"))
        patch.setitem(quality._WARM, "judge", SimpleNamespace())
        patch.setattr(sets, "judged", lambda court, touched, rows: {key: [] for key in touched})
        town = Town(root, Lake(folder / "lake", CITY), folder)
        world, city = World(Random(SEED)), town.city()
        for night in range(1, NIGHTS + 1):
            for at, one in enumerate((world.first() if night == 1 else []) + world.night(night)):
                land(city, town.lake, one, folder / "in" / f"{night}-{at}")
            inline.night(city, town.lake, day(night))
        Ledger(town.lake).put("editions", [{"biz_date": day(NIGHTS), "digest": "sealed"}], biz_date=[day(NIGHTS)])
        yield town


@pytest.fixture
def town(made: Town) -> Iterator[Town]:
    """The town with its declarations as they were committed."""
    yield made
    git(made.repository, "checkout", ".")
    git(made.repository, "clean", "-fd")


def expected(before: Said, after: Said) -> dict[tuple[str, ...], tuple[str, float | None]]:
    """Of each value that is another: in which way, and by how much."""
    out: dict[tuple[str, ...], tuple[str, float | None]] = {}
    for key in before.keys() | after.keys():
        old, new = before.get(key), after.get(key)
        if old is None or new is None:
            out[key] = ("gone" if new is None else "new", None)
        elif any(old[name] != new[name] for name in SAID):
            out[key] = _way(old, new)
    return out


def _way(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[str, float | None]:
    if old["value"] is None or new["value"] is None:
        return ("trust" if old["value"] == new["value"] else "known" if old["value"] is None else "unknown"), None
    same_unit = old["unit"] == new["unit"]
    way = "value" if old["value"] != new["value"] or not same_unit else "trust"
    return way, new["value"] - old["value"] if same_unit else None


def found(answer: diff.Answer) -> dict[tuple[str, ...], tuple[str, float | None]]:
    """What the answer says, in the same form."""
    rows = answer.found.values.to_pylist()
    return {tuple(row[name] for name in KEY): (row["differs"], row["change"]) for row in rows}


NEW = """name: {zh: 例, en: Example}
owner: office
face: service
question: {zh: 多少？, en: "How much?"}
does_not_say: {zh: 其他, en: Anything else}
direction: neutral
missing: unknown
standard: {name: Invented, verified: false}
effective_from: 2015-01-01
terms: {m: {sum: silver.rides, of: metres}, n: {count: silver.rides}}
value: m / n
unit: km/trip
periods: [day, week]
"""
OF = "indicators/general/mini_"
EDITS: dict[str, Callable[[Town], object]] = {
    "a formula": lambda town: town.edit(f"{OF}mean_fare.yaml", "value: f / n", "value: f / (n + n)"),
    "a formula that others use": lambda town: town.edit(f"{OF}water.yaml", "value: u", "value: u * 2"),
    "a term": lambda town: town.edit(f"{OF}open_share.yaml", "state = 'open'", "state = 'shut'"),
    "segments": lambda town: town.edit(f"{OF}rides.yaml", "periods: [hour, ", "segments: [workday]\nperiods: [hour, "),
    "a version": lambda town: town.edit(
        f"{OF}vehicles.yaml", "effective_from: 2015-01-01", "effective_from: 2025-03-23"
    ),
    "an indicator more": lambda town: town.edit(f"{OF}metres.yaml", "", NEW),
    "an indicator less": lambda town: (town.declared / f"{OF}median_metres.yaml").unlink(),
    "words": lambda town: town.edit(f"{OF}occupancy.yaml", "en: Example", "en: Beds"),
    "grades of the city": lambda town: town.edit("city.yaml", "map_level:", "grades: [1, 0.5, 0.1]\nmap_level:"),
    "its first day": lambda town: town.edit("city.yaml", "2025-03-01", "2025-03-20"),
    "peak hours": lambda town: town.edit("city.yaml", "departments:", "peak_hours: [[7, 9]]\ndepartments:"),
    "a rule": lambda town: town.edit(
        "quality/silver/rides.yaml", "",
        "rows:\n  - rule: short\n    expression: metres > 30000\n    action: reject\n    severity: warning\n"
        "    why: {zh: 太短, en: too short}\n",
    ),
    "a contract": lambda town: town.edit("schemas/silver/cases.yaml", "[0, 10000]", "[0, 6000]"),
    "a source": lambda town: town.edit("sources/meters.yaml", "try_cast(use_m3 as decimal(9,1))",
                                       "try_cast(use_m3 as decimal(9,1)) * 2"),
    "how often it comes": lambda town: town.edit("sources/wards.yaml", "{every: day}", "{every: month}"),
    "a source less": lambda town: (town.declared / "sources" / "hotline.yaml").unlink(),
    "a mode of delivery": lambda town: town.edit("sources/rides.yaml", "delivery: append", "delivery: restating"),
    "places": lambda town: town.edit("sources/places.yaml", "parent_id: parent_id", "parent_id: \"'d1'\""),
    "a time zone": lambda town: town.edit("city.yaml", "Europe/Berlin", "Europe/Lisbon"),
}  # fmt: skip
TOGETHER = {
    "definitions": (
        "a formula", "a formula that others use", "a term", "segments", "a version", "an indicator more",
        "an indicator less", "words",
    ),
    "records": ("a rule", "a contract", "a source", "how often it comes", "a source less", "a mode of delivery"),
    "everything": ("grades of the city", "its first day", "peak hours", "places", "a time zone"),
}  # fmt: skip
"""Edits that a lake is rebuilt by together: most are of indicators and tables of their own."""
REACHED = {
    "definitions": {"mean_fare", "water", "water_change", "open_share", "rides", "vehicles", "metres", "median_metres"},
}
"""The indicators that edits can change, where these are not all."""


@pytest.mark.parametrize("edits", TOGETHER)
def test_the_answer_is_what_a_rebuild_says_and_the_lake_stays_as_it_is(town: Town, edits: str) -> None:
    published, files = said(town.lake), town.files()
    for one in TOGETHER[edits]:
        EDITS[one](town)
    answer, wanted = town.diff(), expected(published, town.rebuilt())
    assert found(answer) == wanted != {}
    assert town.files() == files
    rows = answer.found.indicators.to_pylist()
    every = {path.stem.removeprefix("mini_") for path in (CONF / "cities" / CITY).glob(f"{OF}*.yaml")}
    assert {row["indicator"].removeprefix("general.mini_") for row in rows} == REACHED.get(edits, every)
    ways = Counter((key[0], way) for key, (way, _) in wanted.items())
    for row in rows:
        mine = {way: ways[row["indicator"], way] for way in KINDS}
        assert {way: row["changed" if way == "value" else way] for way in mine} == mine


def test_without_an_edit_nothing_is_compared(town: Town) -> None:
    answer = town.diff()
    assert (answer.differs, answer.found.indicators.num_rows, answer.lines[-1]) == (0, 0, "no declaration differs")


def test_figures_are_those_of_the_values(town: Town) -> None:
    EDITS["a term"](town)
    answer = town.diff()
    (row,) = answer.found.indicators.to_pylist()
    values = [one for one in answer.found.values.to_pylist() if one["differs"] == "value"]
    most = max(values, key=lambda one: abs(one["change"]))
    assert abs(row["most_change"]) == abs(most["change"])
    assert row["most_change_at"].split()[1:3] in [
        [one["place"], one["period"]] for one in values if abs(one["change"]) == abs(most["change"])
    ]
    changes = sorted(abs(one["change"]) for one in values)
    assert row["median_change"] == changes[(len(changes) - 1) // 2]
    relative = [abs(one["value_after"] - one["value_before"]) / abs(one["value_before"]) for one in values
                if one["value_before"]]  # fmt: skip
    assert abs(row["most_relative"]) == max(relative)
    assert [abs(one["relative"]) for one in values if one["relative"] is not None] == sorted(relative, reverse=True)


def test_the_next_night_says_what_was_said_of_it(town: Town) -> None:
    EDITS["a term"](town)
    answer, city = town.diff(), town.city()
    other = Lake(mkdtemp(dir=town.folder), CITY)
    shutil.copytree(town.lake.root, other.root)
    inline.night(city, other, day(NIGHTS + 1))
    now, values = said(other), answer.found.values.to_pylist()
    assert [now[tuple(row[name] for name in KEY)]["value"] for row in values] == [row["value_after"] for row in values]
    days = Ledger(other).query("SELECT count(DISTINCT day) AS n FROM delivery_dates WHERE \"table\" = 'silver.cases'",
                               "delivery_dates")[0]["n"]  # fmt: skip
    assert answer.lines[-1] == (
        f"indicator general.mini_open_share (terms): the next night makes {days} days again; it is version 2015-01-01 "
        "as before, so the past changes with it: a new effective_from, and what differed under earlier:, would keep "
        "that"
    )


def test_periods_that_are_asked_for_are_a_part_of_all(town: Town) -> None:
    EDITS["a formula that others use"](town)
    whole = found(town.diff())
    last = max(key[4] for key in whole if key[3] == "day")
    when = date.fromisoformat(last)
    some = town.diff(diff.Period(f"period_kind = 'day' AND period = '{last}'", when, when))
    assert found(some) == {key: way for key, way in whole.items() if key[3:5] == ("day", last)}


LINES = {
    "a rule": "rules of silver.rides (short): nights apply it to what is delivered from now on; what came before is "
    "judged again, as it is here, by `citypulse migrate --city mini --table silver.rides --apply`",
    "a version": "indicator general.mini_vehicles (effective_from): the next night makes .* days again; nothing is "
    "under earlier: for periods since 2015-01-01, so nights say nothing of them any more",
    "an indicator less": "indicator general.mini_median_metres: nights say nothing of it any more",
    "an indicator more": r"indicator general.mini_metres: the next night makes \d+ days again$",
    "grades of the city": r"city mini \(grades\): nights apply it to the periods that they make again",
    "words": r"indicator general.mini_occupancy \(name\): no published value changes",
}


@pytest.mark.parametrize("edit", LINES)
def test_a_line_says_what_nights_make_of_an_edit(town: Town, edit: str) -> None:
    EDITS[edit](town)
    here = ref.at(CITY, "main")
    now = town.city()
    lines = list(nights.lines(here.city, now, town.lake, day(NIGHTS), compared.edits(here.city, now)))
    wanted = LINES[edit] if "\\" in LINES[edit] or ".*" in LINES[edit] else re.escape(LINES[edit])
    assert any(re.match(wanted.replace("(effective_from)", r"\(effective_from\)"), line) for line in lines), lines


def test_a_contract_that_the_night_refuses_is_told(town: Town) -> None:
    town.edit("schemas/silver/wards.yaml", "key: [day, ward, kind]", "key: [day, kind]")
    answer = town.diff()
    assert answer.found.indicators["indicator"].to_pylist() == ["general.mini_occupancy"]
    (line,) = [line for line in answer.lines if "refused" in line]
    assert line == (
        "silver.wards: the next night is refused, because key was day, ward, kind, is day, kind; put it back, or run "
        "`citypulse migrate --city mini --table silver.wards --apply` before it"
    )


def test_rules_on_days_and_words_reach_no_value(town: Town) -> None:
    rule = "sets:\n  - rule: some\n    expect_table_row_count_to_be_between: {min_value: 1}\n    severity: critical\n"
    town.edit("quality/silver/rides.yaml", "", rule + "    why: {zh: 太少, en: too few}\n")
    answer = town.diff()
    assert (answer.differs, answer.found.indicators.num_rows) == (0, 0)
    assert "no published value changes by itself" in answer.lines[-1]


def ask(town: Town, *words: str) -> None:
    """What the command line does with such words."""
    town.city()
    app(["diff", *words], standalone_mode=False)


def test_the_command_prints_the_most_changed_first(
    town: Town, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CITYPULSE_LAKE", str(town.lake.root.parent))
    EDITS["a formula"](town)
    ask(town, "main", "--limit", "3", "--format", "json")
    told = json.loads(capsys.readouterr().out)
    assert (told["city"], len(told["values"])) == (CITY, 3)
    assert told["values"][0]["value_after"] == told["values"][0]["value_before"] / 2
    with pytest.raises(CriticalFailure, match=f"diff: {told['differs']} values differ"):
        ask(town, "main", "--city", CITY, "--format", "csv", "--limit", "0", "--exit-code")
    out, error = capsys.readouterr()
    assert (len(out.splitlines()), error.splitlines()[0]) == (told["differs"] + 1, told["lines"][0])
    assert out.startswith('"city","differs","indicator"')
    ask(town, "main", "--limit", "5")
    assert capsys.readouterr().out.splitlines()[-1] == f"{told['differs'] - 5} more values differ; --limit 0 shows all"


@pytest.mark.parametrize(
    ("words", "said_of_it"),
    [
        (("moon",), "GIT_REF 'moon': .* has no such branch, tag or commit"),
        (("--", "--all"), "GIT_REF '--all': "),
        (("empty",), "empty: mini is not declared there"),
        (("wrong",), "wrong: its declarations cannot be read by the code here: conf/cities/mini/city.yaml:.*'colour'"),
        (("main", "--period", "soon"), "--period 'soon': expected"),
        (("main", "--limit", "-1"), "--limit -1: expected"),
        (("main", "--format", "parquet"), "--format 'parquet': expected"),
    ],
)
def test_what_cannot_be_compared_is_refused(
    town: Town, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], said_of_it: str
) -> None:
    monkeypatch.setenv("CITYPULSE_LAKE", str(town.lake.root.parent))
    git(town.repository, "tag", "-f", "empty", git(town.repository, "commit-tree", git(town.repository, "mktree"),
                                                   "-m", "nothing"))  # fmt: skip
    town.edit("city.yaml", "map_level:", "colour: red\nmap_level:")
    git(town.repository, "tag", "-f", "wrong", git(town.repository, "stash", "create"))
    git(town.repository, "checkout", ".")
    with pytest.raises(Problem, match=said_of_it):
        ask(town, *words)


def test_declarations_outside_a_repository_are_refused(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CITYPULSE_CONF", str(tmp_path))
    with pytest.raises(Problem, match=f"{tmp_path}: is in no git repository that can be read: "):
        ref.at(CITY, "main")


def test_without_an_edition_or_amid_a_night_nothing_is_compared(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / CITY).mkdir()
    with pytest.raises(Problem, match="no edition of mini yet"):
        diff.answer(town.city(), Lake(tmp_path, CITY), "main", None, work.here)
    monkeypatch.setattr("jobs.said.sealed", lambda lake: [day(NIGHTS - 1)])
    with pytest.raises(
        Problem, match=f"the night of {day(NIGHTS)} has begun, and edition {day(NIGHTS - 1)} is the last"
    ):
        town.diff()


def test_a_definition_that_makes_no_sense_is_refused(town: Town) -> None:
    town.edit(f"{OF}rides.yaml", "unit: trip", "unit: kg")
    with pytest.raises(Problem, match="`citypulse check --city mini` lists what is wrong"):
        town.diff()
