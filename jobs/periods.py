"""Periods: which days a period has, how it is written, and the days and hours to compute."""

from collections.abc import Sequence
from datetime import date, timedelta

TEXT = {
    "hour": "h.text",
    "day": "strftime(d.day, '%Y-%m-%d')",
    "week": "strftime(d.day, '%G-W%V')",
    "month": "strftime(d.day, '%Y-%m')",
    "quarter": "strftime(d.day, '%Y') || '-Q' || quarter(d.day)",
    "year": "strftime(d.day, '%Y')",
}
"""SQL for a period's text, from the day `d.day` (and its hours `h`)."""
MONTHS = {"month": 1, "quarter": 3, "year": 12}


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


def wanted_sql(kind: str, days: Sequence[str]) -> str:
    """Every day (and hour) of every period of a kind that one of the days lies in, with its text and bounds."""
    spans = sorted({bounds(kind, date.fromisoformat(day)) for day in days})
    listed = ", ".join(f"(DATE '{first}', DATE '{last}')" for first, last in spans)
    hour, hours = (
        ("h.hour", "JOIN hours AS h ON h.day = d.day") if kind == "hour" else ("NULL::TIMESTAMPTZ AS hour", "")
    )
    return f"""
        SELECT d.day, {hour}, {TEXT[kind]} AS period, s.first AS period_start, s.last AS period_end
        FROM (VALUES {listed}) AS s(first, last),
        LATERAL (SELECT unnest(range(s.first, s.last + 1, INTERVAL 1 DAY))::DATE AS day) AS d {hours}"""
