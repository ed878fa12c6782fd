"""What the lake keeps beside its editions, compared with what they sealed: the ledger and the history of values."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import pyarrow.parquet as pq

from jobs import intact, said, seal, sections
from jobs.core import engine
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger
from jobs.intact import Altered, Checked
from jobs.seal import Row
from jobs.vintages import VALUES

HISTORY, CURRENT = "indicators.values", "indicators.current"
COUNTED = {"records", "malformed"}
"""What an erasure changes of a delivery that is sealed."""


def compare(lake: Lake, ledger: Ledger, one: Checked) -> dict[str, Mapping[str, Any]]:
    """Compare the ledger and the history of values with an edition; what the ledger has of its deliveries.

    Raises Altered.
    """
    biz_date = date.fromisoformat(one.link.biz_date)
    previous = one.rows["edition"][0]["previous"]
    after = date.fromisoformat(previous["biz_date"]) if previous else sections.FIRST
    rows = _registered(ledger, one)
    erased = {name for name, row in rows.items() if row["erased"]}
    kept = {
        "deliveries": ("ops.deliveries", sections.deliveries(ledger, after, biz_date)),
        "days": ("ops.table_days", sections.days(ledger, after, biz_date)),
        "tables": ("ops.table_days", sections.tables(ledger, biz_date)),
    }
    for section, (where, found) in kept.items():
        _same_rows(one.link.biz_date, where, section, one.rows[section], found, erased)
    told = sections.history(lake, after, biz_date)
    hashes = seal.hashed(sections.texts(told))
    if hashes != one.leaves["history"]:
        raise intact.differs(one.link.biz_date, HISTORY, "history", one.leaves["history"], hashes, sections.plain(told))
    return rows


def current(lake: Lake, last: date) -> None:
    """The newest word on every value is that of the history, as far as editions are sealed. Raises Altered."""
    if not lake.exists(CURRENT):
        return
    text = {one: engine.row_text([f"{one}.{engine.quoted(name)}" for name in VALUES]) for one in ("s", "c")}
    with said.by(lake, last) as connection:
        connection.register("current", lake.dataset(CURRENT))
        rows = engine.table(
            connection,
            f"""SELECT coalesce(s.edition, c.edition) AS edition, {
                ", ".join(f"coalesce(s.{k}, c.{k}) AS {k}" for k in intact.CELL)
            }, s.edition IS NULL AS is_new, c.edition IS NULL AS is_gone
            FROM said AS s FULL JOIN current AS c USING ({said.KEYS})
            WHERE coalesce(c.edition, '') <= '{last}' AND ({text["s"]} <> {text["c"]} OR s.edition IS NULL
                OR c.edition IS NULL) ORDER BY ALL LIMIT 1""",
        ).to_pylist()
    for row in rows:
        what = "was added" if row["is_new"] else "is missing" if row["is_gone"] else f"is not what {HISTORY} says"
        raise Altered(row["edition"], CURRENT, f"{intact.name('history', row)} {what}")


def explained(lake: Lake, error: Altered) -> Altered:
    """The error with the row that was sealed, where a copy of it is left: found by its hash."""
    if error.sealed is None:
        return error
    for row in _copies(lake, error):
        if seal.leaves([row]) == [error.sealed]:
            was = seal.text(row)
            if isinstance(error.row, Mapping):
                now = error.row
                differing = [name for name, value in row.items() if now.get(name) != value]
                was, found = (
                    ", ".join(f"{name} {seal.text(one.get(name))}" for name in differing) for one in (row, now)
                )
                was += f", found {found}"
            return Altered(error.edition, error.where, f"{error.what}; sealed was {was}")
    return error


def _copies(lake: Lake, error: Altered) -> Iterator[Row]:
    """Rows among which a copy of the one that was sealed may be."""
    place, until = lake.folder("editions") / error.edition, date.fromisoformat(error.edition)
    if error.where == intact.VALUES and (place / "values.parquet").is_file():
        yield from pq.read_table(place / "values.parquet").to_pylist()
    if error.where == seal.MANIFEST:
        ledger = Ledger(lake)
        yield from sections.deliveries(ledger, sections.FIRST, until)
        yield from sections.days(ledger, sections.FIRST, until)
        yield from sections.tables(ledger, until)
        yield from sections.listed(place)
    if error.where == HISTORY and lake.exists(CURRENT):
        yield from sections.plain(lake.arrow(CURRENT, list(VALUES)))


def _registered(ledger: Ledger, one: Checked) -> dict[str, Mapping[str, Any]]:
    """What the ledger has of the edition's deliveries. Raises Altered when it has none of one."""
    ids = engine.listed(row["delivery_id"] for row in one.rows["deliveries"])
    found: dict[str, Mapping[str, Any]] = {
        row["delivery_id"]: row for row in ledger.rows("deliveries", f"NOT is_repeat AND delivery_id IN ({ids})")
    }
    for row in one.rows["deliveries"]:
        if row["delivery_id"] not in found:
            what = f"deliveries: {intact.name('deliveries', row)} is missing"
            raise Altered(one.link.biz_date, "ops.deliveries", what)
    return found


def _same_rows(
    edition: str, where: str, section: str, sealed: Sequence[Row], found: Sequence[Row], erased: set[str]
) -> None:
    """Rows of the ledger are those that were sealed; the first one that is not is named, with the field."""
    key = intact.NAMED[section] if section != "deliveries" else ("delivery_id",)
    before, now = ({tuple(row[name] for name in key): row for row in rows} for rows in (sealed, found))
    for one in sorted(before.keys() | now.keys()):
        named = f"{section}: {intact.name(section, before.get(one) or now[one])}"
        if one not in now:
            raise Altered(edition, where, f"{named} is missing")
        if one not in before:
            raise Altered(edition, where, f"{named} was added: the edition was sealed without it")
        for field, was in before[one].items():
            if now[one][field] != was and not (one[0] in erased and field in COUNTED):
                is_now = seal.text(now[one][field])
                raise Altered(edition, where, f"{named}: {field} is {is_now}, sealed was {seal.text(was)}")
    if len(now) < len(found):
        raise Altered(edition, where, f"{section}: {len(found) - len(now)} rows are there twice")
