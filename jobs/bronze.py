"""Bronze: every delivered record as text, and in the same pass its claims on the silver tables.

Append-only and idempotent per delivery. Nothing is dropped: a line that cannot be split is kept whole in `_malformed`;
a file that is not what its source declares is refused as a delivery, with the reason, and the night goes on.
"""

import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from pyspark.sql import SparkSession

from jobs import mapping, readers
from jobs.core import engine, vault, work
from jobs.core.engine import literal, quoted
from jobs.core.lake import FileWriter, Lake, Layout, Written
from jobs.core.ledger import Ledger
from jobs.landing import cut_off
from jobs.mapping import Context
from schemas import City, Source, load_city
from schemas.expressions import columns as columns_of

CHUNK_ROWS = 500_000
CLAIMED_FROM = ("_record", "_malformed")
QUARANTINE = Layout(
    {
        "_delivery_id": "string", "_source": "string", "_record": "bigint", "rules": "string", "record": "string",
        "place_reported": "string", "_day": "string",
    },
    ("_delivery_id",),
    "Rejected records, whole, with every rule they broke, their delivery and their position in it.",
)  # fmt: skip
TECHNICAL = {"_delivery_id": "string", "_delivered_at": "timestamp", "_record": "bigint", "_malformed": "string"}


@dataclass(frozen=True)
class Piece:
    """One task: a delivery, or a byte range of one."""

    root: str
    city: str
    source: str
    delivery: Mapping[str, Any]
    path: str
    span: readers.Span | None
    size: int


@dataclass
class Ingested:
    """What a piece gave: files to commit, rows and digests by table and day, parts of the accounts; or why it was refused."""

    delivery_id: str
    refused: str | None = None
    records: int = 0
    malformed: int = 0
    bronze: Written | None = None
    fields: tuple[str, ...] = ()
    claims: dict[str, Written] = field(default_factory=dict)
    quarantine: dict[str, Written] = field(default_factory=dict)
    days: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    accounts: Counter[tuple[str, str, str]] = field(default_factory=Counter)


def run(spark: SparkSession, city: City, lake: Lake, biz_date: date) -> dict[str, int]:
    """Ingest every delivery that arrived before the night's cut-off and that no earlier night has taken."""
    ledger = Ledger(lake)
    todo = pending(city, ledger, biz_date)
    if not todo:
        return {"deliveries": 0}
    pieces = [piece for delivery in todo for piece in _pieces(city, lake, delivery)]
    results = work.run(spark, "bronze", ingest, sorted(pieces, key=lambda p: -p.size))
    by_delivery: dict[str, list[Ingested]] = {row["delivery_id"]: [] for row in todo}
    for one in results:
        by_delivery[one.delivery_id].append(one)
    good = [row for row in todo if not any(one.refused for one in by_delivery[row["delivery_id"]])]
    parts = [one for row in good for one in by_delivery[row["delivery_id"]]]
    _commit(city, lake, good, parts)
    _record(ledger, biz_date, todo, good, by_delivery)
    return {"deliveries": len(good), "refused": len(todo) - len(good), "records": sum(one.records for one in parts)}


def pending(city: City, ledger: Ledger, biz_date: date) -> list[dict[str, Any]]:
    """The night's deliveries that are not ingested yet, oldest first; the same delivery only once."""
    before = cut_off(city, biz_date).strftime("%Y-%m-%d %H:%M:%S+00")
    return ledger.query(
        f"""SELECT * FROM deliveries WHERE NOT is_repeat AND delivered_at < TIMESTAMPTZ '{before}'
        AND delivery_id NOT IN (SELECT delivery_id FROM ingests) ORDER BY delivered_at, source, file, delivery_id""",
        "deliveries", "ingests",
    )  # fmt: skip


def _pieces(city: City, lake: Lake, delivery: Mapping[str, Any]) -> Iterator[Piece]:
    """A delivery's tasks: byte ranges where the reader can split the file, else the whole."""
    source = city.sources[delivery["source"]]
    path = lake.root / delivery["path"]
    module = readers.find(source.reader.format)
    can_split = hasattr(module, "spans") and not delivery["key_id"]
    spans: Sequence[readers.Span | None] = module.spans(path, _options(source)) if can_split else []
    for span in spans or [None]:
        size = (span.stop - span.start) if span else path.stat().st_size
        yield Piece(str(lake.root.parent), city.id, source.name, delivery, str(path), span, size)


def ingest(piece: Piece) -> Ingested:
    """Read one piece, keep every record in bronze, and write its claims and rejects. Runs in a Spark task."""
    city, lake = load_city(piece.city), Lake(piece.root, piece.city)
    source = city.sources[piece.source]
    out = Ingested(piece.delivery["delivery_id"])
    try:
        with _opened(city, piece) as path:
            writer = _Pass(city, lake, source, piece.delivery, out)
            batches = readers.find(source.reader.format).read(path, _options(source), piece.span)
            for chunk in _chunks(batches):
                writer.take(chunk)
            writer.close()
    except readers.Unreadable as error:
        out.refused = str(error)
    return out


def _options(source: Source) -> Any:
    return readers.find(source.reader.format).Options(**source.reader.options)


@contextmanager
def _opened(city: City, piece: Piece) -> Iterator[Path]:
    """The delivered file; an encrypted one in clear, in a folder that only this task has."""
    path = Path(piece.path)
    if not piece.delivery["key_id"]:
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="citypulse-") as folder:
        plain = Path(folder) / path.name.removesuffix(".aessiv")
        plain.write_bytes(vault.decrypt(city.id, path.read_bytes(), str(path)))
        yield plain


class _Pass:
    """The one pass over a piece: text to bronze, meaning to claims, rejects to quarantine."""

    def __init__(self, city: City, lake: Lake, source: Source, delivery: Mapping[str, Any], out: Ingested) -> None:
        self.city, self.lake, self.source, self.delivery, self.out = city, lake, source, delivery, out
        self.context = _context(delivery)
        self.bronze: FileWriter | None = None
        self.claims: dict[str, FileWriter] = {}
        self.rejects: dict[str, FileWriter] = {}

    def take(self, chunk: pa.Table) -> None:
        """One chunk of records."""
        chunk = _private(self.city, self.source, _canonical(self.source, chunk))
        self._keep(chunk)
        good = (
            chunk.filter(pa.compute.is_null(chunk["_malformed"]))
            if chunk["_malformed"].null_count < len(chunk)
            else chunk
        )
        self.out.records += len(chunk)
        self.out.malformed += len(chunk) - len(good)
        fields = [name for name in chunk.column_names if name not in CLAIMED_FROM]
        for key in self.source.into:
            with engine.connect() as connection:
                connection.register("raw", good.drop_columns(["_malformed"]))
                mapping.judge(connection, self.city, self.source, key, self.context, fields)
                self._claim(connection, key)
                self._reject(connection, key, fields)
            self._malformed(key, chunk)

    def close(self) -> None:
        """Finish the files."""
        self.out.bronze = self.bronze.close() if self.bronze else None
        self.out.claims = {key: writer.close() for key, writer in self.claims.items()}
        self.out.quarantine = {key: writer.close() for key, writer in self.rejects.items()}

    def _keep(self, chunk: pa.Table) -> None:
        fields = tuple(name for name in chunk.column_names if name not in CLAIMED_FROM)
        if self.bronze is None:
            self.out.fields = fields
            columns = TECHNICAL | dict.fromkeys(names(fields).values(), "string")
            self.bronze = FileWriter(self.lake.folder(f"bronze.{self.source.name}"), columns, _partition(self.delivery))
        stamp = pa.scalar(self.delivery["delivered_at"], pa.timestamp("us", tz="UTC"))
        table = chunk.rename_columns([names(fields).get(name, name) for name in chunk.column_names])
        self.bronze.write(table.append_column("_delivered_at", pa.repeat(stamp, len(chunk))))

    def _claim(self, connection: duckdb.DuckDBPyConnection, key: str) -> None:
        table = self.city.tables[key]
        columns = mapping.claim_columns(table)
        writer = self.claims.setdefault(
            key, FileWriter(self.lake.folder(f"claims.{table.name}"), columns, {"_delivery_id": self.out.delivery_id})
        )
        named = ", ".join(quoted(name) for name in columns if name != "_delivery_id")
        text = engine.row_text(
            [quoted(name) for name in [*table.stored, "place_level", "place_reported", "_lon", "_lat"]]
        )
        accepted = "FROM judged WHERE _in AND _broken IS NULL"
        writer.write(engine.table(connection, f"SELECT {named} {accepted} ORDER BY rowid"))
        for day, rows, digest in connection.sql(
            f"SELECT _day, count(*), {engine.digest_of(text)} {accepted} GROUP BY 1"
        ).fetchall():
            before = self.out.days.get((key, day), (0, 0))
            self.out.days[(key, day)] = (before[0] + rows, before[1] + int(digest))

    def _reject(self, connection: duckdb.DuckDBPyConnection, key: str, fields: Sequence[str]) -> None:
        parts = connection.sql(
            """SELECT CASE WHEN NOT _in THEN 'out_of_scope' WHEN _broken IS NULL THEN 'claimed' ELSE 'rejected' END AS part,
            CASE WHEN _in THEN coalesce(_broken, '') ELSE 'where' END AS reason, count(*) FROM judged GROUP BY ALL"""
        ).fetchall()
        for part, reason, rows in parts:
            self.out.accounts[(key, part, reason)] += rows
        flags = connection.sql(
            """SELECT flag, count(*) FROM (SELECT unnest(string_split(_flags, ',')) AS flag FROM judged
            WHERE _in AND _broken IS NULL AND _flags IS NOT NULL) GROUP BY 1"""
        ).fetchall()
        for flag, rows in flags:
            self.out.accounts[(key, "flagged", flag)] += rows
        if any(part == "rejected" for part, _, _ in parts):
            pairs = ", ".join(f"{literal(name)}, raw.{quoted(name)}" for name in fields)
            self._quarantine(key, engine.table(
                connection,
                f"""SELECT j._source, j._record, j._broken AS rules, json_object({pairs})::VARCHAR AS record,
                j.place_reported, j._day FROM judged AS j JOIN raw USING (_record)
                WHERE j._in AND j._broken IS NOT NULL ORDER BY j._record, rules""",
            ))  # fmt: skip

    def _malformed(self, key: str, chunk: pa.Table) -> None:
        bad = chunk.filter(pa.compute.is_valid(chunk["_malformed"]))
        if len(bad):
            self.out.accounts[(key, "rejected", "malformed")] += len(bad)
            blank = pa.nulls(len(bad), pa.string())
            words = {"_source": self.source.name, "rules": "malformed"}
            columns = {name: pa.repeat(pa.scalar(word), len(bad)) for name, word in words.items()}
            self._quarantine(key, pa.table(
                {**columns, "_record": bad["_record"], "record": bad["_malformed"], "place_reported": blank,
                 "_day": pa.repeat(pa.scalar(mapping.UNDATED), len(bad))}
            ))  # fmt: skip

    def _quarantine(self, key: str, rows: pa.Table) -> None:
        folder = self.lake.folder(f"quarantine.{self.city.tables[key].name}")
        writer = self.rejects.setdefault(
            key, FileWriter(folder, QUARANTINE.columns, {"_delivery_id": self.out.delivery_id})
        )
        writer.write(rows)


def names(fields: Sequence[str]) -> dict[str, str]:
    """The file's field names as column names every Delta reader takes: other than letters and digits become `_`."""
    out: dict[str, str] = {}
    for name in fields:
        plain = "".join(c if c.isalnum() else "_" for c in name) or "_"
        while plain in out.values() or plain in TECHNICAL:
            plain += "_"
        out[name] = plain
    return out


def _chunks(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.Table]:
    """Batches gathered to a bounded number of rows; a file without records still gives its (empty) header."""
    held: list[pa.RecordBatch] = []
    rows, any_given = 0, False
    for batch in batches:
        held.append(batch)
        rows += batch.num_rows
        if rows >= CHUNK_ROWS:
            yield pa.Table.from_batches(held)
            held, rows, any_given = [], 0, True
    if held and (rows or not any_given):
        yield pa.Table.from_batches(held)


def _canonical(source: Source, chunk: pa.Table) -> pa.Table:
    """Fields under the names the source's expressions use. Raises Unreadable when the header is not one it accepts."""
    have = [name for name in chunk.column_names if name not in CLAIMED_FROM]
    spelling = {name: field for field, accepted in source.fields.items() for name in (*accepted, field) if name in have}
    chunk = chunk.rename_columns([spelling.get(name, name) for name in chunk.column_names])
    now = set(chunk.column_names)
    wanted = set(source.fields) | _used(source)
    missing = sorted(wanted - now - set(source.optional))
    if missing or len(now) < chunk.num_columns:
        expected = (
            ", ".join(f"{field} ({' | '.join(source.fields.get(field, (field,)))})" for field in missing)
            or "each field once"
        )
        raise readers.Unreadable(found=f"wrong header: {', '.join(have)}", expected=expected)
    for name in sorted(wanted - now):
        chunk = chunk.append_column(name, pa.nulls(len(chunk), pa.string()))
    return chunk


def _used(source: Source) -> set[str]:
    """The file fields that the source's expressions read."""
    out: set[str] = set(source.personal)
    for into in source.into.values():
        texts = [*into.columns.values(), into.where, into.place.id if into.place else None]
        texts += [into.place.point.lon, into.place.point.lat] if into.place and into.place.point else []
        used = {name for text in texts if text for name in columns_of(text)}
        if into.unpivot:
            used = (used - {into.unpivot.name, into.unpivot.value}) | set(into.unpivot.columns)
        out |= used
    return out - set(mapping.CONTEXT_TYPES)


def _private(city: City, source: Source, chunk: pa.Table) -> pa.Table:
    """Direct identifiers replaced by pseudonyms; a malformed line of a personal source is replaced by its length."""
    for name, kind in source.personal.items():
        if name in chunk.column_names:
            at = chunk.column_names.index(name)
            combined = chunk.column(at).combine_chunks()
            chunk = chunk.set_column(at, name, vault.pseudonyms(city.id, combined, kind))
    if source.personal and chunk["_malformed"].null_count < len(chunk):
        at = chunk.column_names.index("_malformed")
        length = pa.compute.utf8_length(chunk["_malformed"]).cast(pa.string())
        masked = pa.compute.binary_join_element_wise("withheld: a personal record of ", length, " characters", "")
        chunk = chunk.set_column(at, "_malformed", masked.cast(pa.string()))
    return chunk


def _context(delivery: Mapping[str, Any]) -> Context:
    said = delivery["scope"]
    scope = date.fromisoformat((said + "-01")[:10]) if said else None
    return Context(delivery["delivered_date"], Path(delivery["file"]).name, scope)


def _partition(delivery: Mapping[str, Any]) -> dict[str, str]:
    return {"_delivered_date": delivery["delivered_date"].isoformat(), "_delivery_id": delivery["delivery_id"]}


def _commit(city: City, lake: Lake, good: Sequence[Mapping[str, Any]], parts: Sequence[Ingested]) -> None:
    """One commit per table, each replacing what an interrupted run may have left of these deliveries."""
    ids = {row["delivery_id"]: row for row in good}
    for source in sorted({row["source"] for row in good}):
        mine = [one for one in parts if ids[one.delivery_id]["source"] == source]
        fields = list(dict.fromkeys(name for one in mine for name in names(one.fields).values()))
        columns = {"_delivered_date": "date", **TECHNICAL, **dict.fromkeys(fields, "string")}
        layout = Layout(columns, ("_delivered_date", "_delivery_id"), city.sources[source].description.en)
        lake.create(f"bronze.{source}", layout)
        written = [one.bronze for one in mine if one.bronze]
        lake.commit(f"bronze.{source}", written, ("_delivery_id", [one.delivery_id for one in mine]))
    for key, table in city.tables.items():
        claiming = [one for one in parts if key in one.claims or key in one.quarantine]
        if claiming:
            mine_ids = [one.delivery_id for one in claiming]
            lake.create(
                f"claims.{table.name}", Layout(mapping.claim_columns(table), ("_delivery_id",), table.description.en)
            )
            lake.create(f"quarantine.{table.name}", QUARANTINE)
            claims = [one.claims[key] for one in claiming if key in one.claims]
            lake.commit(f"claims.{table.name}", claims, ("_delivery_id", mine_ids))
            rejects = [one.quarantine[key] for one in claiming if key in one.quarantine]
            lake.commit(f"quarantine.{table.name}", rejects, ("_delivery_id", mine_ids))


def _record(
    ledger: Ledger, biz_date: date, todo: Sequence[Mapping[str, Any]], good: Sequence[Mapping[str, Any]],
    by_delivery: Mapping[str, Sequence[Ingested]],
) -> None:  # fmt: skip
    """The ledger's rows of these deliveries; `ingests` last, because it is what says that a delivery is done."""
    ids = [row["delivery_id"] for row in todo]
    source = {row["delivery_id"]: row["source"] for row in todo}
    days: dict[tuple[str, str, str], tuple[int, int]] = {}
    parts: Counter[tuple[str, str, str, str]] = Counter()
    for row in good:
        for one in by_delivery[row["delivery_id"]]:
            for (key, day), (rows, digest) in one.days.items():
                before = days.get((one.delivery_id, key, day), (0, 0))
                days[(one.delivery_id, key, day)] = (before[0] + rows, before[1] + digest)
            for (key, part, reason), rows in one.accounts.items():
                parts[(one.delivery_id, key, part, reason)] += rows
    ledger.put("delivery_dates", [
        {"delivery_id": d, "source": source[d], "table": key, "day": day, "rows": rows, "digest": str(digest)}
        for (d, key, day), (rows, digest) in sorted(days.items())
    ], delivery_id=ids)  # fmt: skip
    ledger.put("accounts", [
        {"biz_date": biz_date, "delivery_id": d, "source": source[d], "table": key, "part": part, "reason": reason, "rows": rows}
        for (d, key, part, reason), rows in sorted(parts.items())
    ], delivery_id=ids)  # fmt: skip
    done = {row["delivery_id"] for row in good}
    ledger.put("ingests", [
        {
            "biz_date": biz_date, "delivery_id": d, "source": source[d], "outcome": "ingested" if d in done else "refused",
            "reason": next((one.refused for one in by_delivery[d] if one.refused), None),
            "records": sum(one.records for one in by_delivery[d]) if d in done else 0,
            "malformed": sum(one.malformed for one in by_delivery[d]) if d in done else 0,
        }
        for d in ids
    ], delivery_id=ids)  # fmt: skip
