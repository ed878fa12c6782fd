"""Row rules as Spark SQL predicates: true or NULL passes, false breaks the rule."""

from collections.abc import Iterator
from dataclasses import dataclass

from quality.rowwise import NotOnOneRow, predicate, text
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
            sql = f"`{stored}` not like {text(INVALID + '%')}"
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
            listed = ", ".join(text(value) for value in column.allowed)
            sql = f"`{stored}` in ({listed})"
            yield RowRule(
                f"allowed:{name}", sql, column.on_invalid, stored, "warning", f"应为 {listed}", f"one of {listed}"
            )


def _declared(table: Table, rule: Rule) -> RowRule:
    where = f"quality/silver/{table.name}.yaml: rule {rule.rule}"
    arguments = rule.stored(table)
    column = arguments.get("column")
    if rule.action == "void" and column is None:
        raise DeclarationError(f"{where}: void needs a column to void")
    if rule.expression is not None:
        sql = rule.expression
    else:
        try:
            sql = predicate(str(rule.expectation), arguments, table.stored)
        except NotOnOneRow as error:
            raise DeclarationError(f"{where}: {error}") from None
    return RowRule(rule.rule, sql, rule.action, column, rule.severity, rule.why.zh, rule.why.en)
