"""Values made of other values of the same indicator: of the days of a longer period, of the entities of a place."""

import duckdb

from jobs import missing
from jobs.core.engine import listed, literal
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
    kind = taken(one) or "mean"
    low, high = _over_days(kind, one.valid_range)
    connection.execute(f"""
        INSERT INTO found SELECT {literal(one.id)}, level, place, {literal(scope.kind)}, period, segment,
        period_start, period_end, value, covered, n, {literal(one.version)}, NULL, NULL, shown, inner_low, inner_high,
        lost, unplaced, days_known, days, least, most FROM (
            SELECT c.level, c.place, s.period, s.segment, s.period_start, s.period_end, {OVER_DAYS[kind]} AS value,
                list_sum(list(coalesce(c.coverage, 0) ORDER BY c.period_start)) / any_value(s.days) AS covered,
                sum(c.n_records)::BIGINT AS n, any_value({scope.is_published("c.level", "s.published")}) AS shown,
                {low} AS inner_low, {high} AS inner_high, sum(c.lost)::BIGINT AS lost,
                max(c.unplaced)::BIGINT AS unplaced, count(c.value) AS days_known, any_value(s.days) AS days,
                any_value(s.least) AS least, any_value(s.most) AS most
            FROM {scope.spans()} AS s JOIN computed AS c ON c.indicator = {literal(one.id)}
                AND c.period_kind = 'day' AND c.segment = s.segment
                AND c.period_start BETWEEN s.period_start AND s.period_end
            GROUP BY c.level, c.place, s.period, s.segment, s.period_start, s.period_end)""")


def _over_days(kind: str, valid: tuple[float, float] | None) -> tuple[str, str]:
    """The ends of what is taken over days; a day without a value can be anything valid."""
    out = []
    for end, far in zip(("low", "high"), valid or (None, None), strict=True):
        other = "NULL::DOUBLE" if far is None else f"{float(far)!r}::DOUBLE"
        silent = "(any_value(s.days) - count(*))"
        summed = f"(list_sum(list(coalesce(c.{end}, {other}) ORDER BY c.period_start)) + {silent} * {other})"
        all_there, stays = f"{silent} = 0", {"low": "max", "high": "min"}[end] == kind
        highest = f"CASE WHEN {all_there} OR {stays} THEN {kind}(coalesce(c.{end}, {other})) ELSE {other} END"
        last = f"CASE WHEN {all_there} THEN arg_max(coalesce(c.{end}, {other}), c.period_start) ELSE {other} END"
        out.append({"mean": f"{summed} / any_value(s.days)", "sum": summed, "last": last}.get(kind, highest))
    return out[0], out[1]


def over_entities(connection: duckdb.DuckDBPyConnection, scope: Scope) -> None:
    """Values of places from those of their entities: the highest unless `rollup:` says another.

    Of a highest value one silent reporter leaves the low end, of a lowest the high end, of any other neither.
    """
    one = scope.one
    term = next(iter(one.terms.values()))
    kind = (one.rollup.place if one.rollup else None) or "max"
    made = OVER_ENTITIES[kind]
    low, high = (made.replace("value", end) for end in ("low", "high"))
    all_there = "coalesce(s.silent, 0) = 0"
    connection.execute(f"""
        INSERT INTO found SELECT {literal(one.id)}, level, place, {literal(scope.kind)}, period, segment,
        period_start, period_end, value, covered, n, {literal(one.version)}, NULL, NULL, {scope.is_published("level")},
        inner_low, inner_high, lost, 0, NULL, NULL, least, most FROM (
            SELECT e.*, coalesce(s.share, 1) * (1 - coalesce(lost / nullif(lost + n, 0), 0)) AS covered,
                CASE WHEN {all_there} OR {kind == "max"} THEN e.low END AS inner_low,
                CASE WHEN {all_there} OR {kind == "min"} THEN e.high END AS inner_high
            FROM (SELECT u.to_level AS level, u.to_id AS place, period, segment, period_start, period_end, published,
                    least, most,
                    {made} AS value, {low} AS low, {high} AS high, sum(n)::BIGINT AS n, max(lost)::BIGINT AS lost
                FROM entity_values AS v JOIN up AS u ON u.from_level = v.from_level AND u.from_id = v.place_id
                WHERE u.to_level IN ({listed(scope.levels)}) AND value IS NOT NULL GROUP BY ALL) AS e
            LEFT JOIN ({missing.heard(scope, term)}) AS s USING (level, place, period, segment))""")
