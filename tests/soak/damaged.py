"""Two hundred damaged nights against the answer key: the part `nights` of the soak."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from tests.soak import damage, measure, nights

SEEDS, DAMAGED = range(1, 21), 10


def run(folder: Path, tell: Callable[[str], None]) -> tuple[str, list[str]]:
    """The section, and which of the four statements do not hold. Each core takes seeds of its own."""
    parts = []
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn")) as pool:
        for part, told in pool.map(_of_seed, [folder] * len(SEEDS), SEEDS):
            parts.append(part)
            tell("\n".join(told))
    spread = list(nights.downstream(folder / "downstream", folder / "seed-1" / "delivered", list(damage.WAYS), 1))
    soaked = measure.merged(parts)
    return page(soaked, spread, SEEDS, len(SEEDS) * DAMAGED), faults(soaked, spread)


def _of_seed(folder: Path, seed: int) -> tuple[measure.Soaked, list[str]]:
    told: list[str] = []
    return nights.run(folder / f"seed-{seed}", DAMAGED, seed, told.append), told


def faults(soaked: measure.Soaked, spread: Sequence[tuple[str, set[str], set[str]]]) -> list[str]:
    """What does not hold."""
    out = [] if soaked.all.inside >= 0.99 else [f"the truth is inside in {soaked.all.inside:.4f} of the cells only"]
    out += [] if soaked.all.width <= 2 else [f"the median width is {soaked.all.width:.2f}, above 2"]
    wrong = soaked.complete_wrong
    out += (
        [f"{len(wrong)} complete cells differ from the truth: {wrong[:3]}"]
        if len(wrong) > soaked.complete / 100
        else []
    )
    out += [f"complete cells have a width: {soaked.complete_wide[:3]}"] if soaked.complete_wide else []
    out += [f"final below the minimum: {soaked.final_below[:3]}"] if soaked.final_below else []
    return out + [
        f"{source}: trust changed of {sorted(changed ^ resting)}" for source, changed, resting in spread
        if changed != resting
    ]  # fmt: skip


def _statements(soaked: measure.Soaked) -> str:
    """The four statements with what was found, as rows of a table."""
    whole = soaked.all
    found = [
        ("truth inside [low, high], of the cells below full coverage that have a valid range",
         f"{whole.inside:.3%} of {whole.cells:,}", "≥ 99 %"),
        ("median of (high − low) / ((1 − coverage) × valid range), the same cells", f"{whole.width:.3g}", "≤ 2"),
        ("cells at full coverage that differ from the truth",
         f"{len(soaked.complete_wrong)} of {soaked.complete:,}", "≤ 1 %"),
        ("cells at full coverage whose low or high is not the value", f"{len(soaked.complete_wide)}", "0"),
        ("values below their minimum coverage that are final", f"{len(soaked.final_below)}", "0"),
    ]  # fmt: skip
    return "\n".join(f"| {what} | {figure} | {asked} |" for what, figure, asked in found)


def page(
    soaked: measure.Soaked, spread: Sequence[tuple[str, set[str], set[str]]], seeds: Sequence[int], damaged: int
) -> str:
    """The page, of so many damaged nights."""
    rows = [f"| {name} | {one.cells:,} | {one.inside:.2%} | {one.width:.3g} |" for name, one in measure.lines(soaked)]
    exact = [f"| {source} | {len(resting)} | {_verdict(changed, resting)} |" for source, changed, resting in spread]
    return f"""# What low, high and coverage are worth

`make soak` writes this: {damaged} damaged nights of a small Lanhai (seeds {seeds[0]} to {seeds[-1]}; of each
one undamaged night, by which every reporter is known, then {DAMAGED} damaged ones). In a damaged night each of
{", ".join(sorted(damage.WAYS))}
is damaged with a chance of {nights.HURT:.0%}: reporters, hours of reporters, or records beside a delivered control
count are taken out of its files, 2 % to 45 % of them. Every value of every edition is then compared with the answer
key. `make test` runs a seeded sample.

| statement | found | asked |
|---|---|---|
{_statements(soaked)}

Damage to one source alone, against the same night undamaged:

| source | indicators that rest on it | those whose trust changed |
|---|---|---|
{chr(10).join(exact)}

By indicator (cells below full coverage):

| indicator | cells | truth inside | median width |
|---|---|---|---|
{chr(10).join(rows)}

A complete cell can differ where not a record but an update of one was lost: a hotline case whose closing stood in the
next night's file is counted, and is still open. No count beside a delivery shows that.

How to read it. A width of 1 is the share of the valid range that was not observed. A total is far below 1 where records
are counted (it is short of so many records and no more), and a highest value may be far above: one silent station could
have measured anything. Silence is drawn at random here; a source that goes silent exactly when its values are extreme
is covered only as far as the declared valid range reaches. A total presumes besides that a silent slot holds no more
than its own share of that range (`jobs/bounds.py`).

## How long values keep changing

`citypulse settled --city C` measures, from the editions of a lake, after how many nights half and 99 % of each
indicator's values had stopped changing, beside the declared `final_after`, and proposes a number. It changes nothing: a
`final_after` is a promise to readers, and is declared.
"""


def _verdict(changed: set[str], resting: set[str]) -> str:
    if changed == resting:
        return "exactly those"
    return (
        f"also {', '.join(sorted(changed - resting)) or 'none'}; not {', '.join(sorted(resting - changed)) or 'none'}"
    )
