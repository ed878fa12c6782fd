"""What one query of values is about: a version of an indicator, a kind of period, levels and segments."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from jobs import segments
from jobs.core.engine import listed
from jobs.needs import Need, levels_of
from schemas import City, Indicator, Table, Term

FOR_EVER = date.max


@dataclass(frozen=True)
class Scope:
    """One version of an indicator in the periods of a kind that start while it is in force."""

    city: City
    one: Indicator
    kind: str
    need: Need
    number: int
    """Its number among those of its kind, by which the shared relations know it (jobs/looks.py, jobs/parts.py)."""
    first_part: int
    is_referred_to: bool
    """Whether another indicator uses its values."""
    until: date = FOR_EVER
    """The day on which the next version begins."""

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

    def spans(self) -> str:
        """SQL: the periods and segments to compute, each with whether it is published."""
        chosen = f"SELECT * EXCLUDE (indicator, since, until) FROM chosen WHERE scope = {self.number}"
        return f"(SELECT * EXCLUDE (scope) FROM scope_spans JOIN ({chosen}) USING (scope))"

    @property
    def published_levels(self) -> list[str]:
        """The levels of places, and the kind of entity, that are published."""
        return [*levels_of(self.city, self.one), *([self.one.entity.kind] if self.one.entity else [])]

    def is_published(self, level: str) -> str:
        """SQL: whether a row of `level` and `published` is to be published."""
        return f"(published AND {level} IN ({listed(self.published_levels)}))"


def scopes(city: City, kind: str, needs: Mapping[str, Need]) -> list[Scope]:
    """The versions of indicators that any needed period starts under, in the order of computation."""
    out: list[Scope] = []
    parts = 0
    terms = (term for one in city.indicators.values() for version in one.versions for term in version.terms.values())
    used = {term.table for term in terms if term.kind == "indicator"}
    for key, need in needs.items():
        starts, until = need.starts[kind], FOR_EVER
        for version in city.indicators[key].versions:
            if any(version.effective_from <= start < until for start in starts):
                out.append(Scope(city, version, kind, need, len(out), parts, key in used, until))
                parts += len(version.terms)
            until = version.effective_from
    return out
