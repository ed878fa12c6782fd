"""The part of the soak that asks why: random values of the demo city, their records read again from landing."""

import json
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest

from jobs import edition, landing, sample, why
from jobs.behind import cell, vintage
from jobs.core.lake import Lake
from schemas import City, load_city
from tests import inline
from tests.bench import deliveries
from tests.soak import Tell

CITY, FIRST, NIGHTS, SCALE, SEED = "lanhai", date(2025, 3, 3), 3, 1, 7
CELLS = {"demo": 400, "large": 1_000}
ROWS = 10_000_000
UNVERIFIED = "not to be verified"
Row = dict[str, Any]


@dataclass
class Asked:
    """What was asked, how it ended, and how long it took."""

    seconds: list[float] = field(default_factory=list)
    records: int = 0
    ended: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def quantile(self, p: float) -> float:
        """So many seconds or fewer took the share `p` of the answers."""
        return sorted(self.seconds)[min(int(len(self.seconds) * p), len(self.seconds) - 1)]


def run(folder: Path, tell: Tell) -> tuple[str, list[str]]:
    """Its section of docs/reliability.md, and what does not hold."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CITYPULSE_KEYS", str(folder / "keys"))
        towns = {"demo": demo(folder / "demo", tell), "large": large(folder / "large", tell)}
        asked = {name: ask(*towns[name], CELLS[name], SEED, tell) for name in towns}
    return page(asked), [f"{name}: {fault}" for name, one in asked.items() for fault in one.wrong]


def demo(folder: Path, tell: Tell) -> tuple[City, Lake]:
    """Nights of the demo city with every kind of fault, and all its sources."""
    sample.write(CITY, NIGHTS, SCALE, sample.FAULTS, SEED, FIRST, folder / "delivered")
    lake = Lake(folder / "lake", CITY)
    for one in json.loads((folder / "delivered" / "nights.json").read_text("utf-8")):
        _night(lake, folder / "delivered" / one["folder"], one["delivered_at"], one["biz_date"], tell)
    return load_city(CITY), lake


def large(folder: Path, tell: Tell) -> tuple[City, Lake]:
    """A night of the city's vehicle positions by the million, with many faults."""
    deliveries.write(folder / "delivered", ROWS)
    lake = Lake(folder / "lake", CITY)
    _night(lake, folder / "delivered", deliveries.DELIVERED_AT, deliveries.DAY.isoformat(), tell)
    return load_city(CITY), lake


def _night(lake: Lake, delivered: Path, at: str, day: str, tell: Tell) -> None:
    city = load_city(CITY)
    landing.land(city, lake, delivered, landing.delivered_at(at, city))
    inline.night(city, lake, date.fromisoformat(day))
    edition.run(city, lake, date.fromisoformat(day))
    tell(f"{delivered.parent.name} {day}: made")


def ask(city: City, lake: Lake, cells: int, seed: int, tell: Tell) -> Asked:
    """So many random values of the newest edition, each verified, in one process."""
    known, out = vintage.of(city, lake), Asked()
    rows = lake.arrow("indicators.current").to_pylist()
    for number, row in enumerate(Random(seed).sample(rows, cells), start=1):
        started = time.monotonic()
        answer = why.answer(known, *_found(known, row), verify=True)
        out.seconds.append(time.monotonic() - started)
        out.records += sum(term.get("used") or 0 for term in answer.terms)
        out.ended[UNVERIFIED if answer.differences is None else "exact"] += not answer.differences
        out.wrong += [
            f"{row['indicator']} {row['place']} {row['period']}: {one.line}" for one in answer.differences or ()
        ]
        if number % 50 == 0:
            tell(f"{number} values asked, {len(out.wrong)} differences")
    return out


def _found(known: vintage.Vintage, row: Row) -> tuple[cell.Cell, cell.Row]:
    return cell.find(known, *(row[name] for name in ("indicator", "place", "period", "segment", "level")))


def page(asked: Mapping[str, Asked]) -> str:
    """What was asked and found."""
    return f"""# Why

Random values of a newest edition, asked in one process: the records behind each read again from landing, made into
terms by the code of the night, compared with the stored terms, and those with the published value, its coverage and
bounds. The demo city has {NIGHTS} nights with every kind of fault; the large one a night of {ROWS:,} vehicle positions.

| city | values | withheld for few people, and say so | differ from what landing gives | records read |\
 seconds, half of them | 95 in 100 (asked: 3) | longest |
|---|---|---|---|---|---|---|---|
{"".join(_line(name, one) for name, one in asked.items())}"""


def _line(name: str, one: Asked) -> str:
    half, most, longest = (f"{one.quantile(p):.2f}" for p in (0.5, 0.95, 1))
    counts = f"{len(one.seconds):,} | {one.ended[UNVERIFIED]} | {len(one.wrong)} | {one.records:,}"
    return f"| {name} | {counts} | {half} | {most} | {longest} |\n"
