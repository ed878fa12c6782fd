"""Formulas: `value:` as exact integer arithmetic in SQL, rounded once to DOUBLE.

A term is a fraction of two HUGEINT expressions; + - * / of fractions are fractions. Where both parts are below 2^53
they are exact as DOUBLE, so that their quotient is correctly rounded (IEEE 754-2019, 5.4.1); HUGEINT overflow is an
error, never a wrong number.
"""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from schemas.arithmetic import formula


@dataclass(frozen=True)
class Ratio:
    """Two HUGEINT SQL expressions: numerator and denominator."""

    over: str
    under: str = "1::HUGEINT"

    def sql(self) -> str:
        """The value as DOUBLE; NULL where the denominator is zero or anything is unknown."""
        return f"(({self.over})::DOUBLE / nullif(({self.under}), 0)::DOUBLE)"


def constant(value: object) -> Ratio:
    """A number as it is written."""
    exact = Fraction(str(value))
    return Ratio(f"{exact.numerator}::HUGEINT", f"{exact.denominator}::HUGEINT")


def to_sql(text: str, terms: Mapping[str, Ratio], values: Mapping[str, str]) -> str:
    """The formula as a DOUBLE expression. `terms` are exact; `values` are other indicators' DOUBLEs.

    Another indicator's value may stand alone or inside greatest(…) and least(…), which ignore what is unknown.
    Raises ValueError where a formula mixes it into arithmetic.
    """
    tree = formula(text)
    if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name):
        inner = [_value(one, terms, values) for one in tree.args]
        return f"{tree.func.id}({', '.join(inner)})"
    return _value(tree, terms, values)


def _value(node: ast.expr, terms: Mapping[str, Ratio], values: Mapping[str, str]) -> str:
    if isinstance(node, ast.Name) and node.id in values:
        return values[node.id]
    return ratio(node, terms).sql()


def ratio(node: ast.expr, terms: Mapping[str, Ratio]) -> Ratio:
    """An arithmetic node as a fraction."""
    match node:
        case ast.Name(id=name) if name in terms:
            return terms[name]
        case ast.Name(id=name):
            raise ValueError(
                f"{name} is another indicator's value: it may stand alone or in greatest(…), not in arithmetic"
            )
        case ast.Constant(value=value):
            return constant(value)
        case ast.UnaryOp(operand=operand):
            inner = ratio(operand, terms)
            return Ratio(f"-({inner.over})", inner.under)
        case ast.BinOp(left=left, op=op, right=right):
            return _combined(ratio(left, terms), op, ratio(right, terms))
        case _:
            raise ValueError("greatest(…) and least(…) stand at the outside of a formula")


def _combined(a: Ratio, op: ast.operator, b: Ratio) -> Ratio:
    one = "1::HUGEINT"
    match op:
        case ast.Mult():
            return Ratio(_times(a.over, b.over), _times(a.under, b.under))
        case ast.Div():
            return Ratio(_times(a.over, b.under), _times(a.under, b.over))
        case _:
            sign = "+" if isinstance(op, ast.Add) else "-"
            if a.under == b.under == one:
                return Ratio(f"({a.over} {sign} {b.over})")
            return Ratio(f"({_times(a.over, b.under)} {sign} {_times(b.over, a.under)})", _times(a.under, b.under))


def _times(a: str, b: str) -> str:
    if "1::HUGEINT" in (a, b):
        return b if a == "1::HUGEINT" else a
    return f"({a}) * ({b})"
