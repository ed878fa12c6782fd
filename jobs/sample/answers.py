"""The answer key: what every indicator should say, in each edition, and whether enough arrived to say it.

An answer is exact: a whole number, a decimal, or a fraction `num/den`. `value` follows from every undamaged record that
departments meant to have said by that edition, `arrived` from those that had arrived undamaged; where the two are the
same, `enough` is true. Where records are counted or added up, a place without any has the value 0; elsewhere no row.
"""

import json
from calendar import isleap, monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

from jobs.sample import elements, indices
from jobs.sample.asked import ASKED, PLACED, Ask, Part
from jobs.sample.sums import Key, Row, Sums, standing
from jobs.sample.truth import SEEN, TRUE, UNPLACED, Truth
from schemas import load_city

WINDOW_DAYS = 3
"""An edition gives the values of its own day and of the two before: nothing arrives later than that."""


def write(truth: Truth, city: str, first_day: date, nights: int, path: Path) -> int:
    """Write the key, one JSON object a line, and give the number of answers."""
    declared = load_city(city).indicators
    path.parent.mkdir(parents=True, exist_ok=True)
    count = 0
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for night in range(1, nights + 1):
            biz_date = first_day + timedelta(days=night - 1)
            days = [biz_date - timedelta(days=back) for back in range(min(WINDOW_DAYS, night))]
            true, seen = (rows(Sums(truth, city, kind, night, days)) for kind in (TRUE, SEEN))
            arrived = {row[:-1]: row.value for row in seen}
            for row in true:
                if row.value is not None:
                    final_after = declared[row.indicator].final_after
                    said = _answer(row, arrived.get(row[:-1]), biz_date, final_after)
                    file.write(json.dumps(said, ensure_ascii=False, separators=(",", ":")) + "\n")
                    count += 1
    return count


def rows(sums: Sums) -> Iterator[Row]:
    """Every answer from these sums."""
    for name, ask in {**ASKED, **elements.asked()}.items():
        yield from _plain(sums, name, ask)
    yield from _admissions_mean(sums)
    yield from indices.rows(sums)
    yield from elements.rows(sums)


def _answer(row: Row, arrived: Fraction | None, biz_date: date, final_after: int) -> dict[str, object]:
    is_enough = row.value == arrived
    return {
        "edition": str(biz_date), "indicator": row.indicator, "level": row.level, "place": row.place,
        "period_kind": row.kind, "period": row.period, "value": exact(row.value), "enough": is_enough,
        "arrived": exact(arrived), "expected_status_hint": _hint(row, arrived, is_enough, biz_date, final_after),
    }  # fmt: skip


def _hint(row: Row, arrived: Fraction | None, is_enough: bool, biz_date: date, final_after: int) -> str:
    """`unknown` without data, `incomplete` with too little, `final` once old enough, else `provisional`."""
    if arrived is None:
        return "unknown"
    if not is_enough:
        return "incomplete"
    if row.kind not in ("hour", "day"):
        return "provisional"
    age = (biz_date - date.fromisoformat(row.period[:10])).days
    return "final" if age >= final_after else "provisional"


def exact(value: Fraction | None) -> str | None:
    """`12`, `0.85` or `2/3`."""
    if value is None:
        return None
    twos, fives, rest = 0, 0, value.denominator
    while rest % 2 == 0:
        twos, rest = twos + 1, rest // 2
    while rest % 5 == 0:
        fives, rest = fives + 1, rest // 5
    if rest > 1:
        return f"{value.numerator}/{value.denominator}"
    digits = max(twos, fives)
    whole = abs(value.numerator) * 10**digits // value.denominator
    text = str(whole).rjust(digits + 1, "0")
    shown = f"{text[:-digits]}.{text[-digits:]}" if digits else text
    return f"-{shown}" if value < 0 else shown


def _plain(sums: Sums, name: str, ask: Ask) -> Iterator[Row]:
    subject = parts(ask.num)[0].subject
    for kind in ask.periods:
        for level in ask.levels if kind == "day" else [one for one in ask.levels if one != "grid"]:
            for period in sums.periods(kind, subject):
                for place in sums.places(level):
                    yield Row(name, level, place, kind, period, _value(sums, ask, level, place, period))


def _value(sums: Sums, ask: Ask, level: str, place: str, period: str) -> Fraction | None:
    num = _total(sums, ask.num, level, place, period)
    days = days_of(period) if ask.per_day else 1
    if ask.den is None:
        return None if num is None or (place == UNPLACED and not num) else num / days * ask.factor
    den = _total(sums, ask.den, level, place, period)
    if num is None or not den:
        return None
    value = num / den / days * ask.factor
    return value if ask.whole is None else ask.whole - value


def parts(said: Part | tuple[Part, ...]) -> tuple[Part, ...]:
    """One or several parts as several."""
    return (said,) if isinstance(said, Part) else said


def days_of(period: str) -> int:
    """How many days a day, month or year has."""
    if len(period) == len("2025"):
        return 366 if isleap(int(period)) else 365
    return monthrange(int(period[:4]), int(period[5:7]))[1] if len(period) == len("2025-03") else 1


def _total(sums: Sums, said: Part | tuple[Part, ...], level: str, place: str, period: str) -> Fraction | None:
    """The parts added up, none when one is not known."""
    found = [(part, _number(sums, part, level, place, period)) for part in parts(said)]
    known = [part.times * value for part, value in found if value is not None]
    return sum(known, Fraction(0)) if len(known) == len(found) else None


def _number(sums: Sums, part: Part, level: str, place: str, period: str) -> Fraction | None:
    """A sum; without records zero if any of the subject was delivered for the period, and none for a highest value."""
    state = sums.get(Key(part.subject, part.measure, level, place, period))
    if state is not None:
        return Fraction(getattr(state, part.what))
    is_known = part.subject in standing() or (part.subject, period[:10]) in sums.delivered
    return Fraction(0) if is_known and part.what != "top" else None


def _admissions_mean(sums: Sums) -> Iterator[Row]:
    """Means of the seven days up to each day; the ledger reaches six days back behind the first."""
    (part,) = parts(ASKED["medical.admissions"].num)
    for day in sums.days:
        week = [str(day - timedelta(days=back)) for back in range(7)]
        for level in PLACED:
            for place in (one for one in sums.places(level) if one != UNPLACED):
                found = [_number(sums, part, level, place, one) for one in week]
                known = [value for value in found if value is not None]
                value = sum(known, Fraction(0)) / 7 if len(known) == len(week) else None
                yield Row("medical.admissions_mean_7d", level, place, "day", str(day), value)
