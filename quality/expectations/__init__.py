"""Kinds of rules on sets that great-expectations lacks: `<name>.py` holds the Expectation of that name.

`GIVEN` in such a file names the arguments that no declaration writes, because only the night knows them (`Known`).
"""

import importlib
import importlib.util
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

HERE = Path(__file__).parent


def find(name: str) -> ModuleType | None:
    """The file of that name here; None when there is none."""
    return importlib.import_module(f"{__name__}.{name}") if (HERE / f"{name}.py").is_file() else None


def kind(name: str) -> tuple[type[Any], tuple[str, ...]]:
    """An expectation's class, from here or from great-expectations, and what it is given by the night."""
    import great_expectations as gx  # slow to import: some ten seconds

    own = find(name)
    made: type[Any] = getattr(own or gx.expectations, "".join(word.capitalize() for word in name.split("_")))
    return made, tuple(getattr(own, "GIVEN", ()))


def exists(name: str) -> bool:
    """Whether there is an expectation of that name, without importing any."""
    return (HERE / f"{name}.py").is_file() or (_stock() / f"{name}.py").is_file()


@cache
def _stock() -> Path:
    found = importlib.util.find_spec("great_expectations")
    return Path(str(found and found.origin)).parent / "expectations" / "core"
