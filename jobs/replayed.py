"""A file of replayed records: rejected records of one delivery and table that came back corrected, as JSON lines.

A line has `record`, the position of the record in its original delivery, its `fields` under the names that the source
declares, and `only`: where columns become rows, the keys of those that were rejected; the others were accepted before.
Where the source is personal, `salt` depends on the city's key: nobody can guess a record from the file's digest.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from jobs.core import vault
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger

ONLY = "_only"
OTHERS_OUT = f"""
    UPDATE judged SET _in = false FROM raw WHERE judged._record = raw._record AND raw.{ONLY} IS NOT NULL
    AND NOT coalesce(list_contains(from_json(raw.{ONLY}, '["VARCHAR"]'), judged._unpivoted), false)"""
"""Of a replayed record, only what was rejected is asked again: the rest of it is out of scope."""


REPLAYED = "replayed"
Part = tuple[int, str | None]
"""A record, and where columns become rows the key of the one that is meant."""


@dataclass(frozen=True)
class Line:
    """One corrected record."""

    record: int
    fields: Mapping[str, str | None]
    only: tuple[str, ...] | None
    salt: str | None = None

    @property
    def text(self) -> str:
        """The line as it stands in the file; fields keep the order they were delivered in."""
        said = {"record": self.record, "only": self.only, "fields": self.fields, "salt": self.salt}
        return json.dumps(said, ensure_ascii=False, separators=(",", ":"))

    @property
    def digest(self) -> str:
        """Tells the same correction again from another one, without telling what it says."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:16]


def encode(lines: Iterable[Line]) -> bytes:
    """The file's bytes: the same records in any order give the same."""
    return "".join(line.text + "\n" for line in sorted(lines, key=lambda line: line.record)).encode()


def decode(data: bytes) -> list[Line]:
    """The records of a file."""
    said = [json.loads(line) for line in data.decode().split("\n") if line]
    return [Line(**{**one, "only": tuple(one["only"]) if one["only"] else None}) for one in said]


def read(path: Path) -> Iterator[pa.RecordBatch]:
    """The file as a reader gives it: fields as text, `_record`, `_malformed`, and `_only` as a JSON list."""
    lines = decode(path.read_bytes())
    named = list(dict.fromkeys(name for line in lines for name in line.fields))
    columns = {name: pa.array([line.fields.get(name) for line in lines], pa.string()) for name in named}
    columns["_record"] = pa.array([line.record for line in lines], pa.int64())
    columns["_malformed"] = pa.nulls(len(lines), pa.string())
    only = [json.dumps(line.only, ensure_ascii=False) if line.only else None for line in lines]
    yield pa.RecordBatch.from_pydict(columns | {ONLY: pa.array(only, pa.string())})


def content(city: str, lake: Lake, delivery: Mapping[str, Any]) -> bytes:
    """A landed file as it was delivered."""
    path = lake.root / delivery["path"]
    return vault.decrypt(city, path.read_bytes(), str(path)) if delivery["key_id"] else path.read_bytes()


def replaced(city: str, lake: Lake, ledger: Ledger) -> Mapping[tuple[str, str], tuple[Part, ...]]:
    """By delivery and table: the records of it that have come back corrected in a later one."""
    rows = ledger.query(CAME_BACK, "deliveries", "ingests")
    out: dict[tuple[str, str], set[Part]] = defaultdict(set)
    earlier: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in rows:
        parts = {(line.record, key) for line in decode(content(city, lake, row)) for key in line.only or (None,)}
        before = earlier[row["replays"], row["replays_table"]]
        for delivery in (row["replays"], *before):
            out[delivery, row["replays_table"]] |= parts
        before.append(row["delivery_id"])
    return {key: tuple(sorted(parts, key=str)) for key, parts in out.items()}


def hold_out(connection: duckdb.DuckDBPyConnection, parts: Sequence[Part]) -> None:
    """Records in `judged` that came back corrected stay rejected, whatever the rules say of them now."""
    records, keys = [record for record, _ in parts], [key for _, key in parts]
    came_back = {"_record": pa.array(records, pa.int64()), "_unpivoted": pa.array(keys, pa.string())}
    connection.register("came_back", pa.table(came_back))
    connection.execute(f"""
        UPDATE judged SET _broken = coalesce(judged._broken, '{REPLAYED}') FROM came_back AS c
        WHERE judged._record = c._record AND judged._unpivoted IS NOT DISTINCT FROM c._unpivoted""")


CAME_BACK = """
    SELECT d.* FROM deliveries AS d JOIN ingests AS i USING (delivery_id)
    WHERE NOT d.is_repeat AND i.outcome = 'ingested' AND d.replays IS NOT NULL ORDER BY d.delivered_at, d.delivery_id"""
