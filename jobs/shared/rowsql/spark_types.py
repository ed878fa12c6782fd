"""Spark's types and its rules for which type an operation gives (ANSI mode, decimal precision loss allowed)."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2s

from schemas.expressions import ExpressionError

WIDEST = 38
KEPT_SCALE = 6
INTEGRAL_DIGITS = {"smallint": 5, "int": 10, "bigint": 20}
_DUCKDB = {"string": "VARCHAR", "int": "INTEGER", "timestamp_ntz": "TIMESTAMP"}
_SIMPLE = ("string", "boolean", "smallint", "int", "bigint", "double", "date", "timestamp", "timestamp_ntz")
_REFERENCE = re.compile(r'"(?:[^"]|"")*"|_v[0-9a-f]{12}')


@dataclass(frozen=True)
class SparkType:
    """A Spark type; `precision` and `scale` only for decimals. `void` is the type of a bare NULL."""

    name: str
    precision: int = 0
    scale: int = 0

    def __str__(self) -> str:
        return f"decimal({self.precision},{self.scale})" if self.name == "decimal" else self.name

    @property
    def duckdb(self) -> str:
        """DuckDB's name of the type."""
        return _DUCKDB.get(self.name) or str(self).upper()

    @property
    def is_integral(self) -> bool:
        """smallint, int or bigint."""
        return self.name in INTEGRAL_DIGITS

    @property
    def is_number(self) -> bool:
        """Integral, decimal or double."""
        return self.is_integral or self.name in ("decimal", "double")

    @property
    def is_time(self) -> bool:
        """A date or a timestamp."""
        return self.name == "date" or self.name.startswith("timestamp")


STRING, BOOLEAN = SparkType("string"), SparkType("boolean")
INT, BIGINT, DOUBLE = SparkType("int"), SparkType("bigint"), SparkType("double")
DATE, TIMESTAMP = SparkType("date"), SparkType("timestamp")
VOID = SparkType("void")


@dataclass(frozen=True)
class Typed:
    """DuckDB SQL and its Spark type; for a literal also the whole number or the text it is."""

    sql: str
    type: SparkType
    number: int | None = None
    text: str | None = None


def decimal(precision: int, scale: int) -> SparkType:
    """A decimal type."""
    return SparkType("decimal", precision, scale)


def parse_type(text: str) -> SparkType:
    """The type a name means, as Spark writes it. Raises ExpressionError for one the row engine does not have."""
    name = text.strip().lower()
    if name in _SIMPLE:
        return SparkType(name)
    if found := re.fullmatch(r"decimal\(\s*(\d+)\s*,\s*(\d+)\s*\)", name):
        return decimal(int(found[1]), int(found[2]))
    raise ExpressionError(f"type {text!r} is not one of {', '.join(_SIMPLE)}, decimal(p,s)")


def as_decimal(kind: SparkType, number: int | None = None) -> SparkType:
    """The decimal type that holds an integral one; the literal `number` has just its own digits beside a decimal."""
    if not kind.is_integral:
        return kind
    return decimal(INTEGRAL_DIGITS[kind.name] if number is None else len(str(abs(number))), 0)


def adjusted(precision: int, scale: int) -> SparkType:
    """A decimal result beyond 38 digits: Spark keeps the whole part, and of the scale what fits but at least 6."""
    if precision <= WIDEST:
        return decimal(precision, scale)
    whole = precision - scale
    return decimal(WIDEST, max(WIDEST - whole, min(scale, KEPT_SCALE)))


def wider(first: SparkType, second: SparkType) -> SparkType:
    """The decimal that holds both. Raises ExpressionError where Spark would drop digits to fit 38."""
    scale = max(first.scale, second.scale)
    whole = max(first.precision - first.scale, second.precision - second.scale)
    if whole + scale > WIDEST:
        raise ExpressionError(f"{first} and {second} have no common decimal of 38 digits: cast one of them")
    return decimal(whole + scale, scale)


def common(first: SparkType, second: SparkType) -> SparkType | None:
    """The type both become beside each other, or None. Text becomes a date, timestamp or boolean, never a number."""
    if first == second or second == VOID:
        return first
    if first == VOID:
        return second
    if first.is_number and second.is_number:
        return _common_number(first, second)
    if first.is_time and second.is_time:
        return TIMESTAMP
    if first == STRING or second == STRING:
        other = second if first == STRING else first
        return other if other.is_time or other == BOOLEAN else None
    return None


def _common_number(first: SparkType, second: SparkType) -> SparkType:
    if DOUBLE in (first, second):
        return DOUBLE
    if first.is_integral and second.is_integral:
        return max(first, second, key=lambda kind: INTEGRAL_DIGITS[kind.name])
    return wider(as_decimal(first), as_decimal(second))


def once(sql: str, body: Callable[[str], str]) -> str:
    """SQL that evaluates `sql` once however often `body` names it: text does not grow with the depth of nesting."""
    if _REFERENCE.fullmatch(sql):
        return body(sql)
    name = f"_v{blake2s(sql.encode(), digest_size=6).hexdigest()}"
    return f"list_transform([{sql}], lambda {name}: {body(name)})[1]"


def literal(text: str) -> str:
    """A DuckDB string literal."""
    if "\0" in text:
        raise ExpressionError("a string literal cannot hold the character U+0000")
    return "'" + text.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """A quoted DuckDB identifier."""
    return '"' + name.replace('"', '""') + '"'
