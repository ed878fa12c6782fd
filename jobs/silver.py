"""Silver: conflicts settled, records placed and dated; a day of a table is a pure function of what was delivered."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from pyspark.sql import SparkSession

from jobs import touched
from jobs.core import work
from jobs.core.engine import literal
from jobs.core.lake import Lake, Layout
from jobs.core.ledger import Ledger
from jobs.settle import Settled, Slice, columns, settle
from schemas import City

ROWS_PER_TASK = 2_000_000
DAYS_PER_TASK = 200


def run(spark: SparkSession, city: City, lake: Lake, biz_date: date) -> dict[str, dict[str, int]]:
    """Make the touched days of every table; places first, because the others are placed by them."""
    ledger = Ledger(lake)
    days = touched.days(city, ledger, biz_date)
    report: dict[str, dict[str, int]] = {}
    for keys in (["silver.places"], sorted(set(days) - {"silver.places"})):
        slices = [one for key in keys if days.get(key) for one in _slices(city, lake, ledger, key, days[key])]
        results = work.run(spark, "silver", settle, sorted(slices, key=lambda s: -s.rows))
        for key in keys:
            if days.get(key):
                mine = [one for one in results if one.table == key]
                report[key] = _commit(city, lake, ledger, biz_date, key, days[key], mine)
    return report


def _slices(city: City, lake: Lake, ledger: Ledger, key: str, days: Sequence[str]) -> Iterator[Slice]:
    """The tasks of a table's days: groups of days of bounded size; a bigger day in hash buckets of its keys."""
    counting = touched.effective(city, ledger, key)
    ids = {delivery for delivery, _ in counting}
    said: dict[str, dict[str, int]] = {day: {} for day in days}
    for row in ledger.rows("delivery_dates", f'"table" = {literal(key)}'):
        if row["delivery_id"] in ids and row["day"] in said:
            said[row["day"]][row["delivery_id"]] = row["rows"]
    rows = {day: sum(by_delivery.values()) for day, by_delivery in said.items()}
    files = lake.files(f"claims.{city.tables[key].name}", "_delivery_id", sorted(ids))
    for group in _groups(rows):
        wanted = {delivery for day in group for delivery in said[day]}
        paths = tuple(f["path"] for f in files if f["partition._delivery_id"] in wanted and _may_hold(f, group))
        deliveries = tuple(pair for pair in counting if pair[0] in wanted)
        total = sum(rows[day] for day in group)
        buckets = max(1, -(-total // ROWS_PER_TASK))
        for bucket in range(buckets):
            yield Slice(
                str(lake.root.parent), city.id, key, group, bucket, buckets, paths, deliveries, total // buckets
            )


def _groups(rows: Mapping[str, int]) -> Iterator[tuple[str, ...]]:
    """Days in groups of at most ROWS_PER_TASK rows; a day with more stands alone."""
    group: list[str] = []
    for day, count in rows.items():
        if count > ROWS_PER_TASK:
            yield (day,)
            continue
        if group and (sum(rows[d] for d in group) + count > ROWS_PER_TASK or len(group) >= DAYS_PER_TASK):
            yield tuple(group)
            group = []
        group.append(day)
    if group:
        yield tuple(group)


def _may_hold(file: Mapping[str, Any], days: Sequence[str]) -> bool:
    low, high = file.get("min._day"), file.get("max._day")
    return low is None or high is None or any(low <= day <= high for day in days)


def _commit(
    city: City, lake: Lake, ledger: Ledger, biz_date: date, key: str, days: Sequence[str], mine: Sequence[Settled]
) -> dict[str, int]:
    """One commit that replaces the days, then what the ledger says of them."""
    table = city.tables[key]
    stored = columns(city, table)
    comments = {name: f"{c.description.zh} | {c.description.en}" for name, c in table.columns.items() if name in stored}
    lake.create(key, Layout(stored, ("_day",), f"{table.description.zh} | {table.description.en}", comments))
    lake.commit(key, [file for one in mine for file in one.files], ("_day", days))
    totals: dict[str, tuple[int, int]] = dict.fromkeys(days, (0, 0))
    parts: Counter[tuple[str, str, str]] = Counter()
    for one in mine:
        parts.update(one.parts)
        for day, (rows, digest) in one.days.items():
            totals[day] = (totals[day][0] + rows, totals[day][1] + digest)
    made = [
        {"biz_date": biz_date, "table": key, "day": day, "rows": rows, "digest": str(digest)}
        for day, (rows, digest) in sorted(totals.items())
    ]
    settled = [
        {"biz_date": biz_date, "table": key, "day": day, "delivery_id": delivery, "part": part, "rows": rows}
        for (day, delivery, part), rows in sorted(parts.items())
    ]
    ledger.put("table_days", made, biz_date=[biz_date], table=[key])
    ledger.put("settled", settled, biz_date=[biz_date], table=[key])
    return {"days": len(days), "rows": sum(rows for rows, _ in totals.values())}
