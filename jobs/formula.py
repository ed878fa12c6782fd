"""Formulas: `value:` as exact integer arithmetic in SQL, rounded once to DOUBLE.

A term is a fraction of two HUGEINT expressions; + - * / of fractions are fractions. Where both parts are below 2^53
they are exact as DOUBLE, so that their quotient is correctly rounded (IEEE 754-2019, 5.4.1); HUGEINT overflow is an
error, never a wrong number.
"""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce

from schemas import Indicator
from schemas.arithmetic import formula
from schemas.meaning import Meaning, Span, span

NANO = 10**9


@dataclass(frozen=True)
class Ratio:
    """Two HUGEINT SQL expressions: numerator and denominator."""

    over: str
    under: str = "1::HUGEINT"

    def sql(self) -> str:
        """The value as DOUBLE; NULL where the denominator is zero or anything is unknown."""
        return f"(({self.over})::DOUBLE / nullif(({self.under}), 0)::DOUBLE)"

    def nine_digits(self) -> str:
        """The value as DECIMAL(38,9), cut off after nine digits: what methods calculate with."""
        return f"((({self.over}) * {NANO} // nullif({self.under}, 0))::DECIMAL(38,0) * 0.000000001::DECIMAL(9,9))"


def constant(value: object) -> Ratio:
    """A number as it is written."""
    exact = Fraction(str(value))
    return Ratio(f"{exact.numerator}::HUGEINT", f"{exact.denominator}::HUGEINT")


def of_indicator(one: Indicator, meant: Meaning, terms: Mapping[str, Ratio], values: Mapping[str, str]) -> str:
    """An indicator's formula, its parameters put in, in its declared unit, as a DOUBLE expression."""
    parameters = {name: constant(value.number) for name, value in one.parameters.items() if value.number is not None}
    return to_sql(one.value or "", {**parameters, **terms}, values, meant.scales)


def fraction(one: Indicator, meant: Meaning, terms: Mapping[str, Ratio]) -> Ratio:
    """The same as a fraction, for an indicator that uses no other's DOUBLE."""
    parameters = {name: constant(value.number) for name, value in one.parameters.items() if value.number is not None}
    return ratio(formula(one.value or ""), {**parameters, **terms}, meant.scales)


def to_sql(
    text: str, terms: Mapping[str, Ratio], values: Mapping[str, str], scales: Mapping[Span, Fraction] | None = None
) -> str:
    """The formula as a DOUBLE expression. `terms` are exact; `values` are other indicators' DOUBLEs.

    A moments term `x` gives `x.n`, `x.sum` and `x.squares` as terms. `scales` are the exact factors that a part of the
    formula is multiplied by, for its unit (`schemas.meaning`). greatest(…) and least(…) ignore what is unknown.
    Raises ValueError for a name that is neither.
    """
    tree = formula(text)
    every = {**terms, **{name: Ratio(sql) for name, sql in values.items()}}
    if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name):
        inner = [ratio(one, every, scales or {}).sql() for one in tree.args]
        return f"{tree.func.id}({', '.join(inner)})"
    return ratio(tree, every, scales or {}).sql()


def ratio(node: ast.expr, terms: Mapping[str, Ratio], scales: Mapping[Span, Fraction]) -> Ratio:
    """An arithmetic node as a fraction, in the unit that its neighbours are in."""
    made = _ratio(node, terms, scales)
    by = scales.get(span(node))
    if by is None:
        return made
    return _combined(made, ast.Mult(), Ratio(f"{by.numerator}::HUGEINT", f"{by.denominator}::HUGEINT"))


def _ratio(node: ast.expr, terms: Mapping[str, Ratio], scales: Mapping[Span, Fraction]) -> Ratio:
    match node:
        case ast.Name() | ast.Attribute():
            name = ast.unparse(node)
            if name not in terms:
                raise ValueError(f"{name} is not a term; there is: {', '.join(terms)}")
            return terms[name]
        case ast.Constant():
            return constant(ast.unparse(node))
        case ast.UnaryOp(operand=operand):
            inner = ratio(operand, terms, scales)
            return Ratio(f"-({inner.over})", inner.under)
        case ast.BinOp(left=left, op=op, right=right):
            return _combined(ratio(left, terms, scales), op, ratio(right, terms, scales))
        case ast.Call(func=ast.Name(id=name), args=args):
            return reduce(lambda a, b: _picked(a, b, name == "greatest"), [ratio(one, terms, scales) for one in args])
    raise ValueError(f"{ast.unparse(node)} is not arithmetic over terms")


def _picked(a: Ratio, b: Ratio, greatest: bool) -> Ratio:
    """The greater or the lesser of two fractions, compared without dividing; the known one where one is unknown."""
    sense = ">=" if greatest else "<="
    unknown = [f"(({one.over}) IS NULL OR coalesce({one.under}, 0) = 0)" for one in (a, b)]
    first = f"(({a.over}) * ({b.under}) - ({b.over}) * ({a.under})) * sign(({a.under}) * ({b.under})) {sense} 0"
    chosen = f"CASE WHEN {unknown[1]} THEN true WHEN {unknown[0]} THEN false ELSE {first} END"
    return Ratio(
        f"CASE WHEN {chosen} THEN {a.over} ELSE {b.over} END", f"CASE WHEN {chosen} THEN {a.under} ELSE {b.under} END"
    )


def _combined(a: Ratio, op: ast.operator, b: Ratio) -> Ratio:
    match op:
        case ast.Mult():
            return Ratio(_times(a.over, b.over), _times(a.under, b.under))
        case ast.Div() if a.under == b.under and a.under.removesuffix("::HUGEINT").isdigit():
            return Ratio(a.over, b.over)
        case ast.Div():
            return Ratio(_times(a.over, b.under), _times(a.under, b.over))
        case _:
            sign = "+" if isinstance(op, ast.Add) else "-"
            if a.under == b.under:  # kept as it is: a product of denominators soon leaves the exact numbers
                return Ratio(f"({a.over} {sign} {b.over})", a.under)
            return Ratio(f"({_times(a.over, b.under)} {sign} {_times(b.over, a.under)})", _times(a.under, b.under))


def _times(a: str, b: str) -> str:
    if "1::HUGEINT" in (a, b):
        return b if a == "1::HUGEINT" else a
    return f"({a}) * ({b})"
