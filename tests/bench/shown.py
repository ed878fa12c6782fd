"""What of the results is shown: a figure with its spread, and the newest result of a scenario at each size."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from tests.bench.scenario import Aim, Result, Scenario

SAME = 0.005
"""What rounds to no per cent."""


@dataclass(frozen=True)
class Shown:
    """An aim and its rounds in one result."""

    aim: Aim
    result: Result
    rounds: Sequence[float]

    @property
    def figure(self) -> float:
        """What counts of the rounds: the median, or the highest where the aim is a limit that none may pass."""
        return max(self.rounds) if self.aim.highest else statistics.median(self.rounds)

    @property
    def text(self) -> str:
        """The figure with its spread."""
        return f"**{number(self.aim, self.figure)}**{_range(self.aim, self.rounds)}"

    @property
    def is_reached(self) -> str:
        """Yes, no, or nothing where nothing is asked."""
        return {True: "yes", False: "no", None: ""}[self.aim.reached(self.figure)]

    @property
    def is_missed(self) -> bool:
        """Whether it is not as good as asked."""
        return self.aim.reached(self.figure) is False


def newest(name: str, results: Sequence[Result]) -> list[Result]:
    """The newest result of a scenario at each size, the smallest first."""
    found = {one["size"]: one for one in results if one["scenario"] == name}
    return [found[size] for size in sorted(found)]


def label(scenario: Scenario) -> str:
    """`P1` of `P1, the night …`."""
    return scenario.title.partition(",")[0]


def size(scenario: Scenario, one: Result) -> str:
    """How much was measured, in words."""
    return f"{one['size']:,} {scenario.counted}" if scenario.counted else ""


def aimed(name: str, key: str, aim: Aim, results: Sequence[Result]) -> list[Shown]:
    """An aim in the newest result that has it, at each size."""
    told = newest(name, [one for one in results if key in one["aims"]])
    return [Shown(aim, one, one["aims"][key]) for one in told]


def number(aim: Aim, figure: float) -> str:
    """A figure with its unit."""
    return f"{figure:,.{aim.decimals}f}{aim.unit and ' ' + aim.unit}"


def changed(before: Shown, now: Shown) -> str:
    """How much worse or better a figure has become; in bold where the rounds of both do not overlap."""
    if not before.figure or not now.figure:
        return "not comparable"
    worse = before.figure / now.figure if now.aim.at_least else now.figure / before.figure
    if abs(worse - 1) < SAME:
        return "the same"
    said = f"{worse - 1:.0%} worse" if worse > 1 else f"{1 - worse:.0%} better"
    overlap = min(before.rounds) <= max(now.rounds) and min(now.rounds) <= max(before.rounds)
    return said if overlap else f"**{said}**"


def _range(aim: Aim, rounds: Sequence[float]) -> str:
    if len(rounds) == 1:
        return " (one round)"
    return f" ({min(rounds):,.{aim.decimals}f} to {max(rounds):,.{aim.decimals}f}, {len(rounds)} rounds)"
