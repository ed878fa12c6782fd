"""Delimited text: CSV, TSV and their relatives, in any encoding, plain or gzip.

Two ways with the same result. As long as no quote (or escape) occurs, pieces of whole lines go to pyarrow's
parser; from the first quote on, Python's csv module splits the rest, strictly. A quoted field may hold line
ends. A record with too few or too many fields, with text behind a closing quote or with a quote that is never
closed stays whole in `_malformed`. Blank lines and comments are no records but are counted.
"""

import mmap
import re
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Annotated, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pydantic import BaseModel, Field, StringConstraints, model_validator

from jobs.readers import Numbers, Span, Unreadable, _csv_blocks
from jobs.readers._csv_exact import Dialect, Lines, split
from jobs.readers._csv_exact import table as exact
from jobs.readers._csv_fast import line_starts, parse
from jobs.readers._rows import ROWS, batch, batches, unique
from jobs.readers._text import BLOCK, BOM, GZIP, Encoding, blocks, decoded, pieces, whole_lines

RECORD = (
    "row number: the header is 0, without a header the first row is 1; blank lines and comments count. "
    "Byte offset of the line in a plain file that is read in ranges: over 64 MiB, no quote behind the header, "
    "an encoding in which the bytes 0A and 0D are always line ends"
)
RANGED_ABOVE = 64 << 20
RANGE = 32 << 20
LINE_SAFE = re.compile(
    r"utf-8|ascii|iso8859-\d+|koi8-\w|cp125\d|cp(437|850|852|866|874|932|949|950)|gb\w+|euc_\w+|big5\w*|shift_jis\w*"
)
Ints = npt.NDArray[np.integer]
Sign = Annotated[str, StringConstraints(min_length=1, max_length=1)]


class Options(BaseModel, extra="forbid", frozen=True):
    """How the files are written. `quote: null` makes quotes ordinary; `skip_rows` are lines above the header.

    `headers`: what headers begin with, where titles of any height stand above one or it stands again further down,
    maybe with other columns. `footer`: a table ends at the row whose first filled field begins with one of these,
    white space aside; rows below it, up to the next header, are none.
    """

    encoding: Encoding = "utf-8"
    delimiter: Sign = ","
    quote: Sign | None = '"'
    escape: Sign | None = None
    header: bool = True
    columns: tuple[str, ...] = ()
    skip_rows: Annotated[int, Field(ge=0)] = 0
    comment: Annotated[str, StringConstraints(min_length=1)] | None = None
    headers: tuple[Annotated[str, StringConstraints(min_length=1)], ...] = ()
    footer: tuple[Annotated[str, StringConstraints(min_length=1)], ...] = ()
    empty_ok: bool = False

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.header == bool(self.columns):
            raise ValueError("columns: name them if, and only if, header is false")
        if self.has_blocks and not self.header:
            raise ValueError("headers and footer need a header in the file")
        signs = [self.delimiter, *self.slow_signs]
        if len({*signs, "\n", "\r"}) < len(signs) + 2:
            raise ValueError("delimiter, quote and escape must differ from each other and from line ends")
        return self

    @property
    def has_blocks(self) -> bool:
        """Whether a table may begin or end further down."""
        return bool(self.headers or self.footer)

    @property
    def slow_signs(self) -> list[str]:
        """Characters that only the exact way understands."""
        return [sign for sign in (self.quote, self.escape) if sign]

    @property
    def dialect(self) -> Dialect:
        """How a row is written."""
        return Dialect(self.delimiter, self.quote, self.escape, self.comment)


def read(path: Path, options: Options, span: Span | None = None) -> Iterator[pa.RecordBatch]:
    """Batches of the file, or of one of its ranges. Raises Unreadable for wrong bytes, a broken gzip, an empty file."""
    if options.has_blocks:
        yield from _csv_blocks.table(lambda: _below(path, options), options.dialect, options.headers, options.footer)
        return
    ranges = [span] if span else spans(path, options)
    if not ranges:
        yield from table(pieces(blocks(path), options.encoding), options)
    for each in ranges:
        yield from _range(path, options, each)


def spans(path: Path, options: Options) -> list[Span]:
    """Ranges of about 32 MiB, cut at line ends, behind the header; none when the file is read whole (see RECORD)."""
    size = path.stat().st_size
    start = _first_line(path, options) if size > RANGED_ABOVE else None
    if start is None:
        return []
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        ranges = []
        while start < size:
            stop = data.find(b"\n", min(start + RANGE, size)) + 1 or size
            ranges.append(Span(start, stop))
            start = stop
        return ranges


def pick(path: Path, options: Options, records: Numbers) -> Iterator[pa.RecordBatch] | None:
    """Some records of a file in which each is a line, and nothing but their bytes; of any other None."""
    about = path.stat()
    if not about.st_size or not len(records):
        return None
    starts = _line_starts(str(path), options, about.st_size, about.st_mtime_ns, about.st_ctime_ns)
    if starts is None:
        return None
    wanted = np.asarray(records, np.int64)
    if about.st_size > RANGED_ABOVE:
        return _picked(path, options, wanted, wanted)
    wanted = wanted[(wanted > 0) & (wanted <= len(starts))]
    return _picked(path, options, wanted, starts[wanted - 1])


def _picked(path: Path, options: Options, records: Ints, offsets: Ints) -> Iterator[pa.RecordBatch]:
    names, _ = _head(path, options)
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        for at in range(0, len(offsets), ROWS):
            found = [_line(data, int(offset)) for offset in offsets[at : at + ROWS]]
            text = decoded(b"".join(found), options.encoding, int(offsets[at]))
            parsed = parse(text.removeprefix(BOM), names, options.delimiter, options.comment)
            yield batch(names, parsed.columns, records[at : at + ROWS][parsed.lines], parsed.malformed)


def _line(data: mmap.mmap, start: int) -> bytes:
    line = data[start : data.find(b"\n", start) + 1 or len(data)]
    return line.removesuffix(b"\n").partition(b"\r")[0] + b"\n"


@lru_cache(maxsize=64)
def _line_starts(path: str, options: Options, size: int, *changed: int) -> Ints | None:
    """Where each line behind the header starts; nothing of a file in which positions are bytes, None of one in which
    records are not lines. Found once for a file that has not changed.
    """
    start = _first_line(Path(path), options)
    if start is None or size > RANGED_ABOVE:
        return None if start is None else np.array([], np.uint32)
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return (line_starts(data[start:]) + start).astype(np.uint32)


def _first_line(path: Path, options: Options) -> int | None:
    """The byte at which records begin, in a file in which each is a line (see RECORD); None of any other."""
    if options.has_blocks or not options.delimiter.isascii() or not LINE_SAFE.fullmatch(options.encoding):
        return None
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        if data[:2] == GZIP or (data[:3] == BOM_UTF8 and options.encoding != "utf-8"):
            return None
        try:
            start = _offset(data, _head(path, options)[1])
        except Unreadable:
            # Not for the one who plans the reading: read() says it to the one who reads.
            return None
        is_quoted = any(data.find(sign.encode(options.encoding), start) >= 0 for sign in options.slow_signs)
        return None if is_quoted else start


def table(texts: Iterable[str], options: Options) -> Iterator[pa.RecordBatch]:
    """Batches of text that comes in pieces of whole lines; `_record` is the row number."""
    lines = Lines(texts, options.comment)
    names = _names(lines, options)
    if names is None:
        return
    given, number, rest = False, 1, lines.rest()
    for text in rest:
        if not options.delimiter.isascii() or any(sign in text for sign in options.slow_signs):
            yield from exact(chain([text], rest), names, options.dialect, number)
            return
        parsed = parse(text, names, options.delimiter, options.comment)
        yield batch(names, parsed.columns, parsed.lines + number, parsed.malformed)
        given, number = True, number + parsed.height
    if not given:
        yield from batches(names, ())


def _below(path: Path, options: Options) -> Iterator[str]:
    """The file's text below the lines that are skipped."""
    lines = Lines(pieces(blocks(path), options.encoding), options.comment)
    _skip(lines, options)
    yield from lines.rest()


def _range(path: Path, options: Options, span: Span) -> Iterator[pa.RecordBatch]:
    names, _ = _head(path, options)
    offset = span.start
    with path.open("rb") as file:
        file.seek(offset)
        parts = (file.read(min(BLOCK, span.stop - at)) for at in range(span.start, span.stop, BLOCK))
        for data in whole_lines(parts, b"\n", b"\r"):
            text = decoded(data, options.encoding, offset)
            parsed = parse(text if offset else text.removeprefix(BOM), names, options.delimiter, options.comment)
            yield batch(names, parsed.columns, line_starts(data)[parsed.lines] + offset, parsed.malformed)
            offset += len(data)


def _head(path: Path, options: Options) -> tuple[list[str], int]:
    """Column names and how many lines stand above the first record."""
    with path.open("rb") as file:
        lines = Lines(pieces(file, options.encoding), options.comment)
        return _names(lines, options) or [], lines.count


def _names(lines: Lines, options: Options) -> list[str] | None:
    """Column names; None for an empty file that may be empty. Reads to the end of the header."""
    _skip(lines, options)
    if not options.header:
        return unique(options.columns)
    for row in split(lines, options.dialect):
        if row is None:
            raise Unreadable(f"a header that cannot be split: {lines.raw()[:80]!r}", "column names")
        if row:
            return unique(row)
    if options.empty_ok:
        return None
    raise Unreadable("an empty file", "a header (or the option empty_ok)")


def _skip(lines: Lines, options: Options) -> None:
    for _ in range(options.skip_rows):
        next(lines, None)
        lines.pending.clear()


def _offset(data: mmap.mmap, lines: int) -> int:
    """The byte behind so many lines."""
    ends = re.finditer(rb"\r\n|\r|\n", data)
    return next((end.end() for number, end in enumerate(ends, start=1) if number == lines), len(data)) if lines else 0
