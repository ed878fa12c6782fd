"""Worked examples: `citypulse oracle FILE.json` answers them with the code that makes published values.

A case is {id, indicator, inputs, expected, tolerance}: `indicator` is a method key, `tolerance` is absolute and
applies to every number inside `expected`; texts, booleans and null must match exactly. An answer may say more than a
case asks: every key of `expected` must be found in it, and a case that expects one value is given the answer's first.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import duckdb

from jobs.core.errors import Problem
from jobs.oracles import Answerer, Bench, Inputs, known
from schemas import DeclarationError

KEYS = ("id", "indicator", "inputs", "expected", "tolerance")


@dataclass(frozen=True)
class Case:
    """One worked example."""

    id: str
    key: str
    inputs: Inputs
    expected: object
    tolerance: Decimal


@dataclass(frozen=True)
class Result:
    """How a case ended: no fault, or what was expected and what was found."""

    case: Case
    fault: str | None

    @property
    def line(self) -> str:
        """The case in one line."""
        said = "pass" if self.fault is None else f"fail: {self.fault}"
        return f"{self.case.id}  {self.case.key}  {said}"


def run(path: Path) -> Iterator[Result]:
    """Every case of a file, answered and compared. Raises Problem before the first when the file cannot be used."""
    cases = read(path)
    for case in cases:
        yield Result(case, _fault(case))


def read(path: Path) -> list[Case]:
    """The cases of a file. Raises Problem naming the case that lacks a key or whose method key is unknown."""
    try:
        data = json.loads(path.read_text("utf-8"), parse_float=Decimal, parse_constant=_refused)
    except OSError as error:
        raise Problem(f"{path}: cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise Problem(f"{path}: not JSON in UTF-8: {error}") from None
    if not isinstance(data, list):
        raise Problem(f"{path}: expected a list of cases, found {type(data).__name__}")
    return [_case(one, f"{path}: case {i}") for i, one in enumerate(data, 1)]


def _case(data: object, where: str) -> Case:
    if not isinstance(data, dict):
        raise Problem(f"{where}: expected an object, found {data!r}")
    lacking = [key for key in KEYS if key not in data]
    if lacking:
        raise Problem(
            f"{where} ({data.get('id', 'without id')}) lacks {', '.join(lacking)}; a case has {', '.join(KEYS)}"
        )
    name, key, tolerance = data["id"], data["indicator"], data["tolerance"]
    if not isinstance(name, str) or not isinstance(key, str):
        raise Problem(f"{where}: id and indicator are texts, found {name!r} and {key!r}")
    if key not in known():
        raise Problem(f"{where} ({name}): method key {key!r} is unknown; there is: {', '.join(known())}")
    if not isinstance(tolerance, int | Decimal) or isinstance(tolerance, bool) or tolerance < 0:
        raise Problem(f"{where} ({name}): tolerance is a number of at least 0, found {tolerance!r}")
    return Case(name, key, Inputs(data["inputs"], f"{name} ({key}): inputs"), data["expected"], Decimal(tolerance))


def _refused(text: str) -> object:
    raise ValueError(f"{text} is not a number of JSON")


def _fault(case: Case) -> str | None:
    """What is wrong with the answer to a case, or nothing. Raises Problem for inputs that cannot be used."""
    try:
        found = answer(case)
    except DeclarationError as error:
        raise Problem(f"{case.id} ({case.key}): {error}") from None
    except duckdb.Error as error:
        return f"expected {_shown(case.expected)}, found an error: {str(error).splitlines()[0]}"
    if isinstance(found, Mapping) and not isinstance(case.expected, Mapping):
        found = next(iter(found.values()), None)
    same = matches(case.expected, found, case.tolerance)
    return None if same else f"expected {_shown(case.expected)}, found {_shown(found)}"


def answer(case: Case) -> object:
    """What the code of published values says to a case."""
    one: Answerer = known()[case.key]
    return one.answer(case.inputs, Bench(f"{case.id} ({case.key})", one.exercises))


def matches(expected: object, found: object, tolerance: Decimal) -> bool:
    """Whether an answer is the expected one: numbers within the tolerance, everything else exactly."""
    match expected:
        case None | bool() | str():
            return type(expected) is type(found) and expected == found
        case Mapping():
            return isinstance(found, Mapping) and all(
                key in found and matches(value, found[key], tolerance) for key, value in expected.items()
            )
        case list():
            return (
                isinstance(found, Sequence)
                and not isinstance(found, str)
                and len(expected) == len(found)
                and all(matches(a, b, tolerance) for a, b in zip(expected, found, strict=True))
            )
        case _:
            return _near(Decimal(str(expected)), found, tolerance)


def _near(expected: Decimal, found: object, tolerance: Decimal) -> bool:
    """Compared as they are written in decimal, so that a difference of exactly the tolerance is within it."""
    if isinstance(found, bool) or not isinstance(found, int | float | Decimal):
        return False
    exact = Decimal(str(found))
    return exact.is_finite() and abs(exact - expected) <= tolerance


def _shown(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=float)
