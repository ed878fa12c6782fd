"""An indicator: what is counted, how the value is made, and how it is to be read."""

import ast
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from schemas.declared import Bilingual, Declared, Name
from schemas.table import ELEMENTS

KINDS = ("count", "sum", "mean", "min", "max", "last", "indicator")
PERIODS = ("hour", "day", "week", "month", "quarter", "year")
Period = Literal["hour", "day", "week", "month", "quarter", "year"]


class Term(Declared):
    """One mergeable aggregate over a silver table, or another indicator's value at the same place and period."""

    kind: Literal["count", "sum", "mean", "min", "max", "last", "indicator"]
    table: str
    of: str | None = None
    where: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _kind_is_the_key(cls, data: Any) -> Any:
        if isinstance(data, dict) and "kind" not in data:
            named = [key for key in KINDS if key in data]
            if len(named) != 1:
                raise ValueError(f"a term has exactly one of: {', '.join(KINDS)}")
            rest = {key: value for key, value in data.items() if key != named[0]}
            return {**rest, "kind": named[0], "table": data[named[0]]}
        return data

    @model_validator(mode="after")
    def _of_goes_with_the_kind(self) -> Self:
        if self.kind in ("count", "indicator"):
            if self.of is not None:
                raise ValueError(f"a {self.kind} takes no 'of'")
        elif self.of is None:
            raise ValueError(f"a {self.kind} needs 'of': which column?")
        return self


class Entity(Declared):
    """Values are made for each entity (an instrument, a station) before they are made for places."""

    kind: Name
    column: str


class Trailing(Declared):
    """Terms are summed over the trailing days up to the period's own; fewer than `required` known days is unknown."""

    days: Annotated[int, Field(ge=2, le=366)]
    required: Annotated[int, Field(ge=1)]


class Standard(Declared):
    """Where the definition comes from, and whether we read it there."""

    name: str
    clause: str | None = None
    verified: bool


class Indicator(Declared):
    """`schemas/indicators/<element>/<name>.yaml`; its id is `<element>.<name>`."""

    id: str
    name: Bilingual
    owner: Name
    element: str
    face: Literal["product", "service", "regulation"]
    question: Bilingual
    does_not_say: Bilingual
    terms: dict[Name, Term]
    value: str | None = None
    method: Name | None = None
    output: Name | None = None
    """Which of the method's outputs, where it has several."""
    unit: str
    valid_range: tuple[float, float] | None = None
    rounding: int = 2
    direction: Literal["higher_better", "lower_better", "neutral"]
    periods: tuple[Period, ...]
    places: tuple[Name, ...] = ()
    entity: Entity | None = None
    rollup: Literal["max"] | None = None
    trailing: Trailing | None = None
    missing: Literal["unknown"] = "unknown"
    minimum_coverage: Annotated[float, Field(ge=0, le=1)] = 0.8
    final_after: Annotated[int, Field(ge=0)] = 3
    headline: bool = False
    target: float | None = None
    parameters: dict[str, Any] = {}
    standard: Standard
    effective_from: date
    oracles: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _value_is_arithmetic_over_terms(self) -> Self:
        if self.element not in ELEMENTS:
            raise ValueError(f"element {self.element!r} is unknown; allowed: {', '.join(ELEMENTS)}")
        if (self.value is None) == (self.method is None):
            raise ValueError("an indicator has either value: (arithmetic over its terms) or method:")
        if self.output is not None and self.method is None:
            raise ValueError("output: chooses among a method's outputs; method: is missing")
        if self.rollup == "max" and self.entity is None:
            raise ValueError("rollup: max takes the highest of an entity's values; entity: is missing")
        if self.value is not None:
            known = {*self.terms, "days", "valid_days"}
            unknown = sorted(names(self.value) - known)
            if unknown:
                raise ValueError(f"value uses {', '.join(unknown)}; it has: {', '.join(sorted(known))}")
        return self

    @property
    def tables(self) -> list[str]:
        """The silver tables its terms read."""
        return sorted({term.table for term in self.terms.values() if term.kind != "indicator"})

    @property
    def version(self) -> str:
        """The definition's version: the date it applies from."""
        return self.effective_from.isoformat()


def formula(text: str) -> ast.expr:
    """The parsed formula: names, numbers, + - * / and greatest(…), least(…). Raises ValueError naming what is else."""
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        raise ValueError(f"value {text!r} is not arithmetic: {error.msg}") from None
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and not (
            isinstance(node.func, ast.Name) and node.func.id in ("greatest", "least")
        ):
            raise ValueError("value may call only greatest(…) and least(…)")
        if not isinstance(node, _ALLOWED) or (isinstance(node, ast.Constant) and type(node.value) not in (int, float)):
            raise ValueError(f"value {text!r}: {type(node).__name__} is not arithmetic over terms")
    return tree


def names(text: str) -> set[str]:
    """The names a formula uses."""
    tree = formula(text)
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and id(node) not in called}


_OPERATORS = (ast.BinOp, ast.UnaryOp, ast.Add, ast.Sub, ast.Mult, ast.Div, ast.USub)
_ALLOWED = (*_OPERATORS, ast.Name, ast.Load, ast.Constant, ast.Call)
