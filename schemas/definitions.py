"""Definitions beside each other, without a city: what makes no sense, goes in a circle, or is there already."""

import ast
from collections.abc import Iterator, Mapping

from sqlglot import exp

from schemas.arithmetic import formula
from schemas.expressions import COMPARISONS, ExpressionError, columns
from schemas.expressions import parse as parse_condition
from schemas.indicator import Indicator
from schemas.meaning import meaning
from schemas.quantities import Elsewhere, Refused
from schemas.table import TECHNICAL, Table
from schemas.term import Term
from schemas.units import UnitError, factor, parse

OF_HOURS = ("hour_of_day", "peak", "off_peak")


def faults(one: Indicator, tables: Mapping[str, Table], others: Mapping[str, Indicator]) -> Iterator[Refused]:
    """What makes no sense in a definition or in one of its earlier versions."""
    circle = cycle(one, others)
    if circle:
        yield circular(circle)
        return
    for number, version in enumerate(one.versions):
        for refused in _version(version, tables, others):
            key = refused.key if number == 0 else "earlier"
            yield Refused(key, f"{refused}" if number == 0 else f"{version.effective_from}: {refused.key}: {refused}")


def cycle(one: Indicator, others: Mapping[str, Indicator]) -> list[str]:
    """The way from an indicator back to itself through others; empty when there is none."""
    ways = [[one.id]]
    seen = {one.id}
    for way in ways:
        last = one if way[-1] == one.id else others.get(way[-1])
        for term in last.terms.values() if last else ():
            if term.kind == "indicator" and term.table == one.id and len(way) > 1:
                return [*way, one.id]
            if term.kind == "indicator" and term.table not in seen:
                seen.add(term.table)
                ways.append([*way, term.table])
    return []


def circular(way: list[str]) -> Refused:
    """The fault of indicators that go in a circle."""
    return Refused("terms", f"{' → '.join(way)} is a cycle: none of them could be computed before the others")


def unknown(one: Indicator, others: Mapping[str, Indicator]) -> list[tuple[str, str]]:
    """(term, indicator) of the indicators a definition refers to that nobody declares."""
    used = ((label, term.table) for label, term in one.terms.items() if term.kind == "indicator")
    return [(label, name) for label, name in used if name not in others]


def identity(one: Indicator) -> str:
    """What a value is made of, however its terms are named and its sums and products are ordered."""
    terms = {name: _term(term) for name, term in one.terms.items()}
    beside = f"entity {one.entity} trailing {one.trailing}"
    if one.value is None:
        inputs = sorted(f"{name}: {text}" for name, text in terms.items())
        return f"{one.method} {one.output} {sorted(one.constants.items(), key=str)} {inputs} {beside}"
    constants = {name: f"{value.literal} {value.unit or ''}" for name, value in one.parameters.items()}
    return f"{_canonical(formula(one.value), constants | terms)} {beside}"


def _version(one: Indicator, tables: Mapping[str, Table], others: Mapping[str, Indicator]) -> Iterator[Refused]:
    wrong = [*_conditions(one, tables), *_hours(one, tables), *_entity(one, tables)]
    yield from wrong
    if not wrong:
        try:
            meaning(one, tables, others)
        except Elsewhere:
            return
        except Refused as refused:
            yield refused


def _entity(one: Indicator, tables: Mapping[str, Table]) -> Iterator[Refused]:
    for key in one.tables if one.entity else []:
        if one.entity and key in tables and one.entity.column not in tables[key].columns:
            there = ", ".join(tables[key].columns)
            yield Refused("entity", f"column {one.entity.column!r} does not exist in {key}; it has: {there}")


def _hours(one: Indicator, tables: Mapping[str, Table]) -> Iterator[Refused]:
    """Hours, and segments of the day, need records that have a time of day."""
    segments = [segment for segment in one.segments if segment in OF_HOURS]
    key, what = ("periods", "hour") if "hour" in one.periods else ("segments", ", ".join(segments))
    if not segments and "hour" not in one.periods:
        return
    for term in one.terms.values():
        table = tables.get(term.table)
        at = term.at or (table.date if table else "")
        if table and table.kind == "events" and not table.is_time(at):
            yield Refused(key, f"{what}: {term.table} has no hours, {at!r} is a date")
            return


def _conditions(one: Indicator, tables: Mapping[str, Table]) -> Iterator[Refused]:
    for label, term in one.terms.items():
        table = tables.get(term.table)
        if term.where is None or table is None:
            continue
        try:
            missing = sorted(columns(term.where) - {*table.stored, *TECHNICAL})
        except ExpressionError as error:
            yield Refused(label, f"where: {error}")
            continue
        there = ", ".join(table.stored)
        for column in missing:
            yield Refused(label, f"where: column {column!r} does not exist in {term.table}; it has: {there}")
        twice = sorted(set(one.parameters) & set(table.stored))
        if twice:
            yield Refused(twice[0], f"parameter {twice[0]} is a column of {term.table} too; give it another name")
        elif not missing:
            yield from _compared(one, label, term, table)


def _compared(one: Indicator, label: str, term: Term, table: Table) -> Iterator[Refused]:
    """A column is compared with a parameter in its own unit: numbers in a condition are not converted."""
    for node in parse_condition(term.condition or "").tree.walk():
        if isinstance(node, COMPARISONS):
            named = [side.name for side in (node.left, node.right) if isinstance(side, exp.Column)]
            column = next((table.columns[name] for name in named if name in table.columns), None)
            parameter = next((one.parameters[name] for name in named if name in one.parameters), None)
            if column and parameter and parameter.unit and column.unit and not _same(column.unit, parameter.unit):
                yield Refused(
                    label,
                    f"where: {node.sql('spark')} compares {column.unit} with {parameter.unit}; give the parameter in "
                    f"{column.unit}",
                )


def _same(a: str, b: str) -> bool:
    try:
        return factor(parse(a), parse(b)) == 1
    except UnitError:
        return False


def _term(term: Term) -> str:
    said = term.model_dump(exclude={"where"}, exclude_defaults=True)
    return f"{sorted(said.items(), key=str)} where {_condition(term.where)}"


def _condition(text: str | None) -> str:
    """A condition whatever its spaces and the order of what it joins by AND."""
    if text is None:
        return ""
    try:
        tree = parse_condition(text).tree
    except ExpressionError:
        return text
    joined = tree.flatten() if isinstance(tree, exp.And) else [tree]
    return " AND ".join(sorted(one.sql("spark") for one in joined))


def _canonical(node: ast.expr, names: Mapping[str, str]) -> str:
    match node:
        case ast.Name(id=name):
            return names.get(name, name)
        case ast.Attribute(value=value, attr=attr):
            return f"{_canonical(value, names)}.{attr}"
        case ast.Constant(value=value):
            return str(value)
        case ast.UnaryOp(operand=operand):
            return f"-({_canonical(operand, names)})"
        case ast.Call(func=ast.Name(id=name), args=args):
            return f"{name}({', '.join(sorted(_canonical(one, names) for one in args))})"
        case ast.BinOp(op=ast.Add() | ast.Mult() as op):
            sign = " + " if isinstance(op, ast.Add) else " * "
            return "(" + sign.join(sorted(_canonical(one, names) for one in _joined(node, type(op)))) + ")"
        case ast.BinOp(left=left, op=op, right=right):
            return f"({_canonical(left, names)} {type(op).__name__} {_canonical(right, names)})"
    return ast.dump(node)


def _joined(node: ast.expr, op: type[ast.operator]) -> Iterator[ast.expr]:
    """The operands of a run of one commutative operator."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, op):
        yield from _joined(node.left, op)
        yield from _joined(node.right, op)
    else:
        yield node
