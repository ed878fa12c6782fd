"""Values beside each other (compared, listed, branches of a choice): brought to one type by Spark's rules."""

import re
from collections.abc import Sequence
from functools import reduce

from jobs.shared.rowsql.casts import cast
from jobs.shared.rowsql.spark_types import BIGINT, STRING, SparkType, Typed, common
from schemas.expressions import ExpressionError


def compare(sign: str, left: Typed, right: Typed) -> str:
    """Two values brought to their common type, compared."""
    a, b = together([left, right])
    return f"({a.sql} {sign} {b.sql})"


def together(values: Sequence[Typed]) -> list[Typed]:
    """Values that stand beside each other (compared, listed, branches) in the one type they all become.

    Raises ExpressionError for text beside a number: Spark would stop the night at the first text that is not one.
    """
    if any(value.type.is_integral for value in values):
        values = [_number_of(value) for value in values]
    kind = reduce(_joined, (value.type for value in values))
    return [Typed(cast(value.sql, value.type, kind), kind) for value in values]


def _number_of(value: Typed) -> Typed:
    """A written text beside integers is read as bigint, if it is one."""
    text = (value.text or "").strip()
    if not re.fullmatch(r"[+-]?[0-9]{1,18}", text):
        return value
    return Typed(f"CAST({int(text)} AS BIGINT)", BIGINT)


def _joined(first: SparkType, second: SparkType) -> SparkType:
    kind = common(first, second)
    if kind is None:
        hint = ": write try_cast(… as decimal(p,s)) around the text" if STRING in (first, second) else ""
        raise ExpressionError(f"{first} stands beside {second}{hint}")
    return kind
