"""What an indicator means: its unit and kind of quantity, derived through its formula, and how its values roll up."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from schemas import measuring, quantities
from schemas.arithmetic import formula, part
from schemas.indicator import DAYS, Indicator
from schemas.quantities import WHY_NOT, A, Elsewhere, Kind, Measure, Refused
from schemas.table import Table
from schemas.term import Term
from schemas.units import ONE, Unit, UnitError, factor, parse

PLACES = "silver.places"
Span = tuple[int, int, int, int]
CONVERSIONS = frozenset([60, 24, 1440, 3600, 86400, *(Fraction(10) ** power for power in range(-9, 10) if power)])
"""Numbers that turn one unit into another: the declared unit does that."""


@dataclass(frozen=True)
class Meaning:
    """The formula's own unit and kind, and the factors its parts are multiplied by to be in the declared unit.

    `time` and `place` are the meaningful ways to roll up, the one that is meant first.
    """

    unit: Unit
    quantity: Kind
    time: tuple[str, ...]
    place: tuple[str, ...]
    scales: Mapping[Span, Fraction] = field(default_factory=dict)


def meaning(one: Indicator, tables: Mapping[str, Table], others: Mapping[str, Indicator]) -> Meaning:
    """The meaning of a definition. Raises Refused, with the key it stands under, for one that makes no sense."""
    return _meaning(one, tables, others, {})


def _meaning(
    one: Indicator, tables: Mapping[str, Table], others: Mapping[str, Indicator], known: dict[str, Meaning]
) -> Meaning:
    unit = _declared(one)
    terms = {label: _term(one, label, tables, others, known) for label in one.terms}
    whole, scales = _derived(one, terms, unit)
    kind = quantities.outside(whole.kind)
    time, place = quantities.rollups(whole, one.entity is not None)
    return Meaning(whole.unit, kind, _rolled("time", one, kind, time), _rolled("place", one, kind, place), scales)


def _derived(one: Indicator, terms: Mapping[str, Measure], unit: Unit) -> tuple[Measure, dict[Span, Fraction]]:
    if one.value is None:
        return Measure(unit, "index"), {}
    tree = formula(one.value)
    walk = _Walk(one, terms)
    try:
        whole = walk.measure(tree)
        walk.scale(tree, _factor(whole, unit))
    except UnitError as error:
        raise Refused("value", str(error)) from None
    except Refused:
        raise
    except ValueError as error:
        raise Refused("value", str(error)) from None
    return whole, walk.scales


def _factor(whole: Measure, unit: Unit) -> Fraction:
    try:
        return factor(whole.unit, unit)
    except UnitError as error:
        own_zero = f" ({error})" if whole.unit.has_own_zero or unit.has_own_zero else ""
        raise UnitError(f"it gives {whole.unit}, which cannot become unit: {unit}{own_zero}") from None


class _Walk:
    """Measures a formula's tree from the leaves up, noting where a part must be scaled to fit its neighbour."""

    def __init__(self, one: Indicator, terms: Mapping[str, Measure]) -> None:
        self.one = one
        self.terms = terms
        self.scales: dict[Span, Fraction] = {}

    def measure(self, node: ast.expr) -> Measure:
        match node:
            case ast.Name(id=name):
                return self._name(name)
            case ast.Attribute():
                return self._part(node)
            case ast.Constant(value=value):
                return quantities.number(zero=value == 0)
            case ast.UnaryOp(operand=operand):
                return self.measure(operand)
            case ast.Call(func=ast.Name(id=name), args=args):
                return quantities.pick(self._alike(node, args), name == "least")
            case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as op, right=right):
                a, b = self._alike(node, [left, right])
                return quantities.add(a, b, isinstance(op, ast.Sub))
            case ast.BinOp(left=left, op=op, right=right):
                self._no_typed_conversion(node, [left, right] if isinstance(op, ast.Mult) else [right])
                a, b = self.measure(left), self.measure(right)
                return quantities.multiply(a, b) if isinstance(op, ast.Mult) else quantities.divide(a, b)
        raise ValueError(f"{ast.unparse(node)} is not arithmetic over terms")

    def scale(self, node: ast.expr, by: Fraction) -> None:
        """Multiply a part; of greatest(…) and least(…) every argument, so that another's value is left as it is."""
        if by == 1 or (isinstance(node, ast.Constant) and node.value == 0):
            return
        if isinstance(node, ast.Call):
            for one in node.args:
                self.scale(one, by)
        else:
            where = span(node)
            self.scales[where] = self.scales.get(where, Fraction(1)) * by

    def _name(self, name: str) -> Measure:
        if name in DAYS:
            return Measure(parse("day"), "days")
        if name in self.one.parameters:
            declared = self.one.parameters[name].unit
            return quantities.number(parse(declared) if declared else ONE, weighed=True)
        term = self.one.terms[name]
        if term.kind == "moments":
            raise ValueError(f"{name} is moments: a formula uses {name}.n, {name}.sum or {name}.squares")
        if term.kind == "rows":
            raise ValueError(f"{name} is rows, which a method reads; a formula takes one number")
        if term.take in ("series", "bag"):
            raise ValueError(f"{name} is many values (take: {term.take}), which a method reads; a formula takes one")
        return self.terms[name]

    def _part(self, node: ast.Attribute) -> Measure:
        name, which = part(node)
        if name not in self.one.terms or self.one.terms[name].kind != "moments":
            raise ValueError(f"{name}.{which}: {name} is not a moments term, and has no parts")
        unit = self.terms[name].unit
        return Measure({"n": ONE, "sum": unit, "squares": unit * unit}[which], "flow")

    def _alike(self, node: ast.expr, parts: list[ast.expr]) -> list[Measure]:
        """The parts in the unit of the first that has one; those in another scale are scaled."""
        found = [self.measure(one) for one in parts]
        first = next((one for one in found if not one.zero), found[0])
        for one, measure in zip(parts, found, strict=True):
            if measure.zero:
                continue
            try:
                self.scale(one, factor(measure.unit, first.unit))
            except UnitError:
                lead = ast.unparse(parts[found.index(first)])
                raise UnitError(
                    f"{ast.unparse(node)}: {lead} is in {first.unit} and {ast.unparse(one)} in {measure.unit}; "
                    "they measure different things"
                ) from None
        return found

    def _no_typed_conversion(self, node: ast.expr, sides: list[ast.expr]) -> None:
        for side in sides:
            if isinstance(side, ast.Constant) and Fraction(repr(side.value)) in CONVERSIONS:
                raise ValueError(
                    f"{ast.unparse(node)}: {ast.unparse(side)} converts a unit, and the unit converts by itself; "
                    "leave it out and say the unit that is meant"
                )


def span(node: ast.expr) -> Span:
    """Where a part stands in its formula: what `Meaning.scales` knows it by."""
    return node.lineno, node.col_offset, node.end_lineno or node.lineno, node.end_col_offset or node.col_offset


def _declared(one: Indicator) -> Unit:
    try:
        for name, parameter in one.parameters.items():
            if parameter.unit is not None:
                key = name
                parse(parameter.unit)
        key = "unit"
        return parse(one.unit)
    except UnitError as error:
        raise Refused(key, str(error)) from None


def _term(
    one: Indicator, label: str, tables: Mapping[str, Table], others: Mapping[str, Indicator], known: dict[str, Meaning]
) -> Measure:
    term = one.terms[label]
    if term.kind == "rows" and one.entity:
        raise Refused(label, "rows are those of a place; a value by entity: is made of terms that are one number")
    if not term.looks:
        if term.table == PLACES:
            raise Refused(label, f"{PLACES} is the hierarchy itself, and its rows lie in no place; count in a register")
        if term.table not in tables:
            raise Refused(label, _no_table(term.kind, term.table, tables, others))
        return measuring.measured(term, label, tables[term.table], one.entity is not None)
    found = [_seen(one, label, look, tables, others, known) for look in term.looks]
    return found[0] if term.kind == "indicator" else Measure(ONE, "index")


def _seen(
    one: Indicator,
    label: str,
    term: Term,
    tables: Mapping[str, Table],
    others: Mapping[str, Indicator],
    known: dict[str, Meaning],
) -> Measure:
    """Another indicator, as a term looks at it."""
    if term.table not in others and term.table != one.id:
        near = ", ".join(_near(term.table, others)) or "none of that name"
        raise Refused(label, f"indicator {term.table!r} does not exist; there is: {near}")
    if term.table == one.id:
        return measuring.seen(term, label, one, one, "stock")
    if term.table not in known:
        try:
            known[term.table] = _meaning(others[term.table], tables, others, known)
        except Refused as refused:
            raise Elsewhere(label, f"{term.table} makes no sense itself: {refused}") from None
    return measuring.seen(term, label, one, others[term.table], known[term.table].quantity)


def _no_table(kind: str, name: str, tables: Mapping[str, Table], others: Mapping[str, Indicator]) -> str:
    if name in others:
        if kind == "percentile":
            return f"percentile of averages: {name} is an indicator; take the percentile of the single values"
        return f"{kind} of {name}, which is an indicator; write {{indicator: {name}}}"
    return f"table {name!r} does not exist; there is: {', '.join(_near(name, tables)) or 'none of that name'}"


def _near(name: str, there: Mapping[str, object]) -> Iterator[str]:
    """The names of the same layer or element."""
    yield from sorted(one for one in there if one.split(".")[0] == name.split(".")[0])


def _rolled(dimension: str, one: Indicator, kind: Kind, allowed: tuple[str, ...]) -> tuple[str, ...]:
    said = getattr(one.rollup, dimension) if one.rollup else None
    if said is None:
        return allowed
    if said not in allowed:
        if dimension == "place" and said in ("max", "min"):
            raise Refused("rollup", f"rollup: {said} takes the highest of an entity's values; entity: is missing")
        raise Refused(
            "rollup", f"rollup over {dimension}: {said} of {A[kind]}: {WHY_NOT[kind]}; it is {' or '.join(allowed)}"
        )
    return (said, *(way for way in allowed if way != said))
