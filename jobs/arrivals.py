"""Arrivals: of every source what came tonight, how it compares with what came before, and what should have come.

Nothing here stops a night: an absent source makes its values unknown, and stands here by name until it comes.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from statistics import median
from typing import Any

import pyarrow as pa

from jobs.core.errors import Problem
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger
from jobs.landing import cut_off
from schemas import City, Source

LIKE_DAYS = 4
"""A file is compared with the same weekday of so many weeks, half of them at least."""
SHRUNK, GROWN = 0.5, 2.0
STEPS = {"hour": 1, "day": 1, "week": 7, "month": 31}
"""How many days lie between the files of a source at most; others are never due."""
SCORED_DAYS = 30
Row = Mapping[str, Any]


@dataclass
class Sent:
    """A delivery and what was made of it."""

    row: Row
    states: list[str] = field(default_factory=list)
    detail: str = ""


def note(city: City, ledger: Ledger, biz_date: date) -> None:
    """Write the night's `arrivals`, a row a delivery and a row a source that is missing, and `reporters`."""
    history = _history(city, ledger, biz_date)
    rows = [row for source in city.sources.values() for row in _of_source(city, source, history[source.name], biz_date)]
    ledger.put("arrivals", [{"biz_date": biz_date, **row} for row in rows], biz_date=[biz_date])
    ledger.put("reporters", list(_scores(city, ledger, history, biz_date)), biz_date=[biz_date])


def missing(city: City, ledger: Ledger, biz_date: date) -> list[tuple[Source, date]]:
    """The sources that owe a file by a night's cut-off, and the last day that each has spoken for; the longest first.

    Of one that never spoke that is the day before the city's first.
    """
    history = _history(city, ledger, biz_date)
    found = [(one, _silent_after(city, one, history[one.name], biz_date)) for one in city.sources.values()]
    return sorted(((one, last) for one, last in found if last), key=lambda each: (each[1], each[0].name))


def told(lake: Lake, biz_date: date, by_department: bool) -> pa.Table:
    """What a night noted. Raises Problem when it noted nothing."""
    table = "reporters" if by_department else "arrivals"
    rows = Ledger(lake).rows(table, f"biz_date = DATE '{biz_date}'", "2, 4" if not by_department else "2")
    if not rows:
        raise Problem(f"--biz-date {biz_date}: that night has made no edition, and noted no arrivals")
    return pa.Table.from_pylist([dict(row) for row in rows]).drop_columns(["biz_date"])


def _history(city: City, ledger: Ledger, biz_date: date) -> Mapping[str, list[Row]]:
    """Every delivery up to a night's cut-off by source, oldest first: `records`, `outcome`, `content`, a text of all
    its days' digests."""
    found: dict[str, list[Row]] = defaultdict(list)
    sql = SQL.format(before=cut_off(city, biz_date).isoformat(), night=biz_date)
    for row in ledger.query(sql, "deliveries", "ingests", "delivery_dates"):
        found[row["source"]].append(row)
    return found


def _of_source(city: City, source: Source, history: Sequence[Row], biz_date: date) -> Iterator[dict[str, Any]]:
    since = cut_off(city, biz_date - timedelta(days=1))
    for at, row in enumerate(history):
        if row["delivered_at"] >= since:
            one = _judged(city, source, row, history[:at])
            yield _row(source, ",".join(one.states), one.detail, row)
    if last := _silent_after(city, source, history, biz_date):
        late = (biz_date - last).days
        yield _row(source, "missing", f"nothing after {last}: {late} day{'s' if late > 1 else ''}", None)


def _silent_after(city: City, source: Source, history: Sequence[Row], biz_date: date) -> date | None:
    """The last day that a source has spoken for, when it owes a file since then."""
    last = _last(city, source, history)
    return last if last and biz_date > last + timedelta(days=STEPS[source.arrives.every] - 1) else None


def _row(source: Source, state: str, detail: str, row: Row | None) -> dict[str, Any]:
    of = {name: row[name] if row else None for name in ("delivery_id", "file", "scope", "delivered_at", "records")}
    return {"source": source.name, "department": source.department, "state": state, "detail": detail, **of}


def _judged(city: City, source: Source, row: Row, earlier: Sequence[Row]) -> Sent:
    """What a delivery is: when it came, and how its content compares."""
    one = Sent(row)
    when = _timing(city, source, row)
    if row["is_repeat"]:
        first = next((old for old in earlier if old["delivery_id"] == row["delivery_id"]), None)
        one.states, one.detail = ["repeated"], f"the bytes of {first['file']}" if first else ""
        return one
    if row["outcome"] != "ingested":
        one.states, one.detail = ["refused" if row["outcome"] else "waiting"], row["reason"] or ""
        return one
    taken = [old for old in earlier if old["outcome"] == "ingested" and not old["is_repeat"]]
    one.states.append(when)
    if row["records"] == 0:
        one.states.append("empty")
        return one
    same = next((old for old in reversed(taken) if old["content"] == row["content"]), None)
    if same is not None:
        one.states.append("same_content")
        one.detail = f"says what {same['file']} said"
        return one
    usual = _usual(row, taken)
    if usual:
        share = row["records"] / usual
        one.states += ["shrunk"] if share < SHRUNK else ["grown"] if share > GROWN else []
        one.detail = f"{row['records']:,} records, usually {usual:,.0f}" if len(one.states) > 1 else ""
    return one


def _usual(row: Row, taken: Sequence[Row]) -> float | None:
    """How many records such a file has: an earlier one for the same days, else like weekdays, else the last ones."""
    for_days = [old["records"] for old in taken if row["scope"] and old["scope"] == row["scope"]]
    if for_days:
        return float(for_days[-1])
    weekday = _covered(row).weekday()
    like = [old["records"] for old in taken if _covered(old).weekday() == weekday][-LIKE_DAYS:]
    if len(like) >= LIKE_DAYS / 2:
        return float(median(like))
    last = [old["records"] for old in taken][-LIKE_DAYS:]
    return float(median(last)) if len(last) >= LIKE_DAYS / 2 else None


def _covered(row: Row) -> date:
    """The last day that a delivery speaks for: what its path says, else the day before it came."""
    if row["scope"] is None:
        came: date = row["delivered_date"]
        return came - timedelta(days=1)
    if len(row["scope"]) == len("2020-04-01"):
        return date.fromisoformat(row["scope"])
    first = date.fromisoformat(row["scope"] + "-01")
    return (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def _due(city: City, source: Source, day: date) -> datetime:
    """When the file that ends with a day is due: by the declared time on the day after."""
    by = time.fromisoformat(source.arrives.by or city.file.cut_off)
    return datetime.combine(day + timedelta(days=1), by, city.zone)


def _timing(city: City, source: Source, row: Row) -> str:
    if source.arrives.every not in STEPS:
        return "on_time"
    day = _covered(row)
    if row["delivered_at"] < datetime.combine(day + timedelta(days=1), time(), city.zone):
        return "early"
    grace = timedelta(days=STEPS[source.arrives.every] - 1)
    return "on_time" if row["delivered_at"] <= _due(city, source, day + grace) else "late"


def _last(city: City, source: Source, history: Sequence[Row]) -> date | None:
    """The last day that a source has spoken for, or the day before the city's first; None for one that is never due."""
    if source.arrives.every not in STEPS:
        return None
    spoken = [_covered(row) for row in history if row["outcome"] == "ingested"]
    return max(spoken, default=city.file.first_day - timedelta(days=1))


def _scores(
    city: City, ledger: Ledger, history: Mapping[str, Sequence[Row]], biz_date: date
) -> Iterator[dict[str, Any]]:
    """Of each department, over the trailing days: files due and on time, reporters' slots due and given."""
    start = max(city.file.first_day, biz_date - timedelta(days=SCORED_DAYS - 1))
    days = [start + timedelta(days=n) for n in range((biz_date - start).days + 1)]
    slots = {row["table"]: row for row in ledger.query(SLOTS.format(first=start, last=biz_date), "quality")}
    for department in sorted({source.department for source in city.sources.values()}):
        mine = [one for one in city.sources.values() if one.department == department]
        daily = [source for source in mine if STEPS.get(source.arrives.every) == 1]
        on_time = sum(len(_punctual(city, source, history[source.name], set(days))) for source in daily)
        tables = {key for source in mine for key in source.into} & slots.keys()
        due, given = len(days) * len(daily), sum(slots[key]["due"] - slots[key]["missing"] for key in tables)
        asked = sum(slots[key]["due"] for key in tables)
        yield {
            "biz_date": biz_date, "department": department, "files_due": due, "files_on_time": on_time,
            "slots_due": asked, "slots_given": given, "timeliness": on_time / due if due else None,
            "completeness": given / asked if asked else None,
        }  # fmt: skip


def _punctual(city: City, source: Source, history: Sequence[Row], days: set[date]) -> set[date]:
    """The days for which a file came that was not late."""
    taken = (row for row in history if row["outcome"] == "ingested" and not row["is_repeat"])
    return {_covered(row) for row in taken if _timing(city, source, row) != "late"} & days


SQL = """
    SELECT d.*, i.outcome, i.reason, i.records, c.content
    FROM deliveries AS d LEFT JOIN ingests AS i USING (delivery_id)
    LEFT JOIN (
        SELECT delivery_id,
            string_agg(concat_ws(' ', "table", day, rows, digest), ',' ORDER BY "table", day) AS content
        FROM delivery_dates GROUP BY 1) AS c USING (delivery_id)
    WHERE d.delivered_at < TIMESTAMPTZ '{before}' AND (d.after IS NULL OR d.after < DATE '{night}')
    ORDER BY d.delivered_at, d.file, d.is_repeat"""
SLOTS = """
    SELECT "table", sum(evaluated)::BIGINT AS due, sum(failed)::BIGINT AS missing FROM quality
    WHERE rule = 'reporters_complete' AND biz_date BETWEEN DATE '{first}' AND DATE '{last}' GROUP BY 1"""
