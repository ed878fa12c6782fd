"""Values of indicators for the places and periods they declare, in SQL over the fused terms.

The relations read are those of jobs/grid.py; values are added to `computed`. First the terms of all indicators are
made, of all kinds of period (jobs/parts.py), then their formulas; those of one form are one query.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import groupby

import duckdb

from jobs import (
    bounds,
    grid,
    looks,
    merged,
    methods,
    missing,
    parts,
    ranks,
    references,
    release,
    rollups,
    trust,
    widened,
)
from jobs.bounds import Interval
from jobs.core.engine import literal, quoted
from jobs.core.errors import Problem
from jobs.core.staged import Staged
from jobs.formula import Ratio, fraction, of_indicator
from jobs.needs import Needs, over_days
from jobs.scope import SCOPES, Scope, scopes
from jobs.trust import Part
from schemas import City, Indicator, Term

FOUND = """CREATE TEMP TABLE IF NOT EXISTS found (indicator VARCHAR, level VARCHAR, place VARCHAR, period_kind VARCHAR,
    period VARCHAR, segment VARCHAR, period_start DATE, period_end DATE, value DOUBLE, coverage DOUBLE,
    n_records BIGINT, definition_version VARCHAR, over HUGEINT, under HUGEINT, published BOOLEAN, inner_low DOUBLE,
    inner_high DOUBLE, lost BIGINT, unplaced BIGINT, days_known BIGINT, days_due BIGINT, least DOUBLE, most DOUBLE)"""
"""Values as the queries give them; `inner_…` is where the value lies, `least` and `most` the ends of its range."""
AT_ONCE = 2
"""So many forms are planned at once."""


def compute(connection: duckdb.DuckDBPyConnection, city: City, needs: Needs) -> None:
    """Add every value that is needed; unknown is NULL. What is to be published is marked so. The engine is a private
    one."""
    relations(connection)
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE members_of AS SELECT DISTINCT to_level AS level, to_id AS place FROM up""")
    merged.base(connection, city)
    ranks.base(connection)
    release.prepare(connection)
    found = scopes(city, needs)
    looks.prepare(connection, found, needs)
    references.register(connection, needs)
    parts.prepare(connection, [one for one in found if not _is_rolled_up(one)])
    release.note(connection, city, found)
    _places(connection, [scope for scope in found if _is_plain(scope)])
    rest = [scope for scope in found if not _is_plain(scope)]
    for _, mine in groupby(rest, lambda scope: scope.one.id):
        _dependent(connection, list(mine))


def relations(connection: duckdb.DuckDBPyConnection) -> None:
    """Make `found`, and `computed` that shows of each value what is published of where it lies."""
    said = bounds.published(Interval("inner_low", "inner_high"), "value", "coverage", "least", "most")
    connection.execute(f"""{FOUND};
        CREATE OR REPLACE TEMP VIEW computed AS SELECT * EXCLUDE (inner_low, inner_high, least, most),
            {said.low} AS low, {said.high} AS high FROM found""")


def _dependent(connection: duckdb.DuckDBPyConnection, found: Sequence[Scope]) -> None:
    """The values of an indicator that uses others, its entities' or its own: those of days before those made of them,
    and what looks at its own earlier values period by period."""
    _places(connection, [scope for scope in found if _is_together(scope)])
    for scope in found:
        if _is_rolled_up(scope):
            rollups.over_days(connection, scope)
        elif scope.one.entity:
            _entities(connection, scope)
        elif scope.one.looks_at_itself:
            _places(connection, [scope])


def _is_rolled_up(scope: Scope) -> bool:
    return scope.kind not in ("hour", "day") and over_days(scope.one) is not None


def _is_plain(scope: Scope) -> bool:
    """Whether values come from terms of tables alone: such indicators need no order."""
    return not scope.one.looks and _is_together(scope)


def _is_together(scope: Scope) -> bool:
    """Whether values need no others of the same indicator: all its kinds of period are made together."""
    return not (scope.one.looks_at_itself or scope.one.entity or _is_rolled_up(scope))


def _places(connection: duckdb.DuckDBPyConnection, asked: Sequence[Scope]) -> None:
    """Add the values of places: indicators whose queries differ in their terms only are one query.

    Planning is most of what such a query takes, and one thread's work: some are planned at once, always the same
    together. What they read is no TEMP table, which other cursors would not see.
    """
    alike: dict[str, list[Scope]] = {}
    for scope in asked:
        alike.setdefault(_query(scope), []).append(scope)
    forms = list(alike.items())
    if len(forms) <= AT_ONCE:
        _insert(connection, "found", forms)
        return
    made = [f"made_{number}" for number in range(AT_ONCE)]
    for name in made:
        connection.execute(f"CREATE OR REPLACE TABLE {name} AS FROM found LIMIT 0")
    with ExitStack() as stack:
        own = [stack.enter_context(connection.cursor()) for _ in made]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(_insert, own, made, [forms[number::AT_ONCE] for number in range(AT_ONCE)]))
    for name in made:
        connection.execute(f"INSERT INTO found FROM {name}; DROP TABLE {name}")


def _insert(connection: duckdb.DuckDBPyConnection, into: str, forms: Sequence[tuple[str, Sequence[Scope]]]) -> None:
    """Add what queries say of the scopes of their form to a table."""
    for query, found in forms:
        sql = query.replace(SCOPES, ", ".join(str(scope.number) for scope in found))
        for i in range(len(found[0].one.terms)):
            sql = sql.replace(parts.mark(i), ", ".join(str(scope.first_part + i) for scope in found))
        try:
            connection.execute(f"INSERT INTO {into} {sql}")
        except duckdb.Error as error:
            named = ", ".join(dict.fromkeys(scope.one.id for scope in found))
            raise Problem(f"{named}: no value can be made: {error}") from error


def _query(scope: Scope) -> str:
    """The query of a scope's values, with SCOPES and marks for the numbers of its parts."""
    one, staged = scope.one, Staged()
    terms = {name: _part(scope, i, name) for i, name in enumerate(one.terms)}
    moving = [part for part in terms.values() if not part.is_register] or list(terms.values())
    joins = " ".join(
        f"LEFT JOIN ({p.sql}) AS {p.alias} ON {p.alias}.level = g.level AND {p.alias}.place = g.place "
        f"AND {p.alias}.period = g.period AND {p.alias}.segment = g.segment"
        + ("" if p.is_other else f" AND {p.alias}.scope = g.scope")
        for p in terms.values()
    )
    inner = _value(staged, scope, terms)
    most = {name: f"greatest(0, {', '.join(f'coalesce({part.alias}.{name}, 0)' for part in moving)})::BIGINT AS {name}"
            for name in ("n", "lost", "u_n")}  # fmt: skip
    looked = " OR ".join(f"{part.alias}.place IS NOT NULL" for part in terms.values() if part.is_other) or "false"
    days = _days({part.alias: one.terms[name] for name, part in terms.items() if part in moving})
    shown = ", ".join(("g.*", f"{trust.coverage(one, moving)} AS covered", f"{looked} AS looked", days, *most.values()))
    there = "made IS NOT NULL OR looked" if all(part.is_other for part in terms.values()) else "true"
    there_is = {True: "n", False: "place"}
    any_row = " OR ".join(f"{part.alias}.{there_is[part.is_register]} IS NOT NULL" for part in terms.values())
    source = f"(SELECT * FROM spine WHERE scope IN ({SCOPES})) AS g {joins} "
    source += f"WHERE g.place <> '{grid.UNPLACED}' OR {any_row}"
    return f"""
        SELECT indicator, level, place, period_kind, period, segment, period_start, period_end, made, covered,
        n, version, over, under, shown, {inner.low}, {inner.high}, lost, u_n, days_known, days_due, least, most
        FROM ({staged.query(shown, source)}) WHERE {there}"""


def _days(terms: Mapping[str, Term]) -> str:
    """Columns `days_due`, the most days a term (by its alias) looks at, and `days_known`: less those one most lacks."""
    due = {alias: str(one.trailing.days) if one.trailing else "g.days * g.window_days" for alias, one in terms.items()}
    lacking = ", ".join(f"{days} - {alias}.days_known" for alias, days in due.items())
    most = f"greatest({', '.join(due.values())})"
    return f"{most} AS days_due, {most} - greatest({lacking}) AS days_known"


def _part(scope: Scope, index: int, name: str) -> Part:
    term, alias = scope.one.terms[name], f"t{index}"
    if term.looks:
        exact = references.ratio(alias) if references.is_exact(scope.city, term) else None
        return Part(alias, references.other(scope, term), exact, is_other=True)
    is_register = scope.table(term).kind == "register"
    exact = None if term.kind == "rows" else parts.exact(scope.city, term, alias)
    return Part(alias, parts.rows(index), exact, is_register)


def _value(staged: Staged, scope: Scope, terms: Mapping[str, Part]) -> Interval:
    """Columns `made` (the value, DOUBLE), `over` and `under` (where it is a fraction); where the value lies."""
    one = scope.one
    if one.method is not None:
        return _by_method(staged, scope, terms)
    exact, others = _numbers(scope, terms)
    enough = f"coalesce(t0.days_known, 0) >= {one.trailing.required}" if one.trailing else "true"
    is_fraction = not others and scope.is_referred_to
    whole = fraction(one, scope.city.meaning(one), exact) if is_fraction else Ratio("NULL::HUGEINT", "NULL::HUGEINT")
    value = of_indicator(one, scope.city.meaning(one), exact, others)
    staged.put(f"CASE WHEN {enough} THEN {value} END", name="made")
    staged.put(f"CASE WHEN {enough} THEN {whole.over} END", name="over")
    staged.put(whole.under, name="under")
    return trust.inside(staged, scope, terms)


def _numbers(scope: Scope, terms: Mapping[str, Part]) -> tuple[dict[str, Ratio], dict[str, str]]:
    """What a formula's names are: exact fractions, and other indicators' DOUBLEs."""
    one = scope.one
    exact = {"days": Ratio("g.days::HUGEINT"), "valid_days": Ratio("nullif(t0.days_known, 0)::HUGEINT")}
    for name, part in terms.items():
        if part.exact and one.terms[name].kind == "moments":
            exact |= parts.moments(scope.city, one.terms[name], name, part.alias)
        elif part.exact:
            exact[name] = part.exact
    return exact, {name: f"{part.alias}.value" for name, part in terms.items() if not part.exact}


def _by_method(staged: Staged, scope: Scope, terms: Mapping[str, Part]) -> Interval:
    """A method's value as `made`; it lies between the method at its lowest and at its highest inputs, if it rises.

    Where it rises with every input it is written once, over the three sets of inputs; else its value can be anything.
    """
    city, one = scope.city, scope.one
    inputs = {name: staged.put(_input(scope, name, part)) for name, part in terms.items()}
    staged.put("NULL::HUGEINT", name="over")
    staged.put("NULL::HUGEINT", name="under")
    rises = set(trust.rising(one)) - {name for name, term in one.terms.items() if term.kind == "rows"}
    if one.valid_range is None or not set(terms) <= rises:
        staged.put(_method(city, one, inputs), *inputs.values(), name="made")
        return bounds.UNBOUNDED
    ends = {name: trust.interval(staged, city, one, name, part) for name, part in terms.items()}
    sets = [inputs, *({name: getattr(ends[name], end) for name in terms} for end in ("low", "high"))]
    rows = ", ".join("{" + ", ".join(f"'{name}': {of[name]}" for name in terms) + "}" for of in sets)
    method = _method(city, one, {name: f'input_."{name}"' for name in terms})
    columns = [column for of in sets for column in of.values()]
    all_three = staged.put(f"list_transform([{rows}], lambda input_: {method})", *columns)
    low, high = (staged.put(f"{all_three}[{at}]", all_three) for at in (2, 3))
    staged.put(f"{all_three}[1]", all_three, name="made")
    return Interval(low, high)


def _input(scope: Scope, name: str, part: Part) -> str:
    """A term as a method's input: DECIMAL(38,9), another indicator's list of values, or rows as the method has them."""
    term = scope.one.terms[name]
    if part.exact:
        return part.exact.nine_digits()
    if term.kind == "rows":
        kind = methods.find(scope.one.method or "").inputs[name]
        rows = f"{part.alias}.value" if term.looks else parts.listed(scope.city, term, part.alias)
        return f"({_in_order(rows, kind)})::{methods.type_of(kind)}"
    return f"{part.alias}.value" if term.take in references.LISTS else f"({part.alias}.value)::DECIMAL(38,9)"


def _in_order(rows: str, kind: methods.Kind) -> str:
    """Rows whose fields stand in the method's order: it may sort by them. A field that is a list is one."""
    if not isinstance(kind, methods.Rows):
        return rows
    fields = ", ".join(f"{literal(name)}: r.{quoted(name)}" for name in kind.fields)
    return f"list_transform({rows}, lambda r: {{{fields}}})"


def _method(city: City, one: Indicator, inputs: Mapping[str, str]) -> str:
    """The method's SQL, by the edition of its standard that applies on the period's first day."""
    name = one.method or ""
    editions = methods.find(name).editions
    if not editions:
        return f"CAST({methods.expression(name, inputs, one.constants, '', one.output)} AS DOUBLE)"
    cases = " ".join(
        f"WHEN period_start >= DATE '{e.from_}' "
        f"THEN {methods.expression(name, inputs, one.constants, e.edition, one.output)}"
        for e in city.file.applying(editions)
    )
    return f"CAST(CASE {cases} END AS DOUBLE)" if cases else "NULL::DOUBLE"


def _entities(connection: duckdb.DuckDBPyConnection, scope: Scope) -> None:
    """Values of each entity, and of places as what is taken of theirs."""
    one, staged = scope.one, Staged()
    assert one.entity is not None
    terms = {}
    for i, (name, term) in enumerate(one.terms.items()):
        ends = widened.interval(term.kind, "t")
        rows = missing.around_entities(scope, name, merged.entities(scope, term))
        sql = f"SELECT t.*, {ends.low} AS lo, {ends.high} AS hi FROM ({rows}) AS t"
        terms[name] = Part(f"t{i}", sql, parts.exact(scope.city, term, f"t{i}"))
    first, *others = terms.values()
    joins = " ".join(f"LEFT JOIN ({p.sql}) AS {p.alias} USING (period, segment, entity_id)" for p in others)
    inner = _value(staged, scope, terms)
    said = bounds.published(inner, "made", "covered", "least", "most")
    shown = f"t0.entity_id, g.*, t0.from_level, t0.place_id, t0.n, t0.lost, {trust.coverage(one, list(terms.values()))}"
    source = f"({first.sql}) AS t0 {joins} JOIN {scope.spans()} AS g USING (period, segment)"
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE entity_values AS
        SELECT *, made AS value, {inner.low} AS inner_low, {inner.high} AS inner_high, {said.low} AS low,
            {said.high} AS high
        FROM ({staged.query(f"{shown} AS covered", source)})""")
    connection.execute(f"""
        INSERT INTO found SELECT {literal(one.id)}, {literal(one.entity.kind)}, entity_id, {literal(scope.kind)},
        period, segment, period_start, period_end, value, covered, n, {literal(one.version)}, NULL, NULL,
        {scope.is_published(literal(one.entity.kind))}, inner_low, inner_high, lost, 0, NULL, NULL, least, most
        FROM entity_values WHERE value IS NOT NULL""")
    if one.rollup and one.rollup.place == "recomputed":
        _places(connection, [scope])
    else:
        rollups.over_entities(connection, scope)
