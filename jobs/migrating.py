"""A table made anew by its contract as it is now: every delivery judged again, claims and rows replaced as a whole.

Deliveries are read from landing, where they are kept byte for byte: bronze has their text, but not the names of their
columns as delivered. The days of the table count as touched, so that the next night makes what depends on them;
editions stay as they were. A migration that was killed is finished by running it again; until then no night runs.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from jobs import accounts, bronze, contracts, moves, replayed, silver, touched, work_days
from jobs.contracts import BEGUN, Change
from jobs.core import attempt, work
from jobs.core.errors import Problem
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger
from jobs.core.session import start
from jobs.ingest import Ingested, ingest
from jobs.placing import PLACES
from jobs.settle import settle
from schemas import City


@dataclass(frozen=True)
class Ahead:
    """What the migration of a table would do."""

    change: Change
    deliveries: int
    days: int

    @property
    def line(self) -> str:
        """One line for a person."""
        why = "; ".join(self.change.refused)
        empty = f"{', '.join(self.change.added)}: empty on days made before" if self.change.added else ""
        what = why or empty or "as it was made"
        return f"{self.change.table}: {what} · {self.deliveries} deliveries to judge again, {self.days} days to make"


def ahead(city: City, lake: Lake, table: str | None) -> list[Ahead]:
    """The tables that need it, or the one that is named. Raises Problem for one the lake does not hold."""
    ledger = Ledger(lake)
    found = {one.table: one for one in contracts.changes(city, lake, ledger)}
    if table is not None and table not in found:
        there = ", ".join(found) or "none"
        raise Problem(f"--table {table!r}: the lake of {city.id} has no such table; there is: {there}")
    wanted = [one for one in found.values() if table == one.table or (table is None and (one.refused or one.added))]
    return [
        Ahead(one, len(_deliveries(city, ledger, one.table)), len(_days(city, lake, ledger, one.table)))
        for one in wanted
    ]


def all_of(city: City, lake: Lake, keys: Sequence[str], tell: Callable[[str], None]) -> None:
    """Make tables anew in a session of their own, while no night runs; places first. Raises Problem."""
    with attempt.hold(lake.root, "night", f"the migration of {', '.join(keys)} of {city.id}") as held:
        lake = lake.by(held)
        spark = start(f"citypulse migrate {city.id}")
        try:
            for key in sorted(keys, key=lambda key: (key != PLACES, key)):
                made = migrate(lambda: spark, city, lake, key)
                tell(f"{key}: made anew, " + ", ".join(f"{count:,} {what}" for what, count in made.items()))
        finally:
            spark.stop()


def migrate(session: work.Session, city: City, lake: Lake, key: str) -> dict[str, int]:
    """Make a table anew. Raises Problem when a delivery that was taken in can no longer be read."""
    ledger = Ledger(lake)
    before = _days(city, lake, ledger, key)
    deliveries = _deliveries(city, ledger, key)
    parts = _judged(session, city, lake, ledger, key, deliveries)
    _state(ledger, key, BEGUN)
    _claims(city, lake, ledger, key, deliveries, parts)
    rows = _rows(session, city, lake, ledger, key)
    after = work_days.last_done(ledger, date.max)
    days = sorted({*before, *_days(city, lake, ledger, key)})
    ledger.put("migrated", [{"after": after, "table": key, "day": day} for day in days], after=[after], table=[key])
    _state(ledger, key, contracts.text(city.tables[key]))
    return {"deliveries": len(deliveries), "days": len(days), "rows": rows}


def _deliveries(city: City, ledger: Ledger, key: str) -> list[dict[str, Any]]:
    """Every delivery that was taken in and speaks of the table, with the night it was taken."""
    rows = ledger.query(TAKEN, "deliveries", "ingests")
    feeding = {source.name for source in city.feeding(key)}
    return [row for row in rows if row["source"] in feeding and row["replays_table"] in (None, key)]


def _days(city: City, lake: Lake, ledger: Ledger, key: str) -> set[str]:
    """The days of the table, as deliveries and the lake have them now."""
    told = {row["day"] for row in ledger.rows("delivery_dates", f"\"table\" = '{key}'")}
    held = {str(part["_day"]) for part in lake.delta(key).partitions()} if lake.exists(key) else set()
    return told | held


def _judged(
    session: work.Session, city: City, lake: Lake, ledger: Ledger, key: str, deliveries: Sequence[Mapping[str, Any]]
) -> list[Ingested]:
    """Every delivery judged for the table; nothing is committed yet."""
    replaced = replayed.replaced(city.id, lake, ledger)
    pieces = [
        bronze.again(piece, key, replaced.get((row["delivery_id"], key), ()))
        for row in deliveries for piece in bronze.pieces_of(city, lake, row)
    ]  # fmt: skip
    parts = work.run(session, "migrate", ingest, sorted(pieces, key=lambda p: -p.size), lambda p: p.table)
    files = {row["delivery_id"]: row["file"] for row in deliveries}
    wrong = sorted({f"{files[one.delivery_id]}: {one.refused}" for one in parts if one.refused})
    if wrong:
        raise Problem(f"{key}: {len(wrong)} deliveries can no longer be read as they were; {wrong[0]}; nothing changed")
    return parts


def _claims(
    city: City, lake: Lake, ledger: Ledger, key: str, deliveries: Sequence[Mapping[str, Any]], parts: Sequence[Ingested]
) -> None:
    """Claims, quarantine and what the ledger says of them."""
    table, ids = city.tables[key], [row["delivery_id"] for row in deliveries]
    nights = {row["delivery_id"]: row["biz_date"] for row in deliveries}
    source = {row["delivery_id"]: row["source"] for row in deliveries}
    dates, counted = bronze.dates_of(source, parts), bronze.accounts_of(nights, source, parts)
    accounts.check_offered(counted, dates)
    lake.overwrite(
        f"claims.{table.name}", bronze.claims_layout(table), [p.claims[key] for p in parts if key in p.claims]
    )
    lake.create(f"quarantine.{table.name}", bronze.quarantine_layout(table))
    rejected = [part.quarantine[key] for part in parts if key in part.quarantine]
    lake.commit(f"quarantine.{table.name}", rejected, ("_delivery_id", ids))
    ledger.put("delivery_dates", dates, table=[key])
    ledger.put("accounts", counted, delivery_id=ids, table=[key], part=accounts.INGESTED)


def _rows(session: work.Session, city: City, lake: Lake, ledger: Ledger, key: str) -> int:
    """The table's rows on all its days; how many there are."""
    spoken = silver.spoken_of(ledger)[key]
    days = sorted({day for day, _, _ in spoken})
    moved = moves.of_table(lake, city.tables[key], days, sorted({delivery for _, delivery, _ in spoken}))
    order = touched.order_of(ledger)
    repeated = touched.repeated(city, key, order, touched.words(city, ledger, order))
    speaking = silver.speakers(city, key, order, spoken, repeated, moved.standing)
    slices = silver.slices_of(city, lake, key, days, speaking, moved.paths)
    results = work.run(session, "migrate", settle, sorted(slices, key=lambda s: -s.rows), lambda s: s.table)
    lake.overwrite(key, silver.layout_of(city, key), [file for one in results for file in one.files])
    counted: Counter[str] = Counter()
    for one in results:
        counted.update({day: rows for day, (rows, _) in one.days.items()})
    return counted.total()


def _state(ledger: Ledger, key: str, text: str) -> None:
    ledger.put("contracts", [{"table": key, "contract": text, "unfilled": ""}], table=[key])


TAKEN = """
    SELECT d.*, i.biz_date FROM deliveries AS d JOIN ingests AS i USING (delivery_id)
    WHERE NOT d.is_repeat AND i.outcome = 'ingested' ORDER BY d.delivered_at, d.source, d.file, d.delivery_id"""
