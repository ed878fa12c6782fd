"""Which terms of tables a value is made of, through other indicators and the days of longer periods: where and when.

Where another indicator's days or places are taken together, whole days are.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, timedelta

from jobs import needs, periods, terms
from jobs.behind.cell import Made
from jobs.core.engine import literal
from jobs.terms import Aggregate, Grid
from schemas import City, Indicator, Table, Term

Target = tuple[str, str]
"""A level and a place of it."""


@dataclass(frozen=True)
class Take:
    """A term of a table, at some places on some days."""

    number: int
    city: City
    one: Indicator
    """The version of the indicator whose term it is."""
    name: str
    days: tuple[date, ...]
    targets: tuple[Target, ...]
    end: date
    """The day on which a register is read."""
    is_own: bool
    """Whether it is the indicator's that was asked for."""

    @property
    def term(self) -> Term:
        """The term as it is declared."""
        return self.one.terms[self.name]

    @property
    def table(self) -> Table:
        """Its table."""
        return self.city.tables[self.term.table]

    @property
    def aggregate(self) -> Aggregate:
        """The aggregate it is made of."""
        return terms.aggregate(self.term, self.table)

    @property
    def grid(self) -> Grid:
        """Where that stands; a register has one grid only."""
        return Grid() if self.is_register else terms.grid(self.term, self.table, self.one)

    @property
    def is_register(self) -> bool:
        """Whether its records hold until the next."""
        return self.table.kind == "register"

    @property
    def by_entity(self) -> bool:
        """Whether it is taken of whole entities, each where it last stood."""
        return self.grid.entity is not None


def of(made: Made) -> Iterator[Take]:
    """The takes of a cell, its own first."""
    cell = made.cell
    starts = {cell.kind: {cell.start}}
    found = _takes(made, made.scope.one.id, starts, ((cell.level, cell.place),), is_own=True)
    seen: set[tuple[object, ...]] = set()
    for number, (one, name, days, targets, end, is_own) in enumerate(found):
        take = Take(number, made.city, one, name, days, targets, end, is_own)
        same = (take.table.key_id, take.aggregate.id, take.grid, days, targets, end)
        if is_own or same not in seen:
            yield take
        seen.add(same)


Found = tuple[Indicator, str, tuple[date, ...], tuple[Target, ...], date, bool]


def _takes(
    made: Made, indicator: str, starts: Mapping[str, Set[date]], targets: tuple[Target, ...], *, is_own: bool
) -> Iterator[Found]:
    """The terms of tables that an indicator's values of these periods and places are made of."""
    newest = made.city.indicators[indicator]
    for kind, firsts in sorted(starts.items()):
        if needs.over_days(newest) and kind not in ("hour", "day"):
            days = {day for first in firsts for day in periods.span(*periods.bounds(kind, first))}
            yield from _takes(made, indicator, {"day": days}, targets, is_own=is_own)
            continue
        until = date.max
        for version in newest.versions:
            mine = {first for first in firsts if version.effective_from <= first < until}
            until = version.effective_from
            if mine:
                yield from _of_version(made, version, kind, mine, targets, is_own=is_own)


def _of_version(
    made: Made, one: Indicator, kind: str, starts: Set[date], targets: tuple[Target, ...], *, is_own: bool
) -> Iterator[Found]:
    spans = [periods.bounds(kind, start) for start in sorted(starts)]
    back = timedelta(days=one.trailing.days - 1 if one.trailing else 0)
    days = tuple(sorted({day for first, last in spans for day in periods.span(first - back, last)}))
    end = max(last for _, last in spans)
    for name, term in one.terms.items():
        if not term.looks:
            yield one, name, days, targets, end, is_own
        for look in term.looks:
            if look.table != one.id:
                there = _inside(made, look.across, targets) if look.across else targets
                yield from _takes(made, look.table, _starts(look, kind, starts), there, is_own=False)


def _starts(look: Term, kind: str, starts: Set[date]) -> dict[str, set[date]]:
    """The periods at which a term looks at another indicator, as `needs` has them."""
    other = needs.Need()
    needs.look(other, needs.Need(starts={kind: set(starts)}), look)
    return other.starts


def _inside(made: Made, level: str, targets: Sequence[Target]) -> tuple[Target, ...]:
    """The places of a level inside others."""
    pairs = ", ".join(f"({literal(at)}, {literal(place)})" for at, place in targets)
    sql = f"SELECT DISTINCT from_id FROM up WHERE from_level = {literal(level)} AND (to_level, to_id) IN ({pairs})"
    return tuple((level, row[0]) for row in made.connection.sql(f"{sql} ORDER BY 1").fetchall())
