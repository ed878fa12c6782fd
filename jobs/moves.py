"""Records that were moved to another day: keys of a table that do not hold its date, and stand on several days.

Conflicts are settled within a day. Where a correction can date a record anew, the days that a key was ever dated are
settled together: the winner counts on its own day, and on no other.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jobs.core import engine
from jobs.core.engine import literal
from jobs.core.lake import Lake
from schemas import Table


@dataclass(frozen=True)
class Moves:
    """The further days that must be settled because records came from there or went there, and the files at stake."""

    days: tuple[str, ...] = ()
    paths: frozenset[str] = frozenset()
    standing: frozenset[str] = frozenset()
    """Every day on which a key stands that stands on another one too: a repeat may bring a record back there."""


def can_move(table: Table) -> bool:
    """Whether the same key may be dated twice."""
    return table.kind == "events" and table.key != "whole_record" and table.date not in table.key


def of_table(
    lake: Lake, table: Table, days: Sequence[str], deliveries: Sequence[str], repeated: Collection[str] = ()
) -> Moves:
    """What moved between touched days of a table and others, by all claims there are, replaced ones too.

    `repeated` are days of which somebody said again tonight what was said before: they count as touched where records
    had moved away from them or to them.
    """
    files = lake.files(f"claims.{table.name}", "_delivery_id", deliveries) if can_move(table) else []
    if not files or _is_one_day(files):
        return Moves()
    listed = ", ".join(literal(file["path"]) for file in files)
    with engine.cursor(threads=2) as connection:
        connection.execute(f"""
            CREATE OR REPLACE TEMP TABLE moving AS
            SELECT _key, _day, filename FROM read_parquet([{listed}], filename=true, hive_partitioning=false)
            WINDOW w AS (PARTITION BY _key) QUALIFY min(_day) OVER w <> max(_day) OVER w""")
        touched = f"SELECT _key FROM moving WHERE _day IN ({engine.listed({*days, *repeated})})"
        found = connection.execute(f"SELECT DISTINCT _day FROM moving WHERE _key IN ({touched})").fetchall()
        paths = connection.execute("SELECT DISTINCT filename FROM moving").fetchall()
        standing = connection.execute("SELECT DISTINCT _day FROM moving").fetchall()
        connection.execute("DROP TABLE moving")
    more = tuple(sorted({day for (day,) in found} - set(days)))
    return Moves(more, frozenset(path for (path,) in paths), frozenset(day for (day,) in standing))


def may_hold(file: Mapping[str, Any], days: Sequence[str]) -> bool:
    """Whether a file of claims may have some of one of the days, by its own statistics."""
    low, high = file.get("min._day"), file.get("max._day")
    return low is None or high is None or any(low <= day <= high for day in days)


def _is_one_day(files: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the files' own statistics say that all claims are of one day."""
    ends = {file.get(f"{end}._day") for file in files for end in ("min", "max")}
    return len(ends) == 1 and None not in ends
