"""What must be computed for what is to be published: the periods, places and segments that indicators ask of others."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from jobs import segments
from jobs.periods import bounds, earlier, span
from schemas import City, Indicator, Table, Term

OF_DAYS = ("mean", "max", "min")
OF_AN_INDEX = ("sum", "last")
"""Ways in which a longer period's value comes from the values of its days: the second for methods only, because sums
and last values of terms themselves roll up."""


@dataclass
class Need:
    """What is needed of one indicator."""

    published: dict[str, set[date]] = field(default_factory=dict)
    """Kind of period to the first days of the periods that are published."""
    starts: dict[str, set[date]] = field(default_factory=dict)
    """The same for all that are computed."""
    levels: set[str] = field(default_factory=set)
    families: set[str] = field(default_factory=set)

    def add(self, kind: str, starts: set[date]) -> None:
        """Periods that somebody looks at."""
        self.starts.setdefault(kind, set()).update(starts)


Needs = dict[str, Need]


def closure(city: City, plan: Mapping[str, Mapping[str, set[date]]]) -> Needs:
    """The needs of every indicator, from the periods of which each is to be published."""
    out: Needs = {key: Need() for key in city.indicators}
    for key, one in reversed(list(city.indicators.items())):
        mine = out[key]
        for kind, starts in plan.get(key, {}).items():
            if starts:
                mine.published[kind] = set(starts)
                mine.add(kind, set(starts))
        mine.levels |= set(levels_of(city, one))
        mine.families |= {segments.ALL, *one.segments}
        for kind, starts in [*mine.starts.items()] if over_days(one) else []:
            if kind not in ("hour", "day"):
                mine.add("day", {day for start in starts for day in span(*bounds(kind, start))})
        for other, term in _references(one):
            look(out[other], mine, term)
    return {key: need for key, need in out.items() if any(need.starts.values())}


def over_days(one: Indicator) -> str | None:
    """How longer periods come from the values of days; None where they are computed from terms."""
    time = one.rollup.time if one.rollup else None
    return time if time in OF_DAYS or (one.method and time in OF_AN_INDEX) else None


def _references(one: Indicator) -> Iterator[tuple[str, Term]]:
    for version in one.versions:
        yield from ((look.table, look) for look in version.looks if look.table != one.id)


def look(other: Need, mine: Need, term: Term) -> None:
    """Add what a term asks of another indicator."""
    other.levels |= {term.across} if term.across else mine.levels
    other.families |= mine.families
    for kind, starts in mine.starts.items():
        if term.trailing:
            ends = {bounds(kind, start)[1] for start in starts}
            other.add("day", {end - timedelta(days=n) for end in ends for n in range(term.trailing.days)})
        else:
            other.add(kind, {before for start in starts if (before := earlier(kind, start, term.when))})
            if kind == "hour" and term.when == "previous":
                other.add(kind, {start - timedelta(days=1) for start in starts})


def levels_of(city: City, one: Indicator) -> list[str]:
    """The levels an indicator is published for: those it names that the city has, or all of them."""
    known = dict.fromkeys(level for chain in city.file.hierarchies for level in chain)
    return [level for level in known if not one.places or level in one.places]


def days(city: City, needs: Needs) -> list[str]:
    """Every day that is looked at: the days of the periods, those that windows look back at, and those on which
    reporters were seen who are due on the earliest of these.
    """
    known_for = max((_known_for(table) for table in city.tables.values()), default=1)
    return _listed({each for key, need in needs.items() for each in _spans(city.indicators[key], need, known_for)})


def days_of_values(city: City, needs: Needs) -> set[str]:
    """Of the days that are looked at, those whose terms the values are made of."""
    return {*_listed({each for key, need in needs.items() for each in _spans(city.indicators[key], need, 0)})}


def days_by_table(city: City, needs: Needs) -> dict[str, list[str]]:
    """Of each table of events, the days whose terms are read: those of `days`, but of its own indicators only."""
    spans: dict[str, set[tuple[date, date]]] = {}
    for key, need in needs.items():
        one = city.indicators[key]
        for name in {name for version in one.versions for name in version.tables}:
            table = city.tables[name]
            if table.kind != "register":
                spans.setdefault(name, set()).update(_spans(one, need, _known_for(table)))
    return {name: _listed(found) for name, found in spans.items()}


def _spans(one: Indicator, need: Need, known_for: int) -> Iterator[tuple[date, date]]:
    """The first and last days that the periods of a need look at, `known_for` days before them included."""
    trailing = max((version.trailing.days for version in one.versions if version.trailing), default=1)
    back = timedelta(days=trailing - 1 + known_for)
    for kind, starts in need.starts.items():
        for first, last in (bounds(kind, start) for start in starts):
            yield first - back, last


def _known_for(table: Table) -> int:
    return table.reporters.known_for if table.reporters else 1


def _listed(spans: Iterable[tuple[date, date]]) -> list[str]:
    return [day.isoformat() for day in sorted({day for first, last in spans for day in span(first, last)})]
