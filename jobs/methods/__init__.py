"""Indicator methods that are not plain arithmetic: one module each, found by the name an indicator gives as `method:`.

A method writes one DuckDB SQL expression over its inputs, for the output asked. Where its formula is rational it uses
DECIMAL and integer arithmetic, so that an index at a breakpoint is the breakpoint; DOUBLE only where a logarithm, a
root or a power demands it, added up in a fixed order. It gives NULL where the standard defines no value.

A method whose first output never falls with any of its inputs says so in `RISES_WITH`: each input with the two ends
beyond which the value stays the same. Its bounds are then its values at the lowest and the highest inputs; of any other
method nothing is known below full coverage but the indicator's valid range.
"""

import importlib
import pkgutil
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Protocol

from schemas import DeclarationError


@dataclass(frozen=True)
class Rows:
    """The kind of an input that is a LIST of STRUCT: its fields and their kinds."""

    fields: Mapping[str, str]


Kind = str | Rows
TYPES = {
    "number": "DECIMAL(38,9)",
    "text": "VARCHAR",
    "date": "DATE",
    "texts": "VARCHAR[]",
    "series": "DECIMAL(38,9)[]",
    "bag": "DECIMAL(38,9)[]",
}
"""Kinds of inputs: `series` is ordered by time, NULL where unknown; `bag` is sorted ascending and holds no NULL."""


class _Missing:
    """The default of a parameter that must be given."""


REQUIRED = _Missing()


@dataclass(frozen=True)
class Parameter:
    """What a standard leaves open, or what we could not read in it (`verified` False)."""

    says: str
    default: object = REQUIRED
    verified: bool = False


class Write(Protocol):
    """`sql` of a module: the output as a DuckDB SQL expression, given one SQL expression per input."""

    def __call__(self, inputs: Mapping[str, str], parameters: Mapping[str, object], edition: str, output: str) -> str:
        """Raises DeclarationError for a parameter that makes no sense."""


@dataclass(frozen=True)
class Method:
    """What a module of this folder offers; only INPUTS and sql must be there."""

    name: str
    inputs: Mapping[str, Kind]
    optional: Collection[str]
    outputs: tuple[str, ...]
    """What it can answer; the first is what an indicator gets that names none."""
    editions: tuple[str, ...]
    """The editions of its standard that it knows; none for a method without editions."""
    parameters: Mapping[str, Parameter]
    rises_with: Mapping[str, tuple[float, float]]
    """The inputs with which its first output never falls, each with the ends beyond which that stays the same."""
    sql: Write


@cache
def names() -> list[str]:
    """The methods there are."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_"))


@cache
def find(name: str) -> Method:
    """The method of that name. Raises DeclarationError naming the methods there are."""
    if name not in names():
        raise DeclarationError(f"method {name!r} is unknown; jobs/methods has: {', '.join(names())}")
    module = importlib.import_module(f"{__name__}.{name}")
    return Method(
        name,
        module.INPUTS,
        getattr(module, "OPTIONAL", ()),
        getattr(module, "OUTPUTS", ("value",)),
        getattr(module, "EDITIONS", ()),
        getattr(module, "PARAMETERS", {}),
        getattr(module, "RISES_WITH", {}),
        module.sql,
    )


def type_of(kind: Kind) -> str:
    """The DuckDB type of a kind of input."""
    if isinstance(kind, Rows):
        return "STRUCT(" + ", ".join(f'"{name}" {type_of(one)}' for name, one in kind.fields.items()) + ")[]"
    return TYPES[kind]


def expression(
    name: str,
    inputs: Mapping[str, str],
    parameters: Mapping[str, object],
    edition: str = "",
    output: str | None = None,
) -> str:
    """A method's SQL for one output, its parameters filled in. Raises DeclarationError for what it does not know."""
    method = find(name)
    chosen = output or method.outputs[0]
    check(name, method.inputs, inputs, method.editions, edition)
    _refuse(name, "output", {chosen}, method.outputs)
    _refuse(name, "parameter", set(parameters), method.parameters)
    given = {key: one.default for key, one in method.parameters.items()}
    given |= parameters
    lacking = [one for one in method.inputs if one not in inputs and one not in method.optional]
    lacking += [f"parameter {key}" for key, value in given.items() if value is REQUIRED]
    if lacking:
        raise DeclarationError(f"method {name} needs {', '.join(lacking)}")
    return method.sql(inputs, given, edition, chosen)


def check(
    name: str, known: Collection[str], inputs: Mapping[str, str], editions: tuple[str, ...], edition: str
) -> None:
    """Refuse an input or an edition the method does not know. Raises DeclarationError."""
    unknown = sorted(set(inputs) - set(known))
    if unknown or not inputs:
        raise DeclarationError(
            f"method {name}: term {', '.join(unknown) or '(none)'} is unknown; it takes: {', '.join(known)}"
        )
    if editions and edition not in editions:
        raise DeclarationError(f"method {name}: edition {edition!r} is unknown; it has: {', '.join(editions)}")


def _refuse(name: str, what: str, asked: Collection[str], known: Collection[str]) -> None:
    unknown = sorted(set(asked) - set(known))
    if unknown:
        there = ", ".join(known) or "none"
        raise DeclarationError(f"method {name}: {what} {', '.join(unknown)} is unknown; it has: {there}")
