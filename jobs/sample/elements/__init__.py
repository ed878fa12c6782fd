"""What the departments of each element file: one module an element, found by its folder.

A module offers `RETURNS` (jobs.sample.returns), `EVENTS` (jobs.sample.events) or both, and `ASKED`: what its indicators
are made of in the generator's own measures (jobs.sample.asked), `LISTED` what they make of another indicator's days or
places, and `rows` answers that need more than that. Nothing else has to name it.
"""

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING

from jobs.sample.asked import Ask, Days, Of, Places, Rows
from jobs.sample.events import Events
from jobs.sample.returns import Returns

if TYPE_CHECKING:
    from jobs.sample.sums import Row, Sums


@cache
def modules() -> tuple[ModuleType, ...]:
    """Every module of this folder, by name."""
    names = sorted(one.name for one in pkgutil.iter_modules(__path__))
    return tuple(importlib.import_module(f"{__name__}.{name}") for name in names)


def returns() -> list[Returns]:
    """Every return, in the modules' order."""
    return [one for module in modules() for one in getattr(module, "RETURNS", ())]


def events() -> list[Events]:
    """Every list of events, in the modules' order."""
    return [one for module in modules() for one in getattr(module, "EVENTS", ())]


@cache
def asked() -> Mapping[str, Ask]:
    """What every indicator of these modules is made of."""
    return {name: ask for module in modules() for name, ask in getattr(module, "ASKED", {}).items()}


@cache
def listed() -> Mapping[str, Days | Places | Rows | Of]:
    """What indicators make of the days, of the places, or of the values, of others."""
    return {name: one for module in modules() for name, one in getattr(module, "LISTED", {}).items()}


def rows(sums: "Sums") -> "Iterator[Row]":
    """The answers that modules work out themselves (`rows`), because they are no plain number of a place."""
    for module in modules():
        if hasattr(module, "rows"):
            yield from module.rows(sums)


def records_a_night() -> int:
    """About how many records these sources deliver in a night."""
    filed = sum(one.count * one.hours for one in returns() if not (one.once or one.monthly))
    return filed + round(sum(one.mean for one in events()))


@cache
def registers() -> tuple[str, ...]:
    """The subjects that are filed once and hold until they are filed again."""
    return tuple(one.source for one in returns() if one.once)


@cache
def hourly() -> tuple[str, ...]:
    """The subjects that are filed for every hour."""
    return tuple(one.source for one in returns() if one.hourly)


@cache
def monthly() -> tuple[str, ...]:
    """The subjects that are filed for the month before."""
    return tuple(one.source for one in returns() if one.monthly)
