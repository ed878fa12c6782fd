"""The quarantine desk: rejected records that a department can still put right, and why each was rejected.

A record lies on the desk when it was rejected from a delivery that counts and has not come back. One that came back and
was rejected again lies there under the delivery it came back in, with its new reasons.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc

from jobs import fields, touched
from jobs.core import vault
from jobs.core.errors import Problem
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger
from schemas import City, Source

MALFORMED = "malformed"
MASK = "***"
State = Literal["desk", "corrected", "outdated"]


@dataclass(frozen=True)
class Entry:
    """One rejected record of a table."""

    source: str
    table: str
    delivery: str
    root: str
    """The delivery it was first rejected from."""
    file: str
    delivered_at: datetime
    record: int
    broken: Mapping[str | None, tuple[str, ...]]
    """The rules it broke; where columns become rows, by the key of each rejected one."""
    said: Mapping[str, str | None] | str
    """Its fields without what identifies a person; a line that could not be split is text."""
    original: str | None
    state: State

    @property
    def rules(self) -> list[str]:
        """Every rule it broke."""
        return list(dict.fromkeys(rule for rules in self.broken.values() for rule in rules))

    @property
    def only(self) -> tuple[str, ...] | None:
        """The keys of the rejected columns, where columns become rows."""
        keys = sorted(key for key in self.broken if key is not None)
        return tuple(keys) or None

    @cached_property
    def id(self) -> str:
        """What finds the record again; nobody can invent it."""
        said = json.dumps([self.delivery, self.table, self.record, self.said], ensure_ascii=False)
        return hashlib.sha256(said.encode()).hexdigest()[:24]

    def fields(self, source: Source) -> dict[str, str | None]:
        """Its fields as a person may see them; of a line that could not be split they are empty."""
        if isinstance(self.said, str):
            return {}
        direct = {name for name, kind in source.personal.items() if kind != fields.TEXT}
        return {name: MASK if value and name in direct else value for name, value in self.said.items()}

    def delivered(self, city: City, source: Source) -> Mapping[str, str | None] | str:
        """Its fields, or its line, as they were delivered. Raises Problem where a personal one was not kept."""
        if not source.personal:
            return self.said
        if self.original is None:
            raise Problem(
                f"{self.table} <- {source.name}: record {self.record} of {self.file} was rejected before originals of "
                "personal records were kept; deliver it again"
            )
        found: dict[str, str | None] | str = json.loads(
            vault.decrypt(city.id, bytes.fromhex(self.original), f"{self.table}, record {self.record} of {self.file}")
        )
        return found


def entries(city: City, lake: Lake, ledger: Ledger, source: str | None = None) -> list[Entry]:
    """Every rejected record, those too that came back or that a later delivery replaced: by source, table, delivery."""
    deliveries = {row["delivery_id"]: row for row in ledger.query(TAKEN, "deliveries", "ingests")}
    holders = {
        (row["replays"], row["table"], row["record"]): row["delivery_id"]
        for row in ledger.query(HOLDERS, "corrected", "deliveries", "ingests")
    }
    counting = touched.counting(city, ledger)
    out: list[Entry] = []
    for key in city.tables:
        for (delivery, record), rows in _rejected(city, lake, key, source).items():
            if (row := deliveries.get(delivery)) is None:
                continue
            root = row["replays"] or delivery
            came_back = holders.get((root, key, record), delivery) != delivery
            counts_now = (key, delivery) in counting
            state: State = "corrected" if came_back else "desk" if counts_now else "outdated"
            out.append(_entry(key, row, root, rows, state))
    order = {name: index for index, name in enumerate(city.sources)}
    return sorted(out, key=lambda e: (order[e.source], e.table, e.delivered_at, e.file, e.delivery, e.record))


def _rejected(city: City, lake: Lake, key: str, source: str | None) -> Mapping[tuple[str, int], list[dict[str, Any]]]:
    """The rejected rows of a table, by delivery and record."""
    feeding = [one.name for one in city.feeding(key) if source in (None, one.name)]
    found = lake.arrow_where(f"quarantine.{city.tables[key].name}", pc.field("_source").isin(feeding))
    grouped: dict[tuple[str, int], list[dict[str, Any]]] = defaultdict(list)
    for row in found.to_pylist() if found is not None else ():
        grouped[row["_delivery_id"], row["_record"]].append(row)
    return grouped


def _entry(
    key: str, delivery: Mapping[str, Any], root: str, rows: Sequence[Mapping[str, Any]],
    state: State,
) -> Entry:  # fmt: skip
    first = rows[0]
    broken = {row.get("unpivoted"): tuple(row["rules"].split(",")) for row in rows}
    is_line = first["rules"] == MALFORMED
    return Entry(
        delivery["source"], key, delivery["delivery_id"], root, delivery["file"], delivery["delivered_at"],
        first["_record"], dict(sorted(broken.items(), key=lambda one: one[0] or "")),
        first["record"] if is_line else json.loads(first["record"]), first.get("original"), state,
    )  # fmt: skip


def on_desk(city: City, lake: Lake, ledger: Ledger, source: str | None = None) -> list[Entry]:
    """What a department can put right. Raises Problem for an unknown source."""
    if source is not None and source not in city.sources:
        raise Problem(f"--source {source!r}: {city.id} has no such source; there is: {', '.join(city.sources)}")
    return [one for one in entries(city, lake, ledger, source) if one.state == "desk"]


def counts(city: City, found: Sequence[Entry]) -> pa.Table:
    """Records on the desk by source, table and rule, with the newest delivery; one that broke two counts in both."""
    grouped: dict[tuple[str, str, str], list[Entry]] = defaultdict(list)
    for one in found:
        for rule in one.rules:
            grouped[one.source, one.table, rule].append(one)
    rows = [
        {"source": source, "table": table, "rule": rule, "records": len(mine), "newest_delivery": newest.file,
         "delivered": newest.delivered_at.astimezone(city.zone).strftime("%Y-%m-%d %H:%M")}
        for (source, table, rule), mine in sorted(grouped.items()) for newest in (mine[-1],)
    ]  # fmt: skip
    names = ("source", "table", "rule", "records", "newest_delivery", "delivered")
    kinds = {name: pa.int64() if name == "records" else pa.string() for name in names}
    return pa.Table.from_pylist(rows, schema=pa.schema(list(kinds.items())))


def columns(source: Source, found: Sequence[Entry]) -> dict[str, str]:
    """The fields of some records of a source, each with its heading as delivered."""
    named = dict.fromkeys(name for one in found for name in one.fields(source))
    if any(isinstance(one.said, str) for one in found):
        named |= dict.fromkeys(_known(source))
    return {name: heading(source, name) for name in named}


def heading(source: Source, name: str) -> str:
    """How a file of the source heads a field."""
    return next(iter(source.fields.get(name, ())), name)


def headings(source: Source, names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """(heading, field) of every field a file of the source may have."""
    for name in dict.fromkeys([*names, *_known(source)]):
        yield heading(source, name), name


def _known(source: Source) -> list[str]:
    """The fields a source is known by, those it names first and in its order."""
    return list(dict.fromkeys([*source.fields, *sorted(fields.used(source))]))


TAKEN = """
    SELECT d.* FROM deliveries AS d JOIN ingests AS i USING (delivery_id)
    WHERE NOT d.is_repeat AND i.outcome = 'ingested'"""
HOLDERS = """
    SELECT c.replays, c."table", c.record, c.delivery_id
    FROM corrected AS c JOIN deliveries AS d USING (delivery_id) LEFT JOIN ingests AS i USING (delivery_id)
    WHERE NOT d.is_repeat AND i.outcome IS DISTINCT FROM 'refused'
    QUALIFY row_number() OVER (
        PARTITION BY c.replays, c."table", c.record ORDER BY d.delivered_at DESC, c.delivery_id DESC) = 1"""
"""Of each record that came back, the delivery that it came back in last; one that was refused brought nothing back."""
