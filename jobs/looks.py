"""Where values look: the wanted periods with their segments, and every day and hour that each takes in.

Relations made here, for one kind of period: `wanted` (family, segment, period, period_start, period_end, day, hour),
`spans` (one row a period and segment, with its number of `days`), `looks` (`wanted` with the days a trailing window
looks back on). Rows of whole days have no hour.
"""

from collections.abc import Iterable
from datetime import date

import duckdb

from jobs import segments
from jobs.core.engine import literal
from jobs.periods import wanted_sql


def prepare(
    connection: duckdb.DuckDBPyConnection, kind: str, starts: Iterable[date], families: Iterable[str],
    backs: Iterable[int],
) -> None:  # fmt: skip
    """Make the relations, for segments of these families and windows that look back on so many days."""
    named = sorted(set(families))
    listed = ", ".join(literal(family) for family in named)
    by_hour = ", ".join(literal(family) for family in named if family in segments.HOURS) or "''"
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE wanted AS
        WITH plain AS ({wanted_sql(kind, starts)})
        SELECT s.family, s.segment, p.* FROM plain AS p JOIN day_segments AS s USING (day)
        WHERE s.family IN ({listed})
        UNION ALL
        SELECT s.family, s.segment, p.day, h.hour, p.period, p.period_start, p.period_end
        FROM plain AS p JOIN hours AS h ON h.day = p.day JOIN hour_segments AS s ON s.at = h.at
        WHERE s.family IN ({by_hour}) AND {"false" if kind == "hour" else "true"}""")
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE spans AS
        SELECT family, segment, period, period_start, period_end, count(DISTINCT day) AS days
        FROM wanted GROUP BY ALL""")
    back = ", ".join(f"({days})" for days in sorted({0, *backs}))
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE looks AS
        WITH away AS (
            SELECT b.back, unnest(range(b.back + 1))::INTEGER AS ago FROM (VALUES {back}) AS b(back))
        SELECT a.back, w.family, w.segment, w.period, w.day AS period_day, (w.day - a.ago)::DATE AS day,
            CASE WHEN a.ago = 0 THEN w.hour ELSE then_.hour END AS hour
        FROM wanted AS w CROSS JOIN away AS a
        LEFT JOIN hours AS now_ ON now_.hour = w.hour AND a.ago > 0
        LEFT JOIN hours AS then_ ON then_.day = w.day - a.ago AND then_.at = now_.at
        WHERE w.hour IS NULL OR a.ago = 0 OR then_.hour IS NOT NULL""")
