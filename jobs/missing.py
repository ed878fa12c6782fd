"""What is missing from a term: silent reporters, records short of a control count, records without place.

Relations made here: `owed` (what each reporter owed and gave a day), `slots` (the same by place, for days and hours),
`short` (records a day is short of the count delivered beside it). All are read by the queries of the values.
"""

from collections.abc import Sequence
from datetime import date

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from jobs import terms, widened, work_days
from jobs.core.engine import listed, literal
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger
from jobs.grid import UNPLACED
from jobs.merged import CELL
from jobs.scope import Scope
from schemas import City, Term

CONTROL = "silver.control_counts"
"""The table of how many records of a table should have come for a day, where somebody delivers such counts."""
HOURS = 24


def reporters(connection: duckdb.DuckDBPyConnection, city: City) -> None:
    """Make `owed` and `slots`, from `terms`, `delivered`, `listed`, `hours` and `up`.

    Due on a delivered day are the reporters seen in the trailing `known_for` days, each placed where it last reported;
    where a register lists them (`listed`), those valid on the day, placed where it says unless they say otherwise.
    What only some report on (slots under a condition) is due of those that did. Rows of `slots` of whole days have no
    hour; hours are told apart for tables of which somebody asks them.
    """
    spans = [
        (key, table.reporters.known_for, HOURS if table.reporters.every == "hour" else 1, bool(terms.hourly(city, key)))
        for key, table in city.tables.items()
        if table.reporters
    ]
    named = ", ".join(f"('{key}', {known}, {slots}, {hourly})" for key, known, slots, hourly in spans)
    of_all = [
        f"({literal(key)}, {literal(name)})"
        for key in city.registered
        for name, _ in terms.dimensions(city, city.tables[key])
        if terms.is_due_of_all(name)
    ]
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE owed AS
        WITH span("table", known, expected, hourly) AS (VALUES {named or "('', 0, 0, false)"}),
        whole("table", term) AS (
            SELECT * FROM (VALUES {", ".join(of_all) or "('', '')"}) AS w("table", term)
            WHERE "table" IN (SELECT "table" FROM listed)),
        seen AS (
            SELECT t."table", t.term, t._day::DATE AS seen, t.entity_id, max(t.level) AS level,
                max(t.place_id) AS place_id, bit_or(t.hours) AS hours, sum(least(t.n, s.expected))::BIGINT AS n,
                any_value(CASE WHEN (t."table", t.term) IN (FROM whole) THEN 1 ELSE s.known END) AS known
            FROM terms AS t JOIN span AS s USING ("table")
            WHERE starts_with(t.term, '{terms.SLOTS}') AND t._day[1] <> '_' GROUP BY ALL),
        days AS (SELECT DISTINCT "table", day FROM delivered),
        lasting AS (
            SELECT * EXCLUDE (known), unnest(range(seen, least(seen + known, next), INTERVAL 1 DAY))::DATE AS day
            FROM (SELECT *, lead(seen) OVER (PARTITION BY "table", term, entity_id ORDER BY seen) AS next FROM seen)),
        due AS (
            SELECT * EXCLUDE (next) FROM lasting JOIN days USING ("table", day)
            UNION ALL BY NAME
            SELECT d."table", w.term, d.day, DATE '0001-01-01' AS seen, l.entity_id, l.level, l.place_id
            FROM days AS d JOIN whole AS w ON w."table" = d."table" JOIN listed AS l ON l."table" = d."table"
                AND l.valid_from <= d.day AND (l.valid_to IS NULL OR d.day < l.valid_to))
        SELECT d."table", d.term, d.day, d.entity_id,
            arg_max(coalesce(d.place_id, '{UNPLACED}'), d.seen) AS place_id, arg_max(d.level, d.seen) AS level,
            any_value(s.expected) AS expected, any_value(s.hourly) AS hourly,
            coalesce(sum(d.n) FILTER (WHERE d.seen = d.day), 0) AS observed,
            coalesce(bit_or(d.hours) FILTER (WHERE d.seen = d.day), 0) AS hours
        FROM due AS d JOIN span AS s USING ("table") GROUP BY ALL""")
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE slots AS
        WITH placed AS (
            SELECT o.* EXCLUDE (level, place_id), u.to_level AS level, u.to_id AS place
            FROM owed AS o JOIN up AS u ON u.from_level = o.level AND u.from_id = o.place_id)
        SELECT "table", term, day, NULL::TIMESTAMPTZ AS hour, level, place,
            sum(observed)::BIGINT AS observed, sum(expected)::BIGINT AS expected FROM placed GROUP BY ALL
        UNION ALL
        SELECT p."table", p.term, p.day, h.hour, p.level, p.place,
            sum(CASE WHEN p.expected = 1 THEN p.observed ELSE (p.hours >> h.at) & 1 END)::BIGINT, count(*)
        FROM placed AS p JOIN hours AS h ON h.day = p.day WHERE p.hourly GROUP BY ALL""")


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
    came = [row for row in work_days.made(ledger, biz_date) if row["day"][0] != "_"]
    columns = {"table": pa.string(), "day": pa.string(), "rows": pa.int64()}
    connection.register("came", pa.Table.from_pylist(came, schema=pa.schema(list(columns.items()))))
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE short AS
        SELECT s.subject AS "table", s._day::DATE AS day, max(s.records) AS expected,
            least(coalesce(any_value(c.rows), 0), max(s.records)) AS observed
        FROM said_counts AS s LEFT JOIN came AS c ON c."table" = s.subject AND c.day = s._day
        WHERE s.records > 0 GROUP BY ALL""")


def lost(connection: duckdb.DuckDBPyConnection) -> None:
    """Make `lost`: the records that the days of periods are short of, and how many days' worth that is."""
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE lost AS
        SELECT s."table", l.back, l.family, l.period, l.segment, sum(s.expected - s.observed)::BIGINT AS lost,
            sum(1 - s.observed / s.expected) AS days_lost
        FROM (SELECT DISTINCT back, family, period, segment, period_day, day FROM looks) AS l
        JOIN short AS s USING (day)
        GROUP BY ALL""")


def around_entities(scope: Scope, name: str, sql: str) -> str:
    """A term by entity with what is missing of each; an entity that reports is measured against its own slots."""
    term, entity = scope.one.terms[name], scope.one.entity
    table = scope.table(term)
    is_reporter = table.reporters is not None and entity is not None and entity.column == table.reporters.column
    heard_of = f"""
        SELECT l.period, l.segment, o.entity_id, sum(o.observed) * 1.0 / sum(o.expected) AS share
        FROM {_looks(scope)} AS l JOIN owed AS o USING (day)
        WHERE o."table" = {literal(term.table)} AND o.term = {literal(terms.slots(table, term))} GROUP BY ALL"""
    share = "coalesce(h.share, 1)" if is_reporter else "1.0::DOUBLE"
    low, high = (f"'{end}'::DOUBLE" for end in widened.limits(scope.city, scope.one, name))
    return f"""
        SELECT t.*, {share} AS share, coalesce(s.lost, 0) AS lost, 0 AS u_n,
            NULL::HUGEINT AS u_total, NULL::HUGEINT AS u_low, NULL::HUGEINT AS u_high,
            {low} AS range_low, {high} AS range_high,
            {share} * (1 - least(1, coalesce(s.days_lost, 0))) AS coverage
        FROM ({sql}) AS t LEFT JOIN ({heard_of}) AS h USING (period, segment, entity_id)
        LEFT JOIN (SELECT period, segment, lost, days_lost FROM lost WHERE "table" = {literal(term.table)}
            AND back = {scope.back} AND family IN ({listed(scope.families)})) AS s USING (period, segment)"""


def heard(scope: Scope, term: Term) -> str:
    """By level, place and period: the share of reporters' slots that was heard, and how many reporters were silent."""
    return f"""
        SELECT {CELL}, sum(observed) * 1.0 / sum(expected) AS share, count(*) FILTER (WHERE observed = 0) AS silent
        FROM (SELECT l.period, l.segment, o.entity_id, u.to_level AS level, u.to_id AS place,
                sum(o.observed) AS observed, sum(o.expected) AS expected
            FROM {_looks(scope)} AS l JOIN owed AS o USING (day)
            JOIN up AS u ON u.from_level = o.level AND u.from_id = o.place_id
            WHERE o."table" = {literal(term.table)} AND o.term = {literal(terms.slots(scope.table(term), term))}
            GROUP BY ALL)
        GROUP BY ALL"""


def _looks(scope: Scope) -> str:
    return f"""(SELECT DISTINCT period, segment, period_day, day FROM looks
        WHERE period_kind = '{scope.kind}' AND back = {scope.back} AND family IN ({listed(scope.families)}))"""
