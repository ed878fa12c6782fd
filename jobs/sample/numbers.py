"""The numbers that stand in a return or with an event: drawn from a stream, whole numbers of their last digit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from jobs.sample.draw import WEEK, Random
from jobs.sample.ground import Ints
from jobs.sample.truth import Bools
from jobs.sample.world import scaled, texts


@dataclass(frozen=True)
class Number:
    """A number under a field's name, in whole numbers of the last of `decimals` digits.

    Without `of` it is about `mean`, within the share `spread` of it either way; where `weekly`, more on working days.
    With `of` it is a share of another number of the same record, between `share[0]` and `share[1]`; with a share above
    one and `within` it is often all of it, and never more. One that is `alike` does not grow with the reporter's size.
    """

    measure: str
    field: str
    mean: float = 0.0
    spread: float = 0.25
    of: str | None = None
    less: tuple[str, ...] = ()
    """Numbers that are taken off `of` first: a share of the rest."""
    share: tuple[float, float] = (0.0, 1.0)
    decimals: int = 0
    weekly: bool = False
    within: bool = False
    often_zero: float = 0.0
    """The share of records in which it is zero."""
    alike: bool = False
    lowered: int = 0
    """What is taken off at last: a number that may lie on either side of zero."""
    suffix: str = ""
    """What is written behind the number: 万, with four decimals of it."""


@dataclass(frozen=True)
class Limit:
    """A counted measure: records in which `of` is at least `limit` (or `share` of the number `other`).

    With `within` those in which it is at most that, and at least `least` where that is said.
    """

    measure: str
    of: str
    limit: int = 0
    other: str | None = None
    share: Fraction = Fraction(1)
    within: bool = False
    least: int | None = None

    def mask(self, drawn: Mapping[str, Ints]) -> Bools:
        """Which records are counted."""
        bound = drawn[self.other] * self.share.numerator if self.other else self.limit * self.share.denominator
        value = drawn[self.of] * self.share.denominator
        if not self.within:
            return np.asarray(value >= bound)
        return np.asarray((value <= bound) & (self.least is None or drawn[self.of] >= self.least))


def shown(one: Number, values: Ints, point: str = ".") -> pa.Array:
    """A number as it is written."""
    text = scaled(values, one.decimals) if one.decimals else texts(values)
    text = text if point == "." else pc.replace_substring(text, ".", point)
    return pc.binary_join_element_wise(text, one.suffix, "") if one.suffix else text


def draw(
    rng: Random, numbers: Sequence[Number], size: int, weekday: int, scale: Ints | None = None
) -> Mapping[str, Ints]:
    """Each number of `size` records; `scale` is how big each record's reporter is, in per cent of the usual."""
    out: dict[str, Ints] = {}
    for one in numbers:
        if one.of is not None:
            shares = rng.uniform(*one.share, size)
            whole = out[one.of] - sum((out[name] for name in one.less), np.zeros(size, np.int64))
            drawn = np.floor(whole * shares).astype(np.int64)
            out[one.measure] = np.minimum(drawn, whole) if one.within else drawn
            continue
        busy = WEEK[weekday] if one.weekly else 1.0
        about = one.mean * busy * (1.0 if scale is None or one.alike else scale / 100)
        values = np.round(about * rng.uniform(1 - one.spread, 1 + one.spread, size))
        dry = rng.random(size) < one.often_zero if one.often_zero else False
        out[one.measure] = np.where(dry, 0, np.maximum(values, 0)).astype(np.int64) - one.lowered
    return out
