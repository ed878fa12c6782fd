"""Answers made of another indicator's list of values: its trailing days, or the places inside a place."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from fractions import Fraction

from jobs.sample import elements, plain
from jobs.sample.asked import ASKED, PLACED, Ask, Days, Places, several
from jobs.sample.names import DISTRICTS, STREETS
from jobs.sample.sums import Row, Sums
from jobs.sample.truth import UNPLACED

DIGITS = 9
"""A list holds so many digits after the point, the rest cut off."""


def rows(sums: Sums) -> Iterator[Row]:
    """Every such answer from these sums. What lies in no place is in no list, and has none."""
    asked = {**ASKED, **elements.asked()}
    for name, one in elements.listed().items():
        if isinstance(one, Days):
            yield from _of_days(sums, name, one, asked[one.of])
        else:
            yield from _of_places(sums, name, one, asked[one.of])


def _of_days(sums: Sums, name: str, one: Days, ask: Ask) -> Iterator[Row]:
    for day in sums.days:
        for level in PLACED:
            for place in sums.places(level):
                if place != UNPLACED:
                    series = _series(sums, one, ask, level, place, day)
                    is_known = len(series) - series.count(None) >= one.required
                    value = one.made(series) if is_known else None
                    yield Row(name, level, place, "day", str(day), value, is_told=True, made_of=series)


def _series(sums: Sums, one: Days, ask: Ask, level: str, place: str, day: date) -> tuple[Fraction | None, ...]:
    days = [str(day - timedelta(days=back)) for back in reversed(range(one.days))]
    found = [plain.value(sums, ask, level, place, each) for each in days]
    return tuple(None if value is None else _cut(value) for value in found)


def _of_places(sums: Sums, name: str, one: Places, ask: Ask) -> Iterator[Row]:
    for kind in one.periods:
        for period in sums.periods(kind, several(ask.num)[0].subject):
            for level in one.levels:
                for place in sums.places(level):
                    found = [plain.value(sums, ask, one.across, each, period) for each in _inside(one, level, place)]
                    bag = sorted(value if one.is_whole else _cut(value) for value in found if value is not None)
                    if bag:
                        yield Row(name, level, place, kind, period, one.made(bag), made_of=tuple(bag))


def _inside(one: Places, level: str, place: str) -> Sequence[str]:
    """The places of the level that is looked across, inside a place."""
    if one.across == "district":
        return [each.code for each in DISTRICTS]
    return [each.code for each in STREETS if level == "city" or each.district == place]


def _cut(value: Fraction) -> Fraction:
    return Fraction(int(value * 10**DIGITS), 10**DIGITS)
