"""Indicators that refer to indicators: to ones that nobody declares, and in circles."""

from collections.abc import Mapping

from schemas.indicator import Indicator
from schemas.quantities import Refused


def cycle(one: Indicator, others: Mapping[str, Indicator]) -> list[str]:
    """The way from an indicator back to itself through others; empty when there is none."""
    ways = [[one.id]]
    seen = {one.id}
    for way in ways:
        last = one if way[-1] == one.id else others.get(way[-1])
        for term in last.looks if last else ():
            if term.table == one.id and len(way) > 1:
                return [*way, one.id]
            if term.table not in seen:
                seen.add(term.table)
                ways.append([*way, term.table])
    return []


def circular(way: list[str]) -> Refused:
    """The fault of indicators that go in a circle."""
    return Refused("terms", f"{' → '.join(way)} is a cycle: none of them could be computed before the others")


def unknown(one: Indicator, others: Mapping[str, Indicator]) -> list[tuple[str, str]]:
    """(term, indicator) of the indicators a definition refers to that nobody declares."""
    used = ((label, look.table) for label, term in one.terms.items() for look in term.looks)
    return [(label, name) for label, name in used if name not in others]
