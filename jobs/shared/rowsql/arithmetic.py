"""Spark's arithmetic in DuckDB SQL: Spark's result types, exact decimals, rounding half away from zero.

Where Spark would stop with an overflow the result is NULL. One more case is NULL: an intermediate result beyond 38
digits from which Spark still rounds a shorter one (only where the exact result type needs more than 38 digits).
"""

from jobs.shared.rowsql.casts import cast, double_of
from jobs.shared.rowsql.spark_types import (
    BIGINT,
    DOUBLE,
    INTEGRAL_DIGITS,
    KEPT_SCALE,
    VOID,
    WIDEST,
    SparkType,
    Typed,
    adjusted,
    as_decimal,
    decimal,
    once,
)
from schemas.expressions import ExpressionError


def combine(sign: str, left: Typed, right: Typed) -> Typed:
    """`left sign right` for + - *. Raises ExpressionError for anything that is not a number."""
    for side in (left, right):
        _must_be_number(side, sign)
    if DOUBLE in (left.type, right.type):
        return Typed(f"({_double(left)} {sign} {_double(right)})", DOUBLE)
    if left.type.is_integral and right.type.is_integral:
        kind = max(left.type, right.type, key=lambda one: INTEGRAL_DIGITS[one.name])
        return Typed(f"TRY({_as(left, kind)} {sign} {_as(right, kind)})", kind)
    a, b = _decimals(left, right)
    return _product(left, right, a, b) if sign == "*" else _sum(sign, left, right, a, b)


def divide(left: Typed, right: Typed) -> Typed:
    """try_divide: NULL for a zero divisor or an overflow. Integers give a double, as in Spark."""
    for side in (left, right):
        _must_be_number(side, "try_divide")
    if DOUBLE in (left.type, right.type) or (left.type.is_integral and right.type.is_integral):
        return Typed(f"({_double(left)} / nullif({_double(right)}, 0))", DOUBLE)
    a, b = _decimals(left, right)
    scale = max(KEPT_SCALE, a.scale + b.precision + 1)
    kind = adjusted(a.precision - a.scale + b.scale + scale, scale)
    shift = b.scale - a.scale + kind.scale
    above, below = _unscaled(_as(left, a), a), _unscaled(_as(right, b), b)
    return Typed(_quotient(above, below, shift, kind), kind)


def negate(value: Typed) -> Typed:
    """`-value`."""
    _must_be_number(value, "-")
    return Typed(f"TRY(-({value.sql}))", value.type)


def absolute(value: Typed) -> Typed:
    """abs(value)."""
    _must_be_number(value, "abs")
    return Typed(f"TRY(abs({value.sql}))", value.type)


def rounded(value: Typed, decimals: int) -> Typed:
    """round(value, decimals), half away from zero; a double is rounded in its shortest decimal form."""
    _must_be_number(value, "round")
    if value.type.is_integral:
        return Typed(value.sql, value.type)
    if value.type == DOUBLE:
        short = decimal(WIDEST, min(decimals, WIDEST))
        sql = once(value.sql, lambda v: f"coalesce({double_of(cast(v, DOUBLE, short), short)}, {v})")
        return Typed(sql, DOUBLE)
    whole, scale = value.type.precision - value.type.scale + 1, min(value.type.scale, decimals)
    kind = decimal(min(whole + scale, WIDEST), scale)
    return Typed(cast(value.sql, value.type, kind), kind)


def floored(value: Typed) -> Typed:
    """floor(value): a bigint of an integer or a double, a decimal without scale of a decimal."""
    _must_be_number(value, "floor")
    if value.type.name != "decimal":
        return Typed(f"TRY_CAST(floor({value.sql}) AS BIGINT)" if value.type == DOUBLE else _as(value, BIGINT), BIGINT)
    if value.type.scale == 0:
        return Typed(value.sql, value.type)
    kind = decimal(value.type.precision - value.type.scale + 1, 0)
    return Typed(f"CAST(floor({value.sql}) AS {kind.duckdb})", kind)


def _sum(sign: str, left: Typed, right: Typed, a: SparkType, b: SparkType) -> Typed:
    scale = max(a.scale, b.scale)
    precision = max(a.precision - a.scale, b.precision - b.scale) + scale + 1
    kind, exact = adjusted(precision, scale), decimal(min(precision, WIDEST), scale)
    sql = f"TRY(CAST({_as(left, a)} AS {exact.duckdb}) {sign} CAST({_as(right, b)} AS {exact.duckdb}))"
    return Typed(f"TRY_CAST({sql} AS {kind.duckdb})", kind)


def _product(left: Typed, right: Typed, a: SparkType, b: SparkType) -> Typed:
    """DuckDB keeps a product of short decimals within 18 digits, so one of them is made as wide as the product."""
    if a.scale + b.scale > WIDEST:
        raise ExpressionError(f"{a} * {b} has more than {WIDEST} decimals: cast one of them to a smaller scale")
    kind = adjusted(a.precision + b.precision + 1, a.scale + b.scale)
    roomy = decimal(max(a.precision, min(a.precision + b.precision, WIDEST)), a.scale)
    return Typed(f"TRY_CAST(TRY({_as(left, roomy)} * {_as(right, b)}) AS {kind.duckdb})", kind)


def _quotient(above: str, below: str, shift: int, kind: SparkType) -> str:
    """The quotient of two HUGEINT, times 10^shift, rounded half away from zero, as a decimal."""
    n, d = (f"{above} * {_power(shift)}", below) if shift >= 0 else (above, f"{below} * {_power(-shift)}")

    def whole(a: str, b: str) -> str:
        up = f"CASE WHEN 2 * (abs({a}) % abs({b})) >= abs({b}) THEN 1 ELSE 0 END"
        return f"CASE WHEN {b} <> 0 THEN (abs({a}) // abs({b}) + {up}) * sign({a}) * sign({b}) END"

    unscaled = once(f"TRY({n})", lambda a: once(f"TRY({d})", lambda b: f"TRY({whole(a, b)})"))
    unit = (
        f"CAST({'0.' + '0' * (kind.scale - 1) + '1' if kind.scale else '1'} AS DECIMAL({kind.scale + 1},{kind.scale}))"
    )
    return f"TRY_CAST(TRY_CAST({unscaled} AS DECIMAL({WIDEST},0)) * {unit} AS {kind.duckdb})"


def _unscaled(sql: str, kind: SparkType) -> str:
    """A decimal's digits as HUGEINT."""
    return f"CAST(replace(CAST({sql} AS VARCHAR), '.', '') AS HUGEINT)" if kind.scale else f"CAST({sql} AS HUGEINT)"


def _power(exponent: int) -> str:
    return f"CAST({10**exponent} AS HUGEINT)"


def _decimals(left: Typed, right: Typed) -> tuple[SparkType, SparkType]:
    """The decimal types of both: an integer literal has its own digits only, an integer column all its type allows."""
    return as_decimal(left.type, left.number), as_decimal(right.type, right.number)


def _double(value: Typed) -> str:
    return value.sql if value.type == DOUBLE else double_of(value.sql, value.type)


def _as(value: Typed, kind: SparkType) -> str:
    return value.sql if value.type == kind else f"CAST({value.sql} AS {kind.duckdb})"


def _must_be_number(value: Typed, operation: str) -> None:
    if not value.type.is_number:
        found = "NULL" if value.type == VOID else value.type
        raise ExpressionError(f"{operation} needs numbers, not {found}: write try_cast(… as decimal(p,s))")
