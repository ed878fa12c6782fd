"""Values of indicators for the places and periods they declare, in SQL over the fused terms.

The relations read are those of jobs/grid.py; values are added to `computed`. Everything of one kind of period is made
together: first each table's terms are merged (jobs/merged.py), then each indicator is one small query.
"""

from collections.abc import Mapping

import duckdb
import pyarrow as pa

from jobs import bounds, definitions, grid, looks, merged, methods, missing, ranks, references, rollups, trust
from jobs.bounds import Interval
from jobs.core.engine import literal
from jobs.formula import Ratio, fraction, of_indicator
from jobs.merged import listed
from jobs.needs import Need, Needs, over_days
from jobs.periods import KINDS
from jobs.scope import Scope, scopes
from jobs.trust import Part
from schemas import City, Indicator

COMPUTED = """CREATE TABLE IF NOT EXISTS computed (indicator VARCHAR, level VARCHAR, place VARCHAR, period_kind VARCHAR,
    period VARCHAR, segment VARCHAR, period_start DATE, period_end DATE, value DOUBLE, coverage DOUBLE,
    n_records BIGINT, definition_version VARCHAR, over HUGEINT, under HUGEINT, published BOOLEAN, low DOUBLE,
    high DOUBLE, lost BIGINT, unplaced BIGINT, days_known BIGINT, days_due BIGINT)"""
RANKED = ("percentile", "distinct")


def compute(connection: duckdb.DuckDBPyConnection, city: City, needs: Needs) -> None:
    """Add every value that is needed; unknown is NULL. What is to be published is marked so."""
    connection.execute(COMPUTED)
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE members_of AS SELECT DISTINCT to_level AS level, to_id AS place FROM up""")
    merged.base(connection, city)
    ranks.base(connection)
    for kind in KINDS:
        mine = {key: need for key, need in needs.items() if need.starts.get(kind)}
        if mine:
            _kind(connection, city, kind, mine)


def _kind(connection: duckdb.DuckDBPyConnection, city: City, kind: str, needs: Mapping[str, Need]) -> None:
    """The values of one kind of period, each indicator after those it uses."""
    found = [one for key, need in needs.items() for one in scopes(city, city.indicators[key], kind, need)]
    starts = {start for need in needs.values() for start in need.starts[kind]}
    looks.prepare(connection, kind, starts, {f for one in found for f in one.families}, {one.back for one in found})
    _register(connection, kind, needs)
    references.register(connection, kind, starts)
    asked: dict[str, set[merged.Ask]] = {}
    for one in found:
        for key, ask in one.asks():
            asked.setdefault(key, set()).add(ask)
    merged.coverage(connection, [care for one in found for care in one.cares()])
    for key, asks in sorted(asked.items()):
        merged.merge(connection, city.tables[key], kind, asks)
        if any(t.table == key and t.kind in RANKED for one in found for t in one.one.terms.values()):
            ranks.merge(connection, city.tables[key])
    for scope in found:
        if kind not in ("hour", "day") and over_days(scope.one):
            rollups.over_days(connection, scope)
        elif scope.one.entity:
            _entities(connection, scope)
        else:
            _places(connection, scope)


def _register(connection: duckdb.DuckDBPyConnection, kind: str, needs: Mapping[str, Need]) -> None:
    """`needed` (indicator, start, published): the periods of each indicator."""
    rows = [
        (key, start, start in need.published.get(kind, ()))
        for key, need in needs.items()
        for start in sorted(need.starts[kind])
    ]
    types = {"indicator": pa.string(), "start": pa.date32(), "published": pa.bool_()}
    columns = {name: pa.array([row[i] for row in rows], type_) for i, (name, type_) in enumerate(types.items())}
    connection.register("needed", pa.table(columns))


def _places(connection: duckdb.DuckDBPyConnection, scope: Scope) -> None:
    one = scope.one
    parts = {name: _part(scope, f"t{i}", name) for i, name in enumerate(one.terms)}
    moving = [part for part in parts.values() if not part.is_register] or list(parts.values())
    joins = " ".join(
        f"LEFT JOIN ({p.sql}) AS {p.alias} ON {p.alias}.level = g.level AND {p.alias}.place = g.place "
        f"AND {p.alias}.period = g.period AND {p.alias}.segment = g.segment"
        for p in parts.values()
    )
    value, over, under = _value(scope, parts, "g.period_start")
    if one.trailing:
        enough = f"coalesce(t0.days_known, 0) >= {one.trailing.required}"
        value, over = (f"CASE WHEN {enough} THEN {sql} END" for sql in (value, over))
    most = {name: f"greatest(0, {', '.join(f'coalesce({part.alias}.{name}, 0)' for part in moving)})::BIGINT"
            for name in ("n", "lost", "u_n")}  # fmt: skip
    known = f"least({', '.join(f'{part.alias}.days_known' for part in moving)})"
    inner = trust.inside(scope, parts, _method, "g.period_start")
    said = bounds.published(Interval("inner_low", "inner_high"), "made", "covered", one.valid_range)
    there = "true" if any(not p.is_register and not p.is_other for p in parts.values()) else "made IS NOT NULL"
    any_row = " OR ".join(f"{part.alias}.place IS NOT NULL" for part in parts.values())
    connection.execute(f"""
        INSERT INTO computed SELECT {literal(one.id)}, level, place, {literal(scope.kind)}, period, segment,
        period_start, period_end, made, covered, records, {literal(one.version)}, over, under, shown,
        {said.low}, {said.high}, lost, unplaced, days_known, days_due FROM (
            SELECT g.*, {value} AS made, {trust.coverage(one, moving)} AS covered, {over} AS over, {under} AS under,
                {scope.is_published("g.level")} AS shown, {inner.low} AS inner_low, {inner.high} AS inner_high,
                {most["n"]} AS records, {most["lost"]} AS lost, {most["u_n"]} AS unplaced, {known} AS days_known,
                g.days * {scope.back + 1} AS days_due
            FROM ({_spine(scope)}) AS g {joins}
            WHERE g.place <> '{grid.UNPLACED}' OR {any_row}) WHERE {there}""")


def _part(scope: Scope, alias: str, name: str) -> Part:
    term = scope.one.terms[name]
    if term.kind == "indicator":
        exact = references.ratio(alias) if references.is_exact(scope.city, term) else None
        return Part(alias, references.other(scope, term), exact, is_other=True)
    exact = merged.exact(scope.city, term, alias)
    if scope.table(term).kind == "register":
        return Part(alias, merged.register(scope, term), exact, is_register=True)
    sql = missing.around(scope, term, merged.events(scope, term))
    return Part(alias, trust.bounded(scope, name, sql, merged.exact(scope.city, term, "t")), exact)


def _spine(scope: Scope) -> str:
    """The places and periods that must have a row: members of each level that a delivered source reaches then."""
    city, levels = scope.city, listed(scope.levels)
    rests_on = definitions.tables(city, scope.one)
    events = [key for key in rests_on if city.tables[key].kind != "register"]
    tables = listed(events or rests_on)
    if events:
        reached = f"""
            SELECT k.level, w.period, w.segment FROM known AS k JOIN wanted AS w ON w.day = k.day
            WHERE k."table" IN ({tables}) AND k.level IN ({levels})
            UNION SELECT k.level, w.period, w.segment FROM wanted AS w JOIN due AS d ON d.day = w.day
            JOIN reach AS k ON k."table" = d."table"
            WHERE d."table" IN ({tables}) AND k.level IN ({levels})"""
    else:
        reached = f"""
            SELECT DISTINCT u.to_level AS level, w.period, w.segment FROM terms AS t
            JOIN (SELECT DISTINCT from_level, to_level FROM up) AS u ON u.from_level = t.level
            JOIN spans AS w ON t.valid_from <= w.period_end AND (t.valid_to IS NULL OR w.period_end < t.valid_to)
            WHERE t."table" IN ({tables}) AND u.to_level IN ({levels})"""
    return f"""
        SELECT p.level, p.place, s.*
        FROM ({scope.spans()}) AS s JOIN ({reached}) AS r ON r.period = s.period AND r.segment = s.segment
        JOIN members_of AS p ON p.level = r.level"""


def _value(scope: Scope, parts: Mapping[str, Part], observed: str) -> tuple[str, str, str]:
    """The formula or the method as DOUBLE SQL, with its numerator and denominator where it is a fraction."""
    city, one = scope.city, scope.one
    exact = {name: part.exact for name, part in parts.items() if part.exact}
    if one.method is not None:
        inputs = {name: _nine_digits(ratio) for name, ratio in exact.items()}
        inputs |= {name: _listed(scope, name, part) for name, part in parts.items() if not part.exact}
        return _method(city, one, {name: inputs[name] for name in one.terms}, observed), "NULL", "NULL"
    terms: dict[str, Ratio] = {
        "days": Ratio("g.days::HUGEINT"),
        "valid_days": Ratio("nullif(t0.days_known, 0)::HUGEINT"),
    }
    for name, part in parts.items():
        if part.exact and one.terms[name].kind == "moments":
            terms |= merged.moments(city, one.terms[name], name, part.alias)
        elif part.exact:
            terms[name] = part.exact
    others = {name: f"{part.alias}.value" for name, part in parts.items() if not part.exact}
    value = of_indicator(one, city.meaning(one), terms, others)
    if others or not _is_referred_to(city, one):
        return value, "NULL", "NULL"
    whole = fraction(one, city.meaning(one), terms)
    return value, whole.over, whole.under


def _is_referred_to(city: City, one: Indicator) -> bool:
    versions = [version for other in city.indicators.values() for version in other.versions]
    return any(t.kind == "indicator" and t.table == one.id for version in versions for t in version.terms.values())


def _listed(scope: Scope, name: str, part: Part) -> str:
    """Another indicator's value, or list of values, as a method's input."""
    term = scope.one.terms[name]
    return f"{part.alias}.value" if term.take in references.LISTS else f"({part.alias}.value)::DECIMAL(38,9)"


def _nine_digits(ratio: Ratio) -> str:
    """A fraction as DECIMAL(38,9), cut off after nine digits: what methods calculate with."""
    return f"((({ratio.over}) * 1000000000 // ({ratio.under}))::DECIMAL(38,0) * 0.000000001::DECIMAL(9,9))"


def _method(city: City, one: Indicator, inputs: Mapping[str, str], observed: str) -> str:
    """The method's SQL, by the edition of its standard that applies on the day of observation."""
    name = one.method or ""
    editions = methods.find(name).editions
    if not editions:
        return f"CAST({methods.expression(name, inputs, one.constants, '', one.output)} AS DOUBLE)"
    known = [e for family in city.file.standards.values() for e in family if e.edition in editions]
    newest_first = sorted(known, key=lambda e: e.from_, reverse=True)
    cases = " ".join(
        f"WHEN {observed} >= DATE '{e.from_}' "
        f"THEN {methods.expression(name, inputs, one.constants, e.edition, one.output)}"
        for e in newest_first
    )
    return f"CAST(CASE {cases} END AS DOUBLE)" if cases else "NULL::DOUBLE"


def _entities(connection: duckdb.DuckDBPyConnection, scope: Scope) -> None:
    """Values of each entity, and of places as what is taken of theirs."""
    one = scope.one
    assert one.entity is not None
    parts = {}
    for i, (name, term) in enumerate(one.terms.items()):
        sql = missing.around_entities(scope, term, merged.entities(scope, term))
        sql = trust.bounded(scope, name, sql, merged.exact(scope.city, term, "t"))
        parts[name] = Part(f"t{i}", sql, merged.exact(scope.city, term, f"t{i}"))
    joins = " ".join(
        f"LEFT JOIN ({p.sql}) AS {p.alias} USING (period, segment, entity_id)" for p in list(parts.values())[1:]
    )
    value, _, _ = _value(scope, parts, "g.period_start")
    inner = trust.inside(scope, parts, _method, "g.period_start")
    said = bounds.published(Interval("inner_low", "inner_high"), "value", "covered", one.valid_range)
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE entity_values AS SELECT *, {said.low} AS low, {said.high} AS high FROM (
            SELECT t0.entity_id, g.*, t0.from_level, t0.place_id, {value} AS value, t0.n, t0.lost,
                {trust.coverage(one, list(parts.values()))} AS covered, {inner.low} AS inner_low,
                {inner.high} AS inner_high
            FROM ({parts[next(iter(parts))].sql}) AS t0 {joins}
            JOIN ({scope.spans()}) AS g USING (period, segment))""")
    connection.execute(f"""
        INSERT INTO computed SELECT {literal(one.id)}, {literal(one.entity.kind)}, entity_id, {literal(scope.kind)},
        period, segment, period_start, period_end, value, covered, n, {literal(one.version)}, NULL, NULL,
        {scope.is_published(literal(one.entity.kind))}, low, high, lost, 0, NULL, NULL
        FROM entity_values WHERE value IS NOT NULL""")
    if one.rollup and one.rollup.place == "recomputed":
        _places(connection, scope)
    else:
        rollups.over_entities(connection, scope)
