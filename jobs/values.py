"""One indicator's values for the places and periods it declares, in SQL over the fused terms.

The relations read are those of jobs/grid.py; values are added to `computed`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

from jobs import grid, merged, methods, terms
from jobs.core.engine import literal
from jobs.formula import Ratio, to_sql
from jobs.merged import listed
from jobs.periods import wanted_sql
from schemas import City, Indicator

COMPUTED = """CREATE TABLE IF NOT EXISTS computed (indicator VARCHAR, level VARCHAR, place VARCHAR, period_kind VARCHAR,
    period VARCHAR, period_start DATE, period_end DATE, value DOUBLE, coverage DOUBLE, n_records BIGINT)"""


@dataclass(frozen=True)
class Part:
    """One term in the query: its relation, and its exact value or (of another indicator) its DOUBLE."""

    alias: str
    sql: str
    exact: Ratio | None
    is_register: bool = False


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
    records = f"greatest(0, {', '.join(f'coalesce({part.alias}.n, 0)' for part in moving)})"
    there = "true" if any(not p.is_register and p.exact for p in parts.values()) else "made IS NOT NULL"
    any_row = " OR ".join(f"{part.alias}.place IS NOT NULL" for part in parts.values())
    connection.execute(f"""
        INSERT INTO computed SELECT {literal(one.id)}, g.level, g.place, {literal(kind)}, g.period,
        g.period_start, g.period_end, {value} AS made, {_coverage(one, moving)}, {records}::BIGINT
        FROM ({_spine(city, one, kind, levels)}) AS g {joins}
        WHERE (g.place <> '{grid.UNPLACED}' OR {any_row}) AND {there}""")


def _part(city: City, one: Indicator, alias: str, name: str, levels: Sequence[str], kind: str) -> Part:
    term = one.terms[name]
    if term.kind == "indicator":
        return Part(alias, merged.other(term, kind), None)
    table = city.tables[term.table]
    exact = merged.exact(city, term, alias)
    if table.kind == "register":
        return Part(alias, merged.register(term, levels), exact, is_register=True)
    return Part(alias, merged.events(one, table, term, levels), exact)


def _coverage(one: Indicator, parts: Sequence[Part]) -> str:
    """The lowest of the terms', or the highest where the formula ignores the unknown; a register is fully covered."""
    if all(part.is_register for part in parts):
        return "1.0::DOUBLE"
    ignores = one.value is not None and one.value.strip().startswith(("greatest", "least"))
    pick = "greatest" if ignores else "least"
    return f"coalesce({pick}({', '.join(f'{part.alias}.coverage' for part in parts)}), 0)::DOUBLE"


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
    return formula_sql(one.value or "", constants | exact, others)


def _nine_digits(ratio: Ratio) -> str:
    """A fraction as DECIMAL(38,9), cut off after nine digits: what methods calculate with."""
    return f"((({ratio.over}) * 1000000000 // ({ratio.under}))::DECIMAL(38,0) * 0.000000001::DECIMAL(9,9))"


def _method(city: City, one: Indicator, inputs: Mapping[str, str], observed: str) -> str:
    """The method's SQL, by the edition of its standard that applies on the day of observation."""
    editions = methods.find(one.method or "").editions
    if not editions:
        return f"CAST({method_sql(one.method or '', inputs, one.parameters, '', one.output)} AS DOUBLE)"
    known = [e for family in city.file.standards.values() for e in family if e.edition in editions]
    newest_first = sorted(known, key=lambda e: e.from_, reverse=True)
    cases = " ".join(
        f"WHEN {observed} >= DATE '{e.from_}' "
        f"THEN {method_sql(one.method or '', inputs, one.parameters, e.edition, one.output)}"
        for e in newest_first
    )
    return f"CAST(CASE {cases} END AS DOUBLE)" if cases else "NULL::DOUBLE"


def method_sql(
    name: str, inputs: Mapping[str, str], parameters: Mapping[str, object], edition: str, output: str | None
) -> str:
    """A method's output in SQL: what published values and worked examples are both made with."""
    return methods.expression(name, inputs, parameters, edition, output)


def formula_sql(text: str, terms: Mapping[str, Ratio], values: Mapping[str, str]) -> str:
    """A formula in SQL: what published values and worked examples are both made with."""
    return to_sql(text, terms, values)


def _entities(connection: duckdb.DuckDBPyConnection, city: City, one: Indicator, kind: str) -> None:
    """Values of each entity, and of places as the highest of theirs."""
    assert one.entity is not None
    parts = {
        name: Part(f"t{i}", merged.entities(one, term), merged.exact(city, term, f"t{i}"))
        for i, (name, term) in enumerate(one.terms.items())
    }
    joins = " ".join(f"LEFT JOIN ({p.sql}) AS {p.alias} USING (period, entity_id)" for p in list(parts.values())[1:])
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE entity_values AS SELECT t0.entity_id, t0.period, t0.period_start, t0.period_end,
        t0.from_level, t0.place_id, {_value(city, one, parts, "t0.period_start")} AS value, t0.n
        FROM ({parts[next(iter(parts))].sql}) AS t0 {joins}""")
    columns = f"{literal(kind)}, period, period_start, period_end"
    connection.execute(f"""
        INSERT INTO computed SELECT {literal(one.id)}, {literal(one.entity.kind)}, entity_id, {columns}, value, 1.0, n
        FROM entity_values WHERE value IS NOT NULL""")
    term = next(iter(one.terms.values()))
    slots = literal(terms.slots(city.tables[term.table], term.where))
    connection.execute(f"""
        INSERT INTO computed SELECT {literal(one.id)}, u.to_level, u.to_id, {columns}, max(value),
        coalesce((SELECT sum(s.observed) * 1.0 / sum(s.expected) FROM slots AS s WHERE s."table" = {literal(term.table)}
            AND s.term = {slots} AND s.level = u.to_level AND s.place = u.to_id
            AND s.day BETWEEN period_start AND period_end), 1.0), sum(n)
        FROM entity_values AS e JOIN up AS u ON u.from_level = e.from_level AND u.from_id = e.place_id
        WHERE u.to_level IN ({listed(levels_of(city, one))}) AND value IS NOT NULL
        GROUP BY u.to_level, u.to_id, period, period_start, period_end""")
