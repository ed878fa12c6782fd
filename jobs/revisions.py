"""The triangle of a value: what each edition said of it, and why it said something else than the one before."""

from datetime import date

import pyarrow as pa

from jobs import causes, closing
from jobs.core import engine
from jobs.core.lake import Lake
from jobs.vintages import VALUES

SHOWN = ("value", "unit", "coverage", "low", "high", "grade", "status", "reasons", "n_records", "definition_version")


def triangle(lake: Lake, which: str, until: date | None = None) -> pa.Table:
    """What each edition said that said something new of the value `which` (SQL) is true of, oldest first, and why.

    `revision` counts the changes of the value after its period was closed; NULL where a row is none.
    """
    key = "indicators.values"
    known = f"edition <= '{until}'" if until else "true"
    with engine.cursor(threads=2) as connection:
        connection.execute(f"""
            CREATE TEMP TABLE said AS SELECT {", ".join(VALUES)} FROM {lake.scan(key)}
            WHERE ({which}) AND {known}""")
        return engine.table(
            connection,
            f"""
            SELECT a.edition, {causes.sql("b", "a")} AS cause, {closing.revision("b", "a")} AS revision,
                {", ".join(f"a.{name}" for name in SHOWN)}
            FROM said AS a LEFT JOIN said AS b ON b.edition = (
                SELECT max(c.edition) FROM said AS c WHERE c.edition < a.edition)
            ORDER BY a.edition""",
        )
