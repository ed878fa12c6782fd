"""Values beside those that an edition says: how many are others, by how much, and which the most."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from jobs import closing
from jobs.core import engine
from jobs.core.engine import listed, literal
from jobs.core.lake import Lake, arrow_schema
from jobs.vintages import KEY, NEWEST, SAID, VALUES

KINDS = ("value", "unknown", "known", "trust", "new", "gone")
"""What is other: the number; that there is one, no more or at last; what is said beside it; that it is said at all."""
BESIDE = tuple(name for name in SAID if name not in ("value", "n_records", "definition_version", "reasons"))


@dataclass(frozen=True)
class Differences:
    """What is other, by indicator and by value."""

    indicators: pa.Table
    values: pa.Table
    """The values that are others, those that changed most first."""


def of(lake: Lake, night: date, made: pa.Table, indicators: Sequence[str], where: Sequence[str] = ()) -> Differences:
    """`made` beside what the edition of a night says of some indicators, both under `where`, SQL conditions.

    A value that a place, period or segment does not have on one side is new or gone. Numbers are compared where they
    are in one unit; a relative change is that of the number that was published. That a value was revised is none.
    """
    there = " AND ".join(("true", *where))
    key = ", ".join(KEY)
    until = (pc.field("edition") <= night.isoformat()) & pc.field("indicator").isin(sorted(indicators))
    published = lake.arrow_where("indicators.values", until) if indicators else None
    with engine.cursor(threads=2, memory="2GB") as connection:
        connection.register("history", published if published is not None else arrow_schema(VALUES).empty_table())
        connection.execute(f"""CREATE TEMP TABLE said AS
            SELECT * REPLACE ({closing.unmarked("reasons")} AS reasons) FROM (SELECT * FROM history {NEWEST})""")
        connection.register("made", made)
        connection.register("asked", pa.table({"indicator": pa.array(sorted(indicators), pa.string())}))
        columns = ", ".join(f"b.{name} AS {name}_before, a.{name} AS {name}_after" for name in SAID)
        same = " AND ".join(f"b.{name} IS NOT DISTINCT FROM a.{name}" for name in SAID)
        connection.execute(f"""
            CREATE TEMP TABLE paired AS
            SELECT {key}, {columns}, CASE WHEN a.status IS NULL THEN 'gone' WHEN b.status IS NULL THEN 'new'
                WHEN {same} THEN 'same'
                WHEN b.value IS NOT NULL AND a.value IS NULL THEN 'unknown'
                WHEN b.value IS NULL AND a.value IS NOT NULL THEN 'known'
                WHEN b.value IS DISTINCT FROM a.value OR b.unit <> a.unit THEN 'value' ELSE 'trust' END AS differs,
                CASE WHEN b.unit = a.unit THEN a.value - b.value END AS change,
                CASE WHEN b.value <> 0 THEN change / abs(b.value) END AS relative
            FROM (SELECT * FROM said WHERE indicator IN (FROM asked) AND {there}) AS b
            FULL JOIN (SELECT * FROM made WHERE indicator IN (FROM asked) AND {there}) AS a USING ({key})""")
        found = engine.table(connection, _BY_INDICATOR)
        order = f"abs(change) DESC NULLS LAST, list_position([{listed(KINDS)}], differs), {key}"
        shown = ", ".join(f"{name}_before, {name}_after" for name in ("value", *BESIDE))
        values = engine.table(connection, f"""
            SELECT differs, {key}, change, relative, {shown} FROM paired WHERE differs <> 'same'
            ORDER BY abs(relative) DESC NULLS LAST, {order}""")  # fmt: skip
    return Differences(found, values)


def _most(which: str) -> str:
    """SQL for a change, and where and when it was."""
    where = "level || ' ' || place || ' ' || period || CASE WHEN segment = 'all' THEN '' ELSE ' ' || segment END"
    order = f"struct_pack(a := abs({which}), b := level, c := place, d := period, e := segment)"
    given = f"FILTER (WHERE differs = 'value' AND {which} IS NOT NULL)"
    return f"arg_max({which}, {order}) {given} AS most_{which}, arg_max({where}, {order}) {given} AS most_{which}_at"


_BY_INDICATOR = f"""
    SELECT indicator, count(*) FILTER (WHERE differs NOT IN ('new', 'gone')) AS compared,
        count(*) FILTER (WHERE differs = 'value') AS changed,
        {", ".join(f"count(*) FILTER (WHERE differs = {literal(kind)}) AS {kind}" for kind in KINDS[1:])},
        count(*) FILTER (WHERE status_before <> status_after) AS status,
        count(*) FILTER (WHERE grade_before IS DISTINCT FROM grade_after AND differs NOT IN ('new', 'gone')) AS grade,
        {_most("change")}, {_most("relative")},
        quantile_disc(abs(change), 0.5) FILTER (WHERE differs = 'value') AS median_change
    FROM paired GROUP BY indicator ORDER BY indicator"""
