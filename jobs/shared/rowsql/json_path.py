"""Spark's get_json_object in DuckDB SQL.

Equal to Spark for RFC 8259 documents whose objects name no key twice. What Spark's reader tolerates beyond that (single
quotes, raw control characters in strings, text after the document) is NULL here. Of a double with 18 and more digits
before the point Java 17 sometimes prints one digit more than are needed; here there never is.
"""

from jobs.shared.rowsql.spark_types import STRING, Typed, literal, once
from schemas.expression_arguments import json_path

_STRING_TOKEN = r'"(?:[^"\\]|\\.)*"'
_NOT_JSON = rf"^(?:[^\"]|{_STRING_TOKEN})*?(?:,[\t\n\r ]*[\]}}]|[NI]|n[aA]|i)"
"""Outside strings: a comma before a bracket, NaN or Infinity. DuckDB reads them, Spark does not."""
_TOKENS = rf'{_STRING_TOKEN}|-?[0-9][0-9.eE+-]*|[^"0-9-]+'
_FLOAT = r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"


def get_json_object(value: Typed, path: str) -> Typed:
    """A string without its quotes; a number, an object or an array as Spark prints it; NULL for what is not there."""
    steps = json_path(path)
    carried = literal("$" + "".join(f"[{step}]" if isinstance(step, int) else f'."{step}"' for step in steps))
    null = "'null'" if not steps or isinstance(steps[-1], int) else "NULL"

    def body(v: str) -> str:
        found = f"json_extract_string({v}, {carried})"
        return (
            f"CASE WHEN json_valid({v}) AND NOT regexp_matches({v}, {literal(_NOT_JSON)}) "
            f"THEN CASE json_type({v}, {carried}) WHEN 'NULL' THEN {null} WHEN 'VARCHAR' THEN {found} "
            f"WHEN 'BIGINT' THEN {found} WHEN 'UBIGINT' THEN {found} WHEN 'BOOLEAN' THEN {found} "
            f"ELSE {_printed(found)} END END"
        )

    return Typed(once(value.sql, body), STRING)


def _printed(sql: str) -> str:
    """JSON text as Spark prints it: doubles as Java does (1.0E-4, 1.2345678E7), signs beyond U+FFFF as two escapes."""
    token = (
        f"CASE WHEN regexp_full_match(_t, '{_FLOAT}') AND regexp_matches(_t, '[.eE]') "
        f"THEN {_java_double('TRY_CAST(_t AS DOUBLE)')} "
        f"WHEN regexp_matches(_t, '[\\x{{10000}}-\\x{{10ffff}}]') THEN {_escaped('_t')} ELSE _t END"
    )
    tokens = f"list_transform(regexp_extract_all({sql}, {literal(_TOKENS)}), lambda _t: {token})"
    return f"array_to_string({tokens}, '')"


def _escaped(sql: str) -> str:
    pair = "printf('\\u%04X\\u%04X', 55296 + (unicode(_c) - 65536) // 1024, 56320 + (unicode(_c) - 65536) % 1024)"
    characters = (
        f"list_transform(string_split({sql}, ''), lambda _c: CASE WHEN unicode(_c) > 65535 THEN {pair} ELSE _c END)"
    )
    return f"array_to_string({characters}, '')"


def _java_double(sql: str) -> str:
    """Double.toString from DuckDB's shortest text: plain from 0.001 up to 10,000,000, else one digit before the point.

    Too great a number is Infinity, which Spark puts into quotes.
    """

    def scientific(s: str) -> str:
        digits = f"replace(regexp_replace({s}, '^-|e.*$', '', 'g'), '.', '')"
        significant = f"rtrim(ltrim({digits}, '0'), '0')"
        point = f"CASE WHEN contains({s}, 'e') THEN 1 ELSE instr(ltrim({s}, '-'), '.') - 1 END"
        exponent = (
            f"({point} - 1 - (length({digits}) - length(ltrim({digits}, '0'))) "
            f"+ CASE WHEN contains({s}, 'e') THEN CAST(split_part({s}, 'e', 2) AS INTEGER) ELSE 0 END)"
        )
        return (
            f"CASE WHEN starts_with({s}, '-') THEN '-' ELSE '' END || left({significant}, 1) || '.' || "
            f"coalesce(nullif(substring({significant}, 2), ''), '0') || 'E' || {exponent}"
        )

    def body(d: str) -> str:
        plain = f"{d} = 0 OR (abs({d}) >= 0.001 AND abs({d}) < 10000000)"
        shown = f"CAST({d} AS VARCHAR)"
        infinite = f"WHEN isinf({d}) THEN CASE WHEN {d} < 0 THEN '\"-Infinity\"' ELSE '\"Infinity\"' END"
        return f"CASE WHEN {plain} THEN {shown} {infinite} ELSE {once(shown, scientific)} END"

    return once(sql, body)
