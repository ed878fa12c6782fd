"""One indicator's values for the places and periods it declares, in SQL over the fused terms.

The relations read are those of jobs/grid.py; values are added to `computed`.
"""

from collections.abc import Mapping, Sequence

import duckdb

from jobs import bounds, grid, merged, methods, missing, trust
from jobs.bounds import Interval
from jobs.core.engine import literal
from jobs.formula import Ratio, to_sql
from jobs.merged import listed
from jobs.periods import wanted_sql
from jobs.trust import Part
from schemas import City, Indicator

COMPUTED = """CREATE TABLE IF NOT EXISTS computed (indicator VARCHAR, level VARCHAR, place VARCHAR, period_kind VARCHAR,
    period VARCHAR, period_start DATE, period_end DATE, value DOUBLE, coverage DOUBLE, low DOUBLE, high DOUBLE,
    n_records BIGINT, lost BIGINT, unplaced BIGINT, days_known BIGINT, days_due BIGINT)"""


def compute(connection: duckdb.DuckDBPyConnection, city: City, one: Indicator, days: Sequence[str]) -> None:
    """Add the indicator's values for every period that one of the days lies in; unknown is NULL."""
    connection.execute(COMPUTED)
    for kind in one.periods:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE wanted AS {wanted_sql(kind, days)}")
        if one.entity:
            _entities(connection, city, one, kind)
        else:
            _places(connection, city, one, kind)


def levels_of(city: City, one: Indicator) -> list[str]:
    """The levels an indicator is published for: those it names that the city has, or all of them."""
    known = dict.fromkeys(level for chain in city.file.hierarchies for level in chain)
    return [level for level in known if not one.places or level in one.places]


def _places(connection: duckdb.DuckDBPyConnection, city: City, one: Indicator, kind: str) -> None:
    levels = levels_of(city, one)
    parts = {name: _part(city, one, f"t{i}", name, levels, kind) for i, name in enumerate(one.terms)}
    moving = [part for part in parts.values() if not part.is_register] or list(parts.values())
    joins = " ".join(
        f"LEFT JOIN ({p.sql}) AS {p.alias} ON {p.alias}.level = g.level AND {p.alias}.place = g.place "
        f"AND {p.alias}.period = g.period"
        for p in parts.values()
    )
    value = _value(city, one, parts, "g.period_start")
    if one.trailing:
        value = f"CASE WHEN coalesce(t0.days_known, 0) >= {one.trailing.required} THEN {value} END"
    most = {name: f"greatest(0, {', '.join(f'coalesce({part.alias}.{name}, 0)' for part in moving)})"
            for name in ("n", "lost", "u_n")}  # fmt: skip
    known = f"least({', '.join(f'{part.alias}.days_known' for part in moving)})"
    there = "true" if any(not p.is_register and p.exact for p in parts.values()) else "made IS NOT NULL"
    any_row = " OR ".join(f"{part.alias}.place IS NOT NULL" for part in parts.values())
    inner = trust.inside(city, one, parts, _method, "g.period_start")
    said = bounds.published(Interval("inner_low", "inner_high"), "made", "covered", one.valid_range)
    connection.execute(f"""
        INSERT INTO computed SELECT {literal(one.id)}, level, place, {literal(kind)}, period, period_start, period_end,
        made, covered, {said.low}, {said.high}, records::BIGINT, lost, unplaced, days_known, days_due FROM (
            SELECT g.level, g.place, g.period, g.period_start, g.period_end, {value} AS made,
                {trust.coverage(one, moving)} AS covered, {inner.low} AS inner_low, {inner.high} AS inner_high,
                {most["n"]} AS records, {most["lost"]} AS lost, {most["u_n"]} AS unplaced, {known} AS days_known,
                g.days * {one.trailing.days if one.trailing else 1} AS days_due
            FROM ({_spine(city, one, kind, levels)}) AS g {joins}
            WHERE (g.place <> '{grid.UNPLACED}' OR {any_row})) WHERE {there}""")


def _part(city: City, one: Indicator, alias: str, name: str, levels: Sequence[str], kind: str) -> Part:
    term = one.terms[name]
    if term.kind == "indicator":
        return Part(alias, merged.other(term, kind), None, Interval(f"{alias}.low", f"{alias}.high"))
    table = city.tables[term.table]
    exact = merged.exact(city, term, alias)
    if table.kind == "register":
        return Part(alias, merged.register(term, levels), exact, bounds.exactly(exact.sql()), is_register=True)
    sql = trust.bounded(city, one, name, missing.around(one, term, merged.events(one, table, term, levels)))
    return Part(alias, sql, exact, Interval(f"{alias}.lo", f"{alias}.hi"))


def _spine(city: City, one: Indicator, kind: str, levels: Sequence[str]) -> str:
    """The places and periods that must have a row: members of each level that a delivered source reaches then."""
    events = [key for key in one.tables if city.tables[key].kind != "register"]
    tables = ", ".join(literal(key) for key in events or one.tables)
    if events:
        reached = f"""
            SELECT k.level, w.period FROM known AS k JOIN wanted AS w ON w.day = k.day
            WHERE k."table" IN ({tables}) AND k.level IN ({listed(levels)})
            UNION SELECT k.level, w.period FROM wanted AS w JOIN due AS d ON d.day = w.day
            JOIN reach AS k ON k."table" = d."table"
            WHERE d."table" IN ({tables}) AND k.level IN ({listed(levels)})"""
    elif one.tables:
        reached = f"""
            SELECT DISTINCT u.to_level AS level, w.period FROM terms AS t JOIN up AS u ON u.from_level = t.level
            JOIN wanted AS w ON t.valid_from <= w.period_end AND (t.valid_to IS NULL OR w.period_end < t.valid_to)
            WHERE t."table" IN ({tables}) AND u.to_level IN ({listed(levels)})"""
    else:
        others = ", ".join(literal(term.table) for term in one.terms.values())
        reached = f"""
            SELECT DISTINCT level, period FROM computed WHERE indicator IN ({others})
            AND period_kind = {literal(kind)} AND level IN ({listed(levels)})"""
    return f"""
        SELECT p.level, p.place, r.period, any_value(w.period_start) AS period_start,
        any_value(w.period_end) AS period_end, any_value(w.period_end) - any_value(w.period_start) + 1 AS days
        FROM (SELECT DISTINCT to_level AS level, to_id AS place FROM up WHERE to_level IN ({listed(levels)})) AS p
        JOIN ({reached}) AS r ON r.level = p.level JOIN wanted AS w ON w.period = r.period
        GROUP BY p.level, p.place, r.period"""


def _value(city: City, one: Indicator, parts: Mapping[str, Part], observed: str) -> str:
    """The formula or the method as DOUBLE SQL."""
    exact = {name: part.exact for name, part in parts.items() if part.exact}
    if one.method is not None:
        inputs = {name: _nine_digits(ratio) for name, ratio in exact.items()}
        return _method(city, one, inputs, observed)
    constants = {"days": Ratio("g.days::HUGEINT"), "valid_days": Ratio("nullif(t0.days_known, 0)::HUGEINT")}
    others = {name: f"{part.alias}.value" for name, part in parts.items() if not part.exact}
    return to_sql(one.value or "", constants | exact, others)


def _nine_digits(ratio: Ratio) -> str:
    """A fraction as DECIMAL(38,9), cut off after nine digits: what methods calculate with."""
    return f"((({ratio.over}) * 1000000000 // ({ratio.under}))::DECIMAL(38,0) * 0.000000001::DECIMAL(9,9))"


def _method(city: City, one: Indicator, inputs: Mapping[str, str], observed: str) -> str:
    """The method's SQL, by the edition of its standard that applies on the day of observation."""
    module = methods.find(one.method or "")
    known = [e for family in city.file.standards.values() for e in family if e.edition in module.EDITIONS]
    newest_first = sorted(known, key=lambda e: e.from_, reverse=True)
    cases = " ".join(
        f"WHEN {observed} >= DATE '{e.from_}' THEN {module.sql(inputs, one.parameters, e.edition)}"
        for e in newest_first
    )
    return f"CAST(CASE {cases} END AS DOUBLE)" if cases else "NULL::DOUBLE"


def _entities(connection: duckdb.DuckDBPyConnection, city: City, one: Indicator, kind: str) -> None:
    """Values of each entity, and of places as the highest of theirs."""
    assert one.entity is not None
    parts = {}
    for i, (name, term) in enumerate(one.terms.items()):
        sql, alias = missing.around_entities(city, one, term, merged.entities(one, term)), f"t{i}"
        sql = trust.bounded(city, one, name, sql)
        parts[name] = Part(alias, sql, merged.exact(city, term, alias), Interval(f"{alias}.lo", f"{alias}.hi"))
    joins = " ".join(f"LEFT JOIN ({p.sql}) AS {p.alias} USING (period, entity_id)" for p in list(parts.values())[1:])
    inner = trust.inside(city, one, parts, _method, "t0.period_start")
    said = bounds.published(Interval("inner_low", "inner_high"), "value", "covered", one.valid_range)
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE entity_values AS SELECT *, {said.low} AS low, {said.high} AS high FROM (
            SELECT t0.entity_id, t0.period, t0.period_start, t0.period_end, t0.from_level, t0.place_id,
                {_value(city, one, parts, "t0.period_start")} AS value, t0.n, t0.lost,
                {trust.coverage(one, list(parts.values()))} AS covered, {inner.low} AS inner_low,
                {inner.high} AS inner_high
            FROM ({parts[next(iter(parts))].sql}) AS t0 {joins}) WHERE value IS NOT NULL""")
    connection.execute(f"""
        INSERT INTO computed SELECT {literal(one.id)}, {literal(one.entity.kind)}, entity_id, {literal(kind)}, period,
        period_start, period_end, value, covered, low, high, n, lost, 0, NULL, NULL FROM entity_values""")
    _highest(connection, city, one, kind)


def _highest(connection: duckdb.DuckDBPyConnection, city: City, one: Indicator, kind: str) -> None:
    """Places say the highest of their entities' values; one that was silent could have been higher."""
    term = next(iter(one.terms.values()))
    said = bounds.published(Interval("inner_low", "inner_high"), "value", "covered", one.valid_range)
    connection.execute(f"""
        INSERT INTO computed SELECT {literal(one.id)}, to_level, to_id, {literal(kind)}, period, period_start,
        period_end, value, covered, {said.low}, {said.high}, n, lost, 0, NULL, NULL FROM (
            SELECT e.*, coalesce(s.share, 1) * (1 - coalesce(lost / nullif(lost + n, 0), 0)) AS covered,
                CASE WHEN coalesce(s.silent, 0) = 0 THEN e.high END AS inner_high
            FROM (SELECT u.to_level, u.to_id, period, period_start, period_end, max(value) AS value,
                    max(low) AS inner_low, max(high) AS high, sum(n)::BIGINT AS n, max(lost) AS lost
                FROM entity_values AS v JOIN up AS u ON u.from_level = v.from_level AND u.from_id = v.place_id
                WHERE u.to_level IN ({listed(levels_of(city, one))}) GROUP BY ALL) AS e
            LEFT JOIN ({missing.heard(city, term)}) AS s
                ON s.level = e.to_level AND s.place = e.to_id AND s.period = e.period)""")
