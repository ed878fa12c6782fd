"""Closing: a period is closed after as many nights as its definition says; what changes its value then is a revision.

Data that come after that go the way of all data, and the next edition says the new value, marked as what it is: the
reason `revised` tells how many times, the cause, and which sources spoke of it that night. The mark stays as long as
that value does. Everything follows from the history, so that the same nights in another lake give the same marks
(docs/decisions/0027-closing-and-revisions.md).
"""

from collections.abc import Sequence
from datetime import date

import duckdb
import pyarrow as pa

from jobs import causes, touched, work_days
from jobs.core.ledger import Ledger
from jobs.mapping import REGISTER
from jobs.placing import PLACES
from schemas import City

REASON = "revised"
"""`revised: 2, late_data, taxi_trips`: the second revision, its cause, and who spoke that night, if anybody did."""
MARK = f"{REASON}: [^;]*"
HEARD = ("table", "day", "source")
MOST = 5
"""Sources that a mark names."""


def count(row: str) -> str:
    """SQL: how many times the value that a row says had been revised."""
    return f"coalesce(try_cast(regexp_extract({row}.reasons, '{REASON}: (\\d+)', 1) AS INTEGER), 0)"


def unmarked(reasons: str) -> str:
    """SQL: reasons without the mark, which says how a value came about, and nothing of what it is."""
    return f"regexp_replace({reasons}, '(^|; ){MARK}$', '')"


def revision(before: str, after: str) -> str:
    """SQL: which revision the change between two rows is; NULL where it is none."""
    return f"CASE WHEN {count(after)} > {count(before)} THEN {count(after)} END"


def sources(row: str) -> str:
    """SQL: the sources that the mark of a row names, a list; empty where it has none."""
    mark = f"regexp_extract({row}.reasons, '{REASON}: \\d+, \\w+, ([^;]*)', 1)"
    return f"coalesce(string_split(nullif({mark}, ''), ', '), [])"


def mark(connection: duckdb.DuckDBPyConnection, city: City, ledger: Ledger, biz_date: date, key: Sequence[str]) -> None:
    """Make `marked`: the rows of `differing` with the marks that follow from `newest`, what was said of them before.

    A value is closed that was final, or that the last complete night said when its period had ended `final_after`
    nights before. Another trust alone is no revision. Sources are named where data are what changed the value.
    """
    versions = [version for one in city.indicators.values() for version in one.versions]
    closes = {"indicator": "id", "definition_version": "version", "final_after": "final_after"}
    connection.register(
        "closes", pa.table({name: [getattr(one, of) for one in versions] for name, of in closes.items()})
    )
    last = f"DATE '{work_days.last_done(ledger, biz_date)}'"
    joined = " AND ".join(f"h.{name} = c.{name}" for name in key)
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE closed AS
        SELECT {", ".join(f"c.{name}" for name in key)}, c.period_start, c.period_end,
            h.value IS NOT DISTINCT FROM c.value AS is_same,
            h.status = 'final' OR {last} - h.period_end >= k.final_after AS is_closed,
            regexp_extract(h.reasons, '{MARK}') AS kept, {count("h")} + 1 AS nth, {causes.sql("h", "c")} AS cause
        FROM differing AS c JOIN newest AS h ON {joined}
        JOIN closes AS k ON k.indicator = c.indicator AND k.definition_version = c.definition_version
        WHERE h.value IS DISTINCT FROM c.value OR kept <> ''""")
    _heard(connection, city, ledger, biz_date)
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE marks AS
        SELECT {", ".join(f"c.{name}" for name in key)},
            CASE WHEN is_same THEN kept
                WHEN is_closed THEN concat_ws(', ', '{REASON}: ' || nth, cause,
                    CASE WHEN cause NOT IN ('definition', 'small_count') THEN h.names END) END AS mark
        FROM closed AS c LEFT JOIN heard_of AS h USING (indicator, period_kind, period)""")
    connection.execute(f"""
        CREATE OR REPLACE TEMP VIEW marked AS
        SELECT c.* REPLACE (concat_ws('; ', nullif(c.reasons, ''), nullif(m.mark, '')) AS reasons)
        FROM differing AS c LEFT JOIN marks AS m USING ({", ".join(key)})""")


def revisions(connection: duckdb.DuckDBPyConnection) -> int:
    """How many of the rows that `mark` has looked at are revisions."""
    found = connection.sql("SELECT count(*) FROM closed WHERE NOT is_same AND is_closed").fetchall()
    return int(found[0][0])


def _heard(connection: duckdb.DuckDBPyConnection, city: City, ledger: Ledger, biz_date: date) -> None:
    """Make `heard_of`: who said something new tonight of the periods revised, else of what they look back at, or of
    places."""
    columns = "indicator, period_kind, period, period_start, period_end"
    due = f"SELECT DISTINCT {columns} FROM closed WHERE NOT is_same AND is_closed"
    there = bool(connection.sql(f"SELECT 1 FROM ({due}) LIMIT 1").fetchall())
    heard = sorted(touched.heard(city, ledger, biz_date)) if there else []
    named = {name: pa.array([row[at] for row in heard], pa.string()) for at, name in enumerate(HEARD)}
    connection.register("heard", pa.table(named))
    near = f"h.day = '{REGISTER}' OR h.day BETWEEN c.period_start::VARCHAR AND c.period_end::VARCHAR"
    places = f"h.\"table\" = '{PLACES}'"
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE heard_of AS
        WITH named AS (
            SELECT c.indicator, c.period_kind, c.period, list_sort(coalesce(
                list(DISTINCT h.source) FILTER (({near}) AND NOT {places}), list(DISTINCT h.source))) AS names
            FROM ({due}) AS c JOIN reads AS r USING (indicator) JOIN heard AS h
                ON (h."table" = r."table" OR {places}) AND (h.day = '{REGISTER}' OR h.day <= c.period_end::VARCHAR)
            GROUP BY ALL)
        SELECT * REPLACE (array_to_string(names[:{MOST}], ', ')
            || CASE WHEN len(names) > {MOST} THEN printf(' … (%d)', len(names)) ELSE '' END AS names) FROM named""")
