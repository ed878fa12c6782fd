"""Spark SQL expressions in declarations: which subset is allowed, and the checks that need no engine.

The subset is what can be carried to the row engine with Spark's own result (ANSI mode). Where Spark would stop the
night on one bad value (overflow, a failing cast, an invalid date) the value is NULL; otherwise the two agree, value by
value and type by type.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

from sqlglot import Token, TokenType, exp
from sqlglot.dialects.spark import Spark
from sqlglot.errors import ParseError, TokenError
from sqlglot.parsers.spark import SparkParser

from schemas import expression_arguments
from schemas.declared import ExpressionError
from schemas.expression_arguments import FUNCTIONS, Function, text_of

__all__ = ["FUNCTIONS", "TYPES", "Expression", "ExpressionError", "Function", "columns", "parse"]

TYPES = ("string", "boolean", "smallint", "int", "bigint", "decimal(p,s)", "date", "timestamp", "timestamp_ntz")
_TYPE_NAMES = {
    "TEXT": "string", "BOOLEAN": "boolean", "SMALLINT": "smallint", "INT": "int", "BIGINT": "bigint", "DATE": "date",
    "TIMESTAMPTZ": "timestamp", "TIMESTAMPNTZ": "timestamp_ntz",
}  # fmt: skip
COMPARISONS = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE)
_PREDICATES = (exp.Is, exp.In, exp.Between, exp.Like, exp.Escape, exp.RegexpLike, exp.Not, *COMPARISONS)
_PLAIN = (
    exp.Paren, exp.Boolean, exp.Null, exp.And, exp.Or, exp.Not, exp.Neg, exp.Add, exp.Sub, exp.Mul, exp.Case, exp.If,
    exp.Column, exp.Literal, exp.RawString, exp.Cast, exp.TryCast, exp.Anonymous, exp.DataType, exp.DataTypeParam,
    exp.Identifier, *_PREDICATES,
)  # fmt: skip
_INSTEAD = {
    exp.Div: "/, use try_divide(a, b)", exp.IntDiv: "div, use floor(try_divide(a, b))", exp.Mod: "%",
    exp.DPipe: "||, use concat(a, b)", exp.NullSafeEQ: "<=>", exp.Concat: "two strings side by side",
    exp.Alias: "an alias (or a missing operator)", exp.Star: "*", exp.Window: "a window", exp.Subquery: "a subquery",
    exp.Select: "a query", exp.Exists: "a subquery", exp.Tuple: "a list of values outside IN",
    exp.Interval: "an interval, use date_add or timestampadd", exp.Lambda: "a lambda",
    exp.Bracket: "an element of an array or map",
}  # fmt: skip
_AGGREGATES = frozenset(
    ["sum", "count", "avg", "mean", "min", "max", "first", "last", "any_value", "collect_list", "collect_set"]
)
_NOW = frozenset(
    ["current_date", "current_timestamp", "current_time", "current_user", "localtimestamp", "session_user", "user"]
)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ESCAPES = {"\\": "\\", "'": "'", '"': '"', "n": "\n", "t": "\t", "r": "\r", "%": "\\%", "_": "\\_"}


class _Parser(SparkParser):
    """Spark's grammar with every function call left as it was written: sqlglot rewrites the functions it knows."""

    FUNCTIONS: ClassVar[dict[str, Callable[..., object]]] = {}
    FUNCTION_PARSERS: ClassVar = {k: v for k, v in SparkParser.FUNCTION_PARSERS.items() if k in ("CAST", "TRY_CAST")}
    NO_PAREN_FUNCTIONS: ClassVar[dict[TokenType, type[exp.Expr]]] = {}
    NO_PAREN_FUNCTION_PARSERS: ClassVar = {"CASE": SparkParser.NO_PAREN_FUNCTION_PARSERS["CASE"]}


class _Dialect(Spark):
    Parser = _Parser


@dataclass(frozen=True)
class Expression:
    """A checked expression: its text, its sqlglot tree and the columns it reads, as written without backticks."""

    text: str
    tree: exp.Expr
    columns: frozenset[str]


@lru_cache(maxsize=8192)
def parse(text: str) -> Expression:
    """Check one expression. Raises ExpressionError: one line with the fault and, for a function, what is allowed."""
    try:
        trees = _Dialect().parser().parse(_tokens(text), text)
    except ParseError as fault:
        raise _fault(text, _position(fault)) from fault
    except TokenError as fault:
        raise _fault(text, "a quote, a backtick or a comment is not closed") from fault
    tree = trees[0] if len(trees) == 1 else None
    if tree is None:
        raise _fault(text, "one expression is expected" if text.strip() else "it is empty")
    try:
        return Expression(text, tree, frozenset(_check(tree)))
    except ValueError as fault:
        raise _fault(text, str(fault)) from fault
    except RecursionError as fault:
        raise _fault(text, "it is nested too deeply") from fault


def columns(text: str) -> frozenset[str]:
    """Names of the columns an expression reads, as written without backticks. Raises ExpressionError."""
    return parse(text).columns


def names(text: str) -> frozenset[str]:
    """The bare words of a text, whether or not it is an expression; strings and names in backticks are none."""
    return frozenset(text[token.start : token.end + 1] for token in _words(text))


def put(text: str, values: Mapping[str, str]) -> str:
    """The text with bare words replaced: how a condition's parameters become literals."""
    for token in reversed(_words(text)):
        word = text[token.start : token.end + 1]
        text = text[: token.start] + values.get(word, word) + text[token.end + 1 :]
    return text


def _words(text: str) -> list[Token]:
    try:
        return [token for token in _Dialect().tokenize(text) if token.token_type == TokenType.VAR]
    except TokenError:
        return []


def type_name(kind: exp.DataType) -> str:
    """The Spark type that a cast names. Raises ValueError for one that is not allowed."""
    name = kind.this.name
    sizes = [int(size.name) for size in kind.expressions if size.name.isdigit()]
    if name == "DECIMAL":
        precision, scale = (*sizes, 0, 0)[:2] if sizes else (10, 0)
        if not 1 <= precision <= 38 or scale > precision:
            raise ValueError(f"decimal({precision},{scale}): the precision is 1 to 38, the scale at most the precision")
        return f"decimal({precision},{scale})"
    if name not in _TYPE_NAMES or kind.expressions:
        raise ValueError(f"type {kind.sql('spark').lower()} is not allowed (allowed: {', '.join(TYPES)})")
    return _TYPE_NAMES[name]


def _tokens(text: str) -> list[Token]:
    """Tokens whose string literals are unescaped by Spark's rules, which are not sqlglot's."""
    tokens: list[Token] = _Dialect().tokenize(text)
    for token in tokens:
        raw = text[token.start : token.end + 1]
        if token.token_type == TokenType.STRING:
            token.text = _unescaped(text, raw[1:-1])
        elif token.token_type == TokenType.NUMBER and not re.fullmatch(r"\d+\.?\d*|\.\d+", raw):
            raise _fault(text, f"number {raw}: write digits and at most one point")
    return tokens


def _unescaped(text: str, raw: str) -> str:
    def one(found: re.Match[str]) -> str:
        letter = found[1]
        if letter[0] == "u" and len(letter) == 5:
            return chr(int(letter[1:], 16))
        if letter not in _ESCAPES:
            raise _fault(
                text, f"\\{letter} in a string is just {letter} to Spark: write \\\\{letter} for a backslash, or r'…'"
            )
        return _ESCAPES[letter]

    return re.sub(r"\\(u[0-9a-fA-F]{4}|.|$)", one, raw, flags=re.DOTALL)


def _check(node: exp.Expr) -> Iterator[str]:
    """The columns below `node`. Raises ValueError for the first thing that is not allowed."""
    for kind, words in _INSTEAD.items():
        if isinstance(node, kind):
            raise ValueError(f"not allowed here: {words}")
    if type(node) not in _PLAIN:
        raise ValueError(f"{_shown(node)} is not allowed in a declaration")
    if isinstance(node, exp.Column):
        yield _column(node)
        return
    _check_predicate(node)
    _check_pattern(node)
    skipped = _check_call(node) if isinstance(node, exp.Anonymous) else None
    for child in node.iter_expressions():
        if child is not skipped:
            yield from _check(child)


def _check_call(node: exp.Anonymous) -> exp.Expr | None:
    """The argument that is a keyword."""
    name = str(node.this).lower()
    if name not in FUNCTIONS:
        kind = "an aggregate, which belongs into an indicator's terms" if name in _AGGREGATES else "not allowed"
        raise ValueError(f"function {name} is {kind} (allowed: {', '.join(FUNCTIONS)})")
    return expression_arguments.check(name, node.expressions)


def _check_predicate(node: exp.Expr) -> None:
    if isinstance(node, COMPARISONS) and any(isinstance(side, _PREDICATES) for side in (node.left, node.right)):
        raise ValueError(f"{_shown(node)}: put the inner condition into brackets")
    if isinstance(node, exp.Is) and not isinstance(node.expression, exp.Null):
        raise ValueError(f"{_shown(node)}: only IS NULL and IS NOT NULL")
    if isinstance(node, exp.In) and (not node.expressions or node.args.get("query") or node.args.get("field")):
        raise ValueError(f"{_shown(node)}: IN needs a list of values, not a subquery")
    if isinstance(node, exp.Between) and node.args.get("symmetric") is not None:
        raise ValueError(f"{_shown(node)}: SYMMETRIC is not allowed")


def _check_pattern(node: exp.Expr) -> None:
    match node:
        case exp.Escape():
            if not isinstance(node.this, exp.Like) or len(text_of(node.expression) or "") != 1:
                raise ValueError(f"{_shown(node)}: ESCAPE needs LIKE before it and one character after it")
        case exp.Like():
            above = node.parent
            escape = above.expression if isinstance(above, exp.Escape) else None
            expression_arguments.check_like(node.expression, escape)
        case exp.RegexpLike():
            expression_arguments.check("rlike", [node.this, node.expression])
        case exp.Cast():
            if node.args.get("format") is not None:
                raise ValueError(f"{_shown(node)}: a cast has no format")
            type_name(node.to)


def _column(node: exp.Column) -> str:
    name = node.this
    if node.args.get("table") is not None or not isinstance(name, exp.Identifier):
        raise ValueError(f"{_shown(node)}: a name with a dot, or a qualified one, stands in backticks")
    if not name.args.get("quoted"):
        if name.name.lower() in _NOW:
            raise ValueError(f"{name.name}: an expression does not know the time or the user")
        if not _NAME.fullmatch(name.name):
            raise ValueError(f"{name.name}: a name like this stands in backticks")
    return str(name.name)


def _shown(node: exp.Expr) -> str:
    shown = node.sql("spark", comments=False)
    return shown if len(shown) <= 60 else shown[:57] + "…"


def _position(fault: ParseError) -> str:
    first = fault.errors[0] if fault.errors else {}
    near = f" near {first['highlight']!r}" if first.get("highlight") else ""
    return f"syntax error at line {first.get('line', 1)}, column {first.get('col', 1)}{near}"


def _fault(text: str, what: str) -> ExpressionError:
    shown = text if len(text) <= 80 else text[:77] + "…"
    return ExpressionError(f"expression {shown!r}: {what}")
