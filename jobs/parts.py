"""Parts of values: each term of each indicator at its places and periods, with what is missing of it.

One relation, `parts`, made for all indicators at once and read by each one's query. A row is a term
(`part`, its number) at a place in a period and segment: `n` records and the term's state; `days_known`; `share` of what
was due was heard, `lost` records are short of a control count, `u_…` is the state of the level's unplaced records;
`coverage` takes all three into account; `lo` and `hi` is where the term lies if those records said anything valid.
Where nobody has to report, nothing is missing from a total, and a mean is of nothing.
"""

from collections.abc import Sequence, Set

import duckdb
import pyarrow as pa

from jobs import merged, missing, ranks, states, terms, widened
from jobs.core import engine
from jobs.core.engine import literal, quoted
from jobs.formula import Ratio
from jobs.grid import UNPLACED
from jobs.merged import CELL, SHOWN
from jobs.scope import Scope
from schemas import City, Table, Term

MICRO = 6
"""Digits after the point of a second."""
ADDED = ("total", "low", "high", "squares")
"""States of which the unplaced part is known to belong to some place."""
TOTALS = ("count", "sum", "distinct", "moments")
"""Kinds of term that nothing is missing from where nobody has to report."""
LISTS = {
    "distinct": ("d", "counted", ("members",)), "percentile": ("v", "ranked", ("below", "above", "portion")),
    "rows": ("w", "gathered", ("records", "bag")),
}  # fmt: skip
"""Kinds of term whose states are in relations of their own (jobs/ranks.py), and what is shown of those."""
USED = {
    "part": pa.int32(), "scope": pa.int32(), "period_kind": pa.string(), "kind": pa.string(), "table": pa.string(),
    "term": pa.string(), "slots": pa.string(), "entity": pa.string(), "back": pa.int32(), "is_register": pa.bool_(),
    "reports": pa.bool_(), "is_total": pa.bool_(), "range_low": pa.float64(), "range_high": pa.float64(),
}  # fmt: skip


def prepare(connection: duckdb.DuckDBPyConnection, found: Sequence[Scope]) -> None:
    """Make `parts` for these scopes."""
    used = [(scope, name, term) for scope in found for name, term in scope.one.terms.items() if not term.looks]
    rows = [_used(scope, name, term) for scope, name, term in used]
    engine.register(connection, "used", USED, rows)
    moving = [(scope, term) for scope, _, term in used if scope.table(term).kind != "register"]
    merged.coverage(connection, sorted({
        (term.table, terms.slots(scope.table(term), term), scope.kind, scope.back, family)
        for scope, term in moving for family in scope.families
    }))  # fmt: skip
    missing.lost(connection)
    merged.merge(connection, sorted({ask for scope, _, term in used for ask in merged.asked(scope, term)}))
    ranks.merge(connection, [(scope.part(name), term) for scope, name, term in used])
    _parts(connection, {one for scope, _, term in used for one in (term.kind, scope.table(term).kind)})


def _used(scope: Scope, name: str, term: Term) -> tuple[object, ...]:
    table = scope.table(term)
    ask = merged.asked(scope, term)[0]
    return (
        scope.part(name), scope.number, scope.kind, term.kind, term.table, ask.term, terms.slots(table, term),
        ask.entity, ask.back, ask.is_register, table.reporters is not None, term.kind in TOTALS,
        *widened.limits(scope.city, scope.one, name),
    )  # fmt: skip


def _parts(connection: duckdb.DuckDBPyConnection, kinds: Set[str]) -> None:
    """Tables at every place of a known level, whether or not a record came; registers of one at which they stand.
    What no part is about (`kinds` of term and of table) is not planned for."""
    state, joins = _stated(kinds)
    window = "OVER (PARTITION BY c.part, c.level, c.period, c.segment)"
    here = f"FILTER (WHERE c.place = '{UNPLACED}') {window}"
    beside = "".join(f", CASE WHEN c.place <> '{UNPLACED}' THEN max(c.{name}) {here} END AS u_{name}" for name in ADDED)
    ends = "".join(f", {sql} AS {name}" for name, sql in widened.columns("c", kinds).items())
    moving = f"""
        WITH cells AS (
            SELECT c.*, p.place, y.days_known,
                y.share * CASE WHEN c.reports THEN r.observed * 1.0 / r.expected ELSE 1.0 END AS heard
            FROM spread AS c JOIN known_days AS y ON y."table" = c."table" AND y.back = c.back AND y.family = c.family
                AND y.level = c.level AND y.period = c.period AND y.segment = c.segment
            JOIN members_of AS p ON p.level = c.level
            LEFT JOIN reported AS r ON r."table" = c."table" AND r.term = c.slots AND r.back = c.back
                AND r.family = c.family AND r.level = c.level AND r.place = p.place AND r.period = c.period
                AND r.segment = c.segment
            WHERE NOT c.is_register),
        stated AS (
            SELECT c.*, CASE WHEN is_total THEN coalesce(heard, 1) ELSE heard END AS share, {state},
                coalesce(o.lost, 0) AS lost, o.days_lost
            FROM cells AS c {joins}
            LEFT JOIN lost AS o ON o."table" = c."table" AND o.back = c.back AND o.family = c.family
                AND o.period = c.period AND o.segment = c.segment),
        beside AS (
            SELECT c.*, CASE WHEN c.place <> '{UNPLACED}' THEN coalesce(max(c.n) {here}, 0) ELSE 0 END AS u_n,
                sum(c.n) {window} AS all_n{beside} FROM stated AS c)
        SELECT *, share * (1 - least(1, coalesce(days_lost / nullif(days_known, 0), 0)))
            * (1 - coalesce(u_n / nullif(all_n, 0), 0)) AS coverage FROM beside"""
    covered = f"({moving})" + (f" UNION ALL BY NAME ({_standing(state, joins)})" if "register" in kinds else "")
    connection.execute(f"""
        CREATE OR REPLACE TABLE parts AS
        WITH spread AS (
            SELECT u.*, s.family, s.period, s.segment, l.level FROM used AS u JOIN scope_spans AS s USING (scope)
            JOIN scope_levels AS l USING (scope))
        SELECT c.*{ends} FROM ({covered}) AS c ORDER BY c.part""")


def _standing(state: str, joins: str) -> str:
    """SQL of the parts that registers are, of rows of `spread`."""
    return f"""
        SELECT c.*, {state}, 0 AS lost, 0 AS u_n
        FROM (
            SELECT c.*, p.place, true AS stands FROM spread AS c
            JOIN stood AS s ON s."table" = c."table" AND s.level = c.level AND s.family = c.family
                AND s.period = c.period AND s.segment = c.segment
            JOIN members_of AS p ON p.level = c.level
            WHERE c.is_register) AS c {joins}"""


def _stated(kinds: Set[str]) -> tuple[str, str]:
    """SQL of a term's state, and of the joins that have it, for rows `c` of parts."""
    asked = "{0}.term = c.term AND {0}.entity = c.entity AND {0}.back = c.back AND {0}.family = c.family"
    cell = " AND ".join(f"{{0}}.{name} = c.{name}" for name in CELL.split(", "))
    state = ", ".join(f"m.{name}" for name in SHOWN)
    joins = f"LEFT JOIN merged AS m ON {asked.format('m')} AND {cell.format('m')}"
    for kind, (alias, relation, shown) in LISTS.items():
        if kind in kinds:
            one = f"{alias}.part = c.part" if kind == "percentile" else f"c.kind = '{kind}' AND {asked.format(alias)}"
            joins += f" LEFT JOIN {relation} AS {alias} ON {one} AND {cell.format(alias)}"
        state += "".join(f", {f'{alias}.{name}' if kind in kinds else f'NULL AS {name}'}" for name in shown)
    return state, joins


def rows(index: int) -> str:
    """SQL: the rows of a scope's term by its place among them; `mark` stands in it for the number of the part."""
    return f"SELECT * FROM parts WHERE part IN ({mark(index)})"


def mark(index: int) -> str:
    """What stands for the number of a part."""
    return f"$part{index}$"


def exact(city: City, term: Term, alias: str) -> Ratio:
    """A term's exact value. A count or a sum over a day delivered without such records is zero, not unknown; so it is
    where a register stands that says nothing of the place."""
    table = city.tables[term.table]
    known = _known(table, alias)
    match term.kind:
        case "count" | "moments":
            return Ratio(f"CASE WHEN {known} THEN coalesce({alias}.n, 0)::HUGEINT END")
        case "distinct":
            return Ratio(f"CASE WHEN {known} THEN coalesce({alias}.members, 0)::HUGEINT END")
        case "percentile":
            return ranks.exact(term, alias)
        case "time_share" | "weighted_mean":
            return _weighted(table, term, alias)
        case "mean":
            whole = _digits(table, term, alias)
            return Ratio(whole.over, f"(nullif({alias}.n, 0)::HUGEINT * {whole.under})")
        case "sum":
            whole = _digits(table, term, alias)
            return Ratio(f"CASE WHEN {known} THEN coalesce({whole.over}, 0::HUGEINT) END", whole.under)
        case _:
            return _digits(table, term, alias)


def listed(city: City, term: Term, alias: str) -> str:
    """The rows of a term: its bag, or its records as STRUCTs of texts by field; an empty list where none came."""
    known = _known(city.tables[term.table], alias)
    if not term.fields:
        return f"CASE WHEN {known} THEN coalesce({alias}.bag, []) END"
    columns = ", ".join(f"{literal(name)}: r ->> '$[{at}]'" for at, name in enumerate(term.columns))
    fields = ", ".join(f"{literal(field)}: {_field(said)}" for field, said in term.fields.items())
    made = f"list_transform(list_transform({alias}.records, lambda r: {{{columns}}}), lambda c: {{{fields}}})"
    return f"CASE WHEN {known} THEN coalesce({made}, []) END"


def _field(said: Sequence[str]) -> str:
    named = [f"c.{quoted(name)}" for name in said]
    return named[0] if len(named) == 1 else f"[{', '.join(named)}]"


def _weighted(table: Table, term: Term, alias: str) -> Ratio:
    """Σwx over Σw as whole numbers of the last digits there are (a time is whole microseconds), so that both parts stay
    below 2^53, where the quotient is rounded once, for as long as they can."""
    own, fine = (
        table.columns[term.of].scale if term.of else 0,
        table.columns[term.weight].scale if term.weight else MICRO,
    )
    over = f"({alias}.weighted // {10 ** (states.FINE - own - fine)})"
    return Ratio(over, f"nullif({alias}.weight // {10 ** (states.SCALE - fine)}, 0) * {10**own}::HUGEINT")


def _known(table: Table, alias: str) -> str:
    """Whether anything was said: on a delivered day, or by a register that stands."""
    return f"{alias}.stands" if table.kind == "register" else f"{alias}.days_known > 0"


def _digits(table: Table, term: Term, alias: str) -> Ratio:
    """A state as a whole number of the column's own last digit."""
    scale = table.columns[term.of or ""].scale
    state = {"sum": "total", "mean": "total", "min": "low", "max": "high"}.get(term.kind, term.kind)
    return Ratio(f"({alias}.{state} // {10 ** (states.SCALE - scale)})", f"{10**scale}::HUGEINT")


def moments(city: City, term: Term, name: str, alias: str) -> dict[str, Ratio]:
    """What a formula calls `x.n`, `x.sum` and `x.squares`."""
    table = city.tables[term.table]
    scale = table.columns[term.of or ""].scale
    known = _known(table, alias)
    parts = {
        "n": (f"{alias}.n", 1),
        "sum": (f"({alias}.total // {10 ** (states.SCALE - scale)})", 10**scale),
        "squares": (f"({alias}.squares // {10 ** (states.FINE - 2 * scale)})", 10 ** (2 * scale)),
    }
    return {
        f"{name}.{part}": Ratio(f"CASE WHEN {known} THEN coalesce({sql}, 0)::HUGEINT END", f"{under}::HUGEINT")
        for part, (sql, under) in parts.items()
    }
