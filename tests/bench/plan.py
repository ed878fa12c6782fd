"""What a benchmark will take, said before it begins: roughly, as the scenarios say of a quiet machine of two cores."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass

from schemas.city import ROOT
from tests.bench.scenario import Scenario

GB = 10**9


@dataclass(frozen=True)
class Step:
    """A scenario at a size."""

    name: str
    scenario: Scenario
    size: int
    rounds: int | None
    """None: the scenario's own."""

    @property
    def minutes(self) -> float:
        """How long, with the unmeasured round before the others."""
        share = self.size / self.scenario.sizes[-1]
        return self.before + self.scenario.takes.each.at(share) * (self.rounds or self.scenario.rounds)

    @property
    def before(self) -> float:
        """Of that, what comes before the first round that is measured."""
        return self.scenario.takes.before.at(self.size / self.scenario.sizes[-1])

    @property
    def gigabytes(self) -> float:
        """How much it needs at most."""
        return self.scenario.takes.gigabytes.at(self.size / self.scenario.sizes[-1])

    @property
    def stays(self) -> float:
        """How much of that stays in .bench."""
        return self.scenario.takes.stays.at(self.size / self.scenario.sizes[-1])


def told(todo: Sequence[Step]) -> str:
    """A line for each, and what all of them take together."""
    lines = [
        f"{one.name:<11}{one.scenario.title:<38}{_size(one):>18}{one.rounds or one.scenario.rounds:>4} rounds"
        f"{one.minutes:>6.0f} min{one.gigabytes:>6.1f} GB"
        for one in todo
    ]
    minutes, disk = sum(one.minutes for one in todo) - _once(todo, "before"), needed(todo)
    all_of_it = f"{minutes / 60:.1f} hours" if minutes > 90 else f"{minutes:.0f} minutes"
    return "\n".join(
        [*lines, f"together some {all_of_it} on a quiet machine of two cores, {disk:.1f} GB at most in .bench"]
    )


def refused(todo: Sequence[Step]) -> str:
    """Why that cannot be measured; nothing where it can."""
    return "; ".join(
        f"{one.name} needs {one.scenario.least:,} {one.scenario.counted} at least, not {one.size:,}"
        for one in todo if one.size < one.scenario.least
    )  # fmt: skip


def needed(todo: Sequence[Step]) -> float:
    """Gigabytes at most: one after the other, each beside what those before have left."""
    before = [todo[:at] for at in range(len(todo))]
    left = [sum(one.stays for one in some) - _once(some, "stays") for some in before]
    return max(one.gigabytes + some for one, some in zip(todo, left, strict=True))


def _once(todo: Sequence[Step], what: str) -> float:
    """What is counted twice in a sum because scenarios share it: all but the largest."""
    shared: dict[str, list[float]] = {}
    for one in todo:
        if one.scenario.takes.shares:
            shared.setdefault(one.scenario.takes.shares, []).append(getattr(one, what))
    return sum(sum(some) - max(some) for some in shared.values())


def short_of_disk(todo: Sequence[Step]) -> str:
    """Why there is no room; nothing where there is. What an earlier run left counts as room: it is replaced."""
    found = (path.lstat() for path in (ROOT / ".bench").rglob("*") if path.is_file())
    left = {one.st_ino: one.st_blocks * 512 for one in found}
    free = (shutil.disk_usage(ROOT).free + sum(left.values())) / GB
    if free >= needed(todo):
        return ""
    return f"{needed(todo):.1f} GB are needed and {free:.1f} GB are free: fewer scenarios, or `--rows` with fewer"


def _size(one: Step) -> str:
    return f"{one.size:,} {one.scenario.counted}" if one.scenario.counted else ""
