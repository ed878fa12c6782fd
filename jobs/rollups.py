"""Values made of other values of the same indicator: of the days of a longer period, of the entities of a place."""

import duckdb

from jobs import terms
from jobs.core.engine import literal
from jobs.merged import listed
from jobs.needs import over_days as taken
from jobs.scope import Scope

OVER_DAYS = {
    "mean": "list_sum(list(c.value ORDER BY c.period_start)) / count(c.value)",
    "sum": "list_sum(list(c.value ORDER BY c.period_start))",
    "max": "max(c.value)",
    "min": "min(c.value)",
    "last": "arg_max(c.value, c.period_start)",
}
OVER_ENTITIES = {
    "max": "max(value)",
    "min": "min(value)",
    "sum": "list_sum(list(value ORDER BY entity_id))",
    "mean": "list_sum(list(value ORDER BY entity_id)) / count(value)",
    "last": "arg_max(value, (period_start, entity_id))",
}
"""Sums of DOUBLEs are taken in a fixed order, so that they come out the same every time."""


def over_days(connection: duckdb.DuckDBPyConnection, scope: Scope) -> None:
    """Values of longer periods from the known values of their days, each day's by the version in force then."""
    one = scope.one
    made = OVER_DAYS[taken(one) or "mean"]
    connection.execute(f"""
        INSERT INTO computed SELECT {literal(one.id)}, c.level, c.place, {literal(scope.kind)}, s.period, s.segment,
        s.period_start, s.period_end, {made},
        list_sum(list(coalesce(c.coverage, 0) ORDER BY c.period_start)) / any_value(s.days),
        sum(c.n_records)::BIGINT, {literal(one.version)}, NULL, NULL, any_value({scope.is_published("c.level")})
        FROM ({scope.spans()}) AS s JOIN computed AS c ON c.indicator = {literal(one.id)} AND c.period_kind = 'day'
            AND c.segment = s.segment AND c.period_start BETWEEN s.period_start AND s.period_end
        GROUP BY c.level, c.place, s.period, s.segment, s.period_start, s.period_end""")


def over_entities(connection: duckdb.DuckDBPyConnection, scope: Scope) -> None:
    """Values of places from those of their entities: the highest unless `rollup:` says another."""
    one = scope.one
    term = next(iter(one.terms.values()))
    slots = literal(terms.slots(scope.table(term), term.where))
    made = OVER_ENTITIES[(one.rollup.place if one.rollup else None) or "max"]
    connection.execute(f"""
        INSERT INTO computed SELECT {literal(one.id)}, e.level, e.place, {literal(scope.kind)}, e.period, e.segment,
        e.period_start, e.period_end, e.value, coalesce(r.observed * 1.0 / r.expected, 1.0), e.n,
        {literal(one.version)}, NULL, NULL, {scope.is_published("e.level")}
        FROM (SELECT u.to_level AS level, u.to_id AS place, period, segment, period_start, period_end, published,
                {made} AS value, sum(n)::BIGINT AS n
            FROM entity_values AS v JOIN up AS u ON u.from_level = v.from_level AND u.from_id = v.place_id
            WHERE u.to_level IN ({listed(scope.levels)}) AND value IS NOT NULL GROUP BY ALL) AS e
        LEFT JOIN (SELECT * FROM reported WHERE "table" = {literal(term.table)} AND term = {slots} AND back = 0) AS r
        USING (level, place, period, segment)""")
