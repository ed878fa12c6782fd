"""How long values really keep changing: measured from the editions, proposed as `final_after`, never applied."""

import pyarrow as pa

from jobs.core import engine
from jobs.core.lake import Lake
from schemas import City

KEPT = 0.99
"""A proposal is the number of nights after which this share of the values had stopped changing."""
CELL = "indicator, level, place, period_kind, period, segment"


def measured(city: City, lake: Lake) -> pa.Table:
    """By indicator: values followed, nights they were followed for, when half and when 99 % had stopped, the latest
    change, what is declared, and what is proposed.

    Followed are values first said by the night after their period ended: of a first load nobody knows how it came
    about. Nothing is proposed where the editions reach less far than what is declared.
    """
    history = lake.arrow("indicators.values") if lake.exists("indicators.values") else None
    with engine.cursor(threads=2, memory="2GB") as connection:
        if history is None:
            return pa.table({"indicator": pa.array([], pa.string())})
        connection.register("history", history)
        declared = [(one.id, one.final_after) for one in city.indicators.values()]
        columns = {"indicator": pa.array([a for a, _ in declared]), "final_after": pa.array([b for _, b in declared])}
        connection.register("declared", pa.table(columns))
        return engine.table(connection, f"""
            WITH said AS (
                SELECT {CELL}, edition::DATE AS night, period_end, value,
                    lag(value) OVER one AS before, row_number() OVER one AS nth
                FROM history WINDOW one AS (PARTITION BY {CELL} ORDER BY edition)),
            cells AS (
                SELECT indicator, any_value(period_end) AS ended, min(night) AS first,
                    greatest(0, max(night - period_end)
                        FILTER (WHERE nth > 1 AND value IS DISTINCT FROM before)) AS after
                FROM said GROUP BY {CELL}),
            newest AS (SELECT max(edition)::DATE AS night FROM history),
            followed AS (SELECT c.*, n.night - c.ended AS nights FROM cells AS c, newest AS n
                WHERE c.first - c.ended <= 1 AND n.night >= c.ended)
            SELECT d.indicator, count(f.after) AS cells, max(f.nights) AS followed_nights,
                quantile_disc(f.after, 0.5) AS half_after,
                quantile_disc(f.after, {KEPT}) AS most_after, max(f.after) AS last_change,
                d.final_after,
                CASE WHEN max(f.nights) >= d.final_after THEN most_after END AS proposed
            FROM declared AS d LEFT JOIN followed AS f USING (indicator)
            GROUP BY d.indicator, d.final_after ORDER BY 1""")  # fmt: skip
