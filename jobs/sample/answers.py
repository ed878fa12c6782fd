"""The answer key: what every indicator should say, in each edition, and whether enough arrived to say it.

An answer is exact: a whole number, a decimal, or a fraction `num/den`. `value` follows from every undamaged record that
departments meant to have said by that edition, `arrived` from those that had arrived undamaged; where the two are the
same, `enough` is true; a value made of a list needs the same list as well. Where records are counted or added up, a
place without any has the value 0; elsewhere no row. Where trailing days are looked at and too few are known, there is a
row whose value is null. `near` marks what is published through roots, logarithms or several divisions in floating
point: it is the value to nine digits.
"""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

from jobs.sample import elements, indices, lists, plain
from jobs.sample.asked import ASKED
from jobs.sample.sums import Row, Sums
from jobs.sample.truth import SEEN, TRUE, Truth
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
            arrived = {row.key: row for row in seen}
            for row in true:
                if row.value is not None or row.is_told:
                    final_after = declared[row.indicator].final_after
                    said = _answer(row, arrived.get(row.key), biz_date, final_after)
                    file.write(json.dumps(said, ensure_ascii=False, separators=(",", ":")) + "\n")
                    count += 1
    return count


def rows(sums: Sums) -> Iterator[Row]:
    """Every answer from these sums."""
    for name, ask in {**ASKED, **elements.asked()}.items():
        yield from plain.rows(sums, name, ask)
    yield from lists.rows(sums)
    yield from indices.rows(sums)
    yield from elements.rows(sums)


def _answer(row: Row, found: Row | None, biz_date: date, final_after: int) -> dict[str, object]:
    arrived = found.value if found else None
    is_enough = row.value == arrived and (found is None or arrived is None or row.made_of == found.made_of)
    near = {"near": True} if row.is_near else {}
    return near | {
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
