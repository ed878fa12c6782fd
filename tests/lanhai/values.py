"""Every value straight from silver: aggregates of whole periods and places, exact fractions, rounded once."""

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import Any, NamedTuple

from jobs import methods
from jobs.core.lake import Lake
from jobs.shared import rowsql
from schemas import City, Indicator, Term
from schemas.arithmetic import divisors, formula
from schemas.meaning import span
from tests.lanhai.direct import KINDS, SEASONS, UNPLACED, Found, Group, Look, Silver

Number = Fraction | float | None
NINE = 10**9
LONGER = KINDS[2:]
WHOLE = ("count", "sum", "min", "max", "last", "first", "distinct", "moments")
DAILY = ("mean", "max", "min")
ZERO = ("count", "sum", "moments", "distinct")
"""Kinds of term that are zero, not unknown, where no record came of a day that was delivered."""
HELD = "greatest(_since, l.start), least(_until, l.ends)"
SQL = {
    "count": ("count(*) FILTER ({kept})",),
    "sum": ("sum({of}) FILTER ({kept})",),
    "mean": ("sum({of}) FILTER ({kept})", "count(*) FILTER ({kept})"),
    "min": ("min({of}) FILTER ({kept})",),
    "max": ("max({of}) FILTER ({kept})",),
    "moments": ("count(*) FILTER ({kept})", "sum({of}) FILTER ({kept})", "sum({of} * {of}) FILTER ({kept})"),
    "weighted_mean": ("sum({of} * {weight}) FILTER ({kept})", "sum({weight}) FILTER ({kept})"),
    "distinct": ("count(DISTINCT {of}) FILTER ({kept})",),
    "percentile": ("list({of} ORDER BY {of}) FILTER ({kept})",),
    "time_share": (
        f"coalesce(sum(date_diff('microsecond', {HELD})) FILTER (_holds), 0)",
        f"sum(date_diff('microsecond', {HELD})) FILTER (_holds IS NOT NULL)",
    ),
    "last": ("arg_max({of}, (_instant, {of})) FILTER ({kept})",),
    "first": ("arg_min({of}, (_instant, {of})) FILTER ({kept})",),
    "rows": ("list({of} ORDER BY {of}) FILTER ({kept})",),
}
"""The aggregates that a kind of term is made of."""
SEGMENTS = {
    "hour_of_day": tuple(f"hour-{at:02}" for at in range(24)), "month": tuple(f"month-{n:02}" for n in range(1, 13)),
    "season": SEASONS,
}  # fmt: skip


class Cell(NamedTuple):
    """Where a value stands."""

    level: str
    place: str
    kind: str
    period: str
    segment: str


class Ask(NamedTuple):
    """What a term asks of a table's rows."""

    kind: str
    group: Group
    of: str
    weight: str
    kept: str
    entity: str | None
    """Whose values are kept apart."""
    is_stock_of: str | None
    """Whose last values are added up, of a stock; None: those of places."""


def rounded(value: Number) -> float | None:
    """The DOUBLE nearest to an exact value."""
    return value.numerator / value.denominator if isinstance(value, Fraction) else value


def nine(value: Number) -> Decimal | None:
    """What methods calculate with: nine digits after the point, the rest of a fraction cut off."""
    if value is None:
        return None
    if isinstance(value, float):
        return Decimal(value).quantize(Decimal(1).scaleb(-9))
    cut = abs(value.numerator) * NINE // value.denominator
    return Decimal(-cut if value < 0 else cut).scaleb(-9)


class Direct:
    """The values of a city's indicators over a lake, each worked out when it is asked for."""

    def __init__(self, city: City, lake: Lake) -> None:
        self.city, self.silver = city, Silver(city, lake)
        self.calendar = self.silver.calendar
        self.levels = {level for chain in city.file.hierarchies for level in chain}
        self.kinds, self.families = _needed(city)
        self._wheres: dict[tuple[str, str | None], str] = {}
        self.looks: dict[Ask, set[tuple[str, str, int]]] = defaultdict(set)
        for key, one in city.indicators.items():
            for version in one.versions:
                for term in version.terms.values():
                    if not term.looks:
                        self.looks[self.ask(version, term)] |= set(self._wanted(key, version))
        self.found: dict[Ask, Found] = {}
        self.numbers: dict[tuple[str, Cell], Number] = {}
        self._known: dict[tuple[str, str, Look], int] = {}

    def value(self, key: str, cell: Cell) -> float | None:
        """An indicator's value in a cell."""
        return rounded(self.number(key, cell))

    def number(self, key: str, cell: Cell) -> Number:
        """The value, exact where it is a fraction of what the terms say."""
        if (key, cell) not in self.numbers:
            self.prepare(key, [cell])
        return self.numbers[key, cell]

    def prepare(self, key: str, cells: Iterable[Cell]) -> None:
        """Work out the values of an indicator in these cells; those of one method together."""
        todo: dict[str, tuple[Indicator, list[Cell]]] = {}
        for cell in cells:
            one = self.city.indicators[key].on(self.calendar.days[cell.kind, cell.period][0])
            if (key, cell) in self.numbers:
                continue
            if one is None:
                self.numbers[key, cell] = None
            elif _days_taken(one) and cell.kind in LONGER:
                self.numbers[key, cell] = self._over_days(one, cell)
            elif one.entity and cell.level in self.levels and (one.rollup is None or one.rollup.place != "recomputed"):
                self.numbers[key, cell] = self._over_entities(one, cell)
            elif one.method:
                todo.setdefault(one.version, (one, []))[1].append(cell)
            else:
                self.numbers[key, cell] = self._formula(one, cell)
        for one, mine in todo.values():
            self.numbers |= {(key, cell): value for cell, value in self._method(one, mine)}

    def _wanted(self, key: str, one: Indicator) -> Iterator[tuple[str, str, int]]:
        back = one.trailing.days - 1 if one.trailing else 0
        for kind in self.kinds[key]:
            for family in ["all", *(self.families[key] if kind != "hour" else ())]:
                if family not in ("month", "season") or kind in ("quarter", "year"):
                    yield from ((kind, segment, back) for segment in SEGMENTS.get(family, (family,)))

    def is_published(self, one: Indicator, look: Look) -> bool:
        """Whether the version is the one in force, and has the segment."""
        asked = {segment for family in ("all", *one.segments) for segment in SEGMENTS.get(family, (family,))}
        return one.on(self.calendar.days[look.kind, look.period][0]) is one and look.segment in asked

    def ask(self, one: Indicator, term: Term) -> Ask:
        """What a term asks."""
        table = self.city.tables[term.table]
        where = self._where(term)
        of, weight = (f'"{name}"' if name else "" for name in (term.of, term.weight))
        kept = " AND ".join([f"({where})", *(f"{name} IS NOT NULL" for name in (of, weight) if name)])
        of = of or _record(term)
        lasts = (term.entity or "", where) if term.kind == "time_share" else (None, None)
        group = Group(term.table, term.at or table.date, term.place, *lasts)
        apart = one.entity.column if one.entity else None
        stock = term.entity if term.kind in ("last", "first") else None
        return Ask(term.kind, group, of, weight, kept, apart, stock)

    def _where(self, term: Term) -> str:
        key = (term.table, term.where)
        if key not in self._wheres:
            stored = dict(self.city.tables[term.table].stored)
            self._wheres[key] = rowsql.to_duckdb(term.where, stored) if term.where else "true"
        return self._wheres[key]

    def rows_of(self, ask: Ask) -> Found:
        """What a table's rows say, worked out with all other terms of the same rows."""
        if ask not in self.found:
            alike = [one for one in self.looks if _together(one) == _together(ask)]
            wanted = sorted({look for one in alike for look in self.looks[one]})
            looks = [
                Look(kind, period, segment, back)
                for kind, segment, back in wanted
                for period in self._periods(kind)
                if self.calendar.own(Look(kind, period, segment, back))
            ]
            self._ask(ask, alike, looks)
        return self.found[ask]

    def _periods(self, kind: str) -> list[str]:
        delivered = set(self.calendar.delivered)
        return [p for (k, p), days in self.calendar.days.items() if k == kind and not delivered.isdisjoint(days)]

    def _ask(self, ask: Ask, alike: Sequence[Ask], looks: Sequence[Look]) -> None:
        sqls = {one: [sql.format(**one._asdict()) for sql in SQL[one.kind]] for one in alike}
        if ask.entity:
            self.found[ask] = self.silver.by_entity(ask.group, looks, ask.entity, ask.kept, sqls[ask])
        elif ask.kind in ("last", "first"):
            first = ask.kind == "first"
            of = ask.of.strip('"')
            self.found[ask] = self.silver.stocks(ask.group, looks, of, ask.kept, ask.is_stock_of, first=first)
        else:
            made = self.silver.aggregates(ask.group, looks, [sql for one in alike for sql in sqls[one]])
            start = 0
            for one in alike:
                end = start + len(sqls[one])
                self.found[one] = {cell: row[start:end] for cell, row in made.items()}
                start = end

    def _look(self, one: Indicator, cell: Cell) -> Look:
        return Look(cell.kind, cell.period, cell.segment, one.trailing.days - 1 if one.trailing else 0)

    def known_days(self, table: str, level: str, look: Look) -> int:
        """How many of the days looked at were delivered at a level; of a register, whether it stands there."""
        key = (table, level, look)
        if key not in self._known:
            if self.city.tables[table].kind == "register":
                last = self.calendar.days[look.kind, look.period][-1]
                self._known[key] = level in self.silver.stands(table, last)
            else:
                days = self.silver.known[table, level]
                back = [timedelta(days=ago) for ago in range(look.back + 1)]
                self._known[key] = sum(day - ago in days for day in self.calendar.own(look) for ago in back)
        return self._known[key]

    def term(self, one: Indicator, name: str, cell: Cell) -> dict[str, Number]:
        """What the formula calls a term, and its parts where it has them."""
        term, look = one.terms[name], self._look(one, cell)
        if term.looks:
            return {name: self._other(one, term, cell)}
        ask = self.ask(one, term)
        rows = self.rows_of(ask)
        is_entity = ask.entity is not None and cell.level not in self.levels
        row = rows.get((look, cell.place), (None,))[1:] or None if is_entity else rows.get((look, *cell[:2]))
        if not is_entity and not self.known_days(term.table, cell.level, look):
            row = (None, None, None)
        elif row is None and term.kind in ZERO:
            row = (0, 0, 0)
        return _said(term, name, row)

    def _formula(self, one: Indicator, cell: Cell) -> Number:
        assert one.value is not None
        look = self._look(one, cell)
        named: dict[str, Number] = {
            p: Fraction(str(v.number)) for p, v in one.parameters.items() if v.number is not None
        }
        first = next(iter(one.terms.values()))
        if not first.looks:
            known = self.known_days(first.table, cell.level, look)
            named |= {"days": Fraction(len(self.calendar.own(look))), "valid_days": Fraction(known) if known else None}
            if one.trailing and known < one.trailing.required:
                return None
        for name in one.terms:
            named |= self.term(one, name, cell)
        value = _worked_out(formula(one.value), named, self.city.meaning(one).scales)
        return value if self._is_fraction(self.city.indicators[one.id]) else rounded(value)

    def _is_fraction(self, one: Indicator) -> bool:
        """Whether others calculate with an indicator's fraction, and not with its DOUBLE."""
        return all(
            version.value is not None and version.entity is None and version.rollup is None
            and all(self._is_exact(one, look) for look in version.looks)
            for version in one.versions
        )  # fmt: skip

    def _is_exact(self, one: Indicator, term: Term) -> bool:
        other = self.city.indicators[term.table]
        if term.table == one.id or term.across or not self._is_fraction(other):
            return False
        return not term.trailing or (term.take in ("sum", "mean") and all(_is_whole(v) for v in other.versions))

    def _other(self, one: Indicator, term: Term, cell: Cell) -> Any:
        """Another indicator's value, or what is taken of several."""
        inside = [p for (at, p), above in self.silver.above.items() if at == term.level and cell[:2] in above]
        if term.kind == "rows":
            return [self._row(term, cell._replace(level=str(term.level), place=p)) for p in inside if p != UNPLACED]
        if term.across:
            numbers = [
                self.number(term.table, cell._replace(level=term.across, place=p)) for p in inside if p != UNPLACED
            ]
            return _taken(term.take or "", [rounded(x) if term.take != "bag" else x for x in numbers], 1)
        if term.trailing:
            last = self.calendar.days[cell.kind, cell.period][-1]
            days = [last - timedelta(days=n) for n in reversed(range(term.trailing.days))]
            numbers = [self.number(term.table, cell._replace(kind="day", period=str(day))) for day in days]
            exact = term.take in ("series", "bag") or self._is_exact(one, term)
            return _taken(term.take or "", numbers if exact else [*map(rounded, numbers)], term.trailing.required)
        period = self.calendar.before(cell.kind, cell.period, term.when)
        return None if period is None else self.number(term.table, cell._replace(period=period))

    def _row(self, term: Term, cell: Cell) -> dict[str, Any]:
        """What others say at a place, and the places it lies in."""
        above = dict(sorted(self.silver.above[cell[:2]]))
        row = {}
        for field, said in term.fields.items():
            found = [self.number(name, cell) if "." in name else above.get(name) for name in said]
            row[field] = found if len(found) > 1 else found[0]
        return row

    def _over_days(self, one: Indicator, cell: Cell) -> Number:
        days = self.calendar.days[cell.kind, cell.period]
        known = [self.value(one.id, cell._replace(kind="day", period=str(day))) for day in days]
        taken: Number = _taken(_days_taken(one) or "", known, 1)
        return taken

    def _over_entities(self, one: Indicator, cell: Cell) -> Number:
        """The values of the entities that last stood in a place."""
        assert one.entity is not None
        rows = self.rows_of(self.ask(one, next(iter(one.terms.values()))))
        others = {chain[0] for chain in self.city.file.hierarchies[1:]}
        look = self._look(one, cell)
        here = sorted(
            entity for (seen, entity), ((at, place), *_) in rows.items()
            if seen == look and at not in others and cell[:2] in self.silver.above[at, place]
        )  # fmt: skip
        cells = [cell._replace(level=one.entity.kind, place=entity) for entity in here]
        self.prepare(one.id, cells)
        kind = (one.rollup.place if one.rollup else None) or "max"
        taken: Number = _taken(kind, [self.value(one.id, each) for each in cells], 1)
        return taken

    def _method(self, one: Indicator, cells: Sequence[Cell]) -> Iterator[tuple[Cell, Number]]:
        """A method's own SQL on the terms, by the edition in force on the period's first day."""
        method = methods.find(one.method or "")
        known = [e for family in self.city.file.standards.values() for e in family if e.edition in method.editions]
        by_edition: dict[str, list[Cell]] = defaultdict(list)
        for cell in cells:
            start = self.calendar.days[cell.kind, cell.period][0]
            editions = sorted((e.from_, e.edition) for e in known if e.from_ <= start)
            if editions or not method.editions:
                by_edition[editions[-1][1] if editions else ""].append(cell)
            else:
                yield cell, None
        for edition, mine in by_edition.items():
            kinds = {name: method.inputs[name] for name in one.terms}
            columns = {
                name: [_input(self.term(one, name, cell)[name], kind) for cell in mine] for name, kind in kinds.items()
            }
            sql = methods.expression(method.name, {n: f'"{n}"' for n in one.terms}, one.constants, edition, one.output)
            yield from zip(mine, self.silver.evaluated(sql, columns, kinds), strict=True)


def _input(value: Any, kind: methods.Kind) -> Any:
    """A term as a method is given it: numbers have nine digits after the point."""
    if isinstance(kind, methods.Rows):
        return value and [{field: _input(row[field], of) for field, of in kind.fields.items()} for row in value]
    if kind in ("series", "bag"):
        return value and [_input(one, "number") for one in value]
    return nine(value if isinstance(value, float | None) else Fraction(value)) if kind == "number" else value


def _record(term: Term) -> str:
    """A record of a term of rows as a STRUCT, its fields as the term says."""
    fields = {field: f"[{', '.join(said)}]" if len(said) > 1 else f'"{said[0]}"' for field, said in term.fields.items()}
    return "{" + ", ".join(f"'{field}': {sql}" for field, sql in fields.items()) + "}" if fields else ""


def _needed(city: City) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """The kinds of period and families of segments in which each indicator's values are looked at."""
    kinds: dict[str, set[str]] = {key: {"day", *one.periods} for key, one in city.indicators.items()}
    families: dict[str, set[str]] = {key: {*one.segments} for key, one in city.indicators.items()}
    for key, one in reversed(list(city.indicators.items())):  # what an indicator uses stands before it
        for look in (look for version in one.versions for look in version.looks):
            kinds[look.table] |= kinds[key]
            families[look.table] |= families[key]
    return kinds, families


def _together(ask: Ask) -> object:
    """What asks have in common that one query answers."""
    return ask if ask.entity or ask.kind in ("last", "first") else ask.group


def _days_taken(one: Indicator) -> str | None:
    time = one.rollup.time if one.rollup else None
    return time if time in DAILY or (one.method and time in ("sum", "last")) else None


def _is_whole(one: Indicator) -> bool:
    return one.value is not None and not divisors(one.value) and all(t.kind in WHOLE for t in one.terms.values())


def _taken(take: str, values: Sequence[Any], required: int) -> Any:
    """What is taken of several values; the unknown ones stay in a series only."""
    if take == "series":
        return [nine(value) for value in values] if sum(v is not None for v in values) >= required else None
    known = [value for value in values if value is not None]
    if len(known) < max(required, 1):
        return None
    if take == "bag":
        return sorted(nine(value) for value in known)
    total = known[0]
    for value in known[1:]:
        total += value
    return {"sum": total, "mean": total / len(known), "max": max(known), "min": min(known), "last": known[-1]}[take]


def _said(term: Term, name: str, row: Sequence[Any] | None) -> dict[str, Any]:
    """A term's value from its aggregates."""
    if row is None or row[0] is None:
        sums = ("n", "sum", "squares") if term.kind == "moments" else ()
        nothing: Number = Fraction(0) if row is not None and term.kind == "sum" and len(row) == 1 else None
        return {name: nothing} | {f"{name}.{part}": None for part in sums}
    if term.kind == "rows":
        return {name: row[0] or []}
    if term.kind == "percentile":
        return {name: _percentile(term, [Fraction(x) for x in row[0]])}
    first, *others = (Fraction(x or 0) for x in row)
    match term.kind:
        case "mean" | "weighted_mean" | "time_share":
            return {name: first / others[0] if others[0] else None}
        case "moments":
            return dict(
                zip((name, f"{name}.n", f"{name}.sum", f"{name}.squares"), (first, first, *others), strict=True)
            )
    return {name: first}


def _percentile(term: Term, values: Sequence[Fraction]) -> Fraction:
    p, n = Fraction(str(term.p)), len(values)
    if term.type == "nearest_rank":
        return values[ceil(p * n) - 1]
    where = (n - 1) * p
    low = int(where)
    return values[low] + (values[min(low + 1, n - 1)] - values[low]) * (where - low)


def _worked_out(node: ast.expr, named: Mapping[str, Number], scales: Mapping[Any, Fraction]) -> Fraction | None:
    """A formula's value, each part in the unit its neighbours are in; unknown where it divides by zero."""
    made, by = _arithmetic(node, named, scales), scales.get(span(node))
    return made if made is None or by is None else made * by


def _arithmetic(node: ast.expr, named: Mapping[str, Number], scales: Mapping[Any, Fraction]) -> Fraction | None:
    match node:
        case ast.Name() | ast.Attribute():
            value = named[ast.unparse(node)]
            return None if value is None else Fraction(value)
        case ast.Constant():
            return Fraction(ast.unparse(node))
        case ast.UnaryOp(operand=operand):
            inner = _worked_out(operand, named, scales)
            return None if inner is None else -inner
        case ast.Call(func=ast.Name(id=called), args=args):
            known = [x for x in (_worked_out(one, named, scales) for one in args) if x is not None]
            return (max if called == "greatest" else min)(known, default=None)
        case ast.BinOp(left=left, op=op, right=right):
            a, b = (_worked_out(one, named, scales) for one in (left, right))
            if a is None or b is None or (isinstance(op, ast.Div) and b == 0):
                return None
            return (
                a + b
                if isinstance(op, ast.Add)
                else a - b
                if isinstance(op, ast.Sub)
                else a * b
                if isinstance(op, ast.Mult)
                else a / b
            )
    raise NotImplementedError(ast.unparse(node))
