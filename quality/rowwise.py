"""great-expectations' expectations on one row as Spark SQL: true or NULL passes, false breaks the rule.

Names, arguments and verdicts are great-expectations' own on Spark, which its tests compare (`tests/quality`): a NULL
passes what is about one column, two NULLs are equal to each other, and a bound or listed value has its column's type.
What is about many rows (`mostly`) or needs more than a predicate (`row_condition`) is refused, never left unheard.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from itertools import combinations
from typing import Any, cast

NUMBERS = ("smallint", "int", "bigint", "double")


class NotOnOneRow(ValueError):
    """An expectation or an argument that says nothing of one row, or nothing at all."""


@dataclass(frozen=True)
class Asked:
    """An expectation's arguments and the Spark types of the stored columns they name."""

    arguments: Mapping[str, Any]
    types: Mapping[str, str]

    def literal(self, column: str, value: object) -> str:
        """A value as a literal of a column's type. Raises NotOnOneRow for one that is of another."""
        kind = self.types.get(column, "string")
        if kind in NUMBERS or kind.startswith("decimal"):
            return _number(column, value)
        fits = {"string": str, "boolean": bool, "date": str | date, "timestamp": str | date}[kind]
        if not isinstance(value, fits):
            raise NotOnOneRow(f"{value!r} stands beside {column}, which is a {kind}")
        return text(value) if kind == "string" else _moment(kind, value) if kind != "boolean" else str(value).lower()

    def between(self, value: str, literal: Callable[[object], str]) -> str:
        """A value within the bounds that are asked. Raises NotOnOneRow when there is none, or none between them."""
        low, high = (self.arguments.get(name) for name in ("min_value", "max_value"))
        if low is None and high is None:
            raise NotOnOneRow("min_value and max_value cannot both be missing")
        try:
            is_upside_down = low is not None and high is not None and low > high
        except TypeError:
            raise NotOnOneRow(f"min_value {low!r} and max_value {high!r} are not of one kind") from None
        if is_upside_down:
            raise NotOnOneRow(f"min_value {low} is above max_value {high}")
        signs = [">" if self.arguments.get("strict_min") else ">=", "<" if self.arguments.get("strict_max") else "<="]
        bounds = [(sign, one) for sign, one in zip(signs, (low, high), strict=True) if one is not None]
        return " and ".join(f"{value} {sign} {literal(one)}" for sign, one in bounds)


def predicate(expectation: str, arguments: Mapping[str, Any], types: Mapping[str, str]) -> str:
    """The Spark SQL condition of an expectation over columns of these Spark types.

    Raises NotOnOneRow for an expectation that is not on one row, and for arguments it does not have or needs.
    """
    if expectation not in KINDS:
        raise NotOnOneRow(f"{expectation} is not a rule on one row; put it under sets:, or write it as an expression")
    kind = KINDS[expectation]
    missing, other = set(kind.needs) - set(arguments), set(arguments) - {*kind.needs, *kind.may_have}
    if missing:
        raise NotOnOneRow(f"{expectation} needs {', '.join(sorted(missing))}")
    if other:
        there = ", ".join((*kind.needs, *kind.may_have))
        raise NotOnOneRow(f"{expectation} on one row has no {', '.join(sorted(other))}; it has: {there}")
    return kind.sql(Asked(arguments, types))


def text(value: object) -> str:
    """A Spark SQL string literal."""
    return "'" + str(value).replace("\\", "\\\\").replace("'", "\\'") + "'"


def _between(asked: Asked) -> str:
    column = asked.arguments["column"]
    return asked.between(f"`{column}`", lambda value: asked.literal(column, value))


def _lengths(asked: Asked) -> str:
    return asked.between(f"length(`{asked.arguments['column']}`)", _whole)


def _length(asked: Asked) -> str:
    return f"length(`{asked.arguments['column']}`) = {_whole(asked.arguments['value'])}"


def _not_null(asked: Asked) -> str:
    return f"`{asked.arguments['column']}` is not null"


def _null(asked: Asked) -> str:
    return f"`{asked.arguments['column']}` is null"


def _in_set(asked: Asked) -> str:
    column, listed = _listed(asked)
    return f"`{column}` in ({', '.join(listed)})" if listed else f"`{column}` is null"


def _not_in_set(asked: Asked) -> str:
    column, listed = _listed(asked)
    return f"not (`{column}` in ({', '.join(listed)}))" if listed else "true"


def _listed(asked: Asked) -> tuple[str, list[str]]:
    """With NULL in the list nobody knows of what is not found whether it is in it, as in SQL."""
    column, values = asked.arguments["column"], asked.arguments["value_set"]
    return column, ["null" if value is None else asked.literal(column, value) for value in values]


def _matches(word: str, patterns: str, is_denied: bool = False) -> Callable[[Asked], str]:
    """`rlike` or `like` of the pattern, or of those in the list, of which `match_on` says how many must hold."""

    def sql(asked: Asked) -> str:
        said = asked.arguments[patterns]
        listed = [said] if isinstance(said, str) else list(said)
        match_on = asked.arguments.get("match_on") or "any"
        if not listed or match_on not in ("any", "all"):
            raise NotOnOneRow(f"{patterns} needs a pattern, and match_on any or all; found {said!r}, {match_on!r}")
        tests = [f"(`{asked.arguments['column']}` {word} {text(one)})" for one in listed]
        found = (" or " if match_on == "any" else " and ").join(tests)
        return f"not ({found})" if is_denied else found

    return sql


def _greater(asked: Asked) -> str:
    sign = ">=" if asked.arguments.get("or_equal") else ">"
    first, second = _pair(asked)
    return _unless_missing(asked, f"`{first}` {sign} `{second}`")


def _equal(asked: Asked) -> str:
    return _unless_missing(asked, _same(*_pair(asked)))


def _pair_in_set(asked: Asked) -> str:
    pair, listed = _pair(asked), asked.arguments["value_pairs_set"]
    if not listed or any(value is None for values in listed for value in values):
        raise NotOnOneRow("value_pairs_set needs a pair, and each two values: of NULL no rule can say that it is there")
    tests = ["(" + " and ".join(f"`{column}` is null" for column in pair) + ")"]
    for values in listed:
        sides = (
            f"coalesce((`{column}` = {asked.literal(column, value)}), false)"
            for column, value in zip(pair, values, strict=True)
        )
        tests.append(f"({' and '.join(sides)})")
    return _unless_missing(asked, " or ".join(tests))


def _all_equal(asked: Asked) -> str:
    first, *others = asked.arguments["column_list"]
    return _unless_missing(asked, " and ".join(_same(first, one) for one in others), "all_values_are_missing")


def _none_equal(asked: Asked) -> str:
    pairs = combinations(asked.arguments["column_list"], 2)
    found = " or ".join(_same(first, second) for first, second in pairs)
    return _unless_missing(asked, f"not ({found})", "all_values_are_missing")


def _pair(asked: Asked) -> tuple[str, str]:
    return asked.arguments["column_A"], asked.arguments["column_B"]


def _same(first: str, second: str) -> str:
    """Equal, as NULL is to NULL and to nothing else."""
    either, both = (f"`{first}` is null {word} `{second}` is null" for word in ("or", "and"))
    return f"(case when {either} then {both} else `{first}` = `{second}` end)"


def _unless_missing(asked: Asked, condition: str, otherwise: str = "neither") -> str:
    """The condition, where `ignore_row_if` does not pass a row by."""
    columns: Sequence[str] = asked.arguments.get("column_list") or _pair(asked)
    ignored = asked.arguments.get("ignore_row_if") or otherwise
    if len(columns) < 2 or ignored not in IGNORED:
        raise NotOnOneRow(f"needs two columns and ignore_row_if of {', '.join(IGNORED)}; found {columns}, {ignored!r}")
    word = IGNORED[ignored]
    missing = word.join(f"`{one}` is null" for one in columns)
    return f"({missing}) or ({condition})" if word else condition


def _number(column: str, value: object) -> str:
    """Digits without an exponent: what is written is meant exactly."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise NotOnOneRow(f"{value!r} stands beside {column}, which is a number")
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise NotOnOneRow(f"{value!r} stands beside {column}, which is a number") from None
    if not number.is_finite():
        raise NotOnOneRow(f"{value!r} is no bound")
    return format(number, "f")


def _whole(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value != int(value):
        raise NotOnOneRow(f"a length is a whole number, not {value!r}")
    return str(int(value))


def _moment(kind: str, value: object) -> str:
    """A date or an instant as text that Spark reads as one."""
    try:
        said = datetime.fromisoformat(value) if isinstance(value, str) else cast(date, value)
    except ValueError:
        raise NotOnOneRow(f"{value!r} is no {kind}; write it as 2025-03-31 or 2025-03-31T08:00:00+08:00") from None
    written = text(value if isinstance(value, str) else said.isoformat())
    return f"cast({written} as timestamp)" if kind == "timestamp" or isinstance(value, datetime) else written


@dataclass(frozen=True)
class Kind:
    """How an expectation becomes a condition, and the arguments it has."""

    sql: Callable[[Asked], str]
    needs: tuple[str, ...]
    may_have: tuple[str, ...] = ()


IGNORED = {
    "neither": "", "never": "",
    "either_value_is_missing": " or ", "any_value_is_missing": " or ",
    "both_values_are_missing": " and ", "all_values_are_missing": " and ",
}  # fmt: skip
_BOUNDS = ("min_value", "max_value", "strict_min", "strict_max")
_COLUMN, _PAIR, _SEVERAL, _IGNORING = ("column",), ("column_A", "column_B"), ("column_list",), ("ignore_row_if",)
KINDS = {
    "expect_column_values_to_not_be_null": Kind(_not_null, _COLUMN),
    "expect_column_values_to_be_null": Kind(_null, _COLUMN),
    "expect_column_values_to_be_between": Kind(_between, _COLUMN, _BOUNDS),
    "expect_column_values_to_be_in_set": Kind(_in_set, (*_COLUMN, "value_set")),
    "expect_column_values_to_not_be_in_set": Kind(_not_in_set, (*_COLUMN, "value_set")),
    "expect_column_value_lengths_to_be_between": Kind(_lengths, _COLUMN, _BOUNDS),
    "expect_column_value_lengths_to_equal": Kind(_length, (*_COLUMN, "value")),
    "expect_column_values_to_match_regex": Kind(_matches("rlike", "regex"), (*_COLUMN, "regex")),
    "expect_column_values_to_not_match_regex": Kind(_matches("rlike", "regex", True), (*_COLUMN, "regex")),
    "expect_column_values_to_match_regex_list": Kind(
        _matches("rlike", "regex_list"), (*_COLUMN, "regex_list"), ("match_on",)
    ),
    "expect_column_values_to_not_match_regex_list": Kind(
        _matches("rlike", "regex_list", True), (*_COLUMN, "regex_list")
    ),
    "expect_column_values_to_match_like_pattern": Kind(_matches("like", "like_pattern"), (*_COLUMN, "like_pattern")),
    "expect_column_values_to_not_match_like_pattern": Kind(
        _matches("like", "like_pattern", True), (*_COLUMN, "like_pattern")
    ),
    "expect_column_values_to_match_like_pattern_list": Kind(
        _matches("like", "like_pattern_list"), (*_COLUMN, "like_pattern_list"), ("match_on",)
    ),
    "expect_column_values_to_not_match_like_pattern_list": Kind(
        _matches("like", "like_pattern_list", True), (*_COLUMN, "like_pattern_list")
    ),
    "expect_column_pair_values_a_to_be_greater_than_b": Kind(_greater, _PAIR, ("or_equal", *_IGNORING)),
    "expect_column_pair_values_to_be_equal": Kind(_equal, _PAIR, _IGNORING),
    "expect_column_pair_values_to_be_in_set": Kind(_pair_in_set, (*_PAIR, "value_pairs_set"), _IGNORING),
    "expect_multicolumn_values_to_be_equal": Kind(_all_equal, _SEVERAL, _IGNORING),
    "expect_select_column_values_to_be_unique_within_record": Kind(_none_equal, _SEVERAL, _IGNORING),
}
