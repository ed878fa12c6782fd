"""Bronze: every delivered record as text, and in the same pass its claims on the silver tables.

Append-only and idempotent per delivery. A file that is not what its source declares is refused as a delivery, with the
reason, and the night goes on.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from pydantic import BaseModel

from jobs import accounts, contracts, fields, mapping, readers, replayed
from jobs.core import work
from jobs.core.lake import Lake, Layout
from jobs.core.ledger import Ledger
from jobs.ingest import QUARANTINE, Ingested, Piece, ingest, options
from jobs.landing import cut_off
from schemas import City, Source, Table, words
from schemas.declared import Words


@runtime_checkable
class Cutting(Protocol):
    """A reader that cuts big files: the ranges of one; none when it is read whole."""

    def spans(self, path: Path, options: BaseModel) -> list[readers.Span]: ...


def run(session: work.Session, city: City, lake: Lake, biz_date: date) -> dict[str, Any]:
    """Ingest every delivery that arrived before the night's cut-off and that no earlier night has taken.

    Raises Problem where a contract has changed in a way that only a migration can follow.
    """
    ledger = Ledger(lake)
    followed = contracts.follow(city, lake, ledger)
    todo = pending(city, ledger, biz_date)
    if not todo:
        return {"deliveries": 0} | followed
    pieces = [piece for delivery in todo for piece in pieces_of(city, lake, delivery)]
    results = work.run(session, "bronze", ingest, sorted(pieces, key=lambda p: -p.size), lambda p: p.table)
    by_delivery: dict[str, list[Ingested]] = {row["delivery_id"]: [] for row in todo}
    for one in results:
        by_delivery[one.delivery_id].append(one)
    good = [row for row in todo if not any(one.refused for one in by_delivery[row["delivery_id"]])]
    parts = [one for row in good for one in by_delivery[row["delivery_id"]]]
    _commit(city, lake, good, parts)
    _record(ledger, biz_date, todo, by_delivery, parts)
    contracts.follow(city, lake, ledger)
    counted = {"deliveries": len(good), "refused": len(todo) - len(good), "records": sum(one.records for one in parts)}
    return counted | followed


def pending(city: City, ledger: Ledger, biz_date: date) -> list[dict[str, Any]]:
    """The night's deliveries that are not ingested yet, oldest first; the same delivery only once."""
    before = cut_off(city, biz_date).strftime("%Y-%m-%d %H:%M:%S+00")
    sql = f"""
        SELECT * FROM deliveries
        WHERE NOT is_repeat AND delivered_at < TIMESTAMPTZ '{before}' AND (after IS NULL OR after < DATE '{biz_date}')
            AND delivery_id NOT IN (SELECT delivery_id FROM ingests)
        ORDER BY delivered_at, source, file, delivery_id"""
    return ledger.query(sql, "deliveries", "ingests")


def pieces_of(city: City, lake: Lake, delivery: Mapping[str, Any]) -> Iterator[Piece]:
    """A delivery's tasks: byte ranges where the reader can split the file, else the whole."""
    source = city.sources[delivery["source"]]
    path = lake.root / delivery["path"]
    module = readers.find(source.reader.format)
    spans: Sequence[readers.Span] = ()
    if isinstance(module, Cutting) and not delivery["key_id"] and not delivery["replays"]:
        spans = module.spans(path, options(source))
    for span in spans or (None,):
        size = (span.stop - span.start) if span else path.stat().st_size
        yield Piece(str(lake.root.parent), city.id, source.name, delivery, str(path), span, size)


def again(piece: Piece, key: str, parts: Sequence[replayed.Part]) -> Piece:
    """A task that judges for one table only, without what has come back corrected since."""
    return replace(piece, into=(key,), replaced=tuple(parts))


def _commit(city: City, lake: Lake, good: Sequence[Mapping[str, Any]], parts: Sequence[Ingested]) -> None:
    """One commit per table, each replacing what an interrupted run may have left of these deliveries."""
    sources = {row["delivery_id"]: row["source"] for row in good}
    of_source: dict[str, list[Ingested]] = {}
    of_table: dict[str, list[Ingested]] = {}
    for one in parts:
        of_source.setdefault(f"bronze.{sources[one.delivery_id]}", []).append(one)
        for key in one.claims.keys() | one.quarantine.keys():
            of_table.setdefault(key, []).append(one)
    work.together(lambda key: commit_records(city, lake, key.split(".")[1], of_source[key]), sorted(of_source))
    work.together(lambda key: commit_claims(city, lake, key, of_table[key]), sorted(of_table))


def commit_records(city: City, lake: Lake, source: str, parts: Sequence[Ingested]) -> None:
    """What some deliveries of a source say, in the place of what they said before."""
    lake.create(f"bronze.{source}", records_layout(city.sources[source], [one.fields for one in parts]))
    written = [one.bronze for one in parts if one.bronze]
    lake.commit(f"bronze.{source}", written, ("_delivery_id", [one.delivery_id for one in parts]))


def records_layout(source: Source, files: Iterable[Sequence[str]]) -> Layout:
    """How `bronze/<source>` is laid out for the field names of some files."""
    named = {name: field for one in files for field, name in fields.names(one).items()}
    columns = {"_delivered_date": "date", **fields.TECHNICAL, **dict.fromkeys(named, "string")}
    said = {
        name: Words(zh=f"交付文件的字段：{field}", en=f"Field as delivered: {field}") for name, field in named.items()
    }
    comments = {name: one.comment() for name, one in said.items()}
    return Layout(columns, ("_delivered_date", "_delivery_id"), source.description.comment(), comments)


def claims_layout(table: Table) -> Layout:
    """How `claims/<table>` is laid out."""
    description = words.of_table("claims", table.description)
    return Layout(mapping.claim_columns(table), ("_delivery_id",), description, table.comments)


def quarantine_layout(table: Table) -> Layout:
    """How `quarantine/<table>` is laid out."""
    return replace(QUARANTINE, description=words.of_table("quarantine", table.description))


def commit_claims(city: City, lake: Lake, key: str, parts: Sequence[Ingested]) -> None:
    """The claims and rejects of some deliveries for a table, in the place of those they had before."""
    table = city.tables[key]
    replaced = ("_delivery_id", [one.delivery_id for one in parts])
    lake.create(f"claims.{table.name}", claims_layout(table))
    lake.create(f"quarantine.{table.name}", quarantine_layout(table))
    lake.commit(f"claims.{table.name}", [one.claims[key] for one in parts if key in one.claims], replaced)
    lake.commit(f"quarantine.{table.name}", [one.quarantine[key] for one in parts if key in one.quarantine], replaced)


def _record(
    ledger: Ledger,
    biz_date: date,
    todo: Sequence[Mapping[str, Any]],
    by_delivery: Mapping[str, Sequence[Ingested]],
    parts: Sequence[Ingested],
) -> None:
    """The ledger's rows of these deliveries; `ingests` last, because it is what says that a delivery is done."""
    ids = [row["delivery_id"] for row in todo]
    source = {row["delivery_id"]: row["source"] for row in todo}
    dates, counted = dates_of(source, parts), accounts_of(dict.fromkeys(ids, biz_date), source, parts)
    accounts.check_offered(counted, dates)
    ledger.put("delivery_dates", dates, delivery_id=ids)
    ledger.put("accounts", counted, delivery_id=ids)
    ledger.put("ingests", [_outcome(biz_date, d, source[d], by_delivery[d]) for d in ids], delivery_id=ids)


def dates_of(source: Mapping[str, str], parts: Sequence[Ingested]) -> list[dict[str, Any]]:
    """What each delivery says of each day of a table."""
    days: dict[tuple[str, str, str], tuple[int, int]] = {}
    for one in parts:
        for (key, day), (rows, digest) in one.days.items():
            before = days.get((one.delivery_id, key, day), (0, 0))
            days[(one.delivery_id, key, day)] = (before[0] + rows, before[1] + digest)
    return [
        {"delivery_id": d, "source": source[d], "table": key, "day": day, "rows": rows, "digest": str(digest)}
        for (d, key, day), (rows, digest) in sorted(days.items())
    ]


def accounts_of(
    nights: Mapping[str, date], source: Mapping[str, str], parts: Sequence[Ingested]
) -> list[dict[str, Any]]:
    """What became of each delivery's records in its night: one row for each table, part and reason."""
    counted: Counter[tuple[str, str, str, str]] = Counter()
    for one in parts:
        counted.update({(one.delivery_id, *account): rows for account, rows in one.accounts.items()})
    names = ("delivery_id", "table", "part", "reason")
    return [
        {
            "biz_date": nights[account[0]],
            "source": source[account[0]],
            **dict(zip(names, account, strict=True)),
            "rows": rows,
        }
        for account, rows in sorted(counted.items())
    ]


def _outcome(biz_date: date, delivery: str, source: str, parts: Sequence[Ingested]) -> dict[str, Any]:
    """An outcome for every attempt; a refused delivery has kept no record."""
    reason = next((one.refused for one in parts if one.refused), None)
    return {
        "biz_date": biz_date,
        "delivery_id": delivery,
        "source": source,
        "outcome": "refused" if reason else "ingested",
        "reason": reason,
        "records": 0 if reason else sum(one.records for one in parts),
        "malformed": 0 if reason else sum(one.malformed for one in parts),
    }
