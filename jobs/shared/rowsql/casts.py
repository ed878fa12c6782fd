"""Spark's casts in DuckDB SQL, without errors: what Spark's try_cast makes NULL is NULL, everything else is equal.

Three things are narrower than Spark, on purpose: dates and timestamps are those of the years 0001-9999; a text that is
only a time of day (Spark adds today's date) is NULL; a text with a zone name other than Z, UTC, GMT or UT is NULL.
"""

import unicodedata
from collections.abc import Callable
from functools import cache

from jobs.shared.rowsql.spark_types import STRING, WIDEST, SparkType, decimal, literal, once, parse_type
from schemas.expressions import ExpressionError

TRIMMED = r"[\x00-\x20\x7f]*"
"""White space and ASCII control characters: what Spark ignores around numbers, dates and booleans."""
DECIMAL_TRIMMED = r"[\x00-\x20]*"
"""What java.lang.String.trim ignores: Spark reads decimals with it."""
YEAR = "(?:[1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])"
_EXPONENT = r"(?:[eE][+-]?0*[0-9]{1,8})?"
_SMALL_EXPONENT = r"(?:[eE](?:-0*[0-9]{1,8}|\+?0*(?:[0-9]|[12][0-9]|3[0-7])))?"
"""Beside zeros: to Spark 0E38 has too many digits, like any other number before E38."""
_PLAIN_DECIMAL = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)"
_DECIMAL = (
    rf"[+-]?(?:[0-9]*(?:[1-9][0-9]*\.?[0-9]*|\.[0-9]*[1-9][0-9]*){_EXPONENT}|(?:0+\.?0*|\.0+){_SMALL_EXPONENT})"
)  # fmt: skip
_OFFSET = (
    r"([+-])(?:([0-9]{1,2}):([0-9]{2}):([0-9]{2})|([0-9]{1,2})(?::([0-9]{1,2}))?|([0-9]{2})([0-9]{2})([0-9]{2})?)"
)  # fmt: skip
_MOMENT = (
    rf"^{TRIMMED}\+?0{{0,2}}({YEAR})(?:-([0-9]{{1,2}})(?:-([0-9]{{1,2}})(?:[ T]([0-9]{{1,2}})(?::([0-9]{{1,2}})"
    rf"(?::([0-9]{{1,2}})(?:\.([0-9]{{0,6}})[0-9]*)?[\x00-\x20]*(?:Z|(?:UTC|GMT|UT)?(?:{_OFFSET})?))?)?)?)?)?{TRIMMED}$"
)
_MOMENT_GROUPS = "['y','mo','d','h','mi','s','f','sign','h1','m1','s1','h2','m2','h3','m3','s3']"
_PLAIN_MOMENT = rf"{YEAR}-[0-9]{{2}}-[0-9]{{2}}[ T](?:[01][0-9]|2[0-3]):[0-9]{{2}}:[0-9]{{2}}(?:\.[0-9]{{1,6}})?"
_LATEST_OFFSET_S = 18 * 3600
FIRST, LAST = "0001-01-01", "9999-12-31"


def strict_cast(sql: str, source_type: str, target_type: str) -> str:
    """DuckDB SQL for Spark's `try_cast(sql AS target_type)`; types are Spark's, the result is of the target's type.

    Raises ExpressionError for a pair of types Spark does not cast either, and for double to string.
    """
    return cast(sql, parse_type(source_type), parse_type(target_type))


def cast(sql: str, source: SparkType, target: SparkType) -> str:
    """As strict_cast, with parsed types."""
    if source == target:
        return sql
    if source.name == "void":
        return f"CAST(NULL AS {target.duckdb})"
    if source.name.startswith("timestamp") and target.name.startswith("timestamp"):
        return sql
    table = _FROM_TEXT if source == STRING else _FROM_TYPED.get(source.name, {})
    made = table.get(target.name)
    if made is None:
        raise ExpressionError(f"a {source} cannot be cast to {target}")
    return made(sql, source, target)


def within_years(sql: str, kind: str) -> str:
    """NULL for a DATE or TIMESTAMP outside the years 0001-9999, and where computing it overflows."""
    last = LAST if kind == "DATE" else LAST + " 23:59:59.999999"
    return once(f"TRY({sql})", lambda v: f"CASE WHEN {v} BETWEEN {kind} '{FIRST}' AND {kind} '{last}' THEN {v} END")


def double_of(sql: str, source: SparkType) -> str:
    """A number as DOUBLE. Decimals go through text: DuckDB's own division by a power of ten can be one unit off."""
    return f"CAST(CAST({sql} AS VARCHAR) AS DOUBLE)" if source.name == "decimal" else f"CAST({sql} AS DOUBLE)"


def _text_to_integral(sql: str, _: SparkType, target: SparkType) -> str:
    return f"TRY_CAST(regexp_extract({sql}, '^{TRIMMED}([+-]?[0-9]+){TRIMMED}$', 1) AS {target.duckdb})"


def _text_to_decimal(sql: str, _: SparkType, target: SparkType) -> str:
    """Plain numbers go straight to DuckDB; spaces, exponents and foreign digits take the way round."""
    foreign, ascii_digits = _foreign_digits()

    def body(v: str) -> str:
        is_foreign = f"regexp_matches({v}, '[^\\x00-\\x7f]')"
        ascii_text = f"CASE WHEN {is_foreign} THEN translate({v}, '{foreign}', '{ascii_digits}') ELSE {v} END"
        number = f"regexp_extract({ascii_text}, '^{DECIMAL_TRIMMED}({_DECIMAL}){DECIMAL_TRIMMED}$', 1)"
        return (
            f"CASE WHEN regexp_full_match({v}, '{_PLAIN_DECIMAL}') THEN TRY_CAST({v} AS {target.duckdb}) "
            f"ELSE TRY_CAST(TRY_CAST({number} AS {decimal(WIDEST, target.scale).duckdb}) AS {target.duckdb}) END"
        )

    return once(sql, body)


@cache
def _foreign_digits() -> tuple[str, str]:
    """Decimal digits of other scripts (full-width above all), which Spark reads in decimals, and what they mean."""
    found = [chr(c) for c in range(0x80, 0x10000) if unicodedata.category(chr(c)) == "Nd"]
    return "".join(found), "".join(str(unicodedata.digit(c)) for c in found)


def _text_to_boolean(sql: str, _: SparkType, __: SparkType) -> str:
    def either(*words: str) -> str:
        return "|".join("".join(f"[{c}{c.upper()}]" if c.isalpha() else c for c in word) for word in words)

    return once(sql, lambda v: (
        f"CASE WHEN regexp_full_match({v}, '{TRIMMED}(?:{either('t', 'true', 'y', 'yes', '1')}){TRIMMED}') THEN true "
        f"WHEN regexp_full_match({v}, '{TRIMMED}(?:{either('f', 'false', 'n', 'no', '0')}){TRIMMED}') THEN false END"
    ))  # fmt: skip


def _text_to_date(sql: str, _: SparkType, __: SparkType) -> str:
    loose = (
        rf"^{TRIMMED}\+?0{{0,3}}({YEAR}(?:-[0-9]{{1,2}})?|{YEAR}-[0-9]{{1,2}}-[0-9]{{1,2}}(?:[ T](?s:.*))?){TRIMMED}$"
    )  # fmt: skip
    return once(sql, lambda v: (
        f"CASE WHEN regexp_full_match({v}, '{YEAR}-[0-9]{{2}}-[0-9]{{2}}') THEN TRY_CAST({v} AS DATE) "
        f"ELSE TRY_CAST(regexp_extract(nullif(regexp_extract({v}, '{loose}', 1), '') || '-1-1', "
        f"'^[0-9]+-[0-9]+-[0-9]+', 0) AS DATE) END"
    ))  # fmt: skip


def _text_to_moment(sql: str, _: SparkType, target: SparkType) -> str:
    keep_wall = target.name == "timestamp_ntz"

    def body(v: str) -> str:
        parts = f"regexp_extract({v}, {literal(_MOMENT)}, {_MOMENT_GROUPS})"
        slow = once(parts, lambda p: _moment(p, keep_wall))
        return (
            f"CASE WHEN regexp_full_match({v}, '{_PLAIN_MOMENT}') THEN TRY_CAST({v} AS TIMESTAMP) "
            f"WHEN {v} IS NOT NULL THEN {slow} END"
        )

    return once(sql, body)


def _moment(p: str, keep_wall: bool) -> str:
    """The timestamp made of the parts of a text; with an offset it is brought to UTC unless the wall clock is kept."""
    text = (
        f"({p}.y || '-' || coalesce(nullif({p}.mo, ''), '1') || '-' || coalesce(nullif({p}.d, ''), '1') || ' ' || "
        f"coalesce(nullif({p}.h, ''), '0') || ':' || coalesce(nullif({p}.mi, ''), '0') || ':' || "
        f"coalesce(nullif({p}.s, ''), '0') || '.' || {p}.f || '0')"
    )
    wall = (
        f"CASE WHEN {p}.y <> '' AND coalesce(TRY_CAST({p}.h AS INTEGER), 0) < 24 THEN TRY_CAST({text} AS TIMESTAMP) END"
    )
    hours, minutes, seconds = (
        f"coalesce(TRY_CAST({sql} AS INTEGER), 0)"
        for sql in (f"({p}.h1 || {p}.h2 || {p}.h3)", f"({p}.m1 || {p}.m2 || {p}.m3)", f"({p}.s1 || {p}.s3)")
    )
    offset = f"({hours} * 3600 + {minutes} * 60 + {seconds})"
    fits = f"{offset} <= {_LATEST_OFFSET_S} AND {minutes} < 60 AND {seconds} < 60"
    shift = "0" if keep_wall else f"(CASE WHEN {p}.sign = '-' THEN -{offset} ELSE {offset} END)"
    return f"CASE WHEN {fits} THEN {within_years(f'({wall}) - to_seconds({shift})', 'TIMESTAMP')} END"


def _plain(sql: str, _: SparkType, target: SparkType) -> str:
    return f"TRY_CAST({sql} AS {target.duckdb})"


def _to_boolean(sql: str, _: SparkType, __: SparkType) -> str:
    return f"({sql} <> 0)"


def _boolean_to_decimal(sql: str, _: SparkType, target: SparkType) -> str:
    """By way of an integer: DuckDB makes true 0.1 where 1 does not fit."""
    return f"TRY_CAST(CAST({sql} AS INTEGER) AS {target.duckdb})"


def _truncated(sql: str, _: SparkType, target: SparkType) -> str:
    return f"TRY_CAST(trunc({sql}) AS {target.duckdb})"


def _decimal_to_text(sql: str, source: SparkType, _: SparkType) -> str:
    """DuckDB writes a decimal without whole digits as .5, Spark as 0.5."""
    if source.precision == source.scale:
        if source.precision == 38:
            raise ExpressionError(
                "a decimal(38,38) cannot be cast to string: cast it to a decimal with fewer digits first"
            )
        sql = f"CAST({sql} AS {decimal(source.precision + 1, source.scale).duckdb})"
    return f"CAST({sql} AS VARCHAR)"


def _double_to_decimal(sql: str, _: SparkType, target: SparkType) -> str:
    return f"TRY_CAST(CAST({sql} AS VARCHAR) AS {target.duckdb})"


def _seconds_to_moment(sql: str, _: SparkType, __: SparkType) -> str:
    return within_years(f"make_timestamp(CAST({sql} AS BIGINT) * 1000000)", "TIMESTAMP")


def _moment_to_seconds(sql: str, _: SparkType, target: SparkType) -> str:
    seconds = once(f"epoch_us({sql})", lambda v: f"({v} // 1000000 - CASE WHEN {v} % 1000000 < 0 THEN 1 ELSE 0 END)")
    return f"TRY_CAST({seconds} AS {target.duckdb})"


def _to_double(sql: str, source: SparkType, _: SparkType) -> str:
    return double_of(sql, source)


_Cast = Callable[[str, SparkType, SparkType], str]
_INTEGRAL = ("smallint", "int", "bigint")
_FROM_TEXT: dict[str, _Cast] = {
    **dict.fromkeys(_INTEGRAL, _text_to_integral), "decimal": _text_to_decimal, "boolean": _text_to_boolean,
    "date": _text_to_date, "timestamp": _text_to_moment, "timestamp_ntz": _text_to_moment,
}  # fmt: skip
_FROM_INTEGRAL: dict[str, _Cast] = {
    **dict.fromkeys((*_INTEGRAL, "decimal", "string"), _plain), "boolean": _to_boolean, "double": _to_double,
    "timestamp": _seconds_to_moment,
}  # fmt: skip
_FROM_TIMESTAMP: dict[str, _Cast] = {
    "string": _plain, "date": _plain, "bigint": _moment_to_seconds, "int": _moment_to_seconds,
}  # fmt: skip
_FROM_TYPED: dict[str, dict[str, _Cast]] = {
    **dict.fromkeys(_INTEGRAL, _FROM_INTEGRAL),
    "boolean": {**dict.fromkeys((*_INTEGRAL, "string"), _plain), "decimal": _boolean_to_decimal},
    "decimal": {
        **dict.fromkeys(_INTEGRAL, _truncated), "decimal": _plain, "string": _decimal_to_text, "boolean": _to_boolean,
        "double": _to_double,
    },
    "double": {**dict.fromkeys(_INTEGRAL, _truncated), "decimal": _double_to_decimal, "boolean": _to_boolean},
    "date": {"string": _plain, "timestamp": _plain, "timestamp_ntz": _plain},
    "timestamp": _FROM_TIMESTAMP, "timestamp_ntz": {"string": _plain, "date": _plain},
}  # fmt: skip
