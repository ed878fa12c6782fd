"""How good a value is: status, grade, bounds and reasons, for every computed value alike.

Unknown is never zero; a value below its minimum coverage is never final; a held day is withheld, or stale where an
earlier state of it stands.
"""

from datetime import date

import duckdb
import pyarrow as pa

from jobs import definitions
from schemas import City

GRADES = ((0.98, "A"), (0.9, "B"), (0.8, "C"))
STOPPED = """
    SELECT c.indicator, c.period_kind, c.period,
        string_agg(DISTINCT h."table" || ' ' || h.rule, ', ' ORDER BY h."table" || ' ' || h.rule) AS why
    FROM (SELECT DISTINCT indicator, period_kind, period, period_start, period_end FROM computed) AS c
    JOIN reads AS r USING (indicator)
    JOIN held AS h ON h."table" = r."table" AND h.day::DATE BETWEEN c.period_start AND c.period_end
    GROUP BY ALL"""
STATUS = """
    CASE WHEN why IS NOT NULL AND value IS NULL THEN 'withheld'
        WHEN why IS NOT NULL AND period_start = period_end THEN 'stale'
        WHEN why IS NOT NULL OR value IS NULL OR coverage < minimum_coverage OR age < final_after THEN 'provisional'
        ELSE 'final' END"""
REASONS = """
    concat_ws('; ',
        CASE WHEN why IS NOT NULL THEN 'held_by_quality: ' || why END,
        CASE WHEN value IS NULL AND why IS NULL AND coverage = 0 THEN 'not_delivered' END,
        CASE WHEN value IS NULL AND why IS NULL AND coverage > 0 THEN 'no_usable_records' END,
        CASE WHEN value IS NOT NULL AND coverage < minimum_coverage
            THEN printf('below_minimum_coverage %.2f < %.2f', coverage, minimum_coverage) END,
        CASE WHEN value IS NOT NULL AND age < final_after THEN 'recent' END)"""


def judge(connection: duckdb.DuckDBPyConnection, city: City, biz_date: date) -> None:
    """Make the relation `judged` (the columns of indicators.values) from `computed` and `held`."""
    connection.register("about", _about(city))
    connection.register("reads", _reads(city))
    grades = " ".join(f"WHEN coverage >= {least} THEN '{letter}'" for least, letter in GRADES)
    connection.execute(f"""
        CREATE OR REPLACE TEMP VIEW judged AS
        WITH stopped AS ({STOPPED}),
        facts AS (
            SELECT c.*, a.* EXCLUDE (indicator, definition_version), s.why, DATE '{biz_date}' - c.period_end AS age
            FROM computed AS c
            JOIN about AS a USING (indicator, definition_version)
            LEFT JOIN stopped AS s USING (indicator, period_kind, period)
            WHERE c.published)
        SELECT indicator, level, place, period_kind, period, segment, period_start, period_end,
            CASE WHEN isfinite(value) THEN value END AS value, unit, round(coverage, 6) AS coverage,
            CASE WHEN coverage >= 1 THEN value END AS low, CASE WHEN coverage >= 1 THEN value END AS high,
            CASE WHEN value IS NULL THEN NULL {grades} ELSE 'D' END AS grade,
            {STATUS} AS status, {REASONS} AS reasons,
            n_records, definition_version, '{biz_date}' AS edition
        FROM facts""")


def _about(city: City) -> pa.Table:
    rows = [
        {
            "indicator": one.id,
            "unit": one.unit,
            "minimum_coverage": one.minimum_coverage,
            "final_after": one.final_after,
            "definition_version": one.version,
        }
        for newest in city.indicators.values()
        for one in newest.versions
    ]
    return pa.Table.from_pylist(rows)


def _reads(city: City) -> pa.Table:
    """(indicator, table) for every table an indicator rests on, through other indicators too."""
    rows = [
        {"indicator": one.id, "table": key} for one in city.indicators.values() for key in definitions.tables(city, one)
    ]
    return pa.Table.from_pylist(rows, schema=pa.schema([("indicator", pa.string()), ("table", pa.string())]))
