"""Quality rules of a table: `quality/<layer>/<table>.yaml`, in great-expectations' own names and arguments."""

from typing import Any, Literal, Self

from pydantic import model_validator

from schemas.declared import Bilingual, Declared, Name
from schemas.table import Action, Table


class Rule(Declared):
    """One rule: an expectation (or, for rows, a Spark SQL expression), its severity and its reason."""

    rule: Name
    expectation: str | None = None
    arguments: dict[str, Any] = {}
    expression: str | None = None
    action: Action = "flag"
    severity: Literal["critical", "warning"]
    why: Bilingual

    @model_validator(mode="before")
    @classmethod
    def _expectation_is_the_key(cls, data: Any) -> Any:
        if isinstance(data, dict) and "expectation" not in data:
            named = [key for key in data if isinstance(key, str) and key.startswith("expect_")]
            if len(named) == 1:
                rest = {key: value for key, value in data.items() if key != named[0]}
                return {**rest, "expectation": named[0], "arguments": data[named[0]] or {}}
        return data

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if (self.expectation is None) == (self.expression is None):
            raise ValueError("a rule has either one expect_… with its arguments, or an expression")
        return self

    @property
    def other(self) -> str:
        """The other table that it compares with; empty when there is none."""
        return str(self.arguments.get("table", ""))

    def stored(self, table: Table) -> dict[str, Any]:
        """The arguments with columns as they are stored: an event_time is judged by its instant."""
        return {key: _stored(table, one) if key.startswith("column") else one for key, one in self.arguments.items()}


def _stored(table: Table, value: Any) -> Any:
    if isinstance(value, list):
        return [_stored(table, one) for one in value]
    return f"{value}_utc" if isinstance(value, str) and table.is_time(value) else value


class Rules(Declared):
    """Rules on rows (judged while silver is made) and on sets of rows (great-expectations suites on touched days)."""

    table: str
    rows: tuple[Rule, ...] = ()
    sets: tuple[Rule, ...] = ()

    @model_validator(mode="after")
    def _names_once(self) -> Self:
        names = [rule.rule for rule in (*self.rows, *self.sets)]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"rule {', '.join(twice)} stands twice")
        return self
