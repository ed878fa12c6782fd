"""Control levels and targets: thresholds of a value, in an order that means something."""

import re
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BeforeValidator

from schemas.declared import Declared

Colour = Literal["blue", "yellow", "orange", "red"]
COLOURS: tuple[Colour, ...] = get_args(Colour)
"""Alert colours in the order of severity (蓝 黄 橙 红)."""
_LIMIT = re.compile(r"(>=|<=|>|<)\s*(\S+)")


class Limit(Declared):
    """A threshold: the level is reached when `value <sense> bound`."""

    sense: Literal[">", ">=", "<", "<="]
    bound: Decimal

    @classmethod
    def of(cls, value: Any) -> Any:
        """The text `> 40` is a threshold."""
        if isinstance(value, dict | Limit):
            return value
        hit = _LIMIT.fullmatch(value.strip()) if isinstance(value, str) else None
        try:
            if hit:
                return {"sense": hit[1], "bound": Decimal(hit[2])}
        except InvalidOperation:
            pass
        raise ValueError(f"{value!r} is no threshold; write one of > >= < <= and a number, such as '> 40'")

    @property
    def rises(self) -> bool:
        """Whether high values are the bad ones."""
        return self.sense.startswith(">")

    def __str__(self) -> str:
        return f"{self.sense} {self.bound:f}"


def _falling(grades: tuple[float, float, float]) -> tuple[float, float, float]:
    if not 1 >= grades[0] > grades[1] > grades[2] >= 0:
        raise ValueError("grades: the least coverage of A, B and C, each lower than the one before, within 0 and 1")
    return grades


Grades = Annotated[tuple[float, float, float], AfterValidator(_falling)]
"""The least coverage of grades A, B and C; what has less is a D."""
Levels = dict[Colour, Annotated[Limit, BeforeValidator(Limit.of)]]


def check(valid: tuple[float, float] | None, target: float | None, levels: Levels, direction: str) -> None:
    """Raises ValueError for limits that are out of order, out of range, or contradict the direction."""
    if valid is not None and not valid[0] < valid[1]:
        raise ValueError(f"valid_range: {valid[0]:g} is not below {valid[1]:g}")
    named = {f"levels: {colour}": float(limit.bound) for colour, limit in levels.items()}
    if target is not None:
        named["target:"] = target
    for name, bound in named.items():
        if valid is not None and not valid[0] <= bound <= valid[1]:
            raise ValueError(f"{name} {bound:g} is outside valid_range {valid[0]:g} to {valid[1]:g}")
    _check_order(levels, direction)
    for colour, limit in levels.items():
        if target is not None and _reached(target, limit):
            raise ValueError(f"target: {target:g} is itself {colour} ({limit}); a target lies on the good side")


def _check_order(levels: Levels, direction: str) -> None:
    bad_is_high = {"lower_better": True, "higher_better": False}.get(direction)
    steps = [(colour, levels[colour]) for colour in COLOURS if colour in levels]
    for colour, limit in steps:
        if bad_is_high is not None and limit.rises != bad_is_high:
            raise ValueError(f"levels: {colour} {limit} contradicts direction: {direction}")
    for (mild, first), (severe, second) in pairwise(steps):
        if first.rises != second.rises:
            raise ValueError(f"levels: {mild} {first} and {severe} {second} look in opposite directions")
        if first.bound == second.bound or (first.bound < second.bound) != first.rises:
            raise ValueError(
                f"levels: {mild} {first} lies beyond {severe} {second}; severity goes {', '.join(COLOURS)}"
            )


def _reached(value: float, limit: Limit) -> bool:
    bound = float(limit.bound)
    return {">": value > bound, ">=": value >= bound, "<": value < bound, "<=": value <= bound}[limit.sense]
