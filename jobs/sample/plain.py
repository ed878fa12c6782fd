"""Answers that are a number of a place over another: what jobs.sample.asked says, from the sums of an edition."""

from calendar import isleap, monthrange
from collections.abc import Iterator
from fractions import Fraction

from jobs.sample.asked import Ask, Part, several
from jobs.sample.sums import Key, Row, Sums, standing
from jobs.sample.truth import UNPLACED


def rows(sums: Sums, name: str, ask: Ask) -> Iterator[Row]:
    """An indicator's answers."""
    subject = several(ask.num)[0].subject
    for kind in ask.periods:
        for level in ask.levels if kind == "day" else [one for one in ask.levels if one != "grid"]:
            for period in sums.periods(kind, subject):
                for place in sums.places(level):
                    yield Row(name, level, place, kind, period, value(sums, ask, level, place, period))


def value(sums: Sums, ask: Ask, level: str, place: str, period: str) -> Fraction | None:
    """What an indicator says at a place in a period."""
    num = _total(sums, ask.num, level, place, period)
    if num is None:
        return None
    factor, days = ask.factor, days_of(period) if ask.per_day else 1
    if ask.den is None:
        there = num or place != UNPLACED
        return Fraction(num * factor.numerator, days * factor.denominator) if there else None
    den = _total(sums, ask.den, level, place, period)
    if not den:
        return None
    made = Fraction(num * factor.numerator, den * days * factor.denominator)
    return made if ask.whole is None else ask.whole - made


def days_of(period: str) -> int:
    """How many days a day, month or year has."""
    if len(period) == len("2025"):
        return 366 if isleap(int(period)) else 365
    return monthrange(int(period[:4]), int(period[5:7]))[1] if len(period) == len("2025-03") else 1


def _total(sums: Sums, said: Part | tuple[Part, ...], level: str, place: str, period: str) -> int | None:
    """The parts added up, none when one is not known."""
    total = 0
    for part in several(said):
        one = number(sums, part, level, place, period)
        if one is None:
            return None
        total += part.times * one
    return total


def number(sums: Sums, part: Part, level: str, place: str, period: str) -> int | None:
    """A sum; without records zero if any of the subject was delivered for the period, and none for a highest value."""
    state = sums.get(Key(part.subject, part.measure, level, place, period))
    if state is not None:
        return int(getattr(state, part.what))
    is_known = part.subject in standing() or (part.subject, period[:10]) in sums.delivered
    return 0 if is_known and part.what != "top" else None
