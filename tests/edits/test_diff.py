"""`citypulse diff`: its answer for an edit is what two lakes say, of which one was rebuilt from landing by the edit.

The city is that of the nights of corrections: its departments send late, again, withdraw and correct themselves.
"""

import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest

from jobs import diff, landing, quality, sets
from jobs.core import work
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger
from jobs.indicators import KEY, SAID
from schemas import City, load_city
from schemas import city as loader
from tests import inline
from tests.soak.changes import CITY, CONF, day, land
from tests.soak.world import World

NIGHTS, SEED = 4, 7
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
        return self.repository / "cities" / CITY

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

    def rebuilt(self) -> Said:
        """What a lake says that was made from landing by the declarations as they are now."""
        other, city = Lake(self.folder / "other", CITY), self.city()
        shutil.rmtree(other.root, ignore_errors=True)
        landing.land(city, other, self.lake.folder("landing"), landing.delivered_at("2025-03-22", city))
        inline.night(city, other, day(NIGHTS))
        return said(other)


def said(lake: Lake) -> Said:
    """The newest word on every value."""
    return {tuple(row[name] for name in KEY): row for row in lake.arrow("indicators.current").to_pylist()}


def git(folder: Path, *words: str) -> None:
    who = ("-c", "user.name=tests", "-c", "user.email=tests@invalid", "-c", "init.defaultBranch=main")
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Some nights, and the edition after them."""
    folder = tmp_path_factory.mktemp("diff")
    shutil.copytree(CONF / "cities" / CITY, folder / "conf" / "cities" / CITY)
    git(folder / "conf", "init")
    git(folder / "conf", "add", ".")
    git(folder / "conf", "commit", "-m", "as it is")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CITYPULSE_CONF", str(folder / "conf"))
        patch.setenv("CITYPULSE_KEYS", str(folder / "keys"))
        patch.setitem(quality._WARM, "judge", SimpleNamespace())
        patch.setattr(sets, "judged", lambda court, touched, rows: {key: [] for key in touched})
        town = Town(folder / "conf", Lake(folder / "lake", CITY), folder)
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
    "nothing": lambda town: None,
    "a formula": lambda town: town.edit(f"{OF}mean_fare.yaml", "value: f / n", "value: f / (n + n)"),
    "a formula that others use": lambda town: town.edit(f"{OF}water.yaml", "value: u", "value: u * 2"),
    "a term": lambda town: town.edit(f"{OF}open_share.yaml", "state = 'open'", "state = 'shut'"),
    "segments": lambda town: town.edit(f"{OF}rides.yaml", "periods: [hour, ", "segments: [workday]\nperiods: [hour, "),
    "a version": lambda town: town.edit(
        f"{OF}vehicles.yaml", "effective_from: 2015-01-01", "effective_from: 2025-03-24"
    ),
    "grades of the city": lambda town: town.edit("city.yaml", "map_level:", "grades: [1, 0.5, 0.1]\nmap_level:"),
    "its first day": lambda town: town.edit("city.yaml", "2025-03-01", "2025-03-20"),
    "its holidays": lambda town: town.edit("city.yaml", "map_level:", "peak_hours: [[7, 9]]\nmap_level:"),
    "a rule": lambda town: town.edit(
        "quality/silver/rides.yaml", "",
        "rows:\n  - rule: short\n    expression: metres > 30000\n    action: reject\n    severity: warning\n"
        "    why: {zh: 太短, en: too short}\n",
    ),
    "a contract": lambda town: town.edit("schemas/silver/cases.yaml", "[0, 10000]", "[0, 6000]"),
    "a source": lambda town: town.edit("sources/meters.yaml", "try_cast(use_m3 as decimal(9,1))",
                                       "try_cast(use_m3 as decimal(9,1)) * 2"),
    "a mode of delivery": lambda town: town.edit("sources/rides.yaml", "delivery: append", "delivery: restating"),
    "how often it comes": lambda town: town.edit("sources/wards.yaml", "{every: day}", "{every: month}"),
    "a source less": lambda town: (town.declared / "sources" / "hotline.yaml").unlink(),
    "places": lambda town: town.edit("sources/places.yaml", "parent_id: parent_id", "parent_id: \"'d1'\""),
    "an indicator more": lambda town: town.edit(f"{OF}metres.yaml", "", NEW),
    "an indicator less": lambda town: (town.declared / f"{OF}vehicles.yaml").unlink(),
    "words": lambda town: town.edit(f"{OF}rides.yaml", "en: Example", "en: Trips"),
    "a time zone": lambda town: town.edit("city.yaml", "Europe/Berlin", "Europe/Lisbon"),
}  # fmt: skip
SAME = {"nothing", "words", "its holidays", "a mode of delivery"}
"""Edits by which no value of this city differs."""


@pytest.mark.parametrize("edit", EDITS)
def test_the_answer_is_what_a_rebuild_says(town: Town, edit: str) -> None:
    published = said(town.lake)
    EDITS[edit](town)
    answer, wanted = town.diff(), expected(published, town.rebuilt())
    assert found(answer) == wanted
    ways = Counter((key[0], way) for key, (way, _) in wanted.items())
    for row in answer.found.indicators.to_pylist():
        mine = {way: ways[row["indicator"], way] for way in ("value", "unknown", "known", "trust", "new", "gone")}
        assert {way: row["changed" if way == "value" else way] for way in mine} == mine
    print(edit, Counter(way for way, _ in wanted.values()), *answer.lines, sep="\n  ")
