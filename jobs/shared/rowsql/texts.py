"""Spark's text functions in DuckDB SQL."""

import unicodedata
from collections.abc import Sequence
from functools import cache

from jobs.shared.rowsql.casts import cast
from jobs.shared.rowsql.spark_types import BIGINT, BOOLEAN, INT, STRING, VOID, Typed, literal, once
from schemas import java_regex
from schemas.expressions import ExpressionError

_INT_MAX = 2**31 - 1
_CASED = r"\p{Lu}\p{Ll}\p{Lt}ªºⅠ-ⅿⒶ-ⓩ"
_IGNORED = r"\p{Mn}\p{Me}\p{Cf}\p{Lm}\p{Sk}''.:·’‘․‧·՟״︓﹒﹕＇．："
FINAL_SIGMA = f"([{_CASED}][{_IGNORED}]*)Σ([{_IGNORED}]*(?:[^{_CASED}{_IGNORED}]|$))"
"""A capital sigma that ends a word becomes ς in lower case, not σ (Unicode, SpecialCasing)."""


def as_text(value: Typed) -> str:
    """An argument that Spark takes as text."""
    return cast(value.sql, value.type, STRING)


def concat(arguments: Sequence[Typed]) -> Typed:
    """concat: NULL when one is NULL."""
    return Typed("(" + " || ".join(as_text(one) for one in arguments) + ")" if arguments else "''", STRING)


def concat_ws(arguments: Sequence[Typed]) -> Typed:
    """concat_ws: NULLs are left out; NULL only for a NULL separator."""
    separator, *rest = (as_text(one) for one in arguments)
    return Typed(f"concat_ws({', '.join([separator, *rest, 'NULL::VARCHAR'])})", STRING)


def length(value: Typed) -> Typed:
    """length: code points."""
    return Typed(f"CAST(length({as_text(value)}) AS INTEGER)", INT)


def trim(name: str, value: Typed) -> Typed:
    """trim, ltrim, rtrim: U+0020 only."""
    return Typed(f"{name}({as_text(value)}, ' ')", STRING)


def upper(value: Typed) -> Typed:
    """upper: where one letter becomes several (ß, ﬁ), DuckDB's one-to-one mapping is helped."""
    special = _expanding()

    def body(v: str) -> str:
        expanded = v
        for char, capitals in special.items():
            expanded = f"replace({expanded}, '{char}', '{capitals}')"
        return f"CASE WHEN regexp_matches({v}, '[{''.join(special)}]') THEN upper({expanded}) ELSE upper({v}) END"

    return Typed(once(as_text(value), body), STRING)


def lower(value: Typed) -> Typed:
    """lower: with İ as two characters and Σ by its place in the word."""
    sql = f"regexp_replace(replace({as_text(value)}, 'İ', 'i̇'), '{FINAL_SIGMA}', '\\1ς\\2', 'g')"
    return Typed(f"lower({sql})", STRING)


@cache
def _expanding() -> dict[str, str]:
    """Letters whose capital form differs from the one-to-one mapping DuckDB uses: several letters instead of one."""
    letters = (chr(c) for c in range(0x80, 0x20000) if unicodedata.category(chr(c)) in ("Ll", "Lt", "Lo"))
    return {char: char.upper() for char in letters if len(char.upper()) > 1}


def substring(arguments: Sequence[Typed]) -> Typed:
    """substring: 0 counts as 1, a negative start counts from the end, and what lies before the text is cut off."""
    text, start = as_text(arguments[0]), _whole(arguments[1])
    size = _whole(arguments[2]) if len(arguments) == 3 else str(_INT_MAX)
    from_start, long = arguments[1].number, arguments[2].number if len(arguments) == 3 else _INT_MAX
    if from_start is not None and from_start >= 0 and long is not None:
        return Typed(f"substring({text}, {max(from_start, 1)}, {max(long, 0)})", STRING)

    def body(v: str) -> str:
        first = f"CASE WHEN {start} > 0 THEN {start} WHEN {start} < 0 THEN length({v}) + {start} + 1 ELSE 1 END"
        return once(first, lambda p: f"substring({v}, greatest({p}, 1), greatest({size} - greatest(1 - {p}, 0), 0))")

    return Typed(f"CASE WHEN {size} IS NOT NULL AND {start} IS NOT NULL THEN {once(text, body)} END", STRING)


def replace(arguments: Sequence[Typed]) -> Typed:
    """replace(text, search[, by])."""
    text, search, *by = (as_text(one) for one in arguments)
    return Typed(f"replace({text}, {search}, {by[0] if by else literal('')})", STRING)


def split_part(value: Typed, delimiter: str, number: int) -> Typed:
    """split_part."""
    return Typed(f"split_part({as_text(value)}, {literal(delimiter)}, {number})", STRING)


def lpad(value: Typed, size: int, filling: str) -> Typed:
    """lpad: a longer text is cut; a negative length gives ''."""
    return Typed(f"lpad({as_text(value)}, {max(size, 0)}, {literal(filling)})", STRING)


def matches(value: Typed, pattern: str) -> Typed:
    """rlike: the pattern is found somewhere."""
    regex = java_regex.to_re2(pattern, only_whether=True)
    return Typed(f"regexp_matches({as_text(value)}, {literal(regex.pattern)})", BOOLEAN)


def extract(value: Typed, pattern: str, group: int) -> Typed:
    """regexp_extract: '' without a match. A closing `$` leaves a last line end outside the match, as in Java."""
    regex = java_regex.to_re2(pattern, only_whether=False)
    carried = regex.pattern
    if regex.at_end:
        carried, group = f"({carried}){java_regex.LAST_LINE_END}$", group + 1
    return Typed(f"regexp_extract({as_text(value)}, {literal(carried)}, {group})", STRING)


def substitute(value: Typed, pattern: str, by: str) -> Typed:
    """regexp_replace: every match."""
    regex = java_regex.to_re2(pattern, only_whether=False)
    carried, new = regex.pattern, java_regex.replacement(by, regex.groups)
    if regex.at_end:
        carried, new = f"{carried}({java_regex.LAST_LINE_END})$", f"{new}\\{regex.groups + 1}"
        if regex.groups == 9:
            raise ExpressionError(f"regular expression {pattern!r}: nine groups and $ are too many")
    return Typed(f"regexp_replace({as_text(value)}, {literal(carried)}, {literal(new)}, 'g')", STRING)


def like(value: Typed, pattern: str, escape: str) -> Typed:
    """LIKE with a written pattern."""
    text, escaped = as_text(value), f" ESCAPE {literal(escape)}" if escape in pattern else ""
    return Typed(f"({text} LIKE {literal(pattern)}{escaped})", BOOLEAN)


def _whole(value: Typed) -> str:
    if not (value.type.is_integral or value.type == VOID):
        raise ExpressionError(f"substring needs whole numbers, not {value.type}")
    return cast(value.sql, value.type, BIGINT)
