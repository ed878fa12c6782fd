"""What must be computed for what is to be published: the periods, places and segments that indicators ask of others."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from jobs import segments
from jobs.periods import bounds, earlier, span
from schemas import City, Indicator, Term

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
    """Every day whose terms are read: the days of the periods, those that windows look back at, and those on which
    reporters were seen who are due on the earliest of these.
    """
    known_for = max((table.reporters.known_for for table in city.tables.values() if table.reporters), default=1)
    spans: set[tuple[date, date]] = set()
    for key, need in needs.items():
        trailing = max((one.trailing.days for one in city.indicators[key].versions if one.trailing), default=1)
        back = timedelta(days=trailing - 1 + known_for)
        for kind, starts in need.starts.items():
            spans |= {(first - back, last) for first, last in (bounds(kind, start) for start in starts)}
    return [day.isoformat() for day in sorted({day for first, last in spans for day in span(first, last)})]
