"""Indicator methods that are not plain arithmetic: one module each, found by the name an indicator gives as `method:`.

A method writes one DuckDB SQL expression over its terms. It may use DECIMAL and integer arithmetic only, so that an
index at a breakpoint is the breakpoint, and gives NULL where the standard defines no value.

A method that never falls with any of its inputs says so in `RISES_WITH`: each input with the two ends beyond which the
value stays the same. Its bounds are then its values at the lowest and the highest inputs; of any other method nothing
is known below full coverage but the indicator's valid range.
"""

import importlib
import pkgutil
from collections.abc import Mapping
from typing import Protocol, cast

from schemas import DeclarationError


class Method(Protocol):
    """What a module of this folder offers."""

    INPUTS: tuple[str, ...]
    """The term names it understands."""
    EDITIONS: tuple[str, ...]
    """The editions of its standard that it knows."""

    def sql(self, terms: Mapping[str, str], parameters: Mapping[str, object], edition: str) -> str:
        """The value as a DuckDB SQL expression, given one SQL expression per term."""


def names() -> list[str]:
    """The methods there are."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def find(name: str) -> Method:
    """The method of that name. Raises DeclarationError naming the methods there are."""
    if name not in names():
        raise DeclarationError(f"method {name!r} is unknown; jobs/methods has: {', '.join(names())}")
    return cast(Method, importlib.import_module(f"{__name__}.{name}"))


def check(
    name: str, inputs: tuple[str, ...], terms: Mapping[str, str], editions: tuple[str, ...], edition: str
) -> None:
    """Refuse a term or an edition the method does not know. Raises DeclarationError."""
    unknown = sorted(set(terms) - set(inputs))
    if unknown or not terms:
        raise DeclarationError(
            f"method {name}: term {', '.join(unknown) or '(none)'} is unknown; it takes: {', '.join(inputs)}"
        )
    if edition not in editions:
        raise DeclarationError(f"method {name}: edition {edition!r} is unknown; it has: {', '.join(editions)}")
