"""The part of the soak that asks why: random values of the demo city, their records read again from landing."""

import json
import time
from collections import Counter
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
from tests.soak import Tell

CITY, FIRST, NIGHTS, SCALE, SEED = "lanhai", date(2025, 3, 3), 3, 1, 7
CELLS = 400
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
        return sorted(self.seconds)[int(len(self.seconds) * p)]


def run(folder: Path, tell: Tell) -> tuple[str, list[str]]:
    """Its section of docs/reliability.md, and what does not hold."""
    sample.write(CITY, NIGHTS, SCALE, sample.FAULTS, SEED, FIRST, folder / "delivered")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CITYPULSE_KEYS", str(folder / "keys"))
        city, lake = load_city(CITY), Lake(folder / "lake", CITY)
        for one in json.loads((folder / "delivered" / "nights.json").read_text("utf-8")):
            at = landing.delivered_at(one["delivered_at"], city)
            landing.land(city, lake, folder / "delivered" / one["folder"], at)
            inline.night(city, lake, date.fromisoformat(one["biz_date"]))
            edition.run(city, lake, date.fromisoformat(one["biz_date"]))
            tell(f"{one['biz_date']}: made")
        asked = ask(city, lake, CELLS, SEED, tell)
    return page(asked), asked.wrong


def ask(city: City, lake: Lake, cells: int, seed: int, tell: Tell) -> Asked:
    """So many random values of the newest edition, each verified, in one process."""
    known, out = vintage.of(city, lake), Asked()
    rows = lake.arrow("indicators.current").to_pylist()
    for number, row in enumerate(Random(seed).sample(rows, cells), start=1):
        started = time.monotonic()
        answer = why.answer(known, *_found(known, row), verify=True)
        out.seconds.append(time.monotonic() - started)
        out.records += sum(term.get("used") or 0 for term in answer.terms)
        out.ended["not to be verified" if answer.differences is None else "exact"] += not answer.differences
        out.wrong += [
            f"{row['indicator']} {row['place']} {row['period']}: {one.line}" for one in answer.differences or ()
        ]
        if number % 50 == 0:
            tell(f"{number} values asked, {len(out.wrong)} differences")
    return out


def _found(known: vintage.Vintage, row: Row) -> tuple[cell.Cell, cell.Row]:
    return cell.find(known, *(row[name] for name in ("indicator", "place", "period", "segment", "level")))


def page(asked: Asked) -> str:
    """What was asked and found."""
    return f"""# Why

{len(asked.seconds)} random values of the demo city's newest edition, after {NIGHTS} nights with every kind of fault:
the records behind each read again from landing, made into terms by the code of the night, compared with the stored
terms, and those with the published value, its coverage and bounds. {asked.ended["not to be verified"]} are withheld for
few people, and say so.

| statement | found | asked |
|---|---|---|
| terms or values that differ from what landing gives | {len(asked.wrong)} of {asked.ended["exact"]} | 0 |
| seconds an answer took, half of them and 95 in 100, in one process beside others |\
 {asked.quantile(0.5):.1f}, {asked.quantile(0.95):.1f} | 3 for 95 in 100 |
"""
