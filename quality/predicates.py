"""Row rules as Spark SQL predicates: true or NULL passes, false breaks the rule.

Names and arguments are great-expectations' own; like there, a NULL passes every rule but `to_not_be_null`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from schemas import DeclarationError, Rule, Rules, Table
from schemas.table import INVALID, Action


@dataclass(frozen=True)
class RowRule:
    """A rule on one row: its id, the predicate, what happens when it breaks, and which column it voids."""

    id: str
    predicate: str
    action: Action
    column: str | None
    severity: str
    why_zh: str
    why_en: str


def row_rules(table: Table, rules: Rules | None) -> list[RowRule]:
    """The table's own rules (required, valid range, allowed values), then those of its quality file."""
    return [*_contract(table), *(_declared(table, rule) for rule in (rules.rows if rules else ()))]


def _contract(table: Table) -> Iterator[RowRule]:
    for name, column in table.columns.items():
        stored = f"{name}_utc" if column.type == "event_time" else name
        if column.required:
            yield RowRule(
                f"required:{name}", f"`{stored}` is not null", "reject", stored, "warning", "必填", "required"
            )
        if column.personal == "direct" and column.type == "string":
            sql = f"`{stored}` not like {_text(INVALID + '%')}"
            wrong = ("证件号码的校验位、日期或位数不对", "its check digit, date or length is wrong")
            yield RowRule(f"identifier:{name}", sql, column.on_invalid, stored, "warning", *wrong)
        if column.valid_range is not None:
            low, high = column.valid_range
            sql = f"`{stored}` between {low} and {high}"
            words = f"[{low}, {high}]"
            yield RowRule(
                f"range:{name}", sql, column.on_invalid, stored, "warning", f"应在 {words}", f"within {words}"
            )
        if column.allowed is not None:
            listed = ", ".join(_text(value) for value in column.allowed)
            sql = f"`{stored}` in ({listed})"
            yield RowRule(
                f"allowed:{name}", sql, column.on_invalid, stored, "warning", f"应为 {listed}", f"one of {listed}"
            )


def _declared(table: Table, rule: Rule) -> RowRule:
    column = rule.arguments.get("column")
    stored = f"{column}_utc" if isinstance(column, str) and table.is_time(column) else column
    sql = rule.expression or _predicate(table, rule, stored)
    if rule.action == "void" and stored is None:
        raise DeclarationError(f"quality/silver/{table.name}.yaml: rule {rule.rule}: void needs a column to void")
    return RowRule(rule.rule, sql, rule.action, stored, rule.severity, rule.why.zh, rule.why.en)


def _predicate(table: Table, rule: Rule, stored: str | None) -> str:
    arguments: Mapping[str, Any] = rule.arguments
    match rule.expectation:
        case "expect_column_values_to_not_be_null":
            return f"`{stored}` is not null"
        case "expect_column_values_to_be_between":
            return _between(f"`{stored}`", arguments)
        case "expect_column_values_to_be_in_set":
            return f"`{stored}` in ({', '.join(_text(value) for value in arguments['value_set'])})"
        case "expect_column_values_to_match_regex":
            return f"`{stored}` rlike {_text(arguments['regex'])}"
        case "expect_column_value_lengths_to_be_between":
            return _between(f"length(`{stored}`)", arguments)
        case "expect_column_pair_values_a_to_be_greater_than_b":
            sign = ">=" if arguments.get("or_equal") else ">"
            first, second = (_stored(table, arguments[key]) for key in ("column_A", "column_B"))
            return f"`{first}` {sign} `{second}`"
        case _:
            raise DeclarationError(
                f"quality/silver/{table.name}.yaml: rule {rule.rule}: {rule.expectation} is not a rule on one row; "
                "put it under sets:, or write it as an expression"
            )


def _stored(table: Table, name: str) -> str:
    return f"{name}_utc" if table.is_time(name) else name


def _between(value: str, arguments: Mapping[str, Any]) -> str:
    parts = []
    if arguments.get("min_value") is not None:
        parts.append(f"{value} {'>' if arguments.get('strict_min') else '>='} {_literal(arguments['min_value'])}")
    if arguments.get("max_value") is not None:
        parts.append(f"{value} {'<' if arguments.get('strict_max') else '<='} {_literal(arguments['max_value'])}")
    return " and ".join(parts) or "true"


def _literal(value: object) -> str:
    return str(value) if isinstance(value, int | float) else _text(value)


def _text(value: object) -> str:
    return "'" + str(value).replace("\\", "\\\\").replace("'", "\\'") + "'"
