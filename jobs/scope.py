"""What one query of values is about: a version of an indicator, a kind of period, levels and segments."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import date, timedelta

from jobs import segments
from jobs.core.engine import listed
from jobs.needs import Need, levels_of
from jobs.periods import KINDS
from schemas import City, Indicator, Table, Term

FOR_EVER = date.max
SCOPES = "$scopes$"
"""Stands in a query for the numbers of the scopes it is of."""


@dataclass(frozen=True)
class Scope:
    """One version of an indicator in the periods of a kind that start while it is in force."""

    city: City
    one: Indicator
    kind: str
    need: Need
    number: int
    """By which the shared relations know it (jobs/looks.py, jobs/parts.py)."""
    first_part: int
    is_referred_to: bool
    """Whether another indicator uses its values."""
    since: date
    until: date
    """Periods that start from the one day on and before the other."""

    @property
    def families(self) -> list[str]:
        """The families of segments that are computed."""
        asked = self.one.model_copy(update={"segments": tuple(sorted(self.need.families - {segments.ALL}))})
        return segments.families(asked, self.kind)

    @property
    def levels(self) -> list[str]:
        """The levels that are computed, in the city's order."""
        known = dict.fromkeys(level for chain in self.city.file.hierarchies for level in chain)
        return [level for level in known if level in self.need.levels]

    @property
    def back(self) -> int:
        """How many days the terms look back beyond their own."""
        return self.one.trailing.days - 1 if self.one.trailing else 0

    def table(self, term: Term) -> Table:
        """The table of a term."""
        return self.city.tables[term.table]

    def part(self, name: str) -> int:
        """The number of a term's rows in `parts`."""
        return self.first_part + list(self.one.terms).index(name)

    def spans(self, numbers: str = "") -> str:
        """SQL: the periods and segments to compute, each with whether it is published; of other scopes' `numbers`."""
        chosen = f"SELECT * EXCLUDE (indicator, since, until) FROM chosen WHERE scope IN ({numbers or self.number})"
        return f"(SELECT * EXCLUDE (scope) FROM scope_spans JOIN ({chosen}) USING (scope))"

    @property
    def published_levels(self) -> list[str]:
        """The levels of places, and the kind of entity, that are published."""
        return [*levels_of(self.city, self.one), *([self.one.entity.kind] if self.one.entity else [])]

    def is_published(self, level: str, published: str = "published") -> str:
        """SQL: whether a row of `level` and `published` is to be published."""
        return f"({published} AND {level} IN ({listed(self.published_levels)}))"


def scopes(city: City, needs: Mapping[str, Need]) -> list[Scope]:
    """The versions of indicators that any needed period starts under, in the order of computation: each indicator
    after those it uses, its longer periods after its days."""
    out: list[Scope] = []
    parts = 0
    versions = (version for one in city.indicators.values() for version in one.versions)
    used = {look.table for version in versions for look in version.looks}
    for key, need, kind in ((key, need, kind) for key, need in needs.items() for kind in KINDS):
        for version, since, until in _stretches(city.indicators[key], need.starts.get(kind, frozenset())):
            out.append(Scope(city, version, kind, need, len(out), parts, key in used, since, until))
            parts += len(version.terms)
    return out


def _stretches(one: Indicator, starts: Set[date]) -> list[tuple[Indicator, date, date]]:
    """Each version with the days from which and before which periods start that are made together.

    What looks at its own earlier values is made period by period, each after those it looks at.
    """
    out, until = [], FOR_EVER
    for version in one.versions:
        mine = sorted(start for start in starts if version.effective_from <= start < until)
        if one.looks_at_itself:
            out += [(version, start, start + timedelta(days=1)) for start in reversed(mine)]
        elif mine:
            out.append((version, version.effective_from, until))
        until = version.effective_from
    return out[::-1] if one.looks_at_itself else out
