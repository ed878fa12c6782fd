"""Who should have reported on a term and did not, and the days on which nothing was delivered."""

from typing import Any

from jobs import terms
from jobs.behind.taken import Taken
from jobs.behind.takes import Take
from jobs.core.engine import literal


def reporters(took: Taken, take: Take) -> list[dict[str, Any]]:
    """Each reporter that left something out at this place and time, and how many of its hours (or days)."""
    cell, table = took.made.cell, take.table
    if table.reporters is None:
        return []
    here = (
        f"(SELECT from_level, from_id FROM up WHERE to_level = {literal(cell.level)} AND to_id = {literal(cell.place)})"
    )
    where = f"(o.level, o.place_id) IN {here}"
    if take.one.entity is not None and cell.level == take.one.entity.kind:
        where = f"o.entity_id = {literal(cell.place)}"
    heard, due = "sum(o.observed)", "sum(o.expected)"
    if cell.kind == "hour":
        at = "substr(" + literal(cell.period) + ", 12, 2)::INTEGER"
        heard, due = f"sum(CASE WHEN o.expected = 1 THEN o.observed ELSE (o.hours >> {at}) & 1 END)", "count(*)"
    sql = f"""
        SELECT o.entity_id, ({due} - {heard})::BIGINT AS missing FROM owed AS o
        WHERE o."table" = {literal(table.key_id)} AND o.term = {literal(terms.slots(table, take.term))} AND {where}
            AND o.day IN (SELECT day FROM taken_days WHERE take = {take.number})
        GROUP BY o.entity_id HAVING missing > 0 ORDER BY o.entity_id"""
    every = "day" if cell.kind != "hour" and table.reporters.every == "day" else "hour"
    found = took.made.connection.sql(sql).fetchall()
    return [{"reporter": name, "missing": count, "of": every} for name, count in found]


def days(took: Taken, take: Take) -> list[str]:
    """The days up to the night that no delivery of the table speaks of."""
    if take.is_register:
        return []
    sql = f"""
        SELECT DISTINCT t.day::VARCHAR FROM taken_days AS t
        WHERE t.take = {take.number} AND t.day <= DATE '{took.made.vintage.night}' AND NOT EXISTS (
            FROM delivered AS d WHERE d."table" = {literal(take.table.key_id)} AND d.day = t.day)
        ORDER BY 1"""
    return [row[0] for row in took.made.connection.sql(sql).fetchall()]
