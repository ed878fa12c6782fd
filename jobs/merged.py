"""Terms merged over places and time: from partial aggregates by finest place and hour to one row a place and period.

Each query gives level, place, period, `n` (records), `coverage` and the term's state. Where a table itself speaks for a
level, its rows there are taken and nothing is added up.
"""

from collections.abc import Sequence

from jobs import terms
from jobs.core.engine import literal
from jobs.formula import Ratio
from jobs.grid import UNPLACED
from schemas import City, Indicator, Table, Term

OVER_TIME = {"n": "sum", "total": "sum", "low": "min", "high": "max"}
STATE = {"sum": "total", "mean": "total", "min": "low", "max": "high", "last": "last"}
DATED = "t._day NOT LIKE '\\_%' ESCAPE '\\'"


def listed(levels: Sequence[str]) -> str:
    """Levels as a SQL list."""
    return ", ".join(literal(level) for level in levels)


def events(one: Indicator, table: Table, term: Term, levels: Sequence[str]) -> str:
    """A term of an event table, with how many of the period's days are known."""
    state = terms.NEEDS[term.kind]
    back = one.trailing.days - 1 if one.trailing else 0
    rows = f"""
        SELECT t._day::DATE AS day, t.hour, u.to_level AS level, u.to_id AS place,
        t.level AS from_level, t.place_id, t.n{"".join(f", t.{name}" for name in state)}
        FROM terms AS t JOIN up AS u ON u.from_level = t.level AND u.from_id = coalesce(t.place_id, '{UNPLACED}')
        WHERE t.term = {literal(terms.aggregate(term).id)} AND t.entity IS NULL AND {DATED}
        AND u.to_level IN ({listed(levels)})
        QUALIFY u.distance = min(u.distance) OVER (PARTITION BY t._day, u.to_level)"""
    joined = f"""
        SELECT w.period, t.* FROM ({rows}) AS t JOIN wanted AS w
        ON t.day BETWEEN w.day - {back} AND w.day AND (w.hour IS NULL OR t.hour = w.hour)"""
    if term.kind == "last":
        joined = f"""
            SELECT period, level, place, sum(n) AS n, arg_max(last, (last_at, last)) AS last
            FROM ({joined}) GROUP BY period, level, place, from_level, place_id"""
        sums = "sum(n)::BIGINT AS n, sum(last) AS last"
    else:
        sums = ", ".join(f"{OVER_TIME[name]}({name}) AS {name}" for name in ("n", *state))
    return f"""
        SELECT k.*, m.* EXCLUDE (level, place, period) FROM ({_known(one, table, term, levels)}) AS k
        LEFT JOIN (SELECT period, level, place, {sums} FROM ({joined}) GROUP BY ALL) AS m
        USING (level, place, period)"""


def _known(one: Indicator, table: Table, term: Term, levels: Sequence[str]) -> str:
    """Coverage: the share of days that deliveries speak for, times that of reporters' slots where they are declared."""
    due = one.trailing.days if one.trailing else 1
    span = f"d.day BETWEEN w.day - {due - 1} AND w.day"
    key, slots = literal(term.table), literal(terms.slots(table, term))
    days = f"""
        SELECT w.period, d.level, count(DISTINCT (w.day, d.day)) AS days_known, count(DISTINCT (w.day, d.day)) * 1.0
            / ((any_value(w.period_end) - any_value(w.period_start) + 1) * {due}) AS share
        FROM wanted AS w JOIN known AS d ON {span}
        WHERE d."table" = {key} AND d.level IN ({listed(levels)}) GROUP BY ALL"""
    reported = f"""
        SELECT w.period, d.level, d.place, sum(d.observed) * 1.0 / sum(d.expected) AS share
        FROM (SELECT DISTINCT day, hour, period FROM wanted) AS w JOIN slots AS d
        ON {span} AND d.hour IS NOT DISTINCT FROM w.hour
        WHERE d."table" = {key} AND d.term = {slots} AND d.level IN ({listed(levels)}) GROUP BY ALL"""
    share = "r.share" if table.reporters else "1.0"
    return f"""
        SELECT p.level, p.place, y.period, y.days_known, y.share * {share} AS coverage
        FROM (SELECT DISTINCT to_level AS level, to_id AS place FROM up WHERE to_level IN ({listed(levels)})) AS p
        JOIN ({days}) AS y ON y.level = p.level LEFT JOIN ({reported}) AS r
        ON r.level = p.level AND r.place = p.place AND r.period = y.period"""


def register(term: Term, levels: Sequence[str]) -> str:
    """A term of a register as it stood on the last day of the period."""
    state = ["n", *(name for name in terms.NEEDS[term.kind] if name != "last_at")]
    sums = ", ".join(f"{OVER_TIME.get(name, 'sum')}({name}) AS {name}" for name in state)
    return f"""
        SELECT level, place, period, NULL::DOUBLE AS coverage, 0 AS lost, 0 AS u_n, NULL::BIGINT AS days_known, {sums}
        FROM (
            SELECT u.to_level AS level, u.to_id AS place, w.period, {", ".join(f"t.{name}" for name in state)}
            FROM terms AS t JOIN up AS u ON u.from_level = t.level AND u.from_id = coalesce(t.place_id, '{UNPLACED}')
            JOIN (SELECT DISTINCT period, period_end FROM wanted) AS w
            ON t.valid_from <= w.period_end AND (t.valid_to IS NULL OR w.period_end < t.valid_to)
            WHERE t.term = {literal(terms.aggregate(term).id)} AND t._day = '_register'
            AND u.to_level IN ({listed(levels)})
            QUALIFY u.distance = min(u.distance) OVER (PARTITION BY w.period, u.to_level)) GROUP BY ALL"""


def entities(one: Indicator, term: Term) -> str:
    """A term by entity and period, where the entity last stood."""
    assert one.entity is not None
    sums = ", ".join(f"{OVER_TIME[s]}(t.{s}) AS {s}" for s in ("n", *terms.NEEDS[term.kind]) if s in OVER_TIME)
    return f"""
        SELECT w.period, t.entity_id, any_value(w.period_start) AS period_start, any_value(w.period_end) AS period_end,
            max(t.level) AS from_level, max(coalesce(t.place_id, '{UNPLACED}')) AS place_id, 1 AS days_known, {sums}
        FROM terms AS t JOIN wanted AS w ON w.day = t._day::DATE
        WHERE t.term = {literal(terms.aggregate(term).id)} AND t.entity = {literal(one.entity.column)} AND {DATED}
        GROUP BY w.period, t.entity_id"""


def other(term: Term, kind: str) -> str:
    """Another indicator's value and trust at the same places and periods."""
    return f"""
        SELECT level, place, period, value, coverage, low, high, n_records AS n, lost, unplaced AS u_n, days_known
        FROM computed
        WHERE indicator = {literal(term.table)} AND period_kind = {literal(kind)}"""


def exact(city: City, term: Term, alias: str) -> Ratio:
    """A term's exact value. A count or a sum over a day delivered without such records is zero, not unknown."""
    table = city.tables[term.table]
    known = "true" if table.kind == "register" else f"{alias}.days_known > 0"
    if term.kind == "count":
        return Ratio(f"CASE WHEN {known} THEN coalesce({alias}.n, 0)::HUGEINT END")
    scale = table.columns[term.of or ""].scale
    state = f"{alias}.{STATE[term.kind]}"
    whole = f"CAST(replace({state}::VARCHAR, '.', '') AS HUGEINT) // {10 ** (terms.SCALE - scale)}"
    if term.kind == "mean":
        return Ratio(f"({whole})", f"(nullif({alias}.n, 0)::HUGEINT * {10**scale})")
    if term.kind == "sum":
        whole = f"CASE WHEN {known} THEN coalesce({whole}, 0::HUGEINT) END"
    return Ratio(f"({whole})", f"{10**scale}::HUGEINT")


__all__ = ["entities", "events", "exact", "listed", "other", "register"]
