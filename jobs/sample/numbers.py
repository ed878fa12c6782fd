"""The numbers that stand in a return or with an event: drawn from a stream, whole numbers of their last digit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from jobs.sample.draw import Random
from jobs.sample.ground import Ints
from jobs.sample.truth import Bools

WEEK = np.array([1.0, 1.01, 1.0, 1.02, 1.05, 0.9, 0.86])
"""How busy each day of the week is, Monday first."""


@dataclass(frozen=True)
class Number:
    """A number under a field's name, in whole numbers of the last of `decimals` digits.

    Without `of` it is about `mean`, within the share `spread` of it either way; where `weekly`, more on working days.
    With `of` it is a share of another number of the same record, between `share[0]` and `share[1]`. One that is `alike`
    does not grow with the reporter's size.
    """

    measure: str
    field: str
    mean: float = 0.0
    spread: float = 0.25
    of: str | None = None
    share: tuple[float, float] = (0.0, 1.0)
    decimals: int = 0
    weekly: bool = False
    alike: bool = False


@dataclass(frozen=True)
class Within:
    """A measure: the records in which a number lies between two bounds, both included; None is no bound."""

    measure: str
    number: str
    least: int | None = None
    most: int | None = None

    def known(self, drawn: Mapping[str, Ints]) -> Bools:
        """Where it does."""
        values = drawn[self.number]
        out: Bools = np.ones(len(values), bool)
        if self.least is not None:
            out &= values >= self.least
        if self.most is not None:
            out &= values <= self.most
        return out


def draw(
    rng: Random, numbers: Sequence[Number], size: int, weekday: int, scale: Ints | None = None
) -> Mapping[str, Ints]:
    """Each number of `size` records; `scale` is how big each record's reporter is, in per cent of the usual."""
    out: dict[str, Ints] = {}
    for one in numbers:
        if one.of is not None:
            shares = rng.uniform(*one.share, size)
            out[one.measure] = np.floor(out[one.of] * shares).astype(np.int64)
            continue
        busy = WEEK[weekday] if one.weekly else 1.0
        about = one.mean * busy * (1.0 if scale is None or one.alike else scale / 100)
        drawn = about * rng.uniform(1 - one.spread, 1 + one.spread, size)
        out[one.measure] = np.maximum(np.round(drawn), 0).astype(np.int64)
    return out
