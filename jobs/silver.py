"""Silver: conflicts between claims settled, records placed and dated; a day is a pure function of what was delivered.

Which days a night touches is told by `ops.delivery_dates`: a delivery touches a day only where its rows differ from what
the delivery it replaces said of that day.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa
from pyspark.sql import SparkSession

from jobs import placing, work_days
from jobs.core import engine, work
from jobs.core.engine import literal, quoted
from jobs.core.lake import FileWriter, Lake, Layout, Written
from jobs.core.ledger import Ledger
from schemas import City, Table, load_city
from schemas.table import TECHNICAL

ROWS_PER_TASK = 2_000_000
DAYS_PER_TASK = 200


@dataclass(frozen=True)
class Slice:
    """One task: some days of a table, or one hash bucket of a big day."""

    root: str
    city: str
    table: str
    days: tuple[str, ...]
    bucket: int
    buckets: int
    files: tuple[str, ...]
    deliveries: tuple[tuple[str, int], ...]
    """(delivery, order): among claims on one key the highest order wins."""
    rows: int


@dataclass
class Settled:
    """What a slice gave."""

    table: str
    files: list[Written] = field(default_factory=list)
    days: dict[str, tuple[int, int]] = field(default_factory=dict)
    parts: dict[tuple[str, str, str], int] = field(default_factory=dict)


def columns(city: City, table: Table) -> dict[str, str]:
    """Columns and Spark types of `silver/<table>`."""
    ends = {"valid_to": "date"} if table.kind == "register" else {}
    others = dict.fromkeys(placing.other_levels(city), "string")
    return {"_day": "string", **table.stored, **ends, **TECHNICAL, **others}


def run(spark: SparkSession, city: City, lake: Lake, biz_date: date) -> dict[str, dict[str, int]]:
    """Make the touched days of every table; places first, because the others are placed by them."""
    ledger = Ledger(lake)
    touched = touched_days(city, ledger, biz_date)
    report: dict[str, dict[str, int]] = {}
    for keys in (["silver.places"], sorted(set(touched) - {"silver.places"})):
        slices = [one for key in keys if touched.get(key) for one in _slices(city, lake, ledger, key, touched[key])]
        results = work.run(spark, "silver", settle, sorted(slices, key=lambda s: -s.rows))
        for key in keys:
            if touched.get(key):
                mine = [one for one in results if one.table == key]
                report[key] = _commit(city, lake, ledger, biz_date, key, touched[key], mine)
    return report


def touched_days(city: City, ledger: Ledger, biz_date: date) -> dict[str, list[str]]:
    """The days of each table that deliveries taken since the last complete night really change."""
    new = f"biz_date <= DATE '{biz_date}' AND biz_date > DATE '{work_days.last_done(ledger, biz_date)}'"
    mine = {row["delivery_id"] for row in ledger.rows("ingests", f"{new} AND outcome = 'ingested'")}
    if not mine:
        return {}
    order = _order(ledger)
    said: dict[tuple[str, str], dict[str, dict[str, str]]] = defaultdict(lambda: defaultdict(dict))
    for row in ledger.rows("delivery_dates"):
        if row["delivery_id"] in order:
            said[(row["table"], row["source"])][row["delivery_id"]][row["day"]] = row["digest"]
    touched: dict[str, set[str]] = defaultdict(set)
    for row in ledger.rows("ingests", "outcome = 'ingested'"):
        source = city.sources.get(row["source"])
        if row["delivery_id"] not in mine or source is None:
            continue
        for key in source.into:
            days = said[(key, source.name)]
            before = _before(source.delivery, order, days, row["delivery_id"])
            now = days.get(row["delivery_id"], {})
            keys = set(now) | (set(before) if source.delivery == "snapshot" else set())
            touched[key] |= {day for day in keys if now.get(day) != before.get(day)}
    return {key: sorted(days) for key, days in sorted(touched.items()) if days and key in city.tables}


def _before(
    mode: str, order: Mapping[str, Any], days: Mapping[str, Mapping[str, str]], delivery: str
) -> Mapping[str, str]:
    """What the delivery that this one replaces said; nothing for one that only adds."""
    if mode == "append":
        return {}
    earlier = [
        d for d in days
        if d != delivery and order[d]["rank"] < order[delivery]["rank"]
        and (mode != "snapshot" or order[d]["scope"] == order[delivery]["scope"])
    ]  # fmt: skip
    if mode == "snapshot":
        return days[max(earlier, key=lambda d: order[d]["rank"])] if earlier else {}
    latest: dict[str, str] = {}
    for one in sorted(earlier, key=lambda d: order[d]["rank"]):
        latest |= days[one]
    return latest


def _order(ledger: Ledger) -> dict[str, dict[str, Any]]:
    """Every ingested delivery with its rank: by delivery time, then id."""
    rows = ledger.query(
        """SELECT d.delivery_id, d.source, coalesce(d.scope, '') AS scope,
        row_number() OVER (ORDER BY d.delivered_at, d.delivery_id) AS rank
        FROM deliveries AS d JOIN ingests AS i USING (delivery_id) WHERE NOT d.is_repeat AND i.outcome = 'ingested'""",
        "deliveries", "ingests",
    )  # fmt: skip
    return {row["delivery_id"]: row for row in rows}


def effective(city: City, ledger: Ledger, key: str) -> list[tuple[str, int]]:
    """The deliveries whose claims on a table count, each with its order; a snapshot replaces earlier ones of its scope."""
    order = _order(ledger)
    newest: dict[tuple[str, str], str] = {}
    out = []
    for delivery, row in sorted(order.items(), key=lambda item: item[1]["rank"]):
        source = city.sources.get(row["source"])
        if source is None or key not in source.into:
            continue
        if source.delivery == "snapshot":
            newest[(source.name, row["scope"])] = delivery
        else:
            out.append((delivery, row["rank"] if source.delivery == "restating" else -row["rank"]))
    return out + [(delivery, order[delivery]["rank"]) for delivery in newest.values()]


def _slices(city: City, lake: Lake, ledger: Ledger, key: str, days: Sequence[str]) -> Iterator[Slice]:
    table = city.tables[key]
    counting = effective(city, ledger, key)
    with_days: dict[str, set[str]] = defaultdict(set)
    rows: dict[str, int] = dict.fromkeys(days, 0)
    ids = {delivery for delivery, _ in counting}
    for row in ledger.rows("delivery_dates", f'"table" = {literal(key)}'):
        if row["delivery_id"] in ids and row["day"] in rows:
            with_days[row["day"]].add(row["delivery_id"])
            rows[row["day"]] += row["rows"]
    files = lake.files(f"claims.{table.name}", "_delivery_id", sorted(ids))

    def made(chosen: Sequence[str], bucket: int, buckets: int) -> Slice:
        wanted = {delivery for day in chosen for delivery in with_days[day]}
        paths = tuple(
            f["path"] for f in files
            if f["partition._delivery_id"] in wanted and _may_hold(f, chosen)
        )  # fmt: skip
        deliveries = tuple(pair for pair in counting if pair[0] in wanted)
        total = sum(rows[day] for day in chosen) // buckets
        return Slice(str(lake.root.parent), city.id, key, tuple(chosen), bucket, buckets, paths, deliveries, total)

    group: list[str] = []
    for day in days:
        if rows[day] > ROWS_PER_TASK:
            buckets = -(-rows[day] // ROWS_PER_TASK)
            yield from (made([day], bucket, buckets) for bucket in range(buckets))
            continue
        if group and (sum(rows[d] for d in group) + rows[day] > ROWS_PER_TASK or len(group) >= DAYS_PER_TASK):
            yield made(group, 0, 1)
            group = []
        group.append(day)
    if group:
        yield made(group, 0, 1)


def _may_hold(file: Mapping[str, Any], days: Sequence[str]) -> bool:
    low, high = file.get("min._day"), file.get("max._day")
    return low is None or high is None or any(low <= day <= high for day in days)


def settle(one: Slice) -> Settled:
    """Winners of a slice, placed, as silver files. Runs in a Spark task."""
    city, lake = load_city(one.city), Lake(one.root, one.city)
    table = city.tables[one.table]
    out = Settled(one.table)
    if not one.files:
        return out
    with engine.connect() as connection:
        _claims(connection, one)
        placed = placing.place(connection, city, placing.load(city, lake), "claims")
        connection.execute("DROP TABLE claims")
        connection.register("placed", placed)
        _winners(connection, table)
        _count(connection, out)
        _write(connection, city, lake, table, one, out)
    return out


def _claims(connection: duckdb.DuckDBPyConnection, one: Slice) -> None:
    connection.register("deliveries", pa.table(
        {"_delivery_id": [d for d, _ in one.deliveries], "_rank": pa.array([r for _, r in one.deliveries], pa.int64())}
    ))  # fmt: skip
    listed = ", ".join(literal(path) for path in one.files)
    days = ", ".join(literal(day) for day in one.days)
    bucket = f"AND c._key % {one.buckets} = {one.bucket}" if one.buckets > 1 else ""
    connection.execute(
        f"""CREATE TEMP TABLE claims AS SELECT c.*, d._rank
        FROM read_parquet([{listed}], hive_partitioning=true, hive_types={{'_delivery_id': VARCHAR}}) AS c
        JOIN deliveries AS d USING (_delivery_id) WHERE c._day IN ({days}) {bucket}"""
    )


def _winners(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    """`settled`: every claim with its part: accepted, duplicate (the winner says the same) or superseded."""
    key = ["_key", "_key_high"] if table.key == "whole_record" else list(table.key_columns)
    if table.kind == "register" and table.day_column not in key:
        key.append(table.day_column)
    named = ", ".join(quoted(name) for name in key)
    text = engine.row_text([quoted(name) for name in [*table.stored, "place_level", "place_id"]])
    order = "_priority DESC, _rank DESC, CASE WHEN _rank < 0 THEN -_record ELSE _record END DESC, _delivery_id"
    connection.execute(
        f"""CREATE TEMP TABLE hits AS SELECT _key FROM placed GROUP BY _key HAVING count(*) > 1;
        CREATE TEMP VIEW settled AS
        SELECT *, 'accepted' AS _part FROM placed WHERE NOT EXISTS (SELECT 1 FROM hits WHERE hits._key = placed._key)
        UNION ALL SELECT * EXCLUDE (_position, _said, _won),
        CASE WHEN _position = 1 THEN 'accepted' WHEN _said = _won THEN 'duplicate' ELSE 'superseded' END FROM (
          SELECT *, row_number() OVER w AS _position, first_value(_said) OVER w AS _won FROM (
            SELECT *, {text} AS _said FROM placed WHERE EXISTS (SELECT 1 FROM hits WHERE hits._key = placed._key))
          WINDOW w AS (PARTITION BY {named} ORDER BY {order}))"""
    )


def _count(connection: duckdb.DuckDBPyConnection, out: Settled) -> None:
    rows = connection.sql("SELECT _day, _delivery_id, _part, count(*) FROM settled GROUP BY ALL").fetchall()
    out.parts = {(day, delivery, part): count for day, delivery, part, count in rows}


def _write(
    connection: duckdb.DuckDBPyConnection, city: City, lake: Lake, table: Table, one: Slice, out: Settled
) -> None:
    stored = columns(city, table)
    key = ", ".join(quoted(name) for name in table.key_columns)
    ends = f"lead({quoted(table.day_column)}) OVER (PARTITION BY {key} ORDER BY {quoted(table.day_column)}) AS valid_to"
    version = table.kind == "register" and table.day_column not in table.key_columns
    named = [quoted(name) for name in stored if name != "valid_to"] + ([ends] if version else [])
    named += ["NULL::DATE AS valid_to"] if table.kind == "register" and not version else []
    connection.execute(f"CREATE TEMP TABLE won AS SELECT {', '.join(named)} FROM settled WHERE _part = 'accepted'")
    text = engine.row_text([quoted(name) for name in content(stored)])
    for day, rows, digest in connection.sql(
        f"SELECT _day, count(*), {engine.digest_of(text)} FROM won GROUP BY 1 ORDER BY 1"
    ).fetchall():
        out.days[day] = (rows, int(digest))
        writer = FileWriter(lake.folder(one.table), stored, {"_day": day})
        writer.write(engine.table(connection, f"SELECT * FROM won WHERE _day = {literal(day)}"))
        out.files.append(writer.close())


def content(stored: Mapping[str, str]) -> list[str]:
    """The columns a row's digest covers: what it says, not which delivery said it."""
    return [name for name in stored if name not in ("_delivery_id", "_record")]


def _commit(
    city: City, lake: Lake, ledger: Ledger, biz_date: date, key: str, days: Sequence[str], mine: Sequence[Settled]
) -> dict[str, int]:
    table = city.tables[key]
    stored = columns(city, table)
    comments = {name: f"{c.description.zh} | {c.description.en}" for name, c in table.columns.items() if name in stored}
    lake.create(key, Layout(stored, ("_day",), f"{table.description.zh} | {table.description.en}", comments))
    lake.commit(key, [file for one in mine for file in one.files], ("_day", days))
    totals: dict[str, tuple[int, int]] = dict.fromkeys(days, (0, 0))
    parts: dict[tuple[str, str, str], int] = defaultdict(int)
    for one in mine:
        for day, (rows, digest) in one.days.items():
            totals[day] = (totals[day][0] + rows, totals[day][1] + digest)
        for part, rows in one.parts.items():
            parts[part] += rows
    ledger.put("table_days", [
        {"biz_date": biz_date, "table": key, "day": day, "rows": rows, "digest": str(digest)}
        for day, (rows, digest) in sorted(totals.items())
    ], biz_date=[biz_date], table=[key])  # fmt: skip
    ledger.put("settled", [
        {"biz_date": biz_date, "table": key, "day": day, "delivery_id": delivery, "part": part, "rows": rows}
        for (day, delivery, part), rows in sorted(parts.items())
    ], biz_date=[biz_date], table=[key])  # fmt: skip
    return {"days": len(days), "rows": sum(rows for rows, _ in totals.values())}
