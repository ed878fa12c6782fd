"""Kinds of quantity: what a number is decides how it may be combined, and how it rolls up.

flow            adds up over time, places and segments: trips, minutes, bed-days
stock           stands at a time: adds up over places, over time it is the last one or the mean
ratio           Σ numerator / Σ denominator, always made again from its terms, never a mean of ratios
mean            of records: made again from sum and number
distinct        how many different ones: neither over time nor over places do they add up
order_statistic a percentile: made again from all values
extreme         the highest (or lowest): of a longer time or a larger place the highest of the highest
index           anything else a formula or a method makes: made again, never rolled up

After the measurement scales of Stevens (1946) and the aggregation classes of official statistics.
"""

from dataclasses import dataclass, replace
from typing import Literal

from schemas.units import ONE, Unit, UnitError

Kind = Literal["flow", "stock", "ratio", "mean", "distinct", "order_statistic", "extreme", "index"]
Inner = Literal[
    "flow", "stock", "ratio", "mean", "distinct", "order_statistic", "extreme", "index", "number", "days", "exposure"
]
"""Inside a formula there are also constants, the period's days, and stock × time."""
ROLLUPS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "flow": (("sum",), ("sum",)),
    "stock": (("last", "mean"), ("sum",)),
    **dict.fromkeys(("ratio", "mean", "distinct", "order_statistic", "index"), (("recomputed",), ("recomputed",))),
    "extreme": (("max", "min"), ("max", "min")),
}
"""What is meaningful over time, and over places."""
WHY_NOT = {
    "distinct": "distinct counts do not add up: the same one may be in two places and on two days",
    "ratio": "ratios are neither added nor averaged: a larger whole is the sum of its numerators over its denominators",
    "mean": "means are neither added nor averaged: a larger whole is its sum over its number",
    "order_statistic": "a percentile of parts is not the percentile of the whole",
    "extreme": "the extreme of a whole is the extreme of its parts, not their sum or mean",
    "stock": "a stock does not add up over time: the same beds stand there every day",
    "flow": "a flow adds up",
    "index": "an index is made again from its terms",
}
_ADDITIVE = ("flow", "stock", "distinct", "exposure")
_DIVIDED = (*_ADDITIVE, "mean", "ratio")


class Refused(ValueError):
    """A definition that makes no sense: the key it stands under, and why. One line."""

    def __init__(self, key: str, text: str) -> None:
        super().__init__(text)
        self.key = key


class Elsewhere(Refused):
    """The fault is that of another definition, which is refused itself."""


@dataclass(frozen=True)
class Measure:
    """What a term, or a part of a formula, is: its unit and its kind.

    `lowest`: an extreme that is a minimum. `averaged`: a stock that is the mean of its period. `of_other`: another indicator's value. `weighed`: multiplied by a declared
    parameter, so that a sum of such is a composite somebody answers for. `zero`: 0 goes with every unit.
    """

    unit: Unit
    kind: Inner
    lowest: bool = False
    averaged: bool = False
    of_other: bool = False
    weighed: bool = False
    zero: bool = False


def number(unit: Unit = ONE, *, zero: bool = False, weighed: bool = False) -> Measure:
    """A constant."""
    return Measure(unit, "number", zero=zero, weighed=weighed)


def outside(kind: Inner) -> Kind:
    """The kind as the world sees it: stock × time adds up like any flow; a constant is an index."""
    if kind == "exposure":
        return "flow"
    return "index" if kind == "number" or kind == "days" else kind


def add(a: Measure, b: Measure, minus: bool) -> Measure:
    """The sum or difference of two measures that are in one unit. Raises ValueError for a sum of ratios."""
    if not minus and a.kind == b.kind == "ratio" and (a.of_other or b.of_other) and not (a.weighed and b.weighed):
        raise ValueError(WHY_NOT["ratio"] + "; use their terms, or weigh them by declared parameters")
    unit = a.unit.difference if minus and a.unit.has_own_zero else a.unit
    if a.unit.has_own_zero and not minus:
        raise UnitError(f"{a.unit} has its own zero: a difference means something, a sum does not")
    return replace(a, unit=b.unit if a.zero else unit, kind=_added(a.kind, b.kind), of_other=a.of_other or b.of_other)


def multiply(a: Measure, b: Measure) -> Measure:
    """The product."""
    _no_own_zero(a, b)
    kind: Inner = "index"
    if "number" in (a.kind, b.kind):
        kind = b.kind if a.kind == "number" else a.kind
    elif {a.kind, b.kind} == {"stock", "days"}:
        kind = "exposure"
    return Measure(
        a.unit * b.unit,
        kind,
        lowest=a.lowest or b.lowest,
        averaged=a.averaged or b.averaged,
        of_other=a.of_other or b.of_other,
        weighed=a.weighed or b.weighed,
    )


def divide(a: Measure, b: Measure) -> Measure:
    """The quotient."""
    _no_own_zero(a, b)
    averaged = a.averaged or (a.kind, b.kind) == ("exposure", "days")
    of_other = a.of_other or b.of_other
    return replace(a, unit=a.unit / b.unit, kind=_divided(a.kind, b.kind), averaged=averaged, of_other=of_other)


def pick(found: list[Measure]) -> Measure:
    """greatest(…) or least(…) of measures in one unit."""
    kinds = {one.kind for one in found if one.kind != "number"}
    kind: Inner = "index" if kinds <= {"index"} or len(kinds) > 1 or len(kinds) < len(found) else "extreme"
    unit = next((one.unit for one in found if not one.zero), ONE)
    return Measure(unit, kind, of_other=any(one.of_other for one in found))


def rollups(whole: Measure, by_entity: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What is meaningful over time and over places; the first of each is meant unless `rollup:` says another."""
    kind = outside(whole.kind)
    time, place = ROLLUPS[kind]
    if kind == "extreme":
        time = place = ("min",) if whole.lowest else ("max",)
    elif kind == "stock" and whole.averaged:
        time = ("mean",)
    return time, (("max", "min") if by_entity else place)


def _added(a: Inner, b: Inner) -> Inner:
    kinds = {a, b} - {"number"}
    if len(kinds) < 2 and not (kinds & {"extreme", "order_statistic"} and "number" not in (a, b)):
        return next(iter(kinds), "number")
    return "stock" if kinds == {"stock", "flow"} else "index"


def _divided(a: Inner, b: Inner) -> Inner:
    if b == "number":
        return a
    if b == "days":
        return "stock" if a == "exposure" else "mean" if a == "flow" else "index"
    if a == "number":
        return "ratio" if b in _ADDITIVE else "index"
    if a in ("days", *_DIVIDED) and b in _DIVIDED:
        return "ratio"
    return "index"


def _no_own_zero(*both: Measure) -> None:
    for one in both:
        if one.unit.has_own_zero:
            raise UnitError(f"{one.unit} has its own zero: it is neither multiplied nor divided")
