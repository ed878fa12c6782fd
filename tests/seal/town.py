"""A town with few things in it: ten nights, three of them with deliveries, sealed; and what lies in its lake."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from jobs import edition, landing
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger
from schemas import City
from tests import inline
from tests.desk import town as desk
from tests.engine import toy

FIRST = date(2024, 10, 7)
NIGHTS = 10
WITH_DELIVERIES = (0, 1, 4)
CALLS: dict[str, Any] = {"terms": {"n": {"count": "silver.calls"}}, "value": "n", "unit": "place",
                         "periods": ["day", "month"]}  # fmt: skip
NAME = "transport.calls"


@contextmanager
def declared(root: Path) -> Iterator[City]:
    """The town's declarations and key, as long as the context lasts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CITYPULSE_KEYS", str(root / "keys"))
        desk.declare(root / "conf", {"calls": desk.TABLES["calls"]}, {"phones": desk.SOURCES["phones"]})
        yield toy.city(root / "conf", patch, {"calls": CALLS})


def day(night: int) -> date:
    """The business date of a night; nights count from 0."""
    return FIRST + timedelta(days=night)


def deliver(city: City, lake: Lake, to: Path, night: int) -> None:
    """What comes for a night: its calls, and from the second time on those of the day before."""
    for back in (0, 1) if night else (0,):
        when = day(night - back)
        lines = [f"r{when}-{n},{when},{n},1380013{n:04}" for n in range(4 + night % 2 + back)]
        path = to / str(night) / "phones" / f"{when}-{night}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(["ring,day,beds,phone", *lines]) + "\n", "utf-8")
    landing.land(city, lake, to / str(night), landing.delivered_at(f"{day(night + 1)}T02:30", city))


def night(city: City, lake: Lake, number: int) -> dict[str, Any]:
    """A night up to its edition, noted as nights note it. Where nothing came, no layer has anything to do."""
    if number in WITH_DELIVERIES:
        inline.night(city, lake, day(number))
    else:
        inline.note(lake, day(number), "indicators", {"computed": 0, "changed": 0})
    said = edition.run(city, lake, day(number))
    inline.note(lake, day(number), "edition", said)
    return said


def sealed(city: City, lake: Lake, to: Path, nights: int = NIGHTS) -> list[str]:
    """Every night, and the root of each edition."""
    roots = []
    for number in range(nights):
        if number in WITH_DELIVERIES:
            deliver(city, lake, to, number)
        roots.append(str(night(city, lake, number)["root"]))
    return roots


def rows(lake: Lake, table: str) -> list[dict[str, Any]]:
    """The rows of an operational table."""
    return Ledger(lake).rows(table)
