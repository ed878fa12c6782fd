"""What a scenario is: a file `p*.py` here with a SCENARIO in it. Its words on the page are in `p*.md` beside it."""

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Result = Mapping[str, Any]
"""What is kept of a measurement: report.result makes it."""
RECORDS_AT_SCALE_1 = 50_000
HERE = Path(__file__).parent


@dataclass(frozen=True)
class Aim:
    """What a scenario is to reach: a figure of at most, or at least, so much."""

    what: str
    bound: float | None
    """None: no target, but worth knowing."""
    unit: str = ""
    at_least: bool = False
    decimals: int = 2
    highest: bool = False
    """Whether the highest round counts, and not the median one."""

    @property
    def target(self) -> str:
        """The target in words."""
        if self.bound is None:
            return "none"
        return f"{'≥' if self.at_least else '≤'} {self.bound:g}{self.unit and ' ' + self.unit}"

    def reached(self, figure: float) -> bool | None:
        """Whether a figure is as good as asked; None where nothing is asked."""
        if self.bound is None:
            return None
        return figure >= self.bound if self.at_least else figure <= self.bound

    def share(self, figure: float) -> float | None:
        """How much of what is allowed a figure uses up: 1 is the target itself, above is missed."""
        if self.bound is None or not figure:
            return None
        return self.bound / figure if self.at_least else figure / self.bound


@dataclass(frozen=True)
class Grows:
    """What something takes whatever the size, and what further at the scenario's largest own size."""

    fixed: float
    further: float = 0.0

    def at(self, share: float) -> float:
        """What it takes at a share of that size."""
        return self.fixed + self.further * share


@dataclass(frozen=True)
class Takes:
    """What measuring takes, roughly, on two quiet cores: minutes before the first round and for each, and disk."""

    before: Grows = Grows(1)
    each: Grows = Grows(1)
    gigabytes: Grows = Grows(1)
    """At most, while it runs."""
    stays: Grows = Grows(0)
    """Of them, what is kept for the next time: deliveries, and lakes that took long."""
    shares: str = ""
    """What scenarios with the same word here prepare only once."""


@dataclass(frozen=True)
class Scenario:
    """A scenario, what it is to reach, and how it is measured: `bench(size, rounds)`, at each of its sizes."""

    title: str
    aims: Mapping[str, Aim]
    bench: Callable[[int, int], Sequence[Result]]
    sizes: Sequence[int]
    """Its own, the smallest first."""
    least: int = 0
    """The smallest size that still has something of everything."""
    rounds: int = 5
    counted: str = "rows"
    """What a size is a number of: `rows`, `nights`, or nothing that can be chosen."""
    rows_at_scale_1: int = RECORDS_AT_SCALE_1
    """How many of the rows counted here the demo city has a night at scale 1."""
    takes: Takes = Takes()

    def measured(self, size: int, rounds: int | None) -> Sequence[Result]:
        """Its results at a size."""
        return self.bench(size, rounds or self.rounds)


def found() -> dict[str, Scenario]:
    """Every scenario by its file's name, in name order."""
    names = sorted(path.stem for path in HERE.glob("p[0-9]*.py"))
    return {name: importlib.import_module(f"tests.bench.{name}").SCENARIO for name in names}
