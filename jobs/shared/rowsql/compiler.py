"""A checked Spark SQL expression as DuckDB SQL with the same result: columns, literals, operators and conditions."""

from collections.abc import Mapping

from sqlglot import exp

from jobs.shared.rowsql import arithmetic, functions
from jobs.shared.rowsql.beside import compare, together
from jobs.shared.rowsql.casts import cast
from jobs.shared.rowsql.spark_types import (
    BIGINT,
    BOOLEAN,
    INT,
    STRING,
    VOID,
    WIDEST,
    SparkType,
    Typed,
    decimal,
    identifier,
    literal,
    once,
    parse_type,
)
from jobs.shared.rowsql.texts import like, matches
from schemas.expression_arguments import text_of, whole_of
from schemas.expressions import COMPARISONS, ExpressionError, parse, type_name

GIVEN = {"_delivered_date": "date", "_scope_day": "date", "_file_name": "string"}
"""Columns that every expression may read, and their types."""
_SIGNS: dict[type[exp.Expr], str] = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*"}
_COMPARISONS: dict[type[exp.Expr], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
}
_INT_MAX, _BIGINT_MAX = 2**31 - 1, 2**63 - 1


def compiled(text: str, types: Mapping[str, str] | None = None) -> Typed:
    """The DuckDB SQL of an expression and its Spark type. Columns that `types` does not name are text.

    Raises ExpressionError for what schemas.expressions refuses, and for types that do not go together.
    """
    known = {name.lower(): kind for name, kind in {**GIVEN, **(types or {})}.items()}
    checked = parse(text)
    try:
        made = Compiler({name: parse_type(kind) for name, kind in known.items()}).typed(checked.tree)
    except ExpressionError as fault:
        raise ExpressionError(f"expression {text!r}: {fault}") from fault
    return Typed(cast(made.sql, VOID, STRING), STRING) if made.type == VOID else made


class Compiler:
    """Compiles sqlglot trees that schemas.expressions has checked; `types` by lower-case column name."""

    def __init__(self, types: Mapping[str, SparkType], values: Mapping[str, Typed] | None = None) -> None:
        self._types = types
        self._values = values or {}

    def typed(self, node: exp.Expr) -> Typed:
        """SQL and type of one node."""
        if isinstance(node, exp.Paren):
            return self.typed(node.this)
        if isinstance(node, exp.Anonymous):
            return functions.call(str(node.this).lower(), node.expressions, self)
        if isinstance(node, exp.Column):
            return self._column(str(node.this.name))
        if isinstance(node, exp.Cast):
            return self._cast(node)
        if isinstance(node, exp.Case):
            return self._case(node)
        return self._constant(node) or self._condition(node) or self._arithmetic(node)

    def condition(self, node: exp.Expr) -> str:
        """SQL of a node that must be a boolean."""
        made = self.typed(node)
        if made.type not in (BOOLEAN, VOID):
            raise ExpressionError(f"{node.sql('spark')} is a {made.type}, where a condition is needed")
        return cast(made.sql, made.type, BOOLEAN)

    def inlined(self, text: str, name: str, value: Typed) -> Typed:
        """A Spark SQL text over the one column `name`, which stands for `value`."""
        return Compiler({}, {name: value}).typed(parse(text).tree)

    def _column(self, name: str) -> Typed:
        given = self._values.get(name)
        return given or Typed(identifier(name), self._types.get(name.lower(), STRING))

    def _constant(self, node: exp.Expr) -> Typed | None:
        text, number = text_of(node), whole_of(node)
        if text is not None:
            return Typed(literal(text), STRING, text=text)
        if number is not None and not (isinstance(node, exp.Neg) and isinstance(node.this, exp.Neg)):
            return _whole(number)
        if isinstance(node, exp.Null):
            return Typed("NULL", VOID)
        if isinstance(node, exp.Boolean):
            return Typed(str(node.this).lower(), BOOLEAN)
        if isinstance(node, exp.Literal):
            whole, _, fraction = str(node.this).partition(".")
            kind = _fitting(len((whole + fraction).lstrip("0")), len(fraction))
            return Typed(f"CAST({whole or 0}.{fraction or 0} AS {kind.duckdb})", kind)
        return None

    def _cast(self, node: exp.Cast) -> Typed:
        value, target = self.typed(node.this), parse_type(type_name(node.to))
        return Typed(cast(value.sql, value.type, target), target)

    def _arithmetic(self, node: exp.Expr) -> Typed:
        if isinstance(node, exp.Neg):
            return arithmetic.negate(self.typed(node.this))
        if not isinstance(node, exp.Add | exp.Sub | exp.Mul):
            raise ExpressionError(f"{node.sql('spark')} is not allowed")
        return arithmetic.combine(_SIGNS[type(node)], self.typed(node.left), self.typed(node.right))

    def _condition(self, node: exp.Expr) -> Typed | None:
        sql = self._logic(node) or self._predicate(node)
        return Typed(sql, BOOLEAN) if sql else None

    def _logic(self, node: exp.Expr) -> str | None:
        if isinstance(node, exp.And | exp.Or):
            word = "AND" if isinstance(node, exp.And) else "OR"
            return f"({self.condition(node.left)} {word} {self.condition(node.right)})"
        if isinstance(node, exp.Not):
            return f"(NOT {self.condition(node.this)})"
        if isinstance(node, exp.Is):
            return f"({self.typed(node.this).sql} IS NULL)"
        return None

    def _predicate(self, node: exp.Expr) -> str | None:
        if isinstance(node, COMPARISONS):
            return compare(_COMPARISONS[type(node)], self.typed(node.left), self.typed(node.right))
        if isinstance(node, exp.Between):
            value = self.typed(node.this)
            low, high = self.typed(node.args["low"]), self.typed(node.args["high"])
            return once(value.sql, lambda v: (
                f"({compare('>=', Typed(v, value.type), low)} AND {compare('<=', Typed(v, value.type), high)})"
            ))  # fmt: skip
        if isinstance(node, exp.In):
            first, *listed = together([self.typed(one) for one in (node.this, *node.expressions)])
            return f"({first.sql} IN ({', '.join(one.sql for one in listed)}))"
        return self._text_predicate(node)

    def _text_predicate(self, node: exp.Expr) -> str | None:
        escape = "\\"
        if isinstance(node, exp.Escape):
            escape, node = text_of(node.expression) or "\\", node.this
        if isinstance(node, exp.Like):
            found = like(self.typed(node.this), text_of(node.expression) or "", escape).sql
            return f"(NOT {found})" if node.args.get("negate") else found
        if isinstance(node, exp.RegexpLike):
            return matches(self.typed(node.this), text_of(node.expression) or "").sql
        return None

    def _case(self, node: exp.Case) -> Typed:
        pairs = [(branch.this, branch.args["true"]) for branch in node.args["ifs"]]
        subject = self.typed(node.this) if node.this is not None else None
        default = node.args.get("default")
        values = [self.typed(value) for _, value in pairs]
        values.append(self.typed(default) if default is not None else Typed("NULL", VOID))
        *results, otherwise = together(values)

        def whole(subject: Typed | None) -> str:
            tests = [
                compare("=", subject, self.typed(test)) if subject is not None else self.condition(test)
                for test, _ in pairs
            ]
            branches = " ".join(f"WHEN {test} THEN {value.sql}" for test, value in zip(tests, results, strict=True))
            return f"CASE {branches} ELSE {otherwise.sql} END"

        if subject is None:
            return Typed(whole(None), otherwise.type)
        return Typed(once(subject.sql, lambda v: whole(Typed(v, subject.type))), otherwise.type)


def _whole(number: int) -> Typed:
    """An integer literal: int, bigint, or a decimal when it is longer."""
    kind = INT if -_INT_MAX - 1 <= number <= _INT_MAX else BIGINT
    if abs(number) > _BIGINT_MAX:
        kind = _fitting(len(str(abs(number))), 0)
    return Typed(f"CAST({number} AS {kind.duckdb})", kind, number=number)


def _fitting(digits: int, scale: int) -> SparkType:
    if max(digits, scale) > WIDEST:
        raise ExpressionError(f"a number of {max(digits, scale)} digits: at most {WIDEST}")
    return decimal(max(digits, scale, 1), scale)
