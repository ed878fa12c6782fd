"""Shares of time: how long a state lasted, from successive records of an entity.

A record's state holds until the entity's next record. It counts in its own day, to the day's end where no other comes,
and in the next day only until that day's first record: an entity that is silent for a whole day is unknown. Whole
microseconds throughout; a record whose condition is unknown counts for nothing until the next.
"""

from collections.abc import Mapping, Sequence

from jobs import states, terms
from jobs.core.engine import quoted
from jobs.shared import rowsql
from schemas import Table

SECONDS = "::DECIMAL(38,0) * 0.000001::DECIMAL(6,6)"


def query(
    keys: Sequence[str], table: Table, one: terms.Aggregate, grid: Mapping[str, str], kept: str = "true", *,
    hourly: bool,
) -> str:  # fmt: skip
    """Seconds in the state (`weighted`), seconds known (`weight`) and records (`n`) by place and hour or day.

    A record that is not `kept` ends the state before it all the same.
    Reads `with_back` (records of the days and of the day before each) and `clock` (the hours of the days).
    """
    at = one.at or table.date
    holds = rowsql.to_duckdb(one.where or "true", dict(table.stored))
    named = ", ".join(f"{sql} AS g_{name}" for name, sql in grid.items() if name not in ("day", "hour"))
    hour = "hour" if hourly else "NULL::TIMESTAMPTZ"
    pieces = _pieces(table, one.lasts or "", at, holds, f"{named}, {kept} AS kept", hourly=hourly)
    wide = f"""
        SELECT day::VARCHAR AS _day, day AS g_day, {hour} AS g_hour,
            {", ".join(f"g_{name}" for name in grid if name not in ("day", "hour"))},
            count(*) FILTER (WHERE starts) AS a0_n,
            (sum(took) FILTER (WHERE holds)){SECONDS} AS known_true,
            (sum(took) FILTER (WHERE holds IS NOT NULL)){SECONDS} AS a0_weight,
            coalesce(known_true, 0)::{states.PRODUCT} AS a0_weighted
        FROM ({pieces}) WHERE kept AND (took > 0 OR starts) GROUP BY ALL"""
    return f"WITH wide AS MATERIALIZED ({wide})" + states.long_row(keys, table, one, 0, "a0_weight > 0")


def _pieces(table: Table, entity: str, at: str, holds: str, named: str, *, hourly: bool) -> str:
    """Each record's time within the days (and hours) it counts in: `took` microseconds, `starts` where it was made."""
    utc, local = quoted(f"{at}_utc"), quoted(f"{at}_date")
    records = f"""
        SELECT {named}, {local} AS own, {utc} AS since, {holds} AS holds,
            lead({utc}) OVER w AS until, lead({local}) OVER w AS until_day
        FROM with_back WHERE {quoted(entity)} IS NOT NULL AND {utc} IS NOT NULL
        WINDOW w AS (PARTITION BY {quoted(entity)} ORDER BY {utc}, {holds}, place_level, place_id)"""
    within = f"""
        SELECT r.*, c.day, c.starts_at, c.ends_at FROM ({records}) AS r
        JOIN (SELECT day, min(hour) AS starts_at, max(ends) AS ends_at FROM clock GROUP BY day) AS c
            ON c.day = r.own OR (c.day = r.own + 1 AND r.until_day = c.day)"""
    if not hourly:
        return _took(within, "starts_at", "ends_at")
    hours = f"""
        SELECT d.* EXCLUDE (starts_at, ends_at), h.hour, h.hour AS starts_at, h.ends AS ends_at
        FROM ({within}) AS d JOIN clock AS h ON h.day = d.day
            AND h.ends > d.since AND (d.until IS NULL OR d.until >= h.hour)"""
    return _took(hours, "starts_at", "ends_at")


def _took(source: str, start: str, end: str) -> str:
    """`took` of each piece; the record itself is counted where it was made."""
    return f"""
        SELECT *, since >= {start} AND since < {end} AS starts,
            date_diff('microsecond', greatest(since, {start}),
                least(coalesce(until, {end}), {end})) AS took
        FROM ({source})"""
