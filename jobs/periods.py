"""Periods: which days a period has, how it is written, and which period another looks back at."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby, pairwise

TEXT = {
    "hour": "h.text",
    "day": "strftime(d.day, '%Y-%m-%d')",
    "week": "strftime(d.day, '%G-W%V')",
    "month": "strftime(d.day, '%Y-%m')",
    "quarter": "strftime(d.day, '%Y') || '-Q' || quarter(d.day)",
    "year": "strftime(d.day, '%Y')",
}
"""SQL for a period's text, from the day `d.day` (and its hours `h`)."""
KINDS = ("day", "hour", "week", "month", "quarter", "year")
"""Kinds in the order of computation: what looks back on days comes after them."""
SHAPES = {
    "hour": r"\d{4}-\d{2}-\d{2}T\d{2}([+-]\d{4})?", "day": r"\d{4}-\d{2}-\d{2}", "week": r"\d{4}-W\d{2}",
    "month": r"\d{4}-\d{2}", "quarter": r"\d{4}-Q[1-4]", "year": r"\d{4}",
}  # fmt: skip
EXAMPLES = "a period, as 2020-04-01, 2020-04-01T08, 2020-W14, 2020-04, 2020-Q2 or 2020"
MONTHS = {"month": 1, "quarter": 3, "year": 12}
WEEK = 7


def bounds(kind: str, day: date) -> tuple[date, date]:
    """The first and last day of the period of a kind that `day` lies in; weeks are those of ISO 8601."""
    if kind in ("hour", "day"):
        return day, day
    if kind == "week":
        start = day - timedelta(days=day.weekday())
        return start, start + timedelta(days=6)
    months = MONTHS[kind]
    start = date(day.year, (day.month - 1) // months * months + 1, 1)
    following = (start + timedelta(days=31 * months)).replace(day=1)
    return start, following - timedelta(days=1)


def parsed(text: str) -> tuple[str, date] | None:
    """The kind and first day of a period as it is written; None of what is none."""
    kind = next((kind for kind, shape in SHAPES.items() if re.fullmatch(shape, text)), None)
    try:
        match kind:
            case None:
                return None
            case "week":
                return kind, date.fromisocalendar(int(text[:4]), int(text[6:]), 1)
            case "quarter":
                return kind, date(int(text[:4]), 3 * int(text[6]) - 2, 1)
            case _:
                return kind, date.fromisoformat((text[:10] + "-01-01")[:10])
    except ValueError:
        return None


def span(first: date, last: date) -> list[date]:
    """Every day from the first to the last."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def runs(days: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The first and last of days (in order) that follow each other without a gap."""
    for _, run in groupby(enumerate(days), lambda each: date.fromisoformat(each[1]).toordinal() - each[0]):
        found = [day for _, day in run]
        yield found[0], found[-1]


def earlier(kind: str, start: date, when: str) -> date | None:
    """The first day of the period that `when` means, seen from the one that starts on `start`; None where none is.

    The hour before midnight lies on the day before; other hours before theirs on the same day (`looked_at`). A year
    ago is the same date, ISO week, month … of the year before; 29 February and week 53 mostly have none.
    """
    if when == "previous":
        return start if kind == "hour" else bounds(kind, start - timedelta(days=1))[0]
    if when == "same_day_last_week":
        return start - timedelta(days=WEEK) if kind in ("hour", "day") else None
    if when == "year_ago":
        return _year_ago(kind, start)
    return start


def _year_ago(kind: str, start: date) -> date | None:
    try:
        if kind == "week":
            year, week, _ = start.isocalendar()
            return date.fromisocalendar(year - 1, week, 1)
        return start.replace(year=start.year - 1)
    except ValueError:
        return None


def following(kind: str, start: date, when: str) -> list[date]:
    """The first days of the periods that look back at the one that starts on `start`."""
    if when == "same":
        return [start]
    if when == "previous" and kind == "hour":
        return [start, start + timedelta(days=1)]
    _, last = bounds(kind, start)
    reach = {"previous": 1, "same_day_last_week": WEEK}.get(when)
    near = (
        [last + timedelta(days=reach)]
        if reach
        else span(start + timedelta(days=WEEK * 51), start + timedelta(days=WEEK * 54))
    )
    firsts = {bounds(kind, day)[0] for day in near}
    return sorted(first for first in firsts if earlier(kind, first, when) == start)


def looked_at(
    kind: str, starts: Iterable[date], when: str, hours: Sequence[Mapping[str, object]]
) -> list[tuple[str, str]]:
    """(period, the period it looks back at) for `previous`, `same_day_last_week` and `year_ago`.

    `hours` are the hours of all days in question, in order, with `day` and `text`; a repeated autumn hour looks back at
    the first of that clock time.
    """
    if kind != "hour":
        pairs = [(start, earlier(kind, start, when)) for start in starts]
        return [(text(kind, start), text(kind, before)) for start, before in pairs if before is not None]
    listed = [(one["day"], str(one["text"])) for one in hours]
    wanted = set(starts)
    if when == "previous":
        return [(now, before) for (_, before), (day, now) in pairwise(listed) if day in wanted]
    out = []
    for day, now in listed:
        before = earlier(kind, day, when) if isinstance(day, date) and day in wanted else None
        if before is not None:
            out.append((now, f"{before.isoformat()}{now[10:13]}"))
    return out


def text(kind: str, start: date) -> str:
    """How the period that starts on a day is written; hours have their own (`grid.hours`)."""
    year, week, _ = start.isocalendar()
    match kind:
        case "week":
            return f"{year}-W{week:02}"
        case "month":
            return f"{start:%Y-%m}"
        case "quarter":
            return f"{start.year}-Q{(start.month + 2) // 3}"
        case "year":
            return str(start.year)
        case _:
            return start.isoformat()


def wanted_sql(kind: str, starts: Iterable[date]) -> str:
    """Every day (and hour) of the periods of a kind that start on these days, with the period's text and bounds."""
    spans = [bounds(kind, start) for start in sorted(set(starts))]
    listed = ", ".join(f"(DATE '{first}', DATE '{last}')" for first, last in spans)
    hour, hours = (
        ("h.hour", "JOIN hours AS h ON h.day = d.day") if kind == "hour" else ("NULL::TIMESTAMPTZ AS hour", "")
    )
    return f"""
        SELECT d.day, {hour}, {TEXT[kind]} AS period, s.first AS period_start, s.last AS period_end
        FROM (VALUES {listed}) AS s(first, last),
        LATERAL (SELECT unnest(range(s.first, s.last + 1, INTERVAL 1 DAY))::DATE AS day) AS d {hours}"""
