"""The soak's city: Lanhai with the sources that are damaged, and a lake of it in which each night takes seconds."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path
from shutil import copytree

import pytest

from jobs import landing, sample
from jobs.core.lake import Lake
from jobs.sample import draw
from schemas import City, load_city
from schemas.city import ROOT
from tests import inline
from tests.lanhai.rolled import shown_whole
from tests.soak import damage

CITY, FIRST = "lanhai", date(2025, 3, 3)
SCALE = 0.02
KEPT = (*damage.WAYS, "districts", "streets", "residents", "control_counts")


@contextmanager
def declared(to: Path) -> Iterator[City]:
    """The city's declarations, as long as the context lasts."""
    copytree(ROOT / "conf" / "cities" / CITY, to / "conf" / "cities" / CITY)
    shown_whole(to / "conf" / "cities" / CITY)
    for path in (to / "conf" / "cities" / CITY / "sources").iterdir():
        if path.stem not in KEPT:
            path.unlink()
    path = to / "conf" / "cities" / CITY / "city.yaml"  # its catalogue names tables of the sources that are gone
    path.write_text(re.sub(r"^catalogue:.*\n(?:[ #].*\n|\n)*", "", path.read_text("utf-8"), flags=re.M), "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CITYPULSE_CONF", str(to / "conf"))
        patch.setenv("CITYPULSE_KEYS", str(to / "keys"))
        yield load_city(CITY)


def deliver(to: Path, nights: int, seed: int) -> Path:
    """Undamaged deliveries and their answer key."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("CITYPULSE_CONF", raising=False)
        sample.write(CITY, nights, SCALE, frozenset(), seed, FIRST, to)
    return to


def day(night: int) -> date:
    """The business date of a night; nights count from 1."""
    return FIRST + timedelta(days=night - 1)


def run(city: City, lake: Lake, delivered: Path, night: int, hurt: Iterable[str], seed: int) -> None:
    """One night, some of its sources damaged. Quality does not judge here: what is missing is not wrong."""
    folder = lake.root.parent / f"night-{night}"
    copytree(delivered / f"night-{night}", folder)
    for source in hurt:
        damage.hurt(city, folder, source, draw.stream(seed, "soak", night, source))
    arrives = datetime.combine(day(night) + timedelta(days=1), time(2, 30), city.zone)
    landing.land(city, lake, folder, arrives)
    inline.night(city, lake, day(night))
