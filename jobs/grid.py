"""The grid of places and days that values stand on: who belongs to whom, what was delivered, who should report."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import duckdb
import pyarrow as pa

from jobs import placing, touched
from jobs.core.engine import listed
from jobs.core.ledger import Ledger
from jobs.mapping import REGISTER, UNDATED
from schemas import City

UNPLACED = "unplaced"
OVERDUE_DAYS = 8


def belongs(city: City, places: placing.Places) -> pa.Table:
    """`up`: from_level, from_id (or `unplaced`), to_level, to_id, distance – each place within each level above it.

    Distance counts steps up, so that a table which itself speaks for a level is preferred there; a second hierarchy
    comes after the first.
    """
    parents = placing.parents(places, city)
    rows: dict[tuple[str, str, str], tuple[str, int]] = {}
    for position, chain in enumerate(city.file.hierarchies):
        for index, level in enumerate(chain):
            ids = [place for (at, place) in parents if at == level] if level != "city" else [city.id]
            for place in [*sorted(ids), UNPLACED]:
                at: str = place
                for step, above in enumerate(chain[index:]):
                    at = _at(city, parents, chain, index + step, at) if step else place
                    target = city.id if above == "city" else at
                    rows.setdefault((level, place, above), (target, position * 100 + step))
    names = ("from_level", "from_id", "to_level", "to_id", "distance")
    return pa.Table.from_pylist([dict(zip(names, (*k, *v), strict=True)) for k, v in sorted(rows.items())])


def _at(city: City, parents: Mapping[tuple[str, str], str | None], chain: Sequence[str], index: int, below: str) -> str:
    if chain[index] == "city":
        return city.id
    return parents.get((chain[index - 1], below)) or UNPLACED


def said(city: City, ledger: Ledger) -> dict[tuple[str, str], set[str]]:
    """(table, source) to the days its deliveries speak for: what a path says it covers, else the days they hold.

    A snapshot that was replaced no longer speaks: a day it alone held was withdrawn, and is unknown.
    """
    days: dict[tuple[str, str], set[str]] = {}
    counting = touched.counting(city, ledger)
    for row in ledger.rows("delivery_dates", f'"table" IN ({listed(city.tables)})'):
        if (row["table"], row["delivery_id"]) in counting and row["day"] not in (UNDATED, REGISTER):
            days.setdefault((row["table"], row["source"]), set()).add(row["day"])
    for row in _scopes(ledger):
        source = city.sources.get(row["source"])
        for key in source.into if source else ():
            days.setdefault((key, row["source"]), set()).update(covered(row["scope"]))
    return days


def delivered_days(city: City, ledger: Ledger) -> dict[str, set[str]]:
    """The days of each table that deliveries speak for."""
    out: dict[str, set[str]] = {key: set() for key in city.tables}
    for (key, _), days in said(city, ledger).items():
        if key in out:
            out[key] |= days
    return out


def covered(scope: str) -> list[str]:
    """The days of `2020-04-01` or `2020-04`."""
    if len(scope) == len("2020-04-01"):
        return [scope]
    first = date.fromisoformat(scope + "-01")
    following = (first + timedelta(days=32)).replace(day=1)
    return [(first + timedelta(days=n)).isoformat() for n in range((following - first).days)]


def delivered(connection: duckdb.DuckDBPyConnection, city: City, ledger: Ledger) -> None:
    """Make `delivered`, `known`, `due` and `reach` from what deliveries speak for, what sources declare, and `up`.

    `delivered` (table, day); `known` (table, day, level a source of that day reaches); `due` (table, day that should be
    there, of tables that are delivered daily); `reach` (table, level its sources reach).
    """
    spoken_days = said(city, ledger)
    rows = sorted(
        (key, day, level)
        for (key, source), days in spoken_days.items()
        if source in city.sources
        for level in spoken(city, source, key)
        for day in days
    )
    spoken_for = {
        "table": pa.array([key for key, _, _ in rows], pa.string()),
        "day": pa.array([date.fromisoformat(day) for _, day, _ in rows], pa.date32()),
        "from_level": pa.array([level for _, _, level in rows], pa.string()),
    }
    connection.register("said", pa.table(spoken_for))
    connection.execute('CREATE OR REPLACE TEMP TABLE delivered AS SELECT DISTINCT "table", day FROM said')
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE known AS
        SELECT DISTINCT s."table", s.day, u.to_level AS level
        FROM said AS s JOIN (SELECT DISTINCT from_level, to_level FROM up) AS u USING (from_level)""")
    daily = [key for key in city.tables if any(one.arrives.every in ("hour", "day") for one in city.feeding(key))]
    last = max((day for listed in spoken_days.values() for day in listed), default=str(city.file.first_day))
    connection.register("daily", pa.table({"table": pa.array(daily, pa.string())}))
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE due AS
        SELECT "table",
            unnest(range(DATE '{city.file.first_day}', DATE '{last}' + {OVERDUE_DAYS}, INTERVAL 1 DAY))::DATE AS day
        FROM daily""")
    reached = [
        (key, level) for key in city.tables for one in city.feeding(key) for level in spoken(city, one.name, key)
    ]
    columns = [pa.array([pair[i] for pair in sorted(set(reached))], pa.string()) for i in range(2)]
    connection.register("speaking", pa.table(dict(zip(("table", "from_level"), columns, strict=True))))
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE reach AS SELECT DISTINCT s."table", u.to_level AS level
        FROM speaking AS s JOIN (SELECT DISTINCT from_level, to_level FROM up) AS u USING (from_level)""")


def spoken(city: City, source: str, key: str) -> list[str]:
    """The levels at which a source places its records of a table."""
    place = city.sources[source].into[key].place
    if place and place.point:
        return [chain[0] for chain in city.file.hierarchies]
    return list(place.level) if place else ["city"]


def _scopes(ledger: Ledger) -> list[dict[str, str]]:
    sql = """
        SELECT DISTINCT d.source, d.scope FROM deliveries AS d JOIN ingests AS i USING (delivery_id)
        WHERE i.outcome = 'ingested' AND d.scope IS NOT NULL"""
    return ledger.query(sql, "deliveries", "ingests")
