"""The tables of values: what every edition said, and the newest word on each value.

`indicators.values` has of each edition the rows in which it differs from the ones before; `indicators.current` has of
each value its newest row, and follows from the history. What a night needs to know of earlier ones it looks up in the
second, which grows with what is known and not with the number of nights.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from functools import reduce
from operator import or_
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from jobs import work_days
from jobs.core import engine
from jobs.core.lake import Lake, Layout, arrow_schema
from jobs.core.ledger import Ledger

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
GROUP = 1 << 14
ORDER = ("indicator", "period_kind", "period_start")
"""How values lie in a file, some together, so that who asks for an indicator's reads little else."""
HISTORY = Layout(VALUES, ("edition",), group=GROUP)
CURRENT = Layout(VALUES | {"_month": "string"}, ("_month",), group=GROUP)
NEWEST = f"QUALIFY row_number() OVER (PARTITION BY {', '.join(KEY)} ORDER BY edition DESC) = 1"


def since(firsts: Mapping[str, date]) -> Any:
    """Rows of the periods of some kinds that start on a day or later, as a condition."""
    kinds = [(pc.field("period_kind") == kind) & (pc.field("period_start") >= day) for kind, day in firsts.items()]
    return reduce(or_, kinds, pc.scalar(False))


def newest(
    lake: Lake, ledger: Ledger, until: date, where: Any = None, columns: Sequence[str] = tuple(VALUES)
) -> pa.Table:
    """The newest word that editions up to a night have on each value for which a condition holds.

    The condition is on columns that no edition changes (key, start, end). Only where a later night has spoken, or one
    was killed, the history is ranked.
    """
    later = pc.field("edition") > until.isoformat()
    spoken = lake.arrow_where("indicators.current", later | _among(work_days.killed(ledger)), ["edition"])
    if spoken is not None and not spoken.num_rows:
        return _rows(lake, "indicators.current", where, columns)
    needed = tuple(dict.fromkeys((*KEY, "edition", *columns)))
    history = _rows(lake, "indicators.values", ~later if where is None else where & ~later, needed)
    with engine.cursor(threads=2, memory="2GB") as connection:
        connection.register("history", history)
        return engine.table(connection, f"SELECT {', '.join(columns)} FROM history {NEWEST}")


def history(lake: Lake, until: date, where: Any) -> pa.Table:
    """Every word of the editions up to a night on the values for which a condition holds."""
    return _rows(lake, "indicators.values", where & (pc.field("edition") <= until.isoformat()))


def firsts(lake: Lake, until: date, indicators: Collection[str]) -> dict[str, str]:
    """The first edition up to a night that has a word on each indicator: editions are read until all are found."""
    found: dict[str, str] = {}
    there = {str(one["edition"]) for one in lake.delta("indicators.values").partitions()} if indicators else set()
    for edition in sorted(one for one in there if one <= until.isoformat()):
        of_it = _rows(lake, "indicators.values", pc.field("edition") == edition, ["indicator"])
        found |= {name: edition for name in pc.unique(of_it["indicator"]).to_pylist() if name not in found}
        if found.keys() >= set(indicators):
            break
    return found


def _among(nights: Iterable[date]) -> Any:
    return pc.field("edition").isin(pa.array([night.isoformat() for night in nights], pa.string()))


def _rows(lake: Lake, key: str, where: Any, columns: Sequence[str] = tuple(VALUES)) -> pa.Table:
    found, schema = lake.arrow_where(key, where, columns), arrow_schema({name: VALUES[name] for name in columns})
    return schema.empty_table() if found is None else found.cast(schema)


def write(lake: Lake, ledger: Ledger, changed: pa.Table, biz_date: date) -> None:
    """The newest word first, the history last.

    What an earlier attempt at this night, or a night that was killed, left in the one is looked up again in the other.
    """
    lake.create("indicators.values", HISTORY)
    lake.create("indicators.current", CURRENT)
    doubtful = _among((biz_date, *work_days.killed(ledger)))
    taken_out = _rows(lake, "indicators.current", doubtful)
    starts = pa.chunked_array([*changed["period_start"].chunks, *taken_out["period_start"].chunks], pa.date32())
    months = sorted({day.isoformat()[:7] for day in pc.unique(starts).to_pylist()})
    if months:
        said = pa.concat_tables([_said_by_others(lake, taken_out, biz_date), changed])
        lake.put("indicators.current", CURRENT, _newest(lake, said, ~doubtful, months), months)
    in_order = changed.sort_by([(name, "ascending") for name in ORDER])
    lake.put("indicators.values", HISTORY, in_order, [biz_date.isoformat()])


def _said_by_others(lake: Lake, taken_out: pa.Table, biz_date: date) -> pa.Table:
    """What the history has of cells that are taken out, but for this night."""
    if not taken_out.num_rows:
        return taken_out
    starts = pc.field("period_start").isin(pc.unique(taken_out["period_start"]))
    known = _rows(lake, "indicators.values", starts & (pc.field("edition") != biz_date.isoformat()))
    with engine.cursor(threads=2, memory="2GB") as connection:
        connection.register("history", known)
        connection.register("taken_out", taken_out)
        sql = f"SELECT h.* FROM history AS h SEMI JOIN taken_out USING ({', '.join(KEY)})"
        return engine.table(connection, sql).cast(arrow_schema(VALUES))


def _newest(lake: Lake, said: pa.Table, others: Any, months: Sequence[str]) -> pa.Table:
    """The rows of `indicators.current` for some months: the newest of what is said and what is kept of other nights."""
    there = pc.field("_month").isin(months) & others
    kept = lake.arrow_where("indicators.current", there, list(CURRENT.columns))
    schema, key = arrow_schema(CURRENT.columns), ", ".join(KEY)
    with engine.cursor(threads=2, memory="2GB") as connection:
        connection.register("kept", kept.cast(schema) if kept is not None else schema.empty_table())
        connection.register("said_now", said)
        sql = f"""
            WITH said AS (SELECT *, strftime(period_start, '%Y-%m') AS _month FROM said_now {NEWEST})
            SELECT k.* FROM kept AS k LEFT JOIN said AS s USING ({key})
            WHERE s.indicator IS NULL OR k.edition > s.edition
            UNION ALL SELECT s.* FROM said AS s LEFT JOIN kept AS k USING ({key})
            WHERE k.indicator IS NULL OR s.edition > k.edition ORDER BY {", ".join(ORDER)}"""
        return engine.table(connection, sql).cast(schema)
