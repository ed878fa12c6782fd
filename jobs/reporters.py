"""Who should have reported and did not: the reporters of each touched day against those known at that time."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pyarrow.compute as pc

from jobs import fused, scan, terms
from jobs.core import engine
from jobs.core.engine import literal
from jobs.core.lake import Lake, arrow_schema
from schemas import City

HOURS = 24
SHOWN = 10


def missing(city: City, lake: Lake, key: str, days: Sequence[str]) -> tuple[int, int, str] | None:
    """(slots due, slots missing, by whom) on the touched days of a table; None for a table without reporters.

    Due on a day are the reporters seen in the trailing `known_for` days, each for its hours or its day.
    """
    reporters = city.tables[key].reporters
    dated = [day for day in days if not day.startswith("_")]
    paths = [literal(file["path"]) for file in lake.files(key, "_day", dated)]
    if reporters is None or not paths:
        return None
    slots = HOURS if reporters.every == "hour" else 1
    first = date.fromisoformat(dated[0]) - timedelta(days=reporters.known_for)
    before = lake.arrow_where(
        "fused.terms",
        (pc.field("term") == terms.SLOTS) & (pc.field("table") == key) & (pc.field("_day") >= first.isoformat()),
    )
    with engine.cursor() as connection:
        connection.register(
            "earlier", before if before is not None else arrow_schema(fused.TERMS.columns).empty_table()
        )
        connection.execute(
            f"CREATE TEMP VIEW rows AS SELECT * FROM read_parquet([{', '.join(paths)}], hive_partitioning=true, "
            "hive_types={'_day': VARCHAR})"
        )
        row: tuple[Any, ...] = connection.sql(f"""
            WITH now AS ({scan.slots(city, key, [(terms.SLOTS, None)])}),
            seen AS (SELECT _day::DATE AS day, entity_id, n FROM now
                UNION ALL SELECT _day::DATE, entity_id, n FROM earlier WHERE _day NOT IN (SELECT _day FROM now)),
            short AS (SELECT d.day, s.entity_id,
                {slots} - least({slots}, coalesce(sum(s.n) FILTER (WHERE s.day = d.day), 0)) AS n
                FROM (SELECT DISTINCT _day::DATE AS day FROM now) AS d
                JOIN seen AS s ON s.day BETWEEN d.day - {reporters.known_for - 1} AND d.day GROUP BY ALL)
            SELECT count(*) * {slots}, coalesce(sum(n), 0)::BIGINT,
                string_agg(DISTINCT entity_id, ', ' ORDER BY entity_id) FILTER (WHERE n > 0) FROM short
            """).fetchall()[0]  # fmt: skip
    names = str(row[2] or "").split(", ")
    more = f" … ({len(names)})" if len(names) > SHOWN else ""
    return int(row[0]), int(row[1]), ", ".join(names[:SHOWN]) + more
