"""Low and high of a value: interval arithmetic in SQL, over what is missing and what the declarations allow.

Two things can be missing. *Records* known to exist but not counted at a place (a control count that was not reached, a
record without place) widen each term by what that many records could say; the formula carries the widened terms by
interval arithmetic (IEEE 1788: sums, products and quotients by their corners). A *share* of what was due (silent
reporters, days not delivered) is of unknown size: what it would have said is taken to be itself a valid value. So a
mean or a ratio lies in c·[low, high] + (1-c)·range, a total in [low, high] + (1-c)·range, c being the share heard and
range the indicator's `valid_range`; a total so presumes that a slot holds no more than its own share of the range. Of a
highest value only the low end stays, of a lowest the high end.
"""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from jobs.core.staged import Staged
from schemas.arithmetic import formula
from schemas.meaning import Span, span

INFINITE = "'infinity'::DOUBLE"


@dataclass(frozen=True)
class Interval:
    """Two DOUBLE columns or numbers; infinite where nothing bounds it, NULL where nothing is known or expected."""

    low: str
    high: str


UNBOUNDED = Interval(f"-{INFINITE}", INFINITE)


def exactly(sql: str) -> Interval:
    """What is known."""
    return Interval(sql, sql)


def carried(
    staged: Staged, text: str, terms: Mapping[str, Interval], scales: Mapping[Span, Fraction] | None = None
) -> Interval:
    """The formula of intervals as columns of `staged`, as the ends of its terms are.

    `scales` are the factors that its parts are multiplied by for their unit.
    """
    return _of(staged, formula(text), terms, scales or {})


def _of(staged: Staged, node: ast.expr, terms: Mapping[str, Interval], scales: Mapping[Span, Fraction]) -> Interval:
    made, by = _plain(staged, node, terms, scales), scales.get(span(node))
    return made if by is None else _scaled(staged, made, f"({by.numerator}::DOUBLE / {by.denominator})", by > 0)


def _plain(staged: Staged, node: ast.expr, terms: Mapping[str, Interval], scales: Mapping[Span, Fraction]) -> Interval:
    def of(inner: ast.expr) -> Interval:
        return _of(staged, inner, terms, scales)

    match node:
        case ast.Name() | ast.Attribute():
            return terms[ast.unparse(node)]
        case ast.Constant(value=value):
            return exactly(f"{value!r}::DOUBLE")
        case ast.UnaryOp(operand=operand):
            inner = of(operand)
            return _put(staged, (f"-({inner.high})", f"-({inner.low})"), inner)
        case ast.BinOp(left=left, op=ast.Mult(), right=ast.Constant(value=int(value) | float(value))) if value:
            return _scaled(staged, of(left), f"{value!r}::DOUBLE", value > 0)
        case ast.BinOp(left=left, op=op, right=right):
            return _combined(staged, of(left), op, of(right))
        case ast.Call(func=ast.Name(id=name), args=args):
            ones = [of(one) for one in args]
            lows, highs = (", ".join(getattr(one, end) for one in ones) for end in ("low", "high"))
            return _put(staged, (f"{name}({lows})", f"{name}({highs})"), *ones)
        case _:
            return UNBOUNDED


def _put(staged: Staged, ends: tuple[str, str], *after: Interval) -> Interval:
    names = [end for one in after for end in (one.low, one.high)]
    return Interval(*(staged.put(end, *names) for end in ends))


def _scaled(staged: Staged, a: Interval, factor: str, is_positive: bool) -> Interval:
    """An interval times a number other than zero: its ends, in their order or in the other."""
    low, high = (f"{a.low} * {factor}", f"{a.high} * {factor}")
    return _put(staged, (low, high) if is_positive else (high, low), a)


def _combined(staged: Staged, a: Interval, op: ast.operator, b: Interval) -> Interval:
    match op:
        case ast.Add():
            return _put(staged, (f"{a.low} + {b.low}", f"{a.high} + {b.high}"), a, b)
        case ast.Sub():
            return _put(staged, (f"{a.low} - {b.high}", f"{a.high} - {b.low}"), a, b)
        case ast.Mult():
            return _product(staged, a, b)
        case _:
            return _product(staged, a, _inverse(staged, b))


def _product(staged: Staged, a: Interval, b: Interval) -> Interval:
    """The corners; nothing times the unbounded is nothing."""
    names = (a.low, a.high, b.low, b.high)
    pairs = dict.fromkeys((x, y) for x in (a.low, a.high) for y in (b.low, b.high))
    corners = dict.fromkeys(
        staged.put(f"CASE WHEN {x} = 0 OR {y} = 0 THEN 0::DOUBLE ELSE {x} * {y} END", *names) for x, y in pairs
    )
    if len(corners) == 1:
        return exactly(next(iter(corners)))
    listed = ", ".join(corners)
    return Interval(*(staged.put(f"{pick}({listed})", *corners) for pick in ("least", "greatest")))


def _inverse(staged: Staged, b: Interval) -> Interval:
    """One over an interval; unbounded where it crosses zero."""
    low = f"CASE WHEN {b.low} > 0 OR {b.high} < 0 OR ({b.low} = 0 AND {b.high} > 0) THEN 1 / {b.high}"
    high = f"CASE WHEN {b.low} > 0 OR {b.high} < 0 THEN 1 / nullif({b.low}, 0)"
    return _put(staged, (f"{low} ELSE -{INFINITE} END", f"{high} ELSE {INFINITE} END"), b)


def degree(text: str, degrees: Mapping[str, int | None]) -> int | None:
    """1 where the value adds up over what reported (a total), 0 where it averages (a mean, a ratio), else None.

    A term that is complete by nature (a register) and a number have degree 0 as well.
    """
    return _degree(formula(text), degrees)


def _degree(node: ast.expr, degrees: Mapping[str, int | None]) -> int | None:
    match node:
        case ast.Name() | ast.Attribute():
            return degrees[ast.unparse(node)]
        case ast.Constant():
            return 0
        case ast.UnaryOp(operand=operand):
            return _degree(operand, degrees)
        case ast.BinOp(left=left, op=op, right=right):
            a, b = _degree(left, degrees), _degree(right, degrees)
            if a is None or b is None:
                return None
            if isinstance(op, ast.Add | ast.Sub):
                return a if a == b else None
            both = a + b if isinstance(op, ast.Mult) else a - b
            return both if both in (0, 1) else None
        case _:
            return None


def shared(inner: Interval, share: str, degree: int | None, low: str, high: str, rises: str | None = None) -> Interval:
    """The interval widened by the share of what was due that nobody heard: that says anything valid, `low` to `high`.

    `rises`: `max` or `min` of a value that what is missing can only raise or lower.
    """
    heard, silent = f"({share})", f"(1 - ({share}))"
    if rises is not None or degree is None:
        ends = (inner.low if rises == "max" else low, inner.high if rises == "min" else high)
        whole = tuple(f"CASE WHEN {silent} = 0 THEN {mine} ELSE {end} END"
                      for mine, end in zip((inner.low, inner.high), ends, strict=True))  # fmt: skip
        return Interval(*whole)
    kept = heard if degree == 0 else "1"
    return Interval(f"({kept} * {inner.low} + {silent} * {low})", f"({kept} * {inner.high} + {silent} * {high})")


def published(inner: Interval, value: str, coverage: str, low: str, high: str) -> Interval:
    """What is published: the value itself at full coverage, else within the valid range and around the value.

    Without a declared range (`low` and `high` NULL) nothing is said: bounds are never invented. What is unknown can be
    anything valid.
    """

    def end(mine: str, pick: str, far: str) -> str:
        within = f"CASE WHEN isfinite({mine}) THEN least({high}, greatest({low}, {mine})) ELSE {far} END"
        around = f"WHEN {value} IS NULL THEN {far} ELSE {pick}({value}, coalesce({within}, {far}))"
        return f"CASE WHEN {coverage} >= 1 THEN {value} WHEN {low} IS NULL THEN NULL {around} END"

    return Interval(end(inner.low, "least", low), end(inner.high, "greatest", high))
