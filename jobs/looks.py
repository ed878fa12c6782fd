"""Where values look: the wanted periods with their segments, every day and hour that each takes in, and the places.

Relations made here: `wanted` (period_kind, family, segment, period, period_start, period_end, day, hour), `spans` (one
row a period and segment, with its number of `days`), `looks` (`wanted` with the days a trailing window looks back on).
Rows of whole days have no hour. A period's text tells its kind, so that whoever knows the period need not ask for the
kind. Of every scope: `chosen` (what it is), `scope_levels` (level, shown), `scope_spans` (its spans, published) and
`spine` (the places and spans that must have a row, shown, with what `chosen` says). `stood` (table, level, family,
period, segment) says where registers stand.
"""

from collections.abc import Mapping, Sequence, Set

import duckdb
import pyarrow as pa

from jobs import definitions, segments
from jobs.core import engine
from jobs.core.engine import listed
from jobs.needs import Need
from jobs.periods import KINDS, wanted_sql
from jobs.scope import Scope

CHOSEN = {
    "scope": pa.int32(), "indicator": pa.string(), "version": pa.string(), "period_kind": pa.string(),
    "since": pa.date32(), "until": pa.date32(), "window_days": pa.int32(), "least": pa.float64(), "most": pa.float64(),
}  # fmt: skip


def prepare(connection: duckdb.DuckDBPyConnection, found: Sequence[Scope], needs: Mapping[str, Need]) -> None:
    """Make the relations for these scopes."""
    _register(connection, found, needs)
    _wanted(connection, found, needs)
    _looks(connection, {(one.kind, one.back) for one in found})
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE scope_spans AS
        SELECT c.scope, s.* EXCLUDE (period_kind), n.published AND f.published AS published
        FROM spans AS s JOIN scope_families AS f USING (family)
        JOIN chosen AS c ON c.scope = f.scope AND c.period_kind = s.period_kind
        JOIN needed AS n ON n.indicator = c.indicator AND n.period_kind = s.period_kind AND n.start = s.period_start
        WHERE s.period_start >= c.since AND s.period_start < c.until ORDER BY c.scope""")
    _spine(connection)


def _wanted(connection: duckdb.DuckDBPyConnection, found: Sequence[Scope], needs: Mapping[str, Need]) -> None:
    families = {kind: {family for one in found if one.kind == kind for family in one.families} for kind in KINDS}
    plain = [_plain(kind, families[kind], needs) for kind in KINDS if families[kind]]
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE wanted AS {" UNION ALL ".join(plain) or _plain("day", set(), needs)};
        CREATE OR REPLACE TEMP TABLE spans AS
        SELECT period_kind, family, segment, period, period_start, period_end, count(DISTINCT day) AS days
        FROM wanted GROUP BY ALL""")


def _plain(kind: str, families: set[str], needs: Mapping[str, Need]) -> str:
    """SQL: the rows of `wanted` of a kind, in these families of segments."""
    starts = {start for need in needs.values() for start in need.starts.get(kind, ())}
    by_hour = sorted(families & {*segments.HOURS})
    plain = wanted_sql(kind, starts)
    out = [
        f"""
        SELECT '{kind}' AS period_kind, s.family, s.segment, p.* FROM ({plain}) AS p JOIN day_segments AS s USING (day)
        WHERE s.family IN ({listed(sorted(families - {*segments.HOURS}))})"""
    ]
    if by_hour:
        out.append(f"""
            SELECT '{kind}', s.family, s.segment, p.day, h.hour, p.period, p.period_start, p.period_end
            FROM ({plain}) AS p JOIN hours AS h ON h.day = p.day JOIN hour_segments AS s ON s.at = h.at
            WHERE s.family IN ({listed(by_hour)})""")
    return " UNION ALL ".join(out)


def _looks(connection: duckdb.DuckDBPyConnection, backs: Set[tuple[str, int]]) -> None:
    kinds = {kind for kind, _ in backs}
    back = ", ".join(f"('{kind}', {days})" for kind, days in sorted(backs | {(kind, 0) for kind in kinds}))
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE looks AS
        WITH away AS (
            SELECT b.*, unnest(range(b.back + 1))::INTEGER AS ago
            FROM (VALUES {back or "('', 0)"}) AS b(period_kind, back))
        SELECT w.period_kind, a.back, w.family, w.segment, w.period, w.day AS period_day, (w.day - a.ago)::DATE AS day,
            CASE WHEN a.ago = 0 THEN w.hour ELSE then_.hour END AS hour
        FROM wanted AS w JOIN away AS a USING (period_kind)
        LEFT JOIN hours AS now_ ON now_.hour = w.hour AND a.ago > 0
        LEFT JOIN hours AS then_ ON then_.day = w.day - a.ago AND then_.at = now_.at
        WHERE w.hour IS NULL OR a.ago = 0 OR then_.hour IS NOT NULL""")


def _spine(connection: duckdb.DuckDBPyConnection) -> None:
    """The members of each level that a source of a scope's tables reaches on a delivered or overdue day."""
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE stood AS
        SELECT DISTINCT t."table", u.to_level AS level, w.family, w.period, w.segment
        FROM (SELECT DISTINCT "table", level AS from_level, valid_from, valid_to FROM terms WHERE _day = '_register')
            AS t JOIN (SELECT DISTINCT from_level, to_level FROM up) AS u USING (from_level)
        JOIN spans AS w ON t.valid_from <= w.period_end AND (t.valid_to IS NULL OR w.period_end < t.valid_to)""")
    connection.execute("""
        CREATE OR REPLACE TABLE spine AS
        WITH days AS (SELECT DISTINCT day, period, segment FROM wanted),
        reached AS (
            SELECT k."table", false AS stands, k.level, d.period, d.segment
            FROM known AS k JOIN days AS d ON d.day = k.day
            UNION SELECT r."table", false, r.level, d.period, d.segment
            FROM days AS d JOIN due ON due.day = d.day JOIN reach AS r ON r."table" = due."table"
            UNION SELECT "table", true, level, period, segment FROM stood),
        mine AS (
            SELECT DISTINCT s.scope, r.level, s.period, s.segment FROM scope_spans AS s
            JOIN scope_tables AS t ON t.scope = s.scope
            JOIN reached AS r ON r."table" = t."table" AND r.stands = t.stands AND r.period = s.period
                AND r.segment = s.segment)
        SELECT p.level, p.place, s.*, s.published AND l.shown AS shown, c.* EXCLUDE (scope, since, until)
        FROM scope_spans AS s JOIN chosen AS c USING (scope) JOIN mine AS m USING (scope, period, segment)
        JOIN scope_levels AS l ON l.scope = m.scope AND l.level = m.level
        JOIN members_of AS p ON p.level = m.level ORDER BY s.scope""")


def _register(connection: duckdb.DuckDBPyConnection, found: Sequence[Scope], needs: Mapping[str, Need]) -> None:
    """What is asked, as relations: `needed`, `chosen`, `scope_families`, `scope_levels`, `scope_tables`."""
    text, number, day, truth = pa.string(), pa.int32(), pa.date32(), pa.bool_()
    needed = [
        (key, kind, start, start in need.published.get(kind, ()))
        for key, need in needs.items()
        for kind, starts in need.starts.items()
        for start in sorted(starts)
    ]
    columns = {"indicator": text, "period_kind": text, "start": day, "published": truth}
    engine.register(connection, "needed", columns, needed)
    chosen = [
        (one.number, one.one.id, one.one.version, one.kind, one.since, one.until, one.back + 1,
            *(one.one.valid_range or (None, None)))
        for one in found
    ]  # fmt: skip
    engine.register(connection, "chosen", CHOSEN, chosen)
    families = [(one.number, f, f in segments.families(one.one, one.kind)) for one in found for f in one.families]
    engine.register(connection, "scope_families", {"scope": number, "family": text, "published": truth}, families)
    levels = [(one.number, level, level in one.published_levels) for one in found for level in one.levels]
    engine.register(connection, "scope_levels", {"scope": number, "level": text, "shown": truth}, levels)
    tables = [(one.number, *pair) for one in found for pair in _rests_on(one)]
    engine.register(connection, "scope_tables", {"scope": number, "table": text, "stands": truth}, tables)


def _rests_on(scope: Scope) -> list[tuple[str, bool]]:
    """The event tables a scope rests on; the registers, that stand until they change, where there are none."""
    keys = [(key, scope.city.tables[key].kind == "register") for key in definitions.tables(scope.city, scope.one)]
    return [pair for pair in keys if not pair[1]] or keys
