"""Parameters: what a standard leaves open, or a city decides, each with where it comes from."""

from collections.abc import Iterable, Mapping, Set
from decimal import Decimal
from typing import Any, Self

from pydantic import model_validator

from schemas.declared import Bilingual, Declared


class Parameter(Declared):
    """A constant with a unit; `verified` says whether we read it in the standard, `why` where it comes from."""

    value: Any
    unit: str | None = None
    verified: bool
    why: Bilingual | None = None

    @model_validator(mode="after")
    def _an_own_choice_has_a_reason(self) -> Self:
        if not self.verified and self.why is None:
            raise ValueError("why is missing: a value that was not read in a standard has a reason")
        return self

    @property
    def number(self) -> Decimal | None:
        """The value as it is written, when it is a number."""
        is_number = isinstance(self.value, int | float) and not isinstance(self.value, bool)
        return Decimal(str(self.value)) if is_number else None

    @property
    def literal(self) -> str | None:
        """The value as Spark SQL; None for a list or a mapping, which only methods read."""
        if self.number is not None:
            return format(self.number, "f")
        return "'" + self.value.replace("\\", "\\\\").replace("'", "\\'") + "'" if isinstance(self.value, str) else None


def written_out(text: str, parameters: Mapping[str, Parameter]) -> str:
    """A condition with the parameters it names replaced by their values."""
    from schemas.expressions import put

    literals = {name: one.literal for name, one in parameters.items()}
    return put(text, {name: literal for name, literal in literals.items() if literal is not None})


def check_used(
    parameters: Mapping[str, Parameter], used: Set[str], conditions: Iterable[str | None], method: bool
) -> None:
    """Raises ValueError for a parameter that nothing uses, or that is no number where one is needed."""
    if method or not parameters:
        return
    from schemas.expressions import names

    named = {name for text in conditions if text for name in names(text)}
    idle = sorted(set(parameters) - used - named)
    if idle:
        raise ValueError(f"parameter {', '.join(idle)} is used nowhere: neither by value nor by a term's where")
    for name in sorted(set(parameters) & used):
        if parameters[name].number is None:
            raise ValueError(
                f"parameter {name}: {parameters[name].value!r} is not a number, and value calculates with it"
            )
