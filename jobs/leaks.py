"""What names somebody, or a key, in clear where nothing may: a search of the lake, of logs and of Spark's event logs.

Landing's encrypted originals are not searched; every other file is, committed to a table or not: parquet by its text
columns, archives and compressed files by what is in them. What is found is told by its kind and place, never itself.
"""

import contextlib
import json
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from jobs import fields, ingest
from jobs.core import events, vault
from jobs.core.errors import Problem
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger
from jobs.shared import personal
from schemas import City

CHUNK, OVERLAP = 1 << 24, 256
ENCODINGS = ("utf-8", "gb18030", "utf-16-le")
TOLD_APART = ("phone", "citizen_id", "credit_code")
"""Kinds of identifier that are nothing else; a name may be anybody's, or a word."""
COMPRESSED = {".zstd": "zstd", ".zst": "zstd", ".lz4": "lz4"}
TOKENS = (re.compile(rb"[0-9]{11,18}"), re.compile(rb"[0-9A-Za-z]{11,18}"))
SHORTEST = 11
SMALL = 1 << 16
"""Bytes of text below which looking for each word costs less than making one pattern of all."""


@dataclass
class Sought:
    """What must not be found: `words` as they are written, to their kind; `numbers` by their one spelling."""

    words: dict[str, str] = field(default_factory=dict)
    numbers: dict[bytes, str] = field(default_factory=dict)

    @property
    def spelled(self) -> dict[bytes, str]:
        """Every way in which a word may stand in a file."""
        out: dict[bytes, str] = {}
        for word, kind in self.words.items():
            for spelling in {word, personal.normalised(word, kind), json.dumps(word)[1:-1]}:
                out |= dict.fromkeys((spelling.encode(code, "ignore") for code in ENCODINGS), kind)
        return {spelling: kind for spelling, kind in out.items() if len(spelling) > 1}


@dataclass(frozen=True)
class Leak:
    """So many different ones of a kind in a file, in a column or member of it."""

    path: Path
    part: str
    kind: str
    count: int


def planted(path: Path) -> dict[str, str]:
    """Words to look for from a file: JSON objects with `kind` and `value`, or one word a line. Raises Problem."""
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise Problem(f"--planted {path}: {error.strerror}") from None
    if not text.lstrip().startswith("["):
        return dict.fromkeys(filter(None, map(str.strip, text.splitlines())), "word")
    try:
        return {one["value"]: one["kind"] for one in json.loads(text)}
    except (ValueError, KeyError, TypeError):
        raise Problem(f"--planted {path}: expected a list of objects with kind and value, or a word a line") from None


def delivered(city: City, lake: Lake) -> dict[bytes, str]:
    """Phones and numbers of persons and organisations in landing's encrypted files, by their one spelling."""
    out: dict[bytes, str] = {}
    for delivery in Ledger(lake).query(PRIVATE, "deliveries", "ingests"):
        for chunk in records(city, lake, delivery):
            for name, kind in city.sources[delivery["source"]].personal.items():
                if kind in TOLD_APART:
                    said = {personal.normalised(one, kind) for one in pc.unique(chunk[name]).to_pylist() if one}
                    out |= {one.encode(): kind for one in said if len(one) >= SHORTEST}
    return out


def records(city: City, lake: Lake, delivery: Mapping[str, Any]) -> Iterator[pa.Table]:
    """The records of a delivery as they were delivered, under the names that its source declares."""
    source = city.sources[delivery["source"]]
    path = str(lake.root / delivery["path"])
    piece = ingest.Piece(str(lake.root.parent), city.id, source.name, delivery, path, None, 0)
    with ingest.opened(city, piece) as clear:
        for batch in ingest.batches(source, piece, clear):
            yield fields.canonical(source, pa.Table.from_batches([batch]))


def sought(city: City, lake: Lake, words: Mapping[str, str]) -> Sought:
    """The given words, what was delivered, and the city's key."""
    key = vault.key_file(city.id)
    secret = {key.read_text().strip(): "key"} if key.is_file() else {}
    return Sought(dict(words) | secret, delivered(city, lake))


def find(what: Sought, roots: Iterable[Path]) -> Iterator[Leak]:
    """Everything that is found in the files of some folders, in the order of their names."""
    spelled = what.spelled
    pattern = b"|".join(re.escape(word) for word in sorted(spelled)) if spelled else None
    for root in roots:
        for path in sorted(one for one in root.rglob("*") if one.is_file() and one.suffix != ".aessiv"):
            for part, texts in _parts(path):
                found: dict[str, set[bytes]] = {}
                for text in texts:
                    if pattern and (len(text) < SMALL or _matches(text, pattern)):
                        for word in (word for word in spelled if word in text):
                            found.setdefault(spelled[word], set()).add(word)
                    for token in what.numbers.keys() & _tokens(text):
                        found.setdefault(what.numbers[token], set()).add(token)
                yield from (Leak(path, part, kind, len(words)) for kind, words in sorted(found.items()))


def _tokens(text: bytes) -> set[bytes]:
    return {one.upper() for token in TOKENS for one in token.findall(text)}


def _matches(text: bytes, pattern: bytes) -> bool:
    return bool(pc.match_substring_regex(pa.array([text], pa.large_binary()), pattern)[0].as_py())


def _parts(path: Path) -> Iterator[tuple[str, Iterator[bytes]]]:
    """A file's texts by the part of it they stand in; its name is a part of its own, so are its bytes as they are."""
    yield "name", iter([str(path).encode()])
    if path.suffix == ".parquet":
        yield from _columns(path)
        return
    yield "", _chunks(path)
    if path.suffix == ".gz":
        yield "unzipped", iter([zlib.decompressobj(zlib.MAX_WBITS | 32).decompress(path.read_bytes())])
    elif path.suffix in COMPRESSED:
        yield "unpacked", _unpacked(path)
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            yield from ((name, iter([archive.read(name)])) for name in archive.namelist())


def _unpacked(path: Path) -> Iterator[bytes]:
    """What a compressed file holds, as far as it goes: an event log of a killed session ends in the middle."""
    held = bytearray()
    with contextlib.suppress(OSError):
        for part in events.unpacked(path, COMPRESSED[path.suffix]):
            held += part
            if len(held) >= CHUNK:
                yield bytes(held)
                del held[:-OVERLAP]
    yield bytes(held)


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        before = b""
        while chunk := file.read(CHUNK):
            yield before + chunk
            before = chunk[-OVERLAP:]


def _columns(path: Path) -> Iterator[tuple[str, Iterator[bytes]]]:
    """The text columns of a parquet file and its own words; a file that a killed task left half is read as bytes."""
    try:
        file = pq.ParquetFile(path)
    except pa.ArrowInvalid:
        yield "", _chunks(path)
        return
    with file:
        schema = file.schema_arrow
        for column, kind in zip(schema.names, map(str, schema.types), strict=True):
            if "string" in kind or "binary" in kind:
                yield column, (_joined(batch.column(0)) for batch in file.iter_batches(columns=[column]))
        yield "footer", iter([str(schema.metadata).encode(), *_bounds(file.metadata)])


def _joined(values: pa.Array) -> bytes:
    flat = values.cast(pa.string()) if pa.types.is_dictionary(values.type) else values
    while pa.types.is_list(flat.type) or pa.types.is_struct(flat.type):
        flat = flat.flatten() if pa.types.is_list(flat.type) else pa.array(map(str, flat.to_pylist()), pa.string())
    said = [one for one in pc.unique(flat).to_pylist() if one]
    return b"\n".join(one if isinstance(one, bytes) else str(one).encode() for one in said)


def _bounds(metadata: pq.FileMetaData) -> Iterator[bytes]:
    for group in range(metadata.num_row_groups):
        for at in range(metadata.num_columns):
            stats = metadata.row_group(group).column(at).statistics
            if stats is not None and stats.has_min_max:
                yield f"{stats.min}\n{stats.max}".encode()


PRIVATE = """
    SELECT d.* FROM deliveries AS d JOIN ingests AS i USING (delivery_id)
    WHERE NOT d.is_repeat AND i.outcome = 'ingested' AND d.key_id IS NOT NULL ORDER BY d.delivery_id"""
