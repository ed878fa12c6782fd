"""One indicator's values for the places and periods it declares, in SQL over the fused terms."""

from collections.abc import Sequence
from datetime import date, timedelta
from importlib import import_module

import duckdb

from jobs import grid, terms
from jobs.core.engine import literal, quoted
from jobs.formula import Ratio, to_sql
from schemas import City, Indicator, Table, Term

PERIOD_SQL = {
    "hour": "h.text", "day": "strftime(day, '%Y-%m-%d')", "week": "strftime(day, '%G-W%V')",
    "month": "strftime(day, '%Y-%m')", "quarter": "strftime(day, '%Y') || '-Q' || quarter(day)", "year": "strftime(day, '%Y')",
}  # fmt: skip
START_SQL = {"hour": "day", "day": "day"} | {
    kind: f"date_trunc('{kind}', day)::DATE" for kind in ("week", "month", "quarter", "year")
}
ADDITIVE = ("count", "sum")
MERGED = {"n": "sum", "total": "sum", "low": "min", "high": "max"}


def bounds(kind: str, day: date) -> tuple[date, date]:
    """The first and last day of the period of a kind that `day` lies in."""
    if kind in ("hour", "day"):
        return day, day
    if kind == "week":
        start = day - timedelta(days=day.weekday())
        return start, start + timedelta(days=6)
    months = {"month": 1, "quarter": 3, "year": 12}[kind]
    start = date(day.year, (day.month - 1) // months * months + 1, 1)
    following = (start + timedelta(days=31 * months)).replace(day=1)
    return start, following - timedelta(days=1)


def levels_of(city: City, one: Indicator) -> list[str]:
    """The levels an indicator is published for: those it names that the city has, or all of them."""
    known = list(dict.fromkeys(level for chain in city.file.hierarchies for level in chain))
    return [level for level in known if not one.places or level in one.places]


def compute(
    connection: duckdb.DuckDBPyConnection, city: City, one: Indicator, days: Sequence[str], biz_date: date
) -> None:
    """Add the indicator's values to `computed`: value, coverage, n_records and period bounds; unknown is NULL."""
    connection.execute("""CREATE TABLE IF NOT EXISTS computed (indicator VARCHAR, level VARCHAR, place VARCHAR,
        period_kind VARCHAR, period VARCHAR, period_start DATE, period_end DATE, value DOUBLE, coverage DOUBLE, n_records BIGINT)""")
    for kind in one.periods:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE wanted AS {_wanted(kind, days, biz_date)}")
        if one.entity:
            _entities(connection, city, one, kind)
        else:
            _places(connection, city, one, kind)


def _wanted(kind: str, days: Sequence[str], biz_date: date) -> str:
    """Every day of every period that an affected day lies in, with its period."""
    spans = sorted({bounds(kind, date.fromisoformat(day)) for day in days})
    listed = ", ".join(f"(DATE '{first}', DATE '{last}')" for first, last in spans)
    hours = "JOIN hours AS h ON h.day = d.day" if kind == "hour" else ""
    hour = ", h.hour" if kind == "hour" else ", NULL::TIMESTAMPTZ AS hour"
    return f"""SELECT d.day{hour}, {PERIOD_SQL[kind].replace('day', 'd.day').replace('strftime(d.d.day', 'strftime(d.day')} AS period,
        s.first AS period_start, s.last AS period_end
        FROM (VALUES {listed}) AS s(first, last), LATERAL (SELECT unnest(range(s.first, s.last + 1, INTERVAL 1 DAY))::DATE AS day) AS d {hours}"""


def _places(connection: duckdb.DuckDBPyConnection, city: City, one: Indicator, kind: str) -> None:
    levels = levels_of(city, one)
    parts, exact, direct, known, records = [], {}, {}, [], []
    for index, (name, term) in enumerate(one.terms.items()):
        alias = f"t{index}"
        if term.kind == "indicator":
            parts.append((alias, f"SELECT level, place, period, value FROM computed WHERE indicator = {literal(term.table)} AND period_kind = {literal(kind)}"))
            direct[name] = f"{alias}.value"
            records.append(f"(SELECT n_records FROM computed AS c WHERE c.indicator = {literal(term.table)} AND c.level = g.level AND c.place = g.place AND c.period = g.period AND c.period_kind = {literal(kind)})")
            known.append(f"(SELECT coverage FROM computed AS c WHERE c.indicator = {literal(term.table)} AND c.level = g.level AND c.place = g.place AND c.period = g.period AND c.period_kind = {literal(kind)})")
            continue
        is_register = city.tables[term.table].kind == "register"
        parts.append((alias, _register(one, term, levels) if is_register else _events(one, city.tables[term.table], term, levels)))
        exact[name] = exact_value(city, term, alias, is_register)
        if not is_register:
            known.append(f"{alias}.coverage")
            records.append(f"coalesce({alias}.n, 0)")
    _insert(connection, city, one, kind, levels, parts, exact, direct, known, records)


def _insert(connection, city, one, kind, levels, parts, exact, direct, known, records) -> None:  # type: ignore[no-untyped-def]  # typed below in one place
    event_keys = sorted({t.table for t in one.terms.values() if t.kind != "indicator" and city.tables[t.table].kind != "register"})
    spine = _spine(city, one, kind, levels, event_keys)
    joins = " ".join(f"LEFT JOIN ({sql}) AS {alias} ON {alias}.level = g.level AND {alias}.place = g.place AND {alias}.period = g.period" for alias, sql in parts)
    value = _value(city, one, exact | {"days": Ratio("g.days::HUGEINT")}, direct)
    enough = f"CASE WHEN coalesce(t0.days_known, 0) >= {one.trailing.required} THEN {value} END" if one.trailing else value
    coverage = f"least({', '.join(known)})" if len(known) > 1 else (known[0] if known else "1.0")
    ignores = one.value is not None and one.value.strip().startswith(("greatest", "least"))
    coverage = f"greatest({', '.join(known)})" if ignores and len(known) > 1 else coverage
    n = f"greatest({', '.join(records)})" if len(records) > 1 else (records[0] if records else "0")
    register_n = [f"coalesce(t{i}.n, 0)" for i, t in enumerate(one.terms.values()) if t.kind != "indicator"]
    if not records:
        n = register_n[0]
    seen = " OR ".join(f"{alias}.place IS NOT NULL" for alias, _ in parts)
    connection.execute(f"""
        INSERT INTO computed SELECT {literal(one.id)}, g.level, g.place, {literal(kind)}, g.period, g.period_start, g.period_end,
        {enough} AS value, coalesce({coverage}, 0.0)::DOUBLE, coalesce({n}, 0)::BIGINT
        FROM ({spine}) AS g {joins} WHERE (g.is_member OR {seen}) AND {'true' if event_keys else 'value IS NOT NULL'}""")


def _spine(city: City, one: Indicator, kind: str, levels: Sequence[str], keys: Sequence[str]) -> str:
    """The places and periods that must have a row: members of each level that a delivered source reaches in that period."""
    listed = ", ".join(literal(level) for level in levels)
    if keys:
        tables = ", ".join(literal(key) for key in keys)
        reached = f"""SELECT DISTINCT k.level, w.period FROM known AS k JOIN wanted AS w ON w.day = k.day
            WHERE k."table" IN ({tables}) AND k.level IN ({listed})
            UNION SELECT u.to_level, w.period FROM (SELECT DISTINCT to_level FROM up WHERE to_level = 'city') AS u, wanted AS w
            WHERE 'city' IN ({listed}) AND w.day IN (SELECT day FROM due WHERE "table" IN ({tables}))"""
    elif one.tables:
        tables = ", ".join(literal(key) for key in one.tables)
        reached = f"""SELECT DISTINCT u.to_level AS level, w.period FROM terms AS t JOIN up AS u ON u.from_level = t.level
            JOIN wanted AS w ON t.valid_from <= w.period_end AND (t.valid_to IS NULL OR w.period_end < t.valid_to)
            WHERE t."table" IN ({tables}) AND u.to_level IN ({listed})"""
    else:
        listed_ids = ", ".join(literal(t.table) for t in one.terms.values())
        reached = f"SELECT DISTINCT level, period FROM computed WHERE indicator IN ({listed_ids}) AND period_kind = {literal(kind)} AND level IN ({listed})"
    return f"""SELECT p.level, p.place, r.period, any_value(w.period_start) AS period_start, any_value(w.period_end) AS period_end,
        any_value(w.period_end) - any_value(w.period_start) + 1 AS days, bool_or(p.place <> '{grid.UNPLACED}') AS is_member
        FROM (SELECT DISTINCT to_level AS level, to_id AS place FROM up WHERE to_level IN ({listed})) AS p
        JOIN ({reached}) AS r ON r.level = p.level JOIN wanted AS w ON w.period = r.period GROUP BY p.level, p.place, r.period"""


def _events(one: Indicator, table: Table, term: Term, levels: Sequence[str]) -> str:
    """A term by level, place and period: merged over time and place, with coverage and the number of known days."""
    listed = ", ".join(literal(level) for level in levels)
    state = [*terms.NEEDS[term.kind]]
    at = "t.hour = w.hour" if "hour" in one.periods and len(one.periods) == 1 else "true"
    window = f"t._day::DATE BETWEEN w.day - {one.trailing.days - 1} AND w.day" if one.trailing else f"t._day::DATE = w.day AND (w.hour IS NULL OR t.hour = w.hour) AND {at}"
    rows = f"""SELECT t._day::DATE AS day, t.hour, u.to_level AS level, u.to_id AS place, t.level AS from_level, t.place_id,
        u.distance, t.n, {', '.join('t.' + name for name in state) or '0 AS nothing'} FROM terms AS t
        JOIN up AS u ON u.from_level = t.level AND u.from_id = coalesce(t.place_id, '{grid.UNPLACED}')
        WHERE t.term = {literal(terms.aggregate(term).id)} AND t.entity IS NULL AND t._day NOT LIKE '\\_%' ESCAPE '\\' AND u.to_level IN ({listed})
        QUALIFY u.distance = min(u.distance) OVER (PARTITION BY t._day, u.to_level)"""
    joined = f"SELECT w.period, t.* FROM ({rows}) AS t JOIN wanted AS w ON {window.replace('t._day::DATE', 't.day')}"
    if term.kind == "last":
        inner = f"""SELECT period, level, place, from_level, place_id, sum(n) AS n, arg_max(last, (last_at, last)) AS last
            FROM ({joined}) GROUP BY ALL"""
        merged = f"SELECT period, level, place, sum(n)::BIGINT AS n, sum(last) AS last FROM ({inner}) GROUP BY ALL"
    else:
        sums = ", ".join(f"{MERGED[name]}({name}) AS {name}" for name in ("n", *state))
        merged = f"SELECT period, level, place, {sums} FROM ({joined}) GROUP BY ALL"
    known = _known(one, table, term, levels)
    return f"SELECT k.level, k.place, k.period, k.coverage, k.days_known, m.* EXCLUDE (level, place, period) FROM ({known}) AS k LEFT JOIN ({merged}) AS m USING (level, place, period)"


def _known(one: Indicator, table: Table, term: Term, levels: Sequence[str]) -> str:
    """Coverage of a table by level, place and period: reporters' slots where they are declared, else days delivered."""
    listed = ", ".join(literal(level) for level in levels)
    span = f"d.day BETWEEN w.day - {one.trailing.days - 1} AND w.day" if one.trailing else "d.day = w.day"
    due = one.trailing.days if one.trailing else 1
    key, slots = literal(term.table), literal(terms.slots(table, term.where))
    days = f"""SELECT w.period, d.level, count(DISTINCT (w.day, d.day)) AS days_known,
        count(DISTINCT (w.day, d.day)) * 1.0 / ((any_value(w.period_end) - any_value(w.period_start) + 1) * {due}) AS share
        FROM wanted AS w JOIN known AS d ON {span} WHERE d."table" = {key} AND d.level IN ({listed}) GROUP BY ALL"""
    reporters = f"""SELECT w.period, d.level, d.place, sum(d.observed) * 1.0 / sum(d.expected) AS share
        FROM (SELECT DISTINCT day, period FROM wanted) AS w JOIN slots AS d ON {span}
        WHERE d."table" = {key} AND d.term = {slots} AND d.level IN ({listed}) GROUP BY ALL"""
    return f"""SELECT p.level, p.place, y.period, y.days_known, y.share * coalesce(r.share, CASE WHEN EXISTS
            (SELECT 1 FROM slots WHERE "table" = {key} AND term = {slots}) THEN NULL ELSE 1.0 END) AS coverage
        FROM (SELECT DISTINCT to_level AS level, to_id AS place FROM up WHERE to_level IN ({listed})) AS p
        JOIN ({days}) AS y ON y.level = p.level LEFT JOIN ({reporters}) AS r
        ON r.level = p.level AND r.place = p.place AND r.period = y.period"""


def _register(one: Indicator, term: Term, levels: Sequence[str]) -> str:
    """A register's aggregate as it stood on the last day of the period."""
    listed = ", ".join(literal(level) for level in levels)
    state = ["n", *(name for name in terms.NEEDS[term.kind] if name != "last_at")]
    sums = ", ".join(f"{'sum' if name == 'last' else MERGED[name]}({name}) AS {name}" for name in state)
    return f"""SELECT level, place, period, 1.0 AS coverage, {sums} FROM (
        SELECT u.to_level AS level, u.to_id AS place, w.period, {', '.join('t.' + name for name in state)} FROM terms AS t
        JOIN up AS u ON u.from_level = t.level AND u.from_id = coalesce(t.place_id, '{grid.UNPLACED}')
        JOIN (SELECT DISTINCT period, period_end FROM wanted) AS w
        ON t.valid_from <= w.period_end AND (t.valid_to IS NULL OR w.period_end < t.valid_to)
        WHERE t.term = {literal(terms.aggregate(term).id)} AND t._day = '_register' AND u.to_level IN ({listed})
        QUALIFY u.distance = min(u.distance) OVER (PARTITION BY w.period, u.to_level)) GROUP BY ALL"""


def exact_value(city: City, term: Term, alias: str, is_register: bool = False) -> Ratio:
    """A term's exact value from its state. A count or sum over a delivered day without records is zero, not unknown."""
    table = city.tables[term.table]
    scale = table.columns[term.of].scale if term.of in table.columns else 0
    zero = term.kind in ADDITIVE and not is_register

    def whole(state: str) -> str:
        exact = f"CAST(replace({alias}.{state}::VARCHAR, '.', '') AS HUGEINT) // {10 ** (terms.SCALE - scale)}"
        if is_register and term.kind == "sum":
            return f"coalesce({exact}, 0::HUGEINT)"
        return f"CASE WHEN {alias}.days_known > 0 THEN coalesce({exact}, 0::HUGEINT) END" if zero else exact

    if term.kind == "count":
        known = f"CASE WHEN {alias}.days_known > 0 THEN coalesce({alias}.n, 0)::HUGEINT END"
        return Ratio(f"coalesce({alias}.n, 0)::HUGEINT" if is_register else known)
    under = "1::HUGEINT" if scale == 0 else f"{10**scale}::HUGEINT"
    if term.kind == "mean":
        return Ratio(whole("total"), f"(nullif({alias}.n, 0)::HUGEINT * {10**scale})")
    state = {"sum": "total", "min": "low", "max": "high", "last": "last"}[term.kind]
    return Ratio(f"({whole(state)})", under)


def _value(city: City, one: Indicator, exact: dict[str, Ratio], direct: dict[str, str]) -> str:
    if one.value is not None:
        if one.trailing:
            exact = exact | {"valid_days": Ratio("nullif(t0.days_known, 0)::HUGEINT")}
        return to_sql(one.value, exact, direct)
    return method_sql(city, one, {name: nine_digits(ratio) for name, ratio in exact.items() if name != "days"})


def nine_digits(ratio: Ratio) -> str:
    """A fraction as DECIMAL(38,9), cut off after nine digits: what methods calculate with."""
    return f"((({ratio.over}) * 1000000000 // ({ratio.under}))::DECIMAL(38,0) * 0.000000001::DECIMAL(9,9))"


def method_sql(city: City, one: Indicator, inputs: dict[str, str]) -> str:
    """The method's SQL, by the edition of its standard that applies on the observation date."""
    module = import_module(f"jobs.methods.{one.method}")
    known = getattr(module, "EDITIONS", ())
    editions = sorted((e for family in city.file.standards.values() for e in family if e.edition in known), key=lambda e: e.from_, reverse=True)
    if not editions:
        return f"CAST({module.sql(inputs, one.parameters, known[-1] if known else '')} AS DOUBLE)"
    cases = " ".join(f"WHEN g.period_start >= DATE '{e.from_}' THEN {module.sql(inputs, one.parameters, e.edition)}" for e in editions)
    return f"CAST(CASE {cases} END AS DOUBLE)"


def _entities(connection: duckdb.DuckDBPyConnection, city: City, one: Indicator, kind: str) -> None:
    """Values of each entity, and of places as the highest of theirs."""
    assert one.entity is not None
    base, exact = [], {}
    for index, (name, term) in enumerate(one.terms.items()):
        alias = f"t{index}"
        sums = ", ".join(f"{MERGED[s]}(t.{s}) AS {s}" for s in ("n", *(x for x in terms.NEEDS[term.kind] if x in MERGED)))
        base.append((alias, f"""SELECT w.period, t.entity_id, any_value(w.period_start) AS period_start, any_value(w.period_end) AS period_end,
            max(t.level) AS from_level, max(coalesce(t.place_id, '{grid.UNPLACED}')) AS place_id, 1 AS days_known, {sums}
            FROM terms AS t JOIN wanted AS w ON w.day = t._day::DATE
            WHERE t.term = {literal(terms.aggregate(term).id)} AND t.entity = {literal(one.entity.column)} AND t._day NOT LIKE '\\_%' ESCAPE '\\'
            GROUP BY w.period, t.entity_id"""))
        exact[name] = exact_value(city, term, alias)
    first = base[0][0]
    joins = " ".join(f"LEFT JOIN ({sql}) AS {alias} ON {alias}.period = {first}.period AND {alias}.entity_id = {first}.entity_id" for alias, sql in base[1:])
    value = _value(city, one, exact, {}).replace("g.period_start", f"{first}.period_start")
    connection.execute(f"""CREATE OR REPLACE TEMP TABLE entity_values AS SELECT {first}.entity_id, {first}.period, {first}.period_start,
        {first}.period_end, {first}.from_level, {first}.place_id, {value} AS value, {first}.n FROM ({base[0][1]}) AS {first} {joins}""")
    name = literal(one.id)
    columns = f"{literal(kind)}, period, period_start, period_end"
    term = next(iter(one.terms.values()))
    key, slots = literal(term.table), literal(terms.slots(city.tables[term.table], term.where))
    connection.execute(f"INSERT INTO computed SELECT {name}, {literal(one.entity.kind)}, entity_id, {columns}, value, 1.0, n FROM entity_values WHERE value IS NOT NULL")
    levels = ", ".join(literal(level) for level in levels_of(city, one))
    connection.execute(f"""INSERT INTO computed SELECT {name}, u.to_level, u.to_id, {columns}, max(value),
        coalesce((SELECT sum(s.observed) * 1.0 / sum(s.expected) FROM slots AS s WHERE s."table" = {key} AND s.term = {slots} AND s.level = u.to_level
        AND s.place = u.to_id AND s.day BETWEEN period_start AND period_end), 1.0), sum(n)
        FROM entity_values AS e JOIN up AS u ON u.from_level = e.from_level AND u.from_id = e.place_id
        WHERE u.to_level IN ({levels}) AND value IS NOT NULL GROUP BY u.to_level, u.to_id, period, period_start, period_end""")


__all__ = ["bounds", "compute", "quoted"]
