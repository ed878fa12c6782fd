"""What a method gives for inputs written as Python values."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from jobs.oracles._bench import Bench


def made(name: str, output: Any = None, edition: Any = "", set_: Any = None, **inputs: Any) -> Any:
    """The output of a method; floats are taken as they are written."""
    return Bench(name, (name,)).method(name, exact(inputs), set_ or {}, edition, output)


def exact(value: Any) -> Any:
    """Numbers as a file gives them."""
    if isinstance(value, Mapping):
        return {key: exact(one) for key, one in value.items()}
    if isinstance(value, list):
        return [exact(one) for one in value]
    return Decimal(str(value)) if isinstance(value, float) else value
