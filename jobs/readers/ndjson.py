"""JSON lines: one record per line. A line that is no JSON object stays whole in `_malformed`; blank lines are none.

Without `fields` the file is read twice, first for the keys there are, so that all batches have the same columns.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pyarrow as pa
from pydantic import BaseModel

from jobs.readers import Span
from jobs.readers._json import Json, JsonPath, fields, follow, load, numbered_lines, steps
from jobs.readers._rows import batches
from jobs.readers._text import Encoding, blocks, pieces

RECORD = "line number, the first is 1; blank lines count"


class Options(BaseModel, extra="forbid", frozen=True):
    """`records` leads to the record within each line; `fields` are the only values taken, by name and path."""

    encoding: Encoding = "utf-8"
    records: JsonPath = "$"
    fields: dict[str, JsonPath] = {}


def read(path: Path, options: Options, span: Span | None = None) -> Iterator[pa.RecordBatch]:
    """Batches of the file. Raises Unreadable for wrong bytes or a broken gzip."""
    way = steps(options.records)
    yield from table(path, options.encoding, options.fields, lambda line: follow(line, way))


def table(
    path: Path, encoding: str, declared: Mapping[str, str], record_of: Callable[[Json], Json]
) -> Iterator[pa.RecordBatch]:
    """Batches of a file of JSON lines; `record_of` gives a line's record, or anything but an object for malformed."""

    def records() -> Iterator[tuple[int, str, Json]]:
        for number, line in numbered_lines(pieces(blocks(path), encoding, carriage_return=False)):
            try:
                yield number, line, record_of(load(line))
            except ValueError:
                yield number, line, None

    names, values = fields((record for _, _, record in records()), declared)
    rows = (
        (number, values(record), None) if isinstance(record, dict) else (number, None, line)
        for number, line, record in records()
    )
    yield from batches(names, rows)
