"""Worked examples, one function a method key: how a case's inputs become tables of records or inputs of a method.

A function is found by its decorator, wherever in this folder it stands; it says which indicators and methods it
exercises, and may use no others. It calculates nothing itself.
"""

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from jobs.core.errors import Problem
from jobs.oracles._bench import Bench

Number = int | Decimal


class Inputs(Mapping[str, object]):
    """The `inputs` of a case, or an object within them; what is missing or of another type is named."""

    def __init__(self, values: object, where: str) -> None:
        if not isinstance(values, Mapping):
            raise Problem(f"{where}: expected an object, found {_shown(values)}")
        self.values_by_name: Mapping[str, object] = values
        self.where = where

    def __getitem__(self, name: str) -> object:
        if name not in self.values_by_name:
            there = ", ".join(self.values_by_name) or "nothing"
            raise Problem(f"{self.where} needs {name!r}; it has: {there}")
        return self.values_by_name[name]

    def get(self, name: str, default: object = None) -> object:
        """What is given, or the default."""
        return self.values_by_name.get(name, default)

    def __contains__(self, name: object) -> bool:
        return name in self.values_by_name

    def __iter__(self) -> Iterator[str]:
        return iter(self.values_by_name)

    def __len__(self) -> int:
        return len(self.values_by_name)

    def number(self, name: str) -> Number:
        """A number that must be known."""
        value = self[name]
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise Problem(f"{self.where}.{name}: expected a number, found {_shown(value)}")
        return value

    def maybe(self, name: str) -> Number | None:
        """A number that may be null."""
        return None if self[name] is None else self.number(name)

    def numbers(self) -> dict[str, object]:
        """What is counted, whatever it is called: the inputs that are numbers or null, without labels."""
        return {name: None if value is None else self.number(name) for name, value in self.items() if _counts(value)}

    def text(self, name: str) -> str:
        """A text."""
        value = self[name]
        if not isinstance(value, str):
            raise Problem(f"{self.where}.{name}: expected a text, found {_shown(value)}")
        return value

    def listed(self, name: str) -> list[object]:
        """A list."""
        value = self[name]
        if not isinstance(value, list):
            raise Problem(f"{self.where}.{name}: expected a list, found {_shown(value)}")
        return value

    def inner(self, name: str) -> "Inputs":
        """An object."""
        return Inputs(self[name], f"{self.where}.{name}")

    def objects(self, name: str) -> list["Inputs"]:
        """A list of objects."""
        return [Inputs(one, f"{self.where}.{name}[{i}]") for i, one in enumerate(self.listed(name))]

    def tuples(self, name: str, *fields: str) -> list[dict[str, object]]:
        """A list of lists, as records with these fields."""
        out = []
        for i, one in enumerate(self.listed(name)):
            if not isinstance(one, list) or len(one) != len(fields):
                raise Problem(f"{self.where}.{name}[{i}]: expected [{', '.join(fields)}], found {_shown(one)}")
            out.append(dict(zip(fields, one, strict=True)))
        return out

    def the_list(self) -> list[object]:
        """The one list there is, whatever pollutant or unit its name speaks of."""
        found = [name for name, value in self.items() if isinstance(value, list)]
        if len(found) != 1:
            raise Problem(f"{self.where}: expected one list, found {', '.join(found) or 'none'}")
        return self.listed(found[0])


Answer = Callable[[Inputs, Bench], object]


@dataclass(frozen=True)
class Answerer:
    """A function that answers the cases of one method key, and what it exercises."""

    key: str
    exercises: tuple[str, ...]
    answer: Answer


def answers(key: str, *exercises: str) -> Callable[[Answer], Answer]:
    """Marks the function that answers a method key; `exercises` are indicators (`power.saifi`) and methods (`gini`)."""

    def mark(function: Answer) -> Answer:
        vars(function).setdefault("_answers", []).append(Answerer(key, exercises, function))
        return function

    return mark


@cache
def known() -> Mapping[str, Answerer]:
    """Every method key that can be answered. Raises Problem where two functions claim one."""
    out: dict[str, Answerer] = {}
    for module in pkgutil.iter_modules(__path__):
        if module.name.startswith("_"):
            continue
        for thing in vars(importlib.import_module(f"{__name__}.{module.name}")).values():
            for one in getattr(thing, "_answers", ()):
                if out.setdefault(one.key, one) is not one:
                    raise Problem(f"jobs/oracles: {one.key!r} is answered twice")
    return dict(sorted(out.items()))


def _counts(value: object) -> bool:
    return value is None or (isinstance(value, int | Decimal) and not isinstance(value, bool))


def product(*factors: Number | None) -> Number | None:
    """Factors multiplied exactly; null where one is."""
    out = Decimal(1)
    for factor in factors:
        if factor is None:
            return None
        out *= factor
    return out


def _shown(value: object) -> str:
    return "null" if value is None else repr(value)


__all__ = ["Answerer", "Bench", "Inputs", "Number", "answers", "known", "product"]
