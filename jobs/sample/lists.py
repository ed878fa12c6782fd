"""Answers made of other indicators' values: of their trailing days, of the places inside a place, or of several."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from fractions import Fraction
from functools import cache

from jobs.sample import elements, plain
from jobs.sample.asked import ASKED, Ask, Days, Of, Places, Rows, several
from jobs.sample.names import DISTRICTS, STREETS
from jobs.sample.sums import Row, Sums, standing
from jobs.sample.truth import UNPLACED

DIGITS = 9
"""A list holds so many digits after the point, the rest cut off; so does a number that a method reads."""
Values = tuple[Fraction | None, ...]


def rows(sums: Sums) -> Iterator[Row]:
    """Every such answer from these sums. What lies in no place is in no list, and has none."""
    for name, one in elements.listed().items():
        if isinstance(one, Days):
            yield from _of_days(sums, name, one)
        elif isinstance(one, Places):
            yield from _of_places(sums, name, one, _ask(one.of))
        elif isinstance(one, Rows):
            yield from _of_rows(sums, name, one)
        else:
            yield from _of_others(sums, name, one)


def _ask(name: str) -> Ask:
    return elements.asked().get(name) or ASKED[name]


def _of_days(sums: Sums, name: str, one: Days) -> Iterator[Row]:
    for day in sums.days:
        for level in one.levels:
            for place in sums.places(level):
                if place != UNPLACED:
                    series = _series(sums, one, level, place, day)
                    value = _made(one, series)
                    yield Row(name, level, place, "day", str(day), value, True, series, one.is_near)


def _made(one: Days, series: Values) -> Fraction | None:
    return one.made(series) if len(series) - series.count(None) >= one.required else None


def _series(sums: Sums, one: Days, level: str, place: str, day: date) -> Values:
    return tuple(_of_day(sums, one.of, level, place, each) for each in _days_up_to(day, one.days))


@cache
def _days_up_to(day: date, count: int) -> tuple[str, ...]:
    return tuple(str(day - timedelta(days=back)) for back in reversed(range(count)))


def _of_day(sums: Sums, of: str, level: str, place: str, day: str) -> Fraction | None:
    """A day's value as lists hold it; none of a day of which nothing came."""
    key = (of, level, place, day)
    if key not in sums.listed:
        ask = _ask(of)
        subject = several(ask.num)[0].subject
        is_there = subject in standing() or (subject, day) in sums.delivered
        value = plain.value(sums, ask, level, place, day) if is_there else None
        sums.listed[key] = None if value is None else _cut(value)
    return sums.listed[key]


def _of_places(sums: Sums, name: str, one: Places, ask: Ask) -> Iterator[Row]:
    for kind in one.periods:
        for period in sums.periods(kind, several(ask.num)[0].subject):
            for level in one.levels:
                for place in sums.places(level):
                    found = [plain.value(sums, ask, one.across, each, period) for each in _inside(one, level, place)]
                    bag = sorted(value if one.is_whole else _cut(value) for value in found if value is not None)
                    if bag:
                        value = one.made(bag)
                        yield Row(name, level, place, kind, period, value, False, tuple(bag), one.is_near)


def _of_rows(sums: Sums, name: str, one: Rows) -> Iterator[Row]:
    asks = [_ask(of) for of in one.of]
    for kind in one.periods:
        for period in sums.periods(kind, several(asks[0].num)[0].subject):
            for level in one.levels:
                for place in sums.places(level):
                    found = [_row(sums, asks, one.across, each, period) for each in _inside(one, level, place)]
                    known = [row for row in found if row is not None]
                    if known:
                        values = tuple(value for _, row in known for value in row)
                        yield Row(name, level, place, kind, period, one.made(known), False, values, is_near=True)


def _row(
    sums: Sums, asks: Sequence[Ask], level: str, place: str, period: str
) -> tuple[str, tuple[Fraction, ...]] | None:
    """The district a place lies in, and its values; None where one is not known."""
    district = next((street.district for street in STREETS if street.code == place), place)
    found = [plain.value(sums, ask, level, place, period) for ask in asks]
    known = tuple(_cut(value) for value in found if value is not None)
    return (district, known) if len(known) == len(asks) else None


def _of_others(sums: Sums, name: str, one: Of) -> Iterator[Row]:
    for kind in one.periods:
        for period in sums.periods(kind):
            for level in one.levels:
                for place in sums.places(level):
                    found: list[Fraction | None] = []
                    made_of: Values = ()
                    for other in one.of if place != UNPLACED else ():
                        value, rests_on = _value(sums, other, level, place, period)
                        found.append(value)
                        made_of += (value, *rests_on)
                    if found and None not in found:
                        yield Row(name, level, place, kind, period, one.made(*found), False, made_of, one.is_near)


def _value(sums: Sums, other: str | Days, level: str, place: str, period: str) -> tuple[Fraction | None, Values]:
    """Another indicator's value, cut off as a method reads it, and the list it is made of."""
    said = other if isinstance(other, Days) else elements.listed().get(other)
    if isinstance(said, Days):
        series = _series(sums, said, level, place, date.fromisoformat(period))
        made = _made(said, series)
        return None if made is None else _cut(made), series
    assert isinstance(other, str)
    value = plain.value(sums, _ask(other), level, place, period)
    return None if value is None else _cut(value), ()


def _inside(one: Places | Rows, level: str, place: str) -> Sequence[str]:
    """The places of the level that is looked across, inside a place."""
    if one.across == "district":
        return [each.code for each in DISTRICTS]
    return [each.code for each in STREETS if level == "city" or each.district == place]


def _cut(value: Fraction) -> Fraction:
    return Fraction(int(value * 10**DIGITS), 10**DIGITS)
