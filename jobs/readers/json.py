"""A JSON document: an array of records, or an object in which a path leads to them.

Numbers stay as they were written; a value that is an object or an array becomes JSON text; null and a missing
key are NULL. The document is held in memory.
"""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
from pydantic import BaseModel

from jobs.readers import Span, Unreadable
from jobs.readers._json import Json, JsonPath, compact, fields, follow, load, steps
from jobs.readers._rows import batches
from jobs.readers._text import Encoding, blocks, pieces

RECORD = "position in the array, the first is 1"


class Options(BaseModel, extra="forbid", frozen=True):
    """`records` leads to the array, or to the one record; `fields` are the only values taken, by name and path."""

    encoding: Encoding = "utf-8"
    records: JsonPath = "$"
    fields: dict[str, JsonPath] = {}


def read(path: Path, options: Options, span: Span | None = None) -> Iterator[pa.RecordBatch]:
    """Batches of the file. Raises Unreadable when it is not JSON, or holds no records where they should be."""
    records = _records(document(path, options.encoding), options.records)
    names, values = fields(records, options.fields)
    rows = (
        (number, values(record), None) if isinstance(record, dict) else (number, None, compact(record))
        for number, record in enumerate(records, start=1)
    )
    yield from batches(names, rows)


def document(path: Path, encoding: str) -> Json:
    """The file's JSON value. Raises Unreadable with line and column of what is not JSON."""
    try:
        return load("".join(pieces(blocks(path), encoding)))
    except ValueError as error:
        raise Unreadable(f"no JSON ({error})", "a JSON document") from error


def _records(value: Json, path: str) -> list[Json]:
    found = follow(value, steps(path))
    if isinstance(found, list):
        return found
    if isinstance(found, dict) and path != "$":
        return [found]
    keys = f" with {', '.join(value)}" if isinstance(value, dict) else ""
    raise Unreadable(f"{_kind(value)}{keys}", f"records at {path} (option records)")


def _kind(value: Json) -> str:
    return "an object" if isinstance(value, dict) else "an array" if isinstance(value, list) else "a single value"
