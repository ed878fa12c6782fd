"""Erasure: one person's records out of landing, bronze, claims, quarantine and silver, for good.

A delivery with such records stays registered under the digest it came with; in landing its file is replaced by the
records that remain, encrypted, whose own digest stands beside. They are judged again, their days count as touched, and
the next night makes what rests on them. Sealed editions stay as they were, and verify: what they sealed of the delivery
is the digest that it came with. Files that tables have replaced are deleted at once, so that these tables can no longer
be read as they stood before.

An erasure that was killed is finished by running it again: bronze, which says where the person is, goes last.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from jobs import accounts, bronze, contracts, definitions, fields, ingest, landing, leaks, replayed, work_days
from jobs.core import attempt, disk, engine, vault
from jobs.core.errors import Problem
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger
from jobs.shared import personal
from schemas import City, Source

KINDS = ("citizen_id", "credit_code", "phone", "other")
"""A name is not here: it is other people's as well."""


@dataclass(frozen=True)
class Person:
    """Who is meant: the identifier's one spelling, and its pseudonym."""

    kind: str
    text: str
    pseudonym: str


@dataclass(frozen=True)
class Found:
    """The person's records in a delivery, and the days of tables they are on."""

    delivery: Mapping[str, Any]
    records: tuple[int, ...]
    days: frozenset[tuple[str, str]]


def person(city: City, kind: str, value: str) -> Person:
    """The person an identifier names. Raises Problem, which does not repeat it."""
    if kind not in KINDS:
        raise Problem(f"--kind {kind!r}: expected one of {', '.join(KINDS)}")
    if not any(kind in source.personal.values() for source in city.sources.values()):
        raise Problem(f"--kind {kind}: no source of {city.id} has such identifiers")
    text = personal.normalised(value.strip(), kind)
    if not text or not personal.is_valid(text, kind):
        raise Problem(f"--value-file: not a {kind} with a right check digit; one line with nothing else is expected")
    return Person(kind, text, vault.pseudonyms(city.id, pa.array([text]), kind)[0].as_py())


def find(city: City, lake: Lake, who: Person) -> list[Found]:
    """Every delivery with records of the person, by its id."""
    ledger = Ledger(lake)
    out = []
    for delivery in ledger.query(leaks.PRIVATE, "deliveries", "ingests"):
        source = city.sources[delivery["source"]]
        if who.kind in source.personal.values():
            records = {*_in_bronze(lake, source, delivery, who), *_in_landing(city, lake, delivery, who)}
            if records:
                days = frozenset(_days(city, lake, source, delivery, records))
                out.append(Found(delivery, tuple(sorted(records)), days))
    return out


def differs(city: City, found: Sequence[Found]) -> dict[str, tuple[list[str], list[str]]]:
    """By table: its days, and the indicators whose values of those days may come out differently."""
    days: dict[str, set[str]] = defaultdict(set)
    for one in found:
        for key, day in one.days:
            days[key].add(day)
    return {
        key: (
            sorted(listed),
            sorted(one.id for one in city.indicators.values() if key in definitions.tables(city, one)),
        )
        for key, listed in sorted(days.items())
    }


def erase(city: City, lake: Lake, who: Person) -> list[Found]:
    """Erase the person, while no night runs and nothing lands. Raises Problem."""
    doing = f"an erasure of {city.id}"
    with attempt.hold(lake.root, "land", doing), attempt.hold(lake.root, "night", doing) as held:
        lake = lake.by(held)
        ledger = Ledger(lake)
        contracts.follow(city, lake, ledger)
        found = find(city, lake, who)
        for one in found:
            _from_landing(city, lake, ledger, one, who)
        _from_tables(city, lake, ledger, found)
        for key in _tables(city, lake, who.kind):
            lake.forget(key)
    return found


def _in_bronze(lake: Lake, source: Source, delivery: Mapping[str, Any], who: Person) -> Iterator[int]:
    named = [name for name, kind in source.personal.items() if kind == who.kind]
    key = f"bronze.{source.name}"
    columns = set(lake.columns(key)) if lake.exists(key) else set[str]()
    for name in set(fields.names(named).values()) & columns:
        there = pc.field("_delivery_id") == delivery["delivery_id"]
        rows = lake.arrow_where(key, there, ["_record", name])
        if rows is not None:
            yield from rows.filter(pc.equal(rows[name], who.pseudonym))["_record"].to_pylist()


def _in_landing(city: City, lake: Lake, delivery: Mapping[str, Any], who: Person) -> Iterator[int]:
    for chunk in leaks.records(city, lake, delivery):
        mine = _is_of(city.sources[delivery["source"]], chunk, who)
        yield from chunk["_record"].filter(mine).to_pylist()


def _is_of(source: Source, chunk: pa.Table, who: Person) -> pa.Array:
    """Which records are the person's; of a line that could not be split, whether it holds the identifier."""
    out = [_holds(one, who) for one in chunk["_malformed"].to_pylist()]
    for name in (name for name, kind in source.personal.items() if kind == who.kind):
        for at, value in enumerate(chunk[name].to_pylist()):
            out[at] |= bool(value) and personal.normalised(value, who.kind) == who.text
    return pa.array(out, pa.bool_())


def _holds(text: str | None, who: Person) -> bool:
    return bool(text) and who.text in personal.normalised(text or "", who.kind)


def _days(
    city: City, lake: Lake, source: Source, delivery: Mapping[str, Any], records: set[int]
) -> Iterator[tuple[str, str]]:
    there = (pc.field("_delivery_id") == delivery["delivery_id"]) & pc.field("_record").isin(sorted(records))
    for key in source.into:
        for name in (f"claims.{city.tables[key].name}", key):
            rows = lake.arrow_where(name, there, ["_day"])
            yield from ((key, day) for day in pc.unique(rows["_day"]).to_pylist()) if rows is not None else ()


def _from_landing(city: City, lake: Lake, ledger: Ledger, found: Found, who: Person) -> None:
    """The remaining records in the place of the file, under the digest that it came with."""
    data = _rest(city, lake, found, who)
    digest, before = hashlib.sha256(data).hexdigest(), lake.root / found.delivery["path"]
    after = before.with_name(ingest.ERASED + landing.ENCRYPTED)
    with lake.writing(before.parent):
        disk.write(after, vault.encrypt(city.id, data))
        for sidecar in [before.parent / landing.SIDECAR, *before.parent.glob(f"{landing.REPEAT}*.json")]:
            said = json.loads(sidecar.read_text()) | {"name": after.name, "erased": digest}
            disk.write(sidecar, json.dumps(said, ensure_ascii=False, indent=1, sort_keys=True).encode())
    name = found.delivery["delivery_id"]
    rows = ledger.rows("deliveries", f"delivery_id = {engine.literal(name)}")
    path = after.relative_to(lake.root).as_posix()
    ledger.put("deliveries", [row | {"path": path, "erased": digest} for row in rows], delivery_id=[name])
    with lake.writing(before.parent):
        for old in before.parent.glob(f"*{landing.ENCRYPTED}"):
            if old != after:
                old.unlink()


def _rest(city: City, lake: Lake, found: Found, who: Person) -> bytes:
    """The records that remain, in Arrow's stream format; of replayed ones, in theirs."""
    delivery = found.delivery
    if delivery["replays"]:
        lines = replayed.decode(replayed.content(city.id, lake, delivery))
        return replayed.encode(line for line in lines if line.record not in found.records)
    source = city.sources[delivery["source"]]
    rest = [_without(source, chunk, who) for chunk in leaks.records(city, lake, delivery)]
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rest[0].schema) as stream:
        for chunk in rest:
            stream.write_table(chunk)
    return bytes(sink.getvalue().to_pybytes())


def _without(source: Source, chunk: pa.Table, who: Person) -> pa.Table:
    """The records of others; what they say of the person in free text is masked."""
    chunk = chunk.filter(pc.invert(_is_of(source, chunk, who)))
    for name in (name for name, kind in source.personal.items() if kind == fields.TEXT):
        said = [personal.masked(one) if one and _holds(one, who) else one for one in chunk[name].to_pylist()]
        chunk = chunk.set_column(chunk.column_names.index(name), name, pa.array(said, pa.string()))
    return chunk


def _from_tables(city: City, lake: Lake, ledger: Ledger, found: Sequence[Found]) -> None:
    """Mark the days, take rows out of silver at once, then put what is judged again in the place of what was."""
    after = work_days.last_done(ledger, date.max)
    days = {pair for one in found for pair in one.days}
    marked = {(row["table"], row["day"]) for row in ledger.rows("migrated", f"after = DATE '{after}'")}
    ledger.add("migrated", [{"after": after, "table": key, "day": day} for key, day in sorted(days - marked)])
    for one in found:
        listed = ", ".join(map(str, one.records))
        for key in {key for key, _ in one.days if lake.exists(key)}:
            lake.delete(key, f"_delivery_id = {engine.literal(one.delivery['delivery_id'])} AND _record IN ({listed})")
    taken = {row["delivery_id"]: row for row in ledger.query(leaks.PRIVATE, "deliveries", "ingests")}
    for one in found:
        _again(city, lake, ledger, taken[one.delivery["delivery_id"]])


def _again(city: City, lake: Lake, ledger: Ledger, delivery: Mapping[str, Any]) -> None:
    """What remains of a delivery judged again; the ledger counts it, bronze says it last."""
    (piece,) = bronze.pieces_of(city, lake, delivery)
    part = ingest.ingest(piece)
    if part.refused:
        raise Problem(f"{delivery['file']}: what remains cannot be read: {part.refused}")
    name, source = delivery["delivery_id"], {delivery["delivery_id"]: delivery["source"]}
    (taken,) = ledger.rows("ingests", f"delivery_id = {engine.literal(name)}")
    dates = bronze.dates_of(source, [part])
    counted = bronze.accounts_of({name: taken["biz_date"]}, source, [part])
    accounts.check_offered(counted, dates)
    for key in city.sources[delivery["source"]].into:
        bronze.commit_claims(city, lake, key, [part])
    ledger.put("delivery_dates", dates, delivery_id=[name])
    ledger.put("accounts", counted, delivery_id=[name], part=accounts.INGESTED)
    kept = {"records": part.records, "malformed": part.malformed}
    ledger.put("ingests", [taken | kept], delivery_id=[name])
    bronze.commit_records(city, lake, delivery["source"], [part])


def _tables(city: City, lake: Lake, kind: str) -> list[str]:
    sources = [source for source in city.sources.values() if kind in source.personal.values()]
    keys = [f"bronze.{source.name}" for source in sources]
    for key in sorted({key for source in sources for key in source.into}):
        name = city.tables[key].name
        keys += [f"claims.{name}", f"quarantine.{name}", key]
    return [key for key in keys if lake.exists(key)]
