"""How good a value is: status, grade, bounds and reasons, for every computed value alike.

Unknown is never zero; a value below its minimum coverage is never final; a day that quality holds shows the last good
value of the cell and says `stale`, or is withheld where there was none.
"""

from collections.abc import Sequence
from datetime import date

import duckdb
import pyarrow as pa

from jobs import definitions, terms
from schemas import City, Indicator, Term

GRADES = (0.98, 0.9, 0.8)
"""The least coverage of A, B and C, where neither the indicator nor the city declares its own."""
SHOWN = 10
HELD = "held_by_quality"
CELL = "indicator, level, place, period_kind, period, segment"
WHY = """
    SELECT c.indicator, c.period_kind, c.period,
        string_agg(DISTINCT h."table" || ' ' || h.rule, ', ' ORDER BY h."table" || ' ' || h.rule) AS why
    FROM (SELECT DISTINCT indicator, period_kind, period, period_start, period_end FROM computed) AS c
    JOIN reads AS r USING (indicator)
    JOIN {relation} AS h ON h."table" = r."table" AND h.day::DATE BETWEEN c.period_start AND c.period_end
    GROUP BY ALL"""
SILENT = f"""
    SELECT {", ".join("c." + name for name in CELL.split(", "))},
        list_sort(list_distinct(list(d.entity_id))) AS names
    FROM (SELECT * FROM computed WHERE coverage < 1 AND published) AS c JOIN asked AS a USING (indicator)
    JOIN (SELECT d.*, u.to_level, u.to_id FROM owed AS d
        JOIN up AS u ON u.from_level = d.level AND u.from_id = d.place_id WHERE d.observed < d.expected) AS d
    ON d."table" = a."table" AND d.term = a.term AND d.to_level = c.level AND d.to_id = c.place
    AND d.day BETWEEN c.period_start AND c.period_end
    AND (c.period_kind <> 'hour' OR (d.hours >> substr(c.period, 12, 2)::INTEGER) & 1 = 0)
    GROUP BY ALL"""
LAST_GOOD = f"""
    SELECT {CELL}, edition AS good_edition, value AS good_value, coverage AS good_coverage, low AS good_low,
        high AS good_high, n_records AS good_n FROM history
    WHERE status IN ('final', 'provisional') AND value IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY {CELL} ORDER BY edition DESC) = 1"""
STATUS = """
    CASE WHEN is_stopped AND value IS NULL THEN 'withheld'
        WHEN is_stopped THEN 'stale'
        WHEN why IS NOT NULL OR value IS NULL OR coverage < minimum_coverage OR age < final_after THEN 'provisional'
        ELSE 'final' END"""
REASONS = f"""
    concat_ws('; ',
        CASE WHEN why IS NOT NULL THEN '{HELD}: ' || why END,
        CASE WHEN is_stopped AND value IS NOT NULL THEN 'stale' || coalesce(': last good ' || good_edition, '') END,
        CASE WHEN value IS NULL AND why IS NULL AND names IS NULL THEN
            CASE WHEN coverage > 0 THEN 'no_usable_records'
                WHEN days_known > 0 AND lost = 0 AND unplaced = 0 THEN 'no_reporters' ELSE 'not_delivered' END END,
        CASE WHEN days_known > 0 AND days_known < days_due
            THEN printf('missing_days: %d of %d', days_due - days_known, days_due) END,
        CASE WHEN names IS NOT NULL THEN 'missing_reporters: ' || array_to_string(names[:{SHOWN}], ', ')
            || CASE WHEN len(names) > {SHOWN} THEN printf(' … (%d)', len(names)) ELSE '' END END,
        CASE WHEN coverage < 1 AND lost > 0 THEN printf('missing_records: %d', lost) END,
        CASE WHEN coverage < 1 AND unplaced > 0 THEN printf('unplaced: %d records', unplaced) END,
        CASE WHEN value IS NOT NULL AND coverage < minimum_coverage
            THEN printf('below_minimum_coverage %.2f < %.2f', floor(coverage * 100) / 100, minimum_coverage) END,
        CASE WHEN warned IS NOT NULL THEN 'quality_warning: ' || warned END,
        CASE WHEN value IS NOT NULL AND age < final_after THEN 'recent' END,
        known_issue)"""
GRADE = """
    CASE WHEN value IS NULL THEN NULL WHEN is_stopped THEN 'D'
        ELSE substr('ABCDD', 1 + (coverage < a)::INT + (coverage < b)::INT + (coverage < c)::INT
            + (warned IS NOT NULL)::INT, 1) END"""


def judge(connection: duckdb.DuckDBPyConnection, city: City, biz_date: date) -> None:
    """Make the relation `judged` (the columns of indicators.values) from `computed`, what is `held`, and `history`."""
    connection.register("about", _about(city))
    connection.register("reads", _reads(city))
    connection.register("asked", _asked(city))
    connection.register("issues", _issues(city))
    shown = ", ".join(
        f"CASE WHEN is_stopped THEN coalesce(good_{name}, f.{name}) ELSE f.{name} END AS {name}"
        for name in ("value", "coverage", "low", "high")
    )
    connection.execute(f"""
        CREATE OR REPLACE TEMP VIEW judged AS
        WITH stopped AS ({WHY.format(relation="held")}), warnings AS ({WHY.format(relation="warned_days")}),
        silent AS ({SILENT}), last_good AS ({LAST_GOOD}),
        facts AS (
            SELECT c.* REPLACE (CASE WHEN isfinite(c.value) THEN c.value END AS value),
                a.* EXCLUDE (indicator, definition_version), s.why, w.why AS warned, q.names, i.known_issue,
                g.* EXCLUDE ({CELL}), DATE '{biz_date}' - c.period_end AS age,
                s.why IS NOT NULL AND (c.value IS NULL OR c.period_start = c.period_end) AS is_stopped
            FROM computed AS c
            JOIN about AS a USING (indicator, definition_version)
            LEFT JOIN stopped AS s USING (indicator, period_kind, period)
            LEFT JOIN warnings AS w USING (indicator, period_kind, period)
            LEFT JOIN silent AS q USING ({CELL}) LEFT JOIN last_good AS g USING ({CELL})
            LEFT JOIN (SELECT c.indicator, c.period_kind, c.period, string_agg(DISTINCT i.text, '; ' ORDER BY i.text)
                    AS known_issue
                FROM (SELECT DISTINCT indicator, period_kind, period, period_start, period_end FROM computed) AS c
                JOIN issues AS i ON i.indicator = c.indicator AND c.period_end >= i.since AND c.period_start <= i.until
                GROUP BY ALL) AS i USING (indicator, period_kind, period)
            WHERE c.published),
        said AS (SELECT f.* EXCLUDE (value, coverage, low, high), {shown},
            CASE WHEN is_stopped THEN coalesce(good_n, n_records) ELSE n_records END AS n FROM facts AS f)
        SELECT {CELL}, period_start, period_end, value, unit, round(coverage, 6) AS coverage,
            low, high, {GRADE} AS grade, {STATUS} AS status, {REASONS} AS reasons,
            n AS n_records, definition_version, '{biz_date}' AS edition
        FROM said""")  # fmt: skip


def _about(city: City) -> pa.Table:
    rows = [
        {
            "indicator": one.id,
            "unit": one.unit,
            "minimum_coverage": one.minimum_coverage,
            "final_after": one.final_after,
            "definition_version": one.version,
        }
        | dict(zip("abc", one.grades or city.file.grades or GRADES, strict=True))
        for newest in city.indicators.values()
        for one in newest.versions
    ]
    return pa.Table.from_pylist(rows)


def _reads(city: City) -> pa.Table:
    """(indicator, table) for every table an indicator rests on."""
    rows = [(one.id, key) for one in city.indicators.values() for key in definitions.tables(city, one)]
    return _table(("indicator", "table"), rows)


def _asked(city: City) -> pa.Table:
    """(indicator, table, term): whose slots an indicator's coverage is measured against."""
    rows = {
        (one.id, term.table, terms.slots(city.tables[term.table], term))
        for one in city.indicators.values()
        for term in _terms(city, one)
        if city.tables[term.table].reporters
    }
    return _table(("indicator", "table", "term"), sorted(rows))


def _table(names: Sequence[str], rows: Sequence[Sequence[str]]) -> pa.Table:
    return pa.table({name: pa.array([row[i] for row in rows], pa.string()) for i, name in enumerate(names)})


def _issues(city: City) -> pa.Table:
    """(indicator, since, until, text) of what is known to be wrong; the text in both languages."""
    rows = [
        {
            "indicator": one.id,
            "since": issue.from_,
            "until": issue.to or date.max,
            "text": f"known_issue: {issue.zh} | {issue.en}".replace("; ", ", "),
        }
        for one in city.indicators.values()
        for issue in one.known_issues
    ]
    kinds = {"indicator": pa.string(), "since": pa.date32(), "until": pa.date32(), "text": pa.string()}
    return pa.Table.from_pylist(rows, schema=pa.schema(list(kinds.items())))


def _terms(city: City, one: Indicator) -> list[Term]:
    """The terms over tables of every version, through other indicators too."""
    found: list[Term] = []
    for term in (term for version in one.versions for term in version.terms.values()):
        others = [look.table for look in term.looks if look.table != one.id]
        found += [each for key in others for each in _terms(city, city.indicators[key])]
        found += [] if term.looks else [term]
    return found
