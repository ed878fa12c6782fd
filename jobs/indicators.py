"""Indicators: values with their trust, computed from `fused` only; only what changed is appended to the history."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from jobs import (
    closing,
    definitions,
    fused,
    grid,
    judgement,
    missing,
    placing,
    plan,
    release,
    reporters,
    segments,
    terms,
    values,
    vintages,
    work_days,
)
from jobs.core import engine
from jobs.core.engine import listed
from jobs.core.lake import Lake, arrow_schema
from jobs.core.ledger import Ledger
from jobs.mapping import REGISTER
from jobs.needs import Needs, closure, days, days_by_table
from jobs.periods import KINDS, bounds, runs
from jobs.vintages import KEY, SAID, VALUES
from schemas import City


def run(city: City, lake: Lake, biz_date: date) -> dict[str, int]:
    """Compute every value the night may have changed and append those that did."""
    ledger = Ledger(lake)
    needs = closure(city, plan.affected(city, ledger, biz_date))
    if not needs:
        return {"computed": 0, "changed": 0}
    with engine.connect(threads=2, memory="2GB") as connection:
        prepare(connection, city, lake, ledger, biz_date, needs)
        waiting = _waiting(definitions.backlogs(city, ledger, biz_date))
        computed = said(connection, city, lake, ledger, biz_date, needs, waiting)
        changed = _changed(connection, city, ledger, computed, biz_date)
        revised = closing.revisions(connection)
    vintages.write(lake, ledger, changed, biz_date)
    definitions.note(city, ledger, biz_date)
    return {"computed": computed.num_rows, "changed": changed.num_rows, "revised": revised}


def said(
    connection: duckdb.DuckDBPyConnection, city: City, lake: Lake, ledger: Ledger, biz_date: date, needs: Needs,
    waiting: Sequence[tuple[str, date]] = (),
) -> pa.Table:  # fmt: skip
    """What a night says of the periods that are needed, from the relations that `prepare` has made."""
    values.compute(connection, city, needs)
    _before(connection, city, lake, ledger, biz_date, waiting)
    judgement.judge(connection, city, biz_date)
    release.apply(connection, city, biz_date, "newest")
    return engine.table(connection, f"SELECT {', '.join(VALUES)} FROM released").cast(arrow_schema(VALUES))


def prepare(
    connection: duckdb.DuckDBPyConnection, city: City, lake: Lake, ledger: Ledger, biz_date: date, needs: Needs
) -> None:
    """The relations values are made from: `terms`, and those that stand beside them."""
    wanted = days_by_table(city, needs)
    if lake.exists("fused.terms"):
        files = fused.counting_on(city, lake, {day for of_table in wanted.values() for day in of_table})
        connection.execute(f"""
            CREATE OR REPLACE TEMP TABLE terms AS FROM {lake.scan("fused.terms", files)}
            WHERE {_looked_at(city, wanted)}""")
    else:
        connection.register("terms", arrow_schema(fused.TERMS.columns).empty_table())
    beside_terms(connection, city, lake, ledger, biz_date, days(city, needs))


def _looked_at(city: City, wanted: Mapping[str, Sequence[str]]) -> str:
    """The condition on terms: registers, and of each table the days that its own indicators look at. Who asks for a
    year of a small table asks for no year of the large ones.
    """
    alike: dict[tuple[str, ...], list[str]] = {}
    for key, of_table in wanted.items():
        alike.setdefault(tuple(of_table), []).append(key)
    tests = [f"_day = '{REGISTER}'"]
    for of_tables, tables in alike.items():
        within = [f"_day BETWEEN '{first}' AND '{last}'" for first, last in runs(of_tables)]
        if any(terms.redated(city, key) for key in tables):
            within += [f"day BETWEEN DATE '{first}' AND DATE '{last}'" for first, last in runs(of_tables)]
        tests.append(f'("table" IN ({listed(tables)}) AND ({" OR ".join(within)}))')
    return " OR ".join(tests)


def beside_terms(
    connection: duckdb.DuckDBPyConnection, city: City, lake: Lake, ledger: Ledger, biz_date: date, wanted: list[str]
) -> None:
    """What values are made from beside `terms`: up, members, delivered, known, slots, held, hours, segments, told."""
    places = placing.load(city, lake)
    connection.register("up", grid.belongs(city, places))
    connection.register("members", places.members)
    _told(connection, city, lake, ledger, biz_date)
    segments.register(connection, city, wanted)
    grid.delivered(connection, city, ledger)
    reporters.listed(connection, city, lake)
    missing.reporters(connection, city)
    missing.controls(connection, city, lake, ledger, wanted, biz_date)
    stopped = [
        (key, day, rule) for (key, day), rule in sorted(work_days.held(ledger, biz_date).items()) if day[0] != "_"
    ]
    for name, rows in (("held", stopped), ("warned_days", work_days.warned(ledger, biz_date))):
        engine.register(connection, name, dict.fromkeys(("table", "day", "rule"), pa.string()), rows)


def _told(connection: duckdb.DuckDBPyConnection, city: City, lake: Lake, ledger: Ledger, biz_date: date) -> None:
    """`told`: the newest word of earlier editions on indicators that look at their own earlier values."""
    own = [one.id for one in city.indicators.values() if one.looks_at_itself]
    rows = arrow_schema(VALUES).empty_table()
    if own:
        rows = vintages.newest(lake, ledger, biz_date - timedelta(days=1), pc.field("indicator").isin(own))
    connection.register("told", rows)


def _waiting(backlogs: Sequence[definitions.Backlog]) -> list[tuple[str, date]]:
    """(indicator, day) of what waits for a changed definition."""
    return [(one.indicator, date.fromisoformat(day)) for one in backlogs for day in one.later]


def _before(
    connection: duckdb.DuckDBPyConnection, city: City, lake: Lake, ledger: Ledger, biz_date: date,
    waiting: Sequence[tuple[str, date]],
) -> None:  # fmt: skip
    """`newest`: the last word before the night on the periods computed, from the first of each kind on; `waiting`; and
    `history`: all that was said of what rests on tables with days that are held, whose last good value is shown.

    Of what a release threshold applies to, also days from the first of all: they tell what longer periods give away.
    """
    firsts = dict(connection.sql("SELECT period_kind, min(period_start) FROM computed GROUP BY 1").fetchall())
    if waiting:
        day = min(day for _, day in waiting)
        firsts |= {kind: min(bounds(kind, day)[0], firsts.get(kind, day)) for kind in KINDS}
    there = vintages.since(firsts)
    if city.file.release is not None and firsts:
        of_people = pc.field("indicator").isin(sorted(release.indicators(city)))
        there |= of_people & vintages.since({"day": min(firsts.values())})
    connection.register("newest", vintages.newest(lake, ledger, biz_date - timedelta(days=1), there))
    held = {table for (table,) in connection.sql('SELECT DISTINCT "table" FROM held').fetchall()}
    resting = [one.id for one in city.indicators.values() if held & set(definitions.tables(city, one))]
    words = arrow_schema(VALUES).empty_table()
    if resting:
        words = vintages.history(lake, biz_date - timedelta(days=1), there & pc.field("indicator").isin(resting))
    connection.register("history", words)
    engine.register(connection, "waiting", {"indicator": pa.string(), "day": pa.date32()}, waiting)


def _changed(
    connection: duckdb.DuckDBPyConnection, city: City, ledger: Ledger, computed: pa.Table, biz_date: date
) -> pa.Table:
    """The computed values that differ from what earlier editions said, and those that wait for a changed definition."""
    connection.register("computed_now", computed)
    key = ", ".join(KEY)
    same = " AND ".join(f"c.{name} IS NOT DISTINCT FROM h.{name}" for name in SAID)
    new = f"SELECT c.* FROM {{}} AS c LEFT JOIN newest AS h USING ({key}) WHERE h.indicator IS NULL OR NOT ({same})"
    connection.execute(f"CREATE OR REPLACE TEMP TABLE differing AS {new.format('computed_now')}")
    closing.mark(connection, city, ledger, biz_date, KEY)
    sql = f"""
        WITH pending AS (
            SELECT n.* REPLACE (concat_ws('; ', nullif(reasons, ''), '{definitions.PENDING}') AS reasons,
                '{biz_date}' AS edition,
                CASE WHEN status = 'final' THEN 'provisional' ELSE status END AS status)
            FROM newest AS n WHERE NOT contains(coalesce(reasons, ''), '{definitions.PENDING}')
            AND EXISTS (SELECT 1 FROM waiting AS w WHERE w.indicator = n.indicator
                AND w.day BETWEEN n.period_start AND n.period_end)
            AND NOT EXISTS (SELECT 1 FROM computed_now AS c WHERE {" AND ".join(f"c.{k} = n.{k}" for k in KEY)}))
        SELECT {", ".join(VALUES)} FROM (
            {new.format("marked")} UNION ALL SELECT {", ".join(VALUES)} FROM pending) ORDER BY {key}"""
    return engine.table(connection, sql).cast(arrow_schema(VALUES))
