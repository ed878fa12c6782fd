"""Records that do not count for a term, and why: of the same place and time where that is known, else of the same days.

Parts and reasons are those of `ops.accounts` (jobs/accounts.py), and those of rows that are there and do not count
(jobs/behind/traced.py). `where` says how near they are: `here`, `day` (the same days; place or hour are not known),
`delivery` (the deliveries that speak of those days).
"""

from collections import Counter
from collections.abc import Iterator, Sequence, Set
from typing import NamedTuple

import pyarrow as pa

from jobs import moves, placing
from jobs.behind import contested, traced
from jobs.behind.taken import Taken
from jobs.behind.takes import Take
from jobs.core import engine
from jobs.core.engine import listed, parquet
from jobs.mapping import UNDATED
from jobs.segments import ALL

HERE, DAY, DELIVERY = "here", "day", "delivery"
LOST = "beaten"
ACCOUNTS = """
    SELECT part, reason, sum(rows)::BIGINT AS records FROM accounts
    WHERE delivery_id IN ({ids}) AND "table" = '{key}' AND part IN ('out_of_scope', 'rejected')
        AND (part = 'out_of_scope' OR reason = 'malformed') GROUP BY ALL ORDER BY ALL"""
UNDATED_ROWS = """
    SELECT sum(rows)::BIGINT AS records FROM settled WHERE "table" = '{key}' AND day = '{day}' AND part = 'accepted'
        AND delivery_id IN ({ids}) AND biz_date = (
            SELECT max(biz_date) FROM settled WHERE "table" = '{key}' AND day = '{day}')"""


class Left(NamedTuple):
    """Why records do not count, and how near they are."""

    part: str
    reason: str
    where: str


def beside_rows(took: Taken, take: Take, days: Sequence[str]) -> Counter[Left]:
    """Records that are no rows: lost to others, rejected, out of scope, undated."""
    out: Counter[Left] = Counter()
    for (part, reason, where), count in _lost(took, take, days):
        out[Left(part, reason, where)] += count
    ids = deliveries(took, take, days)
    for left, count in _rejected(took, take, days, ids):
        out[left] += count
    ledger, key = took.made.vintage.ledger, take.table.key_id
    for row in ledger.query(ACCOUNTS.format(ids=listed(ids), key=key), "accounts"):
        out[Left(row["part"], row["reason"], DELIVERY)] += row["records"]
    undated = ledger.query(UNDATED_ROWS.format(ids=listed(ids), key=key, day=UNDATED), "settled")[0]["records"]
    out[Left("undated", UNDATED, DELIVERY)] += undated or 0
    return +out


def deliveries(took: Taken, take: Take, days: Sequence[str]) -> list[str]:
    """The deliveries that speak of some days of a take's table."""
    settled = [took.made.vintage.settled(take.table.key_id, day) for day in days]
    return sorted({one for each in settled for one in (*each.took_part, *each.others)})


def lost_rows(took: Taken, take: Take, days: Sequence[str]) -> str | None:
    """SQL: the claims at this place and time that others beat, with `_part`, `_reason`; None of none."""
    if is_counted_only(took, take, days):
        return None
    found = [contested.of_day(took.made.vintage, take.table.key_id, day).rows for day in days]
    rows = [one for one in found if one.num_rows]
    if not rows:
        return None
    took.made.connection.register(LOST, pa.concat_tables(rows))
    return f"SELECT * FROM ({traced.rows(took, take, LOST)}) WHERE _why = '{traced.USED}'"


def _lost(took: Taken, take: Take, days: Sequence[str]) -> Iterator[tuple[tuple[str, str, str], int]]:
    sql = lost_rows(took, take, days)
    if sql is not None:
        counted = f"SELECT _part, _reason, count(*) FROM ({sql}) GROUP BY ALL ORDER BY ALL"
        for part, reason, count in took.made.connection.sql(counted).fetchall():
            yield (part, reason, HERE), count
    vintage, key, only = took.made.vintage, take.table.key_id, is_counted_only(took, take, days)
    for day in days:
        if only or not contested.of_day(vintage, key, day).rows.num_rows:
            told = contested.counts(vintage, key, day)
            yield from (((part, reason, DAY), count) for (part, reason), count in sorted(told.items()))


def is_counted_only(took: Taken, take: Take, days: Sequence[str]) -> bool:
    """Whether lost claims are on too many days to be looked at one by one."""
    lost = [day for day in days if contested.counts(took.made.vintage, take.table.key_id, day)]
    return len(lost) > contested.MOST_DAYS


def rejected_rows(took: Taken, take: Take, days: Sequence[str], ids: Sequence[str]) -> pa.Table | None:
    """What quarantine has of some days, and of no day in the deliveries `ids`: delivery, record, source, day, rules and
    the reported place. Lines that could not be split say nothing of any table: accounts count them (`ACCOUNTS`).
    """
    vintage, name = took.made.vintage, f"quarantine.{take.table.name}"
    feeding = {source.name for source in vintage.city.feeding(take.table.key_id)}
    known = [delivery for delivery, row in vintage.deliveries.items() if row["source"] in feeding]
    files = vintage.lake.files(name, "_delivery_id", known)
    paths = [f["path"] for f in files if f["partition._delivery_id"] in ids or moves.may_hold(f, days)]
    if not paths:
        return None
    read = parquet(paths, ["_delivery_id"])
    undated = f"_day = '{UNDATED}' AND _delivery_id IN ({listed(ids)})"
    with engine.cursor(threads=2) as connection:
        return engine.table(
            connection,
            f"""
            SELECT _delivery_id, _record, _source, _day, rules, place_reported FROM {read}
            WHERE (_day IN ({listed(days)}) OR {undated}) AND rules <> 'malformed' ORDER BY ALL""",
        )


def _rejected(took: Taken, take: Take, days: Sequence[str], ids: Sequence[str]) -> Iterator[tuple[Left, int]]:
    found = rejected_rows(took, take, days, ids)
    if found is None or not found.num_rows:
        return
    near = nearness(took, take, found)
    yield from Counter(
        Left("rejected", rules, where) for rules, where in zip(found["rules"].to_pylist(), near, strict=True) if where
    ).items()


def nearness(took: Taken, take: Take, found: pa.Table) -> list[str | None]:
    """How near each rejected record is; None of one that was reported at another place."""
    dated = (day != UNDATED for day in found["_day"].to_pylist())
    near = zip(_where(took, take, found), dated, strict=True)
    return [where if where is None or is_dated else DELIVERY for where, is_dated in near]


def _where(took: Taken, take: Take, found: pa.Table) -> list[str | None]:
    cell = took.made.cell
    whole = cell.kind != "hour" and cell.segment == ALL
    if cell.level == "city":
        return [HERE if whole else DAY] * found.num_rows
    mine = _places(took, take)
    pairs = list(zip(found["_source"].to_pylist(), found["place_reported"].to_pylist(), strict=True))
    known: dict[tuple[str, str | None], str | None] = {}
    for pair in set(pairs):
        at = _placed(took, take, *pair)
        known[pair] = DAY if at is None or mine is None else (HERE if whole else DAY) if at in mine else None
    return [known[pair] for pair in pairs]


def _places(took: Taken, take: Take) -> Set[tuple[str, str]] | None:
    """Where the take looks; None where it looks for entities, or by another column than the record's own place."""
    if take.by_entity or take.grid.place:
        return None
    sql = f"SELECT DISTINCT level, place_id FROM taken_places WHERE take = {take.number}"
    return set(took.made.connection.sql(sql).fetchall())


def _placed(took: Taken, take: Take, source: str, reported: str | None) -> tuple[str, str] | None:
    """Where a record that a source reports at a place stands; None where only its point would tell."""
    into = took.made.vintage.city.sources[source].into[take.table.key_id]
    if into.place is None:
        return "city", took.made.city.id
    if into.place.point is not None or reported is None:
        return None
    levels = placing.LEVELS.join(into.place.level)
    named = placing.spelled(took.made.vintage.places, [(levels, reported)]).to_pylist()
    return (named[0]["level"], named[0]["id"]) if named else (into.place.level[0], "unplaced")
