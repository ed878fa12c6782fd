"""Why an edition says something else: one cause for each change, from its two rows."""

from typing import Any

import pytest

from jobs import causes
from jobs.core import engine

ROW = {
    "value": "5.0", "n_records": "5", "status": "'provisional'", "reasons": "'recent'", "definition_version": "'1'",
    "edition": "'2025-03-04'", "period_end": "DATE '2025-03-03'",
}  # fmt: skip
HELD = "'held_by_quality: silver.x few; stale: last good 2025-03-03'"


def cause(before: dict[str, str] | None, after: dict[str, str]) -> Any:
    none = dict.fromkeys(ROW, "NULL") | {"status": "NULL::VARCHAR"}
    rows = [{**ROW, **before} if before is not None else none, {**ROW, **after}]
    one, other = (", ".join(f"{sql} AS {name}" for name, sql in row.items()) for row in rows)
    with engine.cursor() as connection:
        sql = f"SELECT {causes.sql('b', 'a')} FROM (SELECT {one}) AS b, (SELECT {other}) AS a"
        return connection.sql(sql).fetchall()[0][0]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (None, {}, "first"),
        ({}, {"value": "6.0", "n_records": "6"}, "late_data"),
        ({}, {"value": "6.0"}, "correction"),
        ({}, {"value": "4.0", "n_records": "4"}, "withdrawal"),
        ({}, {"value": "NULL", "n_records": "0"}, "withdrawal"),
        ({}, {"value": "6.0", "n_records": "6", "definition_version": "'2'"}, "definition"),
        ({"reasons": "'recent; pending'"}, {"value": "6.0"}, "definition"),
        ({}, {"status": "'stale'", "reasons": HELD}, "hold"),
        ({"status": "'stale'", "reasons": HELD}, {"value": "6.0", "n_records": "6"}, "hold_lifted"),
        ({}, {"value": "NULL", "status": "'withheld'", "reasons": "'below_release_threshold'"}, "small_count"),
        ({"reasons": "'recent'"}, {"status": "'final'", "reasons": "''"}, "freeze"),
        ({}, {"reasons": "'missing_reporters: a; recent'"}, "trust"),
        ({"edition": "'2025-03-02'"}, {"value": "6.0", "n_records": "6"}, "running"),
    ],
)
def test_a_change_has_one_cause(before: dict[str, str] | None, after: dict[str, str], expected: str) -> None:
    assert cause(before, after) == expected
    assert expected in causes.CAUSES
