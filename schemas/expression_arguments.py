"""The functions a declaration may use, what they give, and which of their arguments must be written out."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlglot import exp

from schemas import java_regex, java_time

UNITS = ("YEAR", "QUARTER", "MONTH", "WEEK", "DAY", "HOUR", "MINUTE", "SECOND", "MILLISECOND", "MICROSECOND")
LONGEST_PAD = 1000


@dataclass(frozen=True)
class Function:
    """How a function is called, what it gives, and how many arguments it takes (`most` None: any number)."""

    usage: str
    gives: str
    least: int
    most: int | None


FUNCTIONS: dict[str, Function] = {
    "abs": Function("abs(x)", "the number without its sign; NULL when it overflows", 1, 1),
    "coalesce": Function("coalesce(a, b, …)", "the first that is not NULL", 1, None),
    "concat": Function("concat(a, b, …)", "the texts joined; NULL if one is NULL", 0, None),
    "concat_ws": Function("concat_ws(separator, a, …)", "the texts that are not NULL, joined", 1, None),
    "date_add": Function("date_add(date, days)", "the date so many days later", 2, 2),
    "date_sub": Function("date_sub(date, days)", "the date so many days earlier", 2, 2),
    "day": Function("day(date)", "day of the month", 1, 1),
    "floor": Function("floor(x)", "the greatest whole number not above x", 1, 1),
    "get_json_object": Function(
        "get_json_object(text, '$.a[0].b')",
        "what stands at the path of an RFC 8259 document: a string without quotes, anything else as compact JSON; "
        "NULL when missing, JSON null, or not JSON", 2, 2),
    "greatest": Function("greatest(a, b, …)", "the greatest that is not NULL", 2, None),
    "hour": Function("hour(timestamp)", "hour of the day, 0-23", 1, 1),
    "if": Function("if(condition, a, b)", "a where the condition is true, else b", 3, 3),
    "least": Function("least(a, b, …)", "the least that is not NULL", 2, None),
    "length": Function("length(text)", "number of characters (code points)", 1, 1),
    "lower": Function("lower(text)", "lower case, by Unicode's full mapping", 1, 1),
    "lpad": Function("lpad(text, 5, '0')", "filled up on the left, or cut on the right, to that length", 2, 3),
    "ltrim": Function("ltrim(text)", "without spaces (U+0020 only) at the start", 1, 1),
    "make_date": Function("make_date(year, month, day)", "the date; NULL when there is no such day", 3, 3),
    "minute": Function("minute(timestamp)", "minute of the hour", 1, 1),
    "month": Function("month(date)", "month, 1-12", 1, 1),
    "nullif": Function("nullif(a, b)", "NULL where a equals b, else a", 2, 2),
    "numeral": Function(
        "numeral(text, ',')", "a number as filings write it (4.7亿, ６５％, “4。7”, 1,234.5; with ',' as its decimal "
        "sign 1.234,5 or 1 234,5): decimal(38,9), NULL for a range, two numbers, or ambiguous. "
        "Not a Spark function: it is expanded into Spark SQL", 1, 2),
    "regexp_extract": Function(
        "regexp_extract(text, 'pattern', 1)", "what the group matched (0: all; default 1), '' without a match", 2, 3),
    "regexp_like": Function("regexp_like(text, 'pattern')", "whether the pattern matches somewhere", 2, 2),
    "regexp_replace": Function(
        "regexp_replace(text, 'pattern', '$1')", "every match replaced; $1 is what the first group matched", 3, 3),
    "replace": Function("replace(text, search, by)", "every occurrence replaced (by nothing, without the third)", 2, 3),
    "rlike": Function("rlike(text, 'pattern')", "as regexp_like; also written: text RLIKE 'pattern'", 2, 2),
    "round": Function("round(x, 2)", "rounded half away from zero to so many decimals (default 0)", 1, 2),
    "rtrim": Function("rtrim(text)", "without spaces (U+0020 only) at the end", 1, 1),
    "split_part": Function("split_part(text, ',', 2)", "the n-th part, from the end when negative, '' beyond", 3, 3),
    "substring": Function("substring(text, start, length)", "from start (1: first, -1: last character) on", 2, 3),
    "timestampadd": Function("timestampadd(HOUR, n, timestamp)", "n units later; a month ends at its last day", 3, 3),
    "timestampdiff": Function("timestampdiff(HOUR, from, to)", "whole units between, cut towards zero", 3, 3),
    "trim": Function("trim(text)", "without spaces (U+0020 only) at both ends", 1, 1),
    "try_divide": Function("try_divide(a, b)", "a / b, NULL when b is 0; a double from two integers", 2, 2),
    "try_to_date": Function("try_to_date(text, 'yyyy-MM-dd')", "the date, NULL unless the whole text fits", 1, 2),
    "try_to_timestamp": Function(
        "try_to_timestamp(text, 'yyyy-MM-dd HH:mm:ss')", "the wall clock time, NULL unless the whole text fits", 1, 2),
    "upper": Function("upper(text)", "upper case, by Unicode's full mapping", 1, 1),
    "year": Function("year(date)", "the year", 1, 1),
}  # fmt: skip


def text_of(node: exp.Expr | None) -> str | None:
    """The text of a string literal, None for anything else."""
    if isinstance(node, exp.RawString) or (isinstance(node, exp.Literal) and node.is_string):
        return str(node.this)
    return None


def whole_of(node: exp.Expr | None) -> int | None:
    """The value of an integer literal with or without a sign, None for anything else."""
    if isinstance(node, exp.Neg):
        value = whole_of(node.this)
        return None if value is None else -value
    if isinstance(node, exp.Literal) and not node.is_string and str(node.this).isdigit():
        return int(node.this)
    return None


def json_path(path: str) -> list[str | int]:
    """Steps of a JSON path, names and array positions. Raises ValueError for a wildcard or anything else."""
    steps: list[str | int] = []
    at = 1
    while at < len(path) and path[:1] == "$":
        found = re.compile(r"\.([^.\[\]*'\"\\\s][^.\[\]*'\"\\]*)|\['([^'?*\"\\]+)'\]|\[(\d{1,9})\]").match(path, at)
        if found is None:
            break
        steps.append(int(found[3]) if found[3] else found[1] or found[2])
        at = found.end()
    if at < len(path) or path[:1] != "$":
        raise ValueError(f"JSON path {path!r}: write $.name, $['a name'] and $[0]; no wildcards")
    return steps


def check(name: str, arguments: Sequence[exp.Expr]) -> exp.Expr | None:
    """Check a call's arguments; gives the one that is a keyword, not an expression. Raises ValueError."""
    function = FUNCTIONS[name]
    if len(arguments) < function.least or (function.most is not None and len(arguments) > function.most):
        raise ValueError(f"{name} is called with {len(arguments)} arguments: write {function.usage}")
    if name in ("timestampadd", "timestampdiff"):
        unit_of(name, arguments[0])
        return arguments[0]
    if name in _CHECKS:
        _CHECKS[name](arguments)
    return None


def unit_of(name: str, node: exp.Expr) -> str:
    """The unit of timestampadd or timestampdiff. Raises ValueError."""
    unit = node.name.upper() if isinstance(node, exp.Column) else ""
    if unit not in UNITS:
        raise ValueError(f"{name} needs a unit first, one of {', '.join(UNITS)}")
    return unit


def check_like(pattern: exp.Expr, escape: exp.Expr | None) -> None:
    """LIKE takes a written pattern in which the escape stands before %, _ or itself only. Raises ValueError."""
    text = text_of(pattern)
    if text is None:
        raise ValueError("LIKE needs a string literal as its pattern")
    sign = text_of(escape) or "\\"
    if re.sub(re.escape(sign) + "[%_" + re.escape(sign) + "]", "", text).count(sign):
        raise ValueError(f"LIKE {text!r}: {sign} may only stand before %, _ or {sign}")


def _written(arguments: Sequence[exp.Expr], index: int, what: str) -> str:
    text = text_of(arguments[index])
    if text is None:
        raise ValueError(f"argument {index + 1} must be a string literal: {what}")
    return text


def _regexp_like(arguments: Sequence[exp.Expr]) -> None:
    java_regex.to_re2(_written(arguments, 1, "the pattern"), only_whether=True)


def _regexp_extract(arguments: Sequence[exp.Expr]) -> None:
    pattern = java_regex.to_re2(_written(arguments, 1, "the pattern"), only_whether=False)
    group = whole_of(arguments[2]) if len(arguments) == 3 else 1
    if group is None or not 0 <= group <= pattern.groups:
        raise ValueError(
            f"regexp_extract asks for group {group} (1 unless given) of a pattern with {pattern.groups} groups"
        )


def _regexp_replace(arguments: Sequence[exp.Expr]) -> None:
    pattern = java_regex.to_re2(_written(arguments, 1, "the pattern"), only_whether=False)
    by = java_regex.replacement(_written(arguments, 2, "the replacement"), pattern.groups)
    if pattern.matches_nothing and by:
        raise ValueError(
            "regexp_replace with a pattern that can match nothing: Spark and RE2 count empty matches differently"
        )


def _date_pattern(arguments: Sequence[exp.Expr]) -> None:
    if len(arguments) == 2:
        java_time.parts(_written(arguments, 1, "the date pattern"))


def _split_part(arguments: Sequence[exp.Expr]) -> None:
    if not _written(arguments, 1, "the delimiter"):
        raise ValueError("split_part needs a delimiter that is not empty")
    if not whole_of(arguments[2]):
        raise ValueError("split_part needs a written part number, which is not 0")


def _lpad(arguments: Sequence[exp.Expr]) -> None:
    length = whole_of(arguments[1])
    if length is None or length > LONGEST_PAD or (len(arguments) == 3 and not text_of(arguments[2])):
        raise ValueError(f"lpad needs a written length up to {LONGEST_PAD} and a written filling")


def _round(arguments: Sequence[exp.Expr]) -> None:
    decimals = whole_of(arguments[1]) if len(arguments) == 2 else 0
    if decimals is None or not 0 <= decimals <= 38:
        raise ValueError("round needs a written number of decimals, 0 to 38")


def _numeral(arguments: Sequence[exp.Expr]) -> None:
    if len(arguments) == 2 and text_of(arguments[1]) not in (".", ","):
        raise ValueError("numeral's second argument is the decimal sign, '.' or ','")


def _get_json_object(arguments: Sequence[exp.Expr]) -> None:
    json_path(_written(arguments, 1, "the path"))


_CHECKS: dict[str, Callable[[Sequence[exp.Expr]], None]] = {
    "get_json_object": _get_json_object, "lpad": _lpad, "numeral": _numeral, "regexp_extract": _regexp_extract,
    "regexp_like": _regexp_like, "regexp_replace": _regexp_replace, "rlike": _regexp_like, "round": _round,
    "split_part": _split_part, "try_to_date": _date_pattern, "try_to_timestamp": _date_pattern,
}  # fmt: skip
