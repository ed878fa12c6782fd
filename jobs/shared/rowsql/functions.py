"""Calls of the allowed functions: which DuckDB SQL each becomes."""

from collections.abc import Callable, Sequence
from typing import Protocol

from sqlglot import exp

from jobs.shared import numerals
from jobs.shared.rowsql import arithmetic, datetimes, texts
from jobs.shared.rowsql.beside import compare, together
from jobs.shared.rowsql.casts import cast
from jobs.shared.rowsql.json_path import get_json_object
from jobs.shared.rowsql.spark_types import BOOLEAN, DATE, STRING, TIMESTAMP, VOID, Typed, once
from schemas.expression_arguments import text_of, unit_of, whole_of
from schemas.expressions import ExpressionError


class Compiles(Protocol):
    """What compiles an argument."""

    def typed(self, node: exp.Expr) -> Typed:
        """SQL and type of a node."""

    def condition(self, node: exp.Expr) -> str:
        """SQL of a node that must be a boolean."""

    def inlined(self, text: str, name: str, value: Typed) -> Typed:
        """A Spark SQL text over the one column `name`, which stands for `value`."""


Arguments = Sequence[exp.Expr]


def call(name: str, arguments: Arguments, using: Compiles) -> Typed:
    """DuckDB SQL for one call, whose arguments schemas.expressions has checked."""
    if name in _OF_VALUES:
        return _OF_VALUES[name]([using.typed(one) for one in arguments])
    return _OF_NODES[name](arguments, using)


def _if(arguments: Arguments, using: Compiles) -> Typed:
    yes, no = together([using.typed(one) for one in arguments[1:]])
    return Typed(f"CASE WHEN {using.condition(arguments[0])} THEN {yes.sql} ELSE {no.sql} END", yes.type)


def _coalesce(values: Sequence[Typed]) -> Typed:
    same = together(values)
    return Typed(f"coalesce({', '.join(one.sql for one in same)})", same[0].type)


def _extreme(name: str) -> Callable[[Sequence[Typed]], Typed]:
    def made(values: Sequence[Typed]) -> Typed:
        if any(one.type == STRING for one in values) and any(one.type not in (STRING, VOID) for one in values):
            raise ExpressionError(f"{name} needs arguments of one type, not text beside something else")
        same = together(values)
        return Typed(f"{name}({', '.join(one.sql for one in same)})", same[0].type)

    return made


def _nullif(values: Sequence[Typed]) -> Typed:
    first, second = values
    if VOID in (first.type, second.type):
        return first
    sql = once(first.sql, lambda v: f"CASE WHEN {compare('=', Typed(v, first.type), second)} THEN NULL ELSE {v} END")
    return Typed(sql, first.type)


def _difference(arguments: Arguments, using: Compiles) -> Typed:
    unit = unit_of("timestampdiff", arguments[0])
    return datetimes.difference(unit, using.typed(arguments[1]), using.typed(arguments[2]))


def _add_units(arguments: Arguments, using: Compiles) -> Typed:
    unit = unit_of("timestampadd", arguments[0])
    return datetimes.add_units(unit, using.typed(arguments[1]), using.typed(arguments[2]))


def _parsed(target: str) -> Callable[[Arguments, Compiles], Typed]:
    kind = DATE if target == "date" else TIMESTAMP

    def made(arguments: Arguments, using: Compiles) -> Typed:
        value = using.typed(arguments[0])
        if len(arguments) == 1:
            return Typed(cast(value.sql, value.type, kind), kind)
        return datetimes.parsed(value, _text(arguments[1]), kind)

    return made


def _numeral(arguments: Arguments, using: Compiles) -> Typed:
    value = using.typed(arguments[0])
    if value.type not in (STRING, VOID):
        raise ExpressionError(f"numeral reads text, not {value.type}")
    argument = Typed(cast(value.sql, value.type, STRING), STRING)
    sign = _text(arguments[1]) if len(arguments) == 2 else "."
    return using.inlined(numerals.numeral_sql_spark(numerals.ARGUMENT, sign), numerals.ARGUMENT, argument)


def _lpad(arguments: Arguments, using: Compiles) -> Typed:
    filling = _text(arguments[2]) if len(arguments) == 3 else " "
    return texts.lpad(using.typed(arguments[0]), whole_of(arguments[1]) or 0, filling)


def _extract(arguments: Arguments, using: Compiles) -> Typed:
    group = whole_of(arguments[2]) if len(arguments) == 3 else 1
    return texts.extract(using.typed(arguments[0]), _text(arguments[1]), group or 0)


def _matches(arguments: Arguments, using: Compiles) -> Typed:
    return Typed(texts.matches(using.typed(arguments[0]), _text(arguments[1])).sql, BOOLEAN)


def _round(arguments: Arguments, using: Compiles) -> Typed:
    return arithmetic.rounded(using.typed(arguments[0]), (whole_of(arguments[1]) or 0) if len(arguments) == 2 else 0)


def _json(arguments: Arguments, using: Compiles) -> Typed:
    return get_json_object(Typed(texts.as_text(using.typed(arguments[0])), STRING), _text(arguments[1]))


def _text(node: exp.Expr) -> str:
    return text_of(node) or ""


_OF_VALUES: dict[str, Callable[[Sequence[Typed]], Typed]] = {
    "abs": lambda a: arithmetic.absolute(a[0]),
    "coalesce": _coalesce,
    "concat": texts.concat,
    "concat_ws": texts.concat_ws,
    "date_add": lambda a: datetimes.add_days(a[0], a[1], "+"),
    "date_sub": lambda a: datetimes.add_days(a[0], a[1], "-"),
    "floor": lambda a: arithmetic.floored(a[0]),
    "greatest": _extreme("greatest"),
    "least": _extreme("least"),
    "length": lambda a: texts.length(a[0]),
    "lower": lambda a: texts.lower(a[0]),
    "ltrim": lambda a: texts.trim("ltrim", a[0]),
    "make_date": datetimes.make_date,
    "nullif": _nullif,
    "replace": texts.replace,
    "rtrim": lambda a: texts.trim("rtrim", a[0]),
    "substring": texts.substring,
    "trim": lambda a: texts.trim("trim", a[0]),
    "try_divide": lambda a: arithmetic.divide(a[0], a[1]),
    "upper": lambda a: texts.upper(a[0]),
    "year": lambda a: datetimes.part("year", a[0]),
    "month": lambda a: datetimes.part("month", a[0]),
    "day": lambda a: datetimes.part("day", a[0]),
    "hour": lambda a: datetimes.part("hour", a[0]),
    "minute": lambda a: datetimes.part("minute", a[0]),
}
_OF_NODES: dict[str, Callable[[Arguments, Compiles], Typed]] = {
    "get_json_object": _json,
    "if": _if,
    "lpad": _lpad,
    "numeral": _numeral,
    "regexp_extract": _extract,
    "regexp_like": _matches,
    "regexp_replace": lambda a, c: texts.substitute(c.typed(a[0]), _text(a[1]), _text(a[2])),
    "rlike": _matches,
    "round": _round,
    "split_part": lambda a, c: texts.split_part(c.typed(a[0]), _text(a[1]), whole_of(a[2]) or 1),
    "timestampadd": _add_units,
    "timestampdiff": _difference,
    "try_to_date": _parsed("date"),
    "try_to_timestamp": _parsed("timestamp"),
}
