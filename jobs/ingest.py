"""The one pass over a delivered file: records as text to bronze, their meaning to claims, the rejected to quarantine.

Nothing is dropped: a line that cannot be split is kept whole in `_malformed`; a file that is not what its source
declares is refused as a delivery, with the reason.
"""

import json
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from pydantic import BaseModel

from jobs import accounts, fields, mapping, readers, replayed
from jobs.core import engine, vault
from jobs.core.engine import literal, quoted
from jobs.core.lake import FileWriter, Lake, Layout, Written
from jobs.mapping import Context
from schemas import City, Into, Source, load_city

CHUNK_ROWS = 500_000
BUCKET_BITS = 4
BUCKETED_ROWS = 100_000
"""Of chunks that big, claims stand by the first bits of their keys, a row group for each."""
RAW = "CREATE OR REPLACE TEMP VIEW raw AS SELECT * EXCLUDE (_malformed) FROM chunk WHERE _malformed IS NULL"
ACCEPTED = "FROM judged WHERE _in AND _broken IS NULL"
"""Of `judged`: the claims."""
ERASED = "erased.arrow"
"""The name of a file from which somebody's records were erased: those that remain, as their reader gave them."""
QUARANTINE = Layout(
    {
        "_delivery_id": "string",
        "_source": "string",
        "_record": "bigint",
        "rules": "string",
        "record": "string",
        "place_reported": "string",
        "_day": "string",
        "unpivoted": "string",
        "original": "string",
    },
    ("_delivery_id",),
)


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
    into: tuple[str, ...] | None = None
    """The tables to judge it for again; bronze has it already."""
    replaced: tuple[tuple[int, str | None], ...] = ()
    """(record, key of the column that became it) of what has come back corrected since."""

    @property
    def table(self) -> str:
        """The table that keeps its records."""
        return f"bronze.{self.source}"


@dataclass
class Ingested:
    """What a piece gave: files to commit, rows and digests by table and day, accounts; or why it was refused."""

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


def ingest(piece: Piece) -> Ingested:
    """Read one piece, keep every record in bronze, and write its claims and rejects. Runs in a Spark task."""
    city, lake = load_city(piece.city), Lake(piece.root, piece.city)
    source = city.sources[piece.source]
    out = Ingested(piece.delivery["delivery_id"])
    try:
        with opened(city, piece) as path:
            writer = _Pass(city, lake, source, piece, out)
            for chunk in _chunks(batches(source, piece, path)):
                writer.take(chunk)
            writer.close()
    except readers.Unreadable as error:
        out.refused = str(error)
    return out


def batches(source: Source, piece: Piece, path: Path, only: readers.Numbers | None = None) -> Iterator[pa.RecordBatch]:
    """The records of the file, or `only` some of them, in ascending order; replayed ones come in a form of their own,
    whatever their source's is.

    Why a file cannot be read is told to everybody, so what a personal one holds is left out of it.
    """
    try:
        if piece.delivery["replays"]:
            yield from readers.chosen(replayed.read(path), only)
        elif piece.delivery.get("erased"):
            yield from readers.chosen(pa.ipc.open_stream(pa.memory_map(str(path))), only)
        elif only is not None:
            yield from readers.pick(source.reader.format, path, options(source), only)
        else:
            yield from readers.read(source.reader.format, path, options(source), piece.span)
    except readers.Unreadable as error:
        if not source.personal:
            raise
        raise readers.Unreadable("something else (withheld: the source is personal)", error.expected) from None


def options(source: Source) -> BaseModel:
    """What the source says about its files, as its reader's own options."""
    return readers.find(source.reader.format).Options(**source.reader.options)


@contextmanager
def opened(city: City, piece: Piece) -> Iterator[Path]:
    """The delivered file; an encrypted one in clear, in a folder that only this task has."""
    path = Path(piece.path)
    if not piece.delivery["key_id"]:
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="citypulse-") as folder:
        plain = Path(folder) / path.name.removesuffix(".aessiv")
        plain.write_bytes(vault.decrypt(city.id, path.read_bytes(), str(path)))
        yield plain


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


def judge(
    connection: duckdb.DuckDBPyConnection, city: City, source: Source, key: str, context: Context, chunk: pa.Table
) -> None:
    """Make `raw` and `judged` of the records of a chunk that could be split; of replayed ones what is asked."""
    connection.register("chunk", chunk)
    connection.execute(RAW)
    mapping.judge(connection, city, source, key, context, fields.of(chunk))
    if replayed.ONLY in chunk.column_names:
        connection.execute(replayed.OTHERS_OUT)


class _Pass:
    """What a piece's chunks are written to, and what is counted on the way."""

    def __init__(self, city: City, lake: Lake, source: Source, piece: Piece, out: Ingested) -> None:
        self.city, self.lake, self.source, self.piece, self.out = city, lake, source, piece, out
        self.delivery = piece.delivery
        self.context = context_of(self.delivery)
        self.bronze: FileWriter | None = None
        self.claims: dict[str, FileWriter] = {}
        self.rejects: dict[str, FileWriter] = {}

    def take(self, chunk: pa.Table) -> None:
        """One chunk of records."""
        self.rows = len(chunk)
        self.delivered = fields.canonical(self.source, chunk)
        chunk = fields.private(self.city, self.source, self.delivered)
        if self.piece.into is None:
            self._keep(chunk)
        good = chunk["_malformed"].null_count
        self.out.records += len(chunk)
        self.out.malformed += len(chunk) - good
        named = fields.of(chunk)
        for key, into in self._into().items():
            times = len(into.unpivot.keys(named, self.source.named)) if into.unpivot else 1
            self.out.accounts[(key, accounts.OFFERED, "")] += good * times + len(chunk) - good
            with engine.cursor() as connection:
                judge(connection, self.city, self.source, key, self.context, chunk)
                if self.piece.replaced:
                    replayed.hold_out(connection, self.piece.replaced)
                self._claim(connection, key)
                parts = _parts(connection)
                self.out.accounts.update({(key, *one): rows for one, rows in parts.items()})
                if any(part == "rejected" for part, _ in parts):
                    self._reject(connection, key, named)
            self._malformed(key, chunk)

    def _into(self) -> dict[str, Into]:
        """The tables the records go to; replayed ones go to that which rejected them."""
        only = self.delivery["replays_table"]
        asked = self.source.into.keys() if self.piece.into is None else set(self.piece.into)
        return {key: into for key, into in self.source.into.items() if only in (None, key) and key in asked}

    def close(self) -> None:
        """Finish the files."""
        self.out.bronze = self.bronze.close() if self.bronze else None
        self.out.claims = {key: writer.close() for key, writer in self.claims.items()}
        self.out.quarantine = {key: writer.close() for key, writer in self.rejects.items()}

    def _keep(self, chunk: pa.Table) -> None:
        named = tuple(fields.of(chunk))
        plain = fields.names(named)
        if self.bronze is None:
            self.out.fields = named
            columns = fields.TECHNICAL | dict.fromkeys(plain.values(), "string")
            self.bronze = FileWriter(self.lake.folder(f"bronze.{self.source.name}"), columns, _partition(self.delivery))
        stamp = pa.scalar(self.delivery["delivered_at"], pa.timestamp("us", tz="UTC"))
        table = chunk.rename_columns([plain.get(name, name) for name in chunk.column_names])
        self.bronze.write(table.append_column("_delivered_at", pa.repeat(stamp, len(chunk))))

    def _claim(self, connection: duckdb.DuckDBPyConnection, key: str) -> None:
        table = self.city.tables[key]
        columns = mapping.claim_columns(table)
        writer = self._writer(self.claims, key, f"claims.{table.name}", columns)
        named = ", ".join(quoted(name) for name in columns if name != "_delivery_id")
        said = [quoted(name) for name in (*table.stored, "place_level", "place_reported", "_lon", "_lat")]
        if self.rows < BUCKETED_ROWS:
            writer.write(engine.table(connection, f"SELECT {named} {ACCEPTED}"))
        else:
            by_key = f"SELECT {named} {ACCEPTED} ORDER BY _key >> {63 - BUCKET_BITS}, _record"
            for rows in _by_bucket(engine.table(connection, by_key)):
                writer.write(rows)
        counted = f"SELECT _day, count(*), sum({engine.hash_of(*said)}::HUGEINT) {ACCEPTED} GROUP BY 1"
        for day, rows, sum_ in connection.execute(counted).fetchall():
            before = self.out.days.get((key, day), (0, 0))
            self.out.days[(key, day)] = (before[0] + rows, before[1] + sum_)

    def _reject(self, connection: duckdb.DuckDBPyConnection, key: str, named: Sequence[str]) -> None:
        pairs = ", ".join(f"{literal(name)}, raw.{quoted(name)}" for name in named)
        sql = f"""
            SELECT j._source, j._record, j._broken AS rules, json_object({pairs})::VARCHAR AS record,
                j.place_reported, j._day, j._unpivoted AS unpivoted
            FROM judged AS j JOIN raw USING (_record)
            WHERE j._in AND j._broken IS NOT NULL ORDER BY j._record, rules"""
        self._quarantine(key, engine.table(connection, sql))

    def _malformed(self, key: str, chunk: pa.Table) -> None:
        bad = chunk.filter(pa.compute.is_valid(chunk["_malformed"]))
        if not len(bad):
            return
        self.out.accounts[(key, "rejected", "malformed")] += len(bad)
        said = {"_source": self.source.name, "rules": "malformed", "_day": mapping.UNDATED}
        columns = {name: pa.repeat(pa.scalar(word), len(bad)) for name, word in said.items()}
        columns |= {"_record": bad["_record"], "record": bad["_malformed"]}
        columns |= {name: pa.nulls(len(bad), pa.string()) for name in ("place_reported", "unpivoted")}
        self._quarantine(key, pa.table(columns))

    def _quarantine(self, key: str, rows: pa.Table) -> None:
        name = f"quarantine.{self.city.tables[key].name}"
        rows = rows.append_column("original", self._originals(rows["_record"]))
        self._writer(self.rejects, key, name, QUARANTINE.columns).write(rows)

    def _originals(self, records: pa.ChunkedArray) -> pa.Array:
        """Records of a personal source as they were delivered, encrypted; of another `record` says it already."""
        if not self.source.personal:
            return pa.nulls(len(records), pa.string())
        found = self.delivered.take(pa.compute.index_in(records, self.delivered["_record"].combine_chunks()))
        named = fields.of(found)
        said = [row["_malformed"] or {name: row[name] for name in named} for row in found.to_pylist()]
        texts = [json.dumps(one, ensure_ascii=False).encode() for one in said]
        return pa.array([vault.encrypt(self.city.id, text).hex() for text in texts], pa.string())

    def _writer(self, writers: dict[str, FileWriter], key: str, name: str, columns: Mapping[str, str]) -> FileWriter:
        if key not in writers:
            writers[key] = FileWriter(self.lake.folder(name), columns, {"_delivery_id": self.out.delivery_id})
        return writers[key]


def _by_bucket(claims: pa.Table) -> Iterator[pa.Table]:
    """Claims that stand in the order of their keys' first bits, by these: who settles some keys reads no others."""
    buckets = claims["_key"].to_numpy() >> (63 - BUCKET_BITS)
    ends = np.searchsorted(buckets, np.arange(1 << BUCKET_BITS), "right")
    for start, stop in pairwise([0, *ends.tolist()]):
        yield claims.slice(start, stop - start)


def _parts(connection: duckdb.DuckDBPyConnection) -> Counter[tuple[str, str]]:
    """(part, reason) of every record in `judged`, and (flagged, flag) of those in scope that carry it."""
    rows = connection.execute("""
        SELECT
            CASE WHEN NOT _in THEN 'out_of_scope' WHEN _broken IS NULL THEN 'claimed' ELSE 'rejected' END AS part,
            CASE WHEN _in THEN coalesce(_broken, '') ELSE 'where' END AS reason,
            count(*)
        FROM judged GROUP BY ALL
        UNION ALL
        SELECT 'flagged', flag, count(*)
        FROM (SELECT unnest(string_split(_flags, ',')) AS flag FROM judged
              WHERE _in AND _flags IS NOT NULL)
        GROUP BY flag""").fetchall()
    return Counter({(part, reason): count for part, reason, count in rows})


def context_of(delivery: Mapping[str, Any]) -> Context:
    """What a delivery says about all its records."""
    said = delivery["scope"]
    scope = date.fromisoformat((said + "-01")[:10]) if said else None
    return Context(delivery["delivered_date"], Path(delivery["file"]).name, scope)


def _partition(delivery: Mapping[str, Any]) -> dict[str, str]:
    return {"_delivered_date": delivery["delivered_date"].isoformat(), "_delivery_id": delivery["delivery_id"]}
