"""A file of replayed records: rejected records of one delivery and table that came back corrected, as JSON lines.

A line has `record`, the position of the record in its original delivery, its `fields` under the names that the source
declares, and `only`: where columns become rows, the keys of those that were rejected; the others were accepted before.
Where the source is personal, `salt` depends on the city's key: nobody can guess a record from the file's digest.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

ONLY = "_only"
OTHERS_OUT = f"""
    UPDATE judged SET _in = false FROM raw WHERE judged._record = raw._record AND raw.{ONLY} IS NOT NULL
    AND NOT coalesce(list_contains(from_json(raw.{ONLY}, '["VARCHAR"]'), judged._unpivoted), false)"""
"""Of a replayed record, only what was rejected is asked again: the rest of it is out of scope."""


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
