"""Why an edition says another thing than the one before it: one word for each change.

A change is told by its two rows of `indicators.values`, in this order: another version of the definition, or one that
waited to be applied; withheld for few people, or no longer; held by quality, or no longer; closed, after as many nights
as the definition says; trust alone; a period that was not over; records that no longer count, that came late, or say
something else.
"""

from jobs import judgement, release
from jobs.definitions import PENDING

FIRST = "first"
CAUSES = (
    FIRST, "definition", "small_count", "hold", "hold_lifted", "freeze", "trust", "running", "withdrawal", "late_data",
    "correction",
)  # fmt: skip


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
