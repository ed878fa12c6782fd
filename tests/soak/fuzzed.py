"""The part of the soak that damages files: every format, every way, none unaccounted for."""

from pathlib import Path

from tests.soak import Tell, changes, fuzz

SEEDS, NIGHTS, FILES = range(1001, 1012), 2, 100


def run(folder: Path, tell: Tell) -> tuple[str, list[str]]:
    """Its section of docs/reliability.md, and what does not hold."""
    found = changes.Found()
    for seed in SEEDS:
        fuzz.run(folder / str(seed), NIGHTS, FILES, seed, found)
        tell(f"seed {seed}: {found.deliveries} files, {len(found.wrong)} differences")
    section = f"""# Damaged files

{found.deliveries:,} files of {len(fuzz.MADE)} sources, one of each format (`tests/soak/conf/cities/motley`), with bytes
flipped, cut, repeated, put in, left out or moved, in {found.nights} nights.

| statement | found | asked |
|---|---|---|
| nights that a damaged file brought to an end | {sum("the night ended" in one for one in found.wrong)} | 0 |
| files neither refused with a reason nor with every record in bronze and in its accounts | {len(found.wrong)} of\
 {found.deliveries:,} ({found.rows:,} records) | 0 |
"""
    return section, found.wrong
