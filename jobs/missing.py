"""What is missing from a term: silent reporters, records short of a control count, records without place.

Relations made here: `due` (what each reporter owed and gave a day), `slots` (the same by place, for days and hours),
`short` (records a day is short of the count delivered beside it). All are read by the queries of the values.
"""

from collections.abc import Sequence
from datetime import date

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from jobs import terms
from jobs.bounds import UNBOUNDED, Interval
from jobs.core.engine import literal
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger
from schemas import City, Indicator, Term

UNPLACED = "unplaced"
CONTROL = "silver.control_counts"
"""The table of how many records of a table should have come for a day, where somebody delivers such counts."""
HOURS = 24
ADDED = ("total", "low", "high")
"""States of which the unplaced part can be added; `last` cannot."""


def reporters(connection: duckdb.DuckDBPyConnection, city: City) -> None:
    """Make `due` and `slots`, from `terms`, `delivered`, `hours` and `up`.

    Due on a delivered day are the reporters seen in the trailing `known_for` days, each placed where it last reported.
    An hour of a day is told apart for tables of which somebody asks hours: `total` of a reporter's slots is the sum of
    2^h over the hours it reported.
    """
    spans = [
        (key, table.reporters.known_for, HOURS if table.reporters.every == "hour" else 1, terms.hourly(city, key))
        for key, table in city.tables.items()
        if table.reporters
    ]
    listed = ", ".join(f"('{key}', {known}, {slots}, {hourly})" for key, known, slots, hourly in spans)
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE due AS
        WITH span("table", known, expected, hourly) AS (VALUES {listed or "('', 0, 0, false)"}),
        seen AS (
            SELECT t."table", t.term, t._day::DATE AS day, t.entity_id, t.level, t.place_id, t.total::BIGINT AS mask,
                least(t.n, s.expected) AS n, s.known, s.expected, s.hourly
            FROM terms AS t JOIN span AS s USING ("table")
            WHERE t.term LIKE '{terms.SLOTS}%' AND t._day NOT LIKE '\\_%' ESCAPE '\\'),
        days AS (SELECT DISTINCT "table", day FROM delivered)
        SELECT d."table", s.term, d.day, s.entity_id,
            arg_max(coalesce(s.place_id, '{UNPLACED}'), s.day) AS place_id, arg_max(s.level, s.day) AS level,
            any_value(s.expected) AS expected, any_value(s.hourly) AS hourly,
            coalesce(sum(s.n) FILTER (WHERE s.day = d.day), 0) AS observed,
            coalesce(max(s.mask) FILTER (WHERE s.day = d.day), 0) AS mask
        FROM days AS d JOIN seen AS s ON s."table" = d."table" AND s.day BETWEEN d.day - (s.known - 1) AND d.day
        GROUP BY ALL""")
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE slots AS
        WITH placed AS (
            SELECT d.* EXCLUDE (level, place_id), u.to_level AS level, u.to_id AS place
            FROM due AS d JOIN up AS u ON u.from_level = d.level AND u.from_id = d.place_id)
        SELECT "table", term, day, NULL::TIMESTAMPTZ AS hour, level, place,
            sum(observed)::BIGINT AS observed, sum(expected)::BIGINT AS expected FROM placed GROUP BY ALL
        UNION ALL
        SELECT p."table", p.term, p.day, h.hour, p.level, p.place,
            sum(CASE WHEN p.expected = 1 THEN p.observed ELSE (p.mask >> h.wall) & 1 END)::BIGINT, count(*)
        FROM placed AS p JOIN (SELECT *, substr(text, 12, 2)::INTEGER AS wall FROM hours) AS h ON h.day = p.day
        WHERE p.hourly GROUP BY ALL""")


def controls(
    connection: duckdb.DuckDBPyConnection, city: City, lake: Lake, ledger: Ledger, days: Sequence[str], biz_date: date
) -> None:
    """Make `short`: (table, day, records expected, records that came) of the days with a control count."""
    said = None
    if CONTROL in city.tables and days:
        within = (pc.field("_day") >= min(days)) & (pc.field("_day") <= max(days))
        said = lake.arrow_where(CONTROL, within, ["subject", "_day", "records"])
    kinds = {"subject": pa.string(), "_day": pa.string(), "records": pa.int64()}
    connection.register("said_counts", said if said is not None else pa.schema(list(kinds.items())).empty_table())
    came = ledger.query(
        f"""SELECT "table", day, rows FROM table_days WHERE biz_date <= DATE '{biz_date}' AND day[1] <> '_'
        QUALIFY row_number() OVER (PARTITION BY "table", day ORDER BY biz_date DESC) = 1""",
        "table_days",
    )  # fmt: skip
    columns = {"table": pa.string(), "day": pa.string(), "rows": pa.int64()}
    connection.register("came", pa.Table.from_pylist(came, schema=pa.schema(list(columns.items()))))
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE short AS
        SELECT s.subject AS "table", s._day::DATE AS day, max(s.records) AS expected,
            least(coalesce(any_value(c.rows), 0), max(s.records)) AS observed
        FROM said_counts AS s LEFT JOIN came AS c ON c."table" = s.subject AND c.day = s._day
        WHERE s.records > 0 GROUP BY ALL""")


def around(one: Indicator, term: Term, sql: str) -> str:
    """A term's merged rows with what is missing of each.

    `share` of what was due was heard, `lost` records are short of a control count, `u_…` is the state of the level's
    unplaced records; `coverage` takes all three into account. Where nobody has to report, nothing is missing from a
    total, and a mean is of nothing.
    """
    back = one.trailing.days - 1 if one.trailing else 0
    heard_at = "coalesce(t.coverage, 1)" if term.kind in ("count", "sum") else "t.coverage"
    here = f"FILTER (WHERE t.place = '{UNPLACED}') OVER (PARTITION BY t.level, t.period)"
    state = [name for name in terms.NEEDS[term.kind] if name in ADDED]
    beside = "".join(f", CASE WHEN t.place <> '{UNPLACED}' THEN max(t.{name}) {here} END AS u_{name}" for name in state)
    return f"""
        SELECT * REPLACE (share * (1 - least(1, coalesce(days_lost / nullif(days_known, 0), 0)))
                * (1 - coalesce(u_n / nullif(all_n, 0), 0)) AS coverage)
        FROM (SELECT t.*, {heard_at} AS share, coalesce(s.lost, 0) AS lost, s.days_lost,
            CASE WHEN t.place <> '{UNPLACED}' THEN coalesce(max(t.n) {here}, 0) ELSE 0 END AS u_n,
            sum(t.n) OVER (PARTITION BY t.level, t.period) AS all_n{beside}
        FROM ({sql}) AS t LEFT JOIN ({_lost(term, back)}) AS s USING (period))"""


def around_entities(city: City, one: Indicator, term: Term, sql: str) -> str:
    """A term by entity with what is missing of each; an entity that reports is measured against its own slots."""
    table = city.tables[term.table]
    is_reporter = table.reporters is not None and one.entity is not None and one.entity.column == table.reporters.column
    slots = literal(terms.slots(table, term))
    heard = f"""
        SELECT w.period, d.entity_id, sum(d.observed) * 1.0 / sum(d.expected) AS share
        FROM (SELECT DISTINCT day, period FROM wanted) AS w JOIN due AS d USING (day)
        WHERE d."table" = {literal(term.table)} AND d.term = {slots} GROUP BY ALL"""
    share = "coalesce(h.share, 1)" if is_reporter else "1.0::DOUBLE"
    nothing = "".join(f", NULL AS u_{name}" for name in terms.NEEDS[term.kind] if name in ADDED)
    return f"""
        SELECT t.*, {share} AS share, coalesce(s.lost, 0) AS lost, 0 AS u_n{nothing},
            {share} * (1 - coalesce(s.days_lost, 0)) AS coverage
        FROM ({sql}) AS t LEFT JOIN ({heard}) AS h USING (period, entity_id)
        LEFT JOIN ({_lost(term, 0)}) AS s USING (period)"""


def heard(city: City, term: Term) -> str:
    """By level, place and period: the share of reporters' slots that was heard, and how many reporters were silent."""
    slots = literal(terms.slots(city.tables[term.table], term))
    return f"""
        SELECT level, place, period, sum(observed) * 1.0 / sum(expected) AS share,
            count(*) FILTER (WHERE observed = 0) AS silent
        FROM (SELECT w.period, d.entity_id, u.to_level AS level, u.to_id AS place, sum(d.observed) AS observed,
                sum(d.expected) AS expected
            FROM (SELECT DISTINCT day, period FROM wanted) AS w JOIN due AS d USING (day)
            JOIN up AS u ON u.from_level = d.level AND u.from_id = d.place_id
            WHERE d."table" = {literal(term.table)} AND d.term = {slots} GROUP BY ALL)
        GROUP BY ALL"""


def _lost(term: Term, back: int) -> str:
    """By period: the records that its days are short of, and how many days' worth that is."""
    return f"""
        SELECT w.period, sum(s.expected - s.observed)::BIGINT AS lost, sum(1 - s.observed / s.expected) AS days_lost
        FROM (SELECT DISTINCT day, period FROM wanted) AS w JOIN short AS s ON s.day BETWEEN w.day - {back} AND w.day
        WHERE s."table" = {literal(term.table)} GROUP BY ALL"""


def interval(city: City, one: Indicator, name: str, alias: str) -> Interval:
    """A term as DOUBLE, widened by the records that could belong to it: those lost, and those that lie nowhere."""
    term = one.terms[name]
    n, more = f"coalesce({alias}.n, 0)::DOUBLE", f"({alias}.lost + {alias}.u_n)"
    if term.kind == "count":
        return Interval(n, f"({n} + {more})")
    low, high = _range(city, one, name)
    total = f"coalesce({alias}.total, 0)::DOUBLE"
    match term.kind:
        case "sum":
            return _sum(alias, total, low, high)
        case "mean":
            mean = [f"({total} + {more} * {end}) / nullif({n} + {more}, 0)" for end in (low, high)]
            known = f"{total} / nullif({n}, 0)"
            return Interval(*(f"CASE WHEN {more} = 0 THEN {known} ELSE {one} END" for one in mean))
        case "max":
            return _highest(alias, high)
        case "min":
            return _lowest(alias, low)
    state = f"{alias}.last::DOUBLE"
    return Interval(*(f"CASE WHEN {more} = 0 THEN {state} ELSE {end} END" for end in (UNBOUNDED.low, UNBOUNDED.high)))


def _sum(alias: str, total: str, low: str, high: str) -> Interval:
    """A record without place adds what it says, or nothing; a lost one what its column may say, or nothing."""
    below, above = f"least({low}, 0)", f"greatest({high}, 0)"
    least = f"CASE WHEN {low} >= 0 THEN 0 ELSE {alias}.u_n * {below} END"
    most = f"CASE WHEN {low} >= 0 THEN coalesce({alias}.u_total, 0)::DOUBLE ELSE {alias}.u_n * {above} END"
    lost = (f"CASE WHEN {alias}.lost = 0 THEN 0 ELSE {alias}.lost * {end} END" for end in (below, above))
    return Interval(*(f"({total} + {u} + {one})" for u, one in zip((least, most), lost, strict=True)))


def _highest(alias: str, high: str) -> Interval:
    mine = f"{alias}.high::DOUBLE"
    return Interval(mine, f"CASE WHEN {alias}.lost > 0 THEN {high} ELSE greatest({mine}, {alias}.u_high::DOUBLE) END")


def _lowest(alias: str, low: str) -> Interval:
    mine = f"{alias}.low::DOUBLE"
    return Interval(f"CASE WHEN {alias}.lost > 0 THEN {low} ELSE least({mine}, {alias}.u_low::DOUBLE) END", mine)


def _range(city: City, one: Indicator, name: str) -> tuple[str, str]:
    """The ends of the column's valid range, as DOUBLE SQL; infinite where none is declared.

    Where the term is the whole value, what it averages lies in the indicator's range as well.
    """
    term = one.terms[name]
    valid = city.tables[term.table].columns[term.of or ""].valid_range
    ends = [tuple(map(float, valid))] if valid else []
    if one.valid_range and (one.value or "").strip() == name:
        ends.append(one.valid_range)
    if not ends:
        return UNBOUNDED.low, UNBOUNDED.high
    return f"{max(low for low, _ in ends)!r}::DOUBLE", f"{min(high for _, high in ends)!r}::DOUBLE"
