"""Why an edition says another thing than the one before it: one word for each change, and the triangle of a value.

A change is told by its two rows of `indicators.values`, in this order: another version of the definition, or one that
waited to be applied; withheld for few people, or no longer; held by quality, or no longer; closed, after as many nights
as the definition says; trust alone; a period that was not over; records that no longer count, that came late, or say
something else.
"""

from datetime import date

import pyarrow as pa

from jobs import judgement, release
from jobs.core import engine
from jobs.core.lake import Lake
from jobs.core.pinned import parquet
from jobs.indicators import PENDING, VALUES

FIRST = "first"
CAUSES = (
    FIRST, "definition", "small_count", "hold", "hold_lifted", "freeze", "trust", "running", "withdrawal", "late_data",
    "correction",
)  # fmt: skip
SHOWN = ("value", "unit", "coverage", "low", "high", "grade", "status", "reasons", "n_records", "definition_version")


def sql(before: str, after: str) -> str:
    """SQL for the cause of the change between two rows, by their aliases; the first of a value has no row before it."""
    held, was_held = (_says(one, judgement.HELD) for one in (after, before))
    few, was_few = (_says(one, release.REASON) for one in (after, before))
    waits, waited = (_says(one, PENDING) for one in (after, before))
    same = " AND ".join(f"{before}.{name} IS NOT DISTINCT FROM {after}.{name}" for name in ("value", "n_records"))
    now, then = (f"coalesce({one}.n_records, 0)" for one in (after, before))
    return f"""CASE WHEN {before}.status IS NULL THEN '{FIRST}'
        WHEN {before}.definition_version <> {after}.definition_version OR {waits} <> {waited} THEN 'definition'
        WHEN {few} <> {was_few} THEN 'small_count'
        WHEN {held} AND NOT {was_held} THEN 'hold'
        WHEN {was_held} AND NOT {held} THEN 'hold_lifted'
        WHEN {same} AND {before}.status <> 'final' AND {after}.status = 'final' THEN 'freeze'
        WHEN {same} THEN 'trust'
        WHEN {after}.period_end > {before}.edition::DATE THEN 'running'
        WHEN {now} < {then} THEN 'withdrawal' WHEN {now} > {then} THEN 'late_data' ELSE 'correction' END"""


def _says(row: str, reason: str) -> str:
    return f"contains(coalesce({row}.reasons, ''), '{reason}')"


def triangle(lake: Lake, which: str, until: date | None = None) -> pa.Table:
    """What each edition said that said something new of the value `which` (SQL) is true of, oldest first, and why."""
    key = "indicators.values"
    editions = sorted({str(part["edition"]) for part in lake.delta(key).partitions()})
    known = [one for one in editions if until is None or one <= until.isoformat()]
    paths = [file["path"] for file in lake.files(key, "edition", known)]
    with engine.cursor(threads=2) as connection:
        connection.execute(f"""
            CREATE TEMP TABLE said AS SELECT {", ".join(VALUES)} FROM {parquet(paths, ["edition"])}
            WHERE {which}""")
        return engine.table(
            connection,
            f"""
            SELECT a.edition, {sql("b", "a")} AS cause, {", ".join(f"a.{name}" for name in SHOWN)}
            FROM said AS a LEFT JOIN said AS b ON b.edition = (
                SELECT max(c.edition) FROM said AS c WHERE c.edition < a.edition)
            ORDER BY a.edition""",
        )
