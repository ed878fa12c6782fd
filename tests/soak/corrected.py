"""The part of the soak that corrects: random change-sets over nights, against a plain model and a rebuild."""

import os
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from tests.soak import Tell, changes

SEEDS, NIGHTS = range(201, 251), 10


def run(folder: Path, tell: Tell) -> tuple[str, list[str]]:
    """Its section of docs/reliability.md, and what does not hold. Each core takes seeds of its own."""
    parts = []
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn")) as pool:
        for seed, part in zip(SEEDS, pool.map(_of_seed, [folder] * len(SEEDS), SEEDS), strict=True):
            parts.append(part)
            tell(f"seed {seed}: {part.nights} nights, {len(part.wrong)} differences")
    found = _together(parts)
    return page(found), found.wrong


def _of_seed(folder: Path, seed: int) -> changes.Found:
    found = changes.Found()
    changes.run(folder / str(seed), NIGHTS, seed, found)
    return found


def _together(parts: Iterable[changes.Found]) -> changes.Found:
    all_of_it = changes.Found()
    for part in parts:
        for name, counted in vars(part).items():
            setattr(all_of_it, name, getattr(all_of_it, name) + counted)
    return all_of_it


def page(found: changes.Found) -> str:
    """What was compared."""
    return f"""# Corrections

{found.nights} nights of a small invented city (`tests/soak/conf/cities/mini`), each with a random change-set: late,
corrected, withdrawn, repeated (the same bytes, or the same content in others), landed out of order, sent days before
they arrive, moved to another day, cut lines, values out of range, two sources of one table. Runs of {NIGHTS} nights.

| statement | found | asked |
|---|---|---|
| rows of silver, each table after each night, against a plain Python model of the deliveries: tables that differ |\
 {_count(found, ": silver")} of {found.nights * 5:,} ({found.rows:,} rows) | 0 |
| accounts of every delivery after every night that do not balance, or not with its file |\
 {_count(found, ": account")} of {found.deliveries:,} | 0 |
| values and their trust that differ from a single-night rebuild | {_count(found, "rebuilt")} of {found.values:,} | 0 |
| tables that differ when all nights are replayed from landing, or the last is run again |\
 {_count(found, "another")} | 0 |
"""


def _count(found: changes.Found, word: str) -> int:
    return sum(word in one for one in found.wrong)
