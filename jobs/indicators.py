"""Indicators: values with their trust, computed from `fused` only; only what changed is appended to the history."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import reduce
from operator import or_
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from jobs import (
    closing,
    definitions,
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
    work_days,
)
from jobs.core import engine
from jobs.core.lake import Lake, Layout, arrow_schema
from jobs.core.ledger import Ledger
from jobs.fused import TERMS
from jobs.mapping import REGISTER
from jobs.needs import Needs, closure, days
from jobs.periods import KINDS, bounds
from schemas import City

KEY = ("indicator", "level", "place", "period_kind", "period", "segment")
VALUES = {
    **dict.fromkeys(KEY, "string"),
    "period_start": "date",
    "period_end": "date",
    "value": "double",
    "unit": "string",
    "coverage": "double",
    "low": "double",
    "high": "double",
    "grade": "string",
    "status": "string",
    "reasons": "string",
    "n_records": "bigint",
    "definition_version": "string",
    "edition": "string",
}
SAID = ("value", "unit", "coverage", "low", "high", "grade", "status", "reasons", "n_records", "definition_version")
HISTORY = Layout(VALUES, ("edition",))
CURRENT = Layout(VALUES | {"_month": "string"}, ("_month",))
NEWEST = f"QUALIFY row_number() OVER (PARTITION BY {', '.join(KEY)} ORDER BY edition DESC) = 1"


def run(city: City, lake: Lake, biz_date: date) -> dict[str, int]:
    """Compute every value the night may have changed and append those that did."""
    ledger = Ledger(lake)
    needs = closure(city, plan.affected(city, ledger, biz_date))
    if not needs:
        return {"computed": 0, "changed": 0}
    with engine.connect(threads=2, memory="2GB") as connection:
        prepare(connection, city, lake, ledger, biz_date, days(city, needs))
        computed = said(connection, city, lake, biz_date, needs, _waiting(definitions.backlogs(city, ledger, biz_date)))
        changed = _changed(connection, city, ledger, computed, biz_date)
        revised = closing.revisions(connection)
    _write(lake, changed, biz_date, work_days.incomplete(ledger, biz_date))
    definitions.note(city, ledger, biz_date)
    return {"computed": computed.num_rows, "changed": changed.num_rows, "revised": revised}


def said(
    connection: duckdb.DuckDBPyConnection, city: City, lake: Lake, biz_date: date, needs: Needs,
    waiting: Sequence[tuple[str, date]] = (),
) -> pa.Table:  # fmt: skip
    """What a night says of the periods that are needed, from the relations that `prepare` has made."""
    values.compute(connection, city, needs)
    _history(connection, city, lake, biz_date, waiting)
    judgement.judge(connection, city, biz_date)
    release.apply(connection, city, biz_date, "history")
    return engine.table(connection, f"SELECT {', '.join(VALUES)} FROM released").cast(arrow_schema(VALUES))


def prepare(
    connection: duckdb.DuckDBPyConnection, city: City, lake: Lake, ledger: Ledger, biz_date: date, wanted: list[str]
) -> None:
    """The relations values are made from: `terms`, and those that stand beside them."""
    there = pc.field("_day").isin([*wanted, REGISTER])
    if any(terms.redated(city, key) for key in city.tables):
        there |= pc.field("day").isin([date.fromisoformat(day) for day in wanted])
    found = lake.arrow_where("fused.terms", there)
    connection.register("terms", found if found is not None else arrow_schema(TERMS.columns).empty_table())
    beside_terms(connection, city, lake, ledger, biz_date, wanted)


def beside_terms(
    connection: duckdb.DuckDBPyConnection, city: City, lake: Lake, ledger: Ledger, biz_date: date, wanted: list[str]
) -> None:
    """What values are made from beside `terms`: up, members, delivered, known, slots, held, hours, segments, told."""
    places = placing.load(city, lake)
    connection.register("up", grid.belongs(city, places))
    connection.register("members", places.members)
    _told(connection, city, lake, biz_date)
    segments.register(connection, city, wanted)
    grid.delivered(connection, city, ledger)
    reporters.listed(connection, city, lake)
    missing.reporters(connection, city)
    missing.controls(connection, city, lake, ledger, wanted, biz_date)
    stopped = [
        (key, day, rule) for (key, day), rule in sorted(work_days.held(ledger, biz_date).items()) if day[0] != "_"
    ]
    for name, rows in (("held", stopped), ("warned_days", work_days.warned(ledger, biz_date))):
        columns = list(zip(*rows, strict=True)) or [(), (), ()]
        texts = [pa.array(list(column), pa.string()) for column in columns]
        connection.register(name, pa.table(dict(zip(("table", "day", "rule"), texts, strict=True))))


def _told(connection: duckdb.DuckDBPyConnection, city: City, lake: Lake, biz_date: date) -> None:
    """`told`: the newest word of earlier editions on indicators that look at their own earlier values."""
    own = [one.id for one in city.indicators.values() if one.looks_at_itself]
    there = pc.field("indicator").isin(own) & (pc.field("edition") < biz_date.isoformat())
    rows = lake.arrow_where("indicators.values", there) if own else None
    connection.register("told_by_all", rows if rows is not None else arrow_schema(VALUES).empty_table())
    connection.execute(f"CREATE OR REPLACE TEMP TABLE told AS SELECT * FROM told_by_all {NEWEST}")


def _waiting(backlogs: Sequence[definitions.Backlog]) -> list[tuple[str, date]]:
    """(indicator, day) of what waits for a changed definition."""
    return [(one.indicator, date.fromisoformat(day)) for one in backlogs for day in one.later]


def _history(
    connection: duckdb.DuckDBPyConnection, city: City, lake: Lake, biz_date: date,
    waiting: Sequence[tuple[str, date]],
) -> None:  # fmt: skip
    """`history`: what earlier editions said of the periods computed, from the first of each kind on; `waiting`.

    Of what a release threshold applies to, also days from the first of all: they tell what longer periods give away.
    """
    firsts = dict(connection.sql("SELECT period_kind, min(period_start) FROM computed GROUP BY 1").fetchall())
    if waiting:
        day = min(day for _, day in waiting)
        firsts |= {kind: min(bounds(kind, day)[0], firsts.get(kind, day)) for kind in KINDS}
    there = since(firsts)
    if city.file.release is not None and firsts:
        of_people = pc.field("indicator").isin(sorted(release.indicators(city)))
        there |= of_people & since({"day": min(firsts.values())})
    before = lake.arrow_where("indicators.values", there & (pc.field("edition") < biz_date.isoformat()))
    connection.register("history", before if before is not None else arrow_schema(VALUES).empty_table())
    columns = {"indicator": pa.array([i for i, _ in waiting], pa.string())}
    connection.register("waiting", pa.table(columns | {"day": pa.array([day for _, day in waiting], pa.date32())}))


def since(firsts: Mapping[str, date]) -> Any:
    """Rows of the periods of some kinds that start on a day or later, as a condition."""
    kinds = [(pc.field("period_kind") == kind) & (pc.field("period_start") >= day) for kind, day in firsts.items()]
    return reduce(or_, kinds, pc.scalar(False))


def _changed(
    connection: duckdb.DuckDBPyConnection, city: City, ledger: Ledger, computed: pa.Table, biz_date: date
) -> pa.Table:
    """The computed values that differ from what earlier editions said, and those that wait for a changed definition."""
    connection.register("computed_now", computed)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE newest AS SELECT * FROM history {NEWEST}")
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


def _write(lake: Lake, changed: pa.Table, biz_date: date, killed: Sequence[date]) -> None:
    """The newest word first, the history last.

    What an earlier attempt at this night, or a night that was killed, left in the one is looked up again in the other.
    """
    lake.create("indicators.values", HISTORY)
    lake.create("indicators.current", CURRENT)
    tonight = pc.field("edition") == biz_date.isoformat()
    doubtful = pc.field("edition").isin([night.isoformat() for night in (biz_date, *killed)])
    left = lake.arrow_where("indicators.current", doubtful, list(VALUES))
    taken_out = left.cast(arrow_schema(VALUES)) if left is not None else changed.slice(0, 0)
    starts = [*changed["period_start"].to_pylist(), *taken_out["period_start"].to_pylist()]
    months = sorted({day.isoformat()[:7] for day in starts})
    if months:
        newest = _newest(lake, pa.concat_tables([_before(lake, taken_out, ~tonight), changed]), ~doubtful, months)
        lake.put("indicators.current", CURRENT, newest, months)
    lake.put("indicators.values", HISTORY, changed, [biz_date.isoformat()])


def _before(lake: Lake, taken_out: pa.Table, others: Any) -> pa.Table:
    """What other editions said of cells that are taken out."""
    if not taken_out.num_rows:
        return taken_out
    starts = pc.field("period_start").isin(pc.unique(taken_out["period_start"]))
    known = lake.arrow_where("indicators.values", starts & others, list(VALUES))
    with engine.connect(threads=2, memory="2GB") as connection:
        connection.register("history", known if known is not None else taken_out.slice(0, 0))
        connection.register("taken_out", taken_out)
        sql = f"SELECT h.* FROM history AS h SEMI JOIN taken_out USING ({', '.join(KEY)})"
        return engine.table(connection, sql).cast(arrow_schema(VALUES))


def _newest(lake: Lake, said: pa.Table, others: Any, months: Sequence[str]) -> pa.Table:
    """The rows of `indicators.current` for some months: the newest of what is said and what is kept of other nights."""
    there = pc.field("_month").isin(months) & others
    kept = lake.arrow_where("indicators.current", there, list(CURRENT.columns))
    schema, key = arrow_schema(CURRENT.columns), ", ".join(KEY)
    with engine.connect(threads=2, memory="2GB") as connection:
        connection.register("kept", kept.cast(schema) if kept is not None else schema.empty_table())
        connection.register("said_now", said)
        sql = f"""
            WITH said AS (SELECT *, strftime(period_start, '%Y-%m') AS _month FROM said_now {NEWEST})
            SELECT k.* FROM kept AS k LEFT JOIN said AS s USING ({key})
            WHERE s.indicator IS NULL OR k.edition > s.edition
            UNION ALL SELECT s.* FROM said AS s LEFT JOIN kept AS k USING ({key})
            WHERE k.indicator IS NULL OR s.edition > k.edition"""
        return engine.table(connection, sql).cast(schema)
