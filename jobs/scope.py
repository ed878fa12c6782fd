"""What one query of values is about: a version of an indicator, a kind of period, levels and segments."""

from dataclasses import dataclass
from datetime import date

from jobs import segments, terms
from jobs.core.engine import literal
from jobs.merged import Ask, listed
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

    def asks(self) -> list[tuple[str, Ask]]:
        """(table, what its merge has to give)."""
        out = []
        for term in self.one.terms.values():
            if term.kind != "indicator":
                table = self.table(term)
                register = table.kind == "register"
                entity = terms.grid(term, table, self.one).entity or ""
                name = terms.aggregate(term, table).id
                out += [(term.table, Ask(name, "" if register else entity, self.back, f)) for f in self.families]
        return out

    def cares(self) -> list[tuple[str, str, int, str]]:
        """(table, slots, window, family) whose coverage is needed."""
        return [
            (term.table, terms.slots(self.table(term), term), self.back, family)
            for term in self.one.terms.values()
            if term.kind != "indicator" and self.table(term).kind != "register"
            for family in self.families
        ]

    def spans(self) -> str:
        """SQL: the periods and segments to compute, each with whether it is published."""
        published = listed(segments.families(self.one, self.kind))
        return f"""
            SELECT s.*, n.published AND s.family IN ({published}) AS published
            FROM spans AS s JOIN needed AS n ON n.start = s.period_start
            WHERE n.indicator = {literal(self.one.id)} AND s.family IN ({listed(self.families)})
            AND s.period_start >= DATE '{self.one.effective_from}' AND s.period_start < DATE '{self.until}'"""

    def is_published(self, level: str) -> str:
        """SQL: whether a row of `level` and `published` is to be published."""
        own = [*levels_of(self.city, self.one), *([self.one.entity.kind] if self.one.entity else [])]
        return f"(published AND {level} IN ({listed(own)}))"


def scopes(city: City, one: Indicator, kind: str, need: Need) -> list[Scope]:
    """The versions of an indicator that any needed period starts under."""
    starts, out, until = need.starts[kind], [], FOR_EVER
    for version in one.versions:
        if any(version.effective_from <= start < until for start in starts):
            out.append(Scope(city, version, kind, need, until))
        until = version.effective_from
    return out
