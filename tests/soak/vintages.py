"""Nights whose editions are asked for again: what `citypulse values` printed on each, each edition's root and files.

The departments of the small invented city send late, correct and withdraw, and all files of one night lie about for
two days; definitions change meanwhile, one is taken away, the city is renamed and a street moves to another district.
Layers run without Spark (`tests/inline.py`).
"""

import hashlib
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from random import Random
from shutil import copytree

import pytest
from typer.testing import CliRunner

from citypulse.cli import app
from jobs import edition, landing, maintenance, sections
from jobs.core.lake import Lake
from schemas import City, load_city
from tests import inline
from tests.soak.changes import CITY, CONF, day, land
from tests.soak.world import FIRST, STREETS, World

GONE = "general.mini_vehicles"
"""The indicator that is taken away."""
MONTH = ("general.mini_water", CITY, f"{FIRST:%Y-%m}")
EVERY = 7
"""So many nights after one maintenance comes the next."""
FEE = "terms: {f: {sum: silver.rides, of: fare}, n: {count: silver.rides}}"
LARGE = "terms: {f: {sum: silver.rides, of: fare, where: fare > 20}, n: {count: silver.rides, where: fare > 20}}"


@dataclass
class Found:
    """What was saved on each night, and every answer that is another one."""

    saved: dict[str, dict[str, str]] = field(default_factory=dict)
    """Night to what was printed or made, and its SHA-256."""
    asked: int = 0
    rebuilt: int = 0
    revised: int = 0
    """Values that were changed after their period was closed, and say so."""
    swept: int = 0
    """Files that maintenance took away: small ones put together, and what had been replaced."""
    wrong: list[str] = field(default_factory=list)


def run(to: Path, nights: int, seed: int, found: Found, kept: Collection[str] = ()) -> None:
    """Nights with maintenance in between; then every answer again, and all of it from landing in another lake.

    `kept` are the indicators that the city has; all of them unless told.
    """
    for number in (1, 2, 3):
        declare(to / f"conf-{number}", number, kept)
    world = World(Random(seed))
    lake = Lake(to / "lake", CITY)
    for night in range(1, nights + 1):
        with declared(to, stage(nights, night), lake) as city:
            sent = (world.first() if night == 1 else []) + world.night(night)
            sent += [world.places(night, STREETS | {"s2": "d2"})] if night == nights // 2 + 1 else []
            late = timedelta(days=2 if night == nights - 1 else 0)
            for at, one in enumerate(sent):
                land(city, lake, replace(one, at=one.at - late), to / "in" / f"{night}-{at}")
            found.saved[str(day(night))] = made(city, lake, night)
            if night % EVERY == 0 or night == nights:
                found.swept += maintained(city, lake)
    with declared(to, stage(nights, nights), lake):
        ask(lake, found)
    found.revised = sum("revised: " in (text or "") for text in lake.arrow("indicators.values")["reasons"].to_pylist())
    rebuilt(to, lake, nights, found)


def stage(nights: int, night: int) -> int:
    """Which of the three sets of declarations applies in a night."""
    return 1 + (3 * (night - 1)) // nights


@contextmanager
def declared(to: Path, number: int, lake: Lake) -> Iterator[City]:
    """The city as it is declared at a stage, for as long as the context lasts; commands find the lake."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CITYPULSE_CONF", str(to / f"conf-{number}"))
        patch.setenv("CITYPULSE_KEYS", str(to / "keys"))
        patch.setenv("CITYPULSE_LAKE", str(lake.root.parent))
        yield load_city(CITY)


def declare(conf: Path, number: int, kept: Collection[str]) -> None:
    """Write a stage's declarations: second, another version and an earlier closing; third, one indicator less."""
    copytree(CONF, conf)
    folder = conf / "cities" / CITY
    put(folder / "sources" / "places.yaml", "name_en: place_id, valid_from: \"DATE '2000-01-01'\"",
        "name_zh: \"concat(place_id, ' / ', parent_id)\", valid_from: _delivered_date")  # fmt: skip
    for path in (folder / "indicators").rglob("*.yaml"):
        if kept and path.stem not in kept:
            path.unlink()
    fare = folder / "indicators" / "general" / "mini_mean_fare.yaml"
    if number > 1:
        put(fare, FEE, LARGE)
        put(fare, "effective_from: 2015-01-01",
            f"effective_from: {day(3)}\nearlier:\n  - effective_from: 2015-01-01\n    {FEE}")  # fmt: skip
        put(folder / "indicators" / "general" / "mini_occupancy.yaml", "periods:", "final_after: 1\nperiods:")
    if number > 2:
        (folder / "indicators" / "general" / f"{GONE.split('.')[1]}.yaml").unlink()
        put(folder / "city.yaml", "zh: 小城", "zh: 新城")


def put(path: Path, old: str, new: str) -> None:
    """Another text in a declaration."""
    text = path.read_text("utf-8")
    assert old in text, f"{path} has no {old}"
    path.write_text(text.replace(old, new), "utf-8")


def made(city: City, lake: Lake, night: int) -> dict[str, str]:
    """A night to its sealed edition: what is saved of it."""
    inline.night(city, lake, day(night))
    said = edition.run(city, lake, day(night))
    inline.note(lake, day(night), "edition", said)
    return {"root": str(said["root"])} | answers(city) | files(lake, str(day(night)))


def answers(city: City, *more: str) -> dict[str, str]:
    """What commands print, by format: of everything, and of the indicator that is taken away."""
    asked = {f"values.{form}": ["--format", form] for form in ("csv", "json")}
    if more or GONE in city.indicators:
        asked["one indicator"] = ["--format", "csv", "--indicator", GONE]
    said = {name: printed(["values", "--city", CITY, *words, *more]) for name, words in asked.items()}
    return said | {"revisions": printed(["revisions", "--city", CITY, *MONTH, "--format", "csv", *more])}


def printed(words: Sequence[str]) -> str:
    """The SHA-256 of what a command prints."""
    result = CliRunner().invoke(app, list(words))
    if result.exception is not None:
        raise result.exception
    return hashlib.sha256(result.stdout_bytes).hexdigest()


def files(lake: Lake, night: str) -> dict[str, str]:
    """Every file of an edition, its seal too."""
    folder = lake.root / "editions" / night
    return {path.relative_to(folder).as_posix(): sections.sha256(path) for path in folder.rglob("*") if path.is_file()}


def maintained(city: City, lake: Lake) -> int:
    """OPTIMIZE and VACUUM by the command's own code, with no file kept that a commit has replaced."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(maintenance, "RETENTION_DAYS", 0)
        patch.setattr(maintenance, "ORPHAN_HOURS", 0)
        said = maintenance.run(city, lake)
    return said["compacted"] + said["expired"]


def ask(lake: Lake, found: Found) -> None:
    """Every night's answers again, as of then."""
    for night, saved in found.saved.items():
        now = answers(load_city(CITY), "--as-of", night) | files(lake, night)
        for name, digest in saved.items():
            if name != "root" and name in saved:
                found.asked += 1
                found.wrong += [f"{night}: {name} is another one as of then"] if now.get(name) != digest else []


def rebuilt(to: Path, lake: Lake, nights: int, found: Found) -> None:
    """The same deliveries, from landing into a new lake in another folder, night by night."""
    other = Lake(to / "elsewhere" / "lake", CITY)
    for night in range(1, nights + 1):
        with declared(to, stage(nights, night), other) as city:
            if night == 1:
                landing.land(city, other, lake.folder("landing"), landing.delivered_at(str(FIRST), city))
            again = made(city, other, night)
        saved = found.saved[str(day(night))]
        found.rebuilt += 1
        found.wrong += [
            f"{day(night)}: {name} is rebuilt as another one"
            for name in saved.keys() | again.keys()
            if saved.get(name) != again.get(name)
        ]
