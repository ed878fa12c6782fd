"""The exact way through delimited text: Python's csv module, strict.

Parts of whole lines are split at once. A part in which something is odd (a row of another width, a quote that is not
closed before the part ends, a comment) is gone through row by row: the text of a row as it stands may be needed.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

import pyarrow as pa

from jobs.readers import Unreadable
from jobs.readers._rows import Row, batch, batches

LONGEST_ROW = 256 << 20
PART = 2 << 20


class Dialect(NamedTuple):
    """How a row is written."""

    delimiter: str
    quote: str | None
    escape: str | None
    comment: str | None


class Lines(Iterator[str]):
    """Lines of text with their ends; a comment, known by how a row's first line begins, becomes a blank line.

    `pending` holds the lines of the row being read, `count` counts lines, `rows` rows; `is_spent` between two texts.
    """

    def __init__(self, texts: Iterable[str], comment: str | None) -> None:
        self._texts = iter(texts)
        self._text = io.StringIO("")
        self._left = 0
        self._comment = comment
        self._size = 0
        self.pending: list[str] = []
        self.count = 0
        self.rows = 0

    def __next__(self) -> str:
        while not (line := self._text.readline()):
            text = next(self._texts)
            self._text, self._left = io.StringIO(text, newline=""), len(text)
        self.count += 1
        self._left -= len(line)
        if not self.pending:
            self._size = 0
            line = "\n" if self._comment and line.startswith(self._comment) else line
        self.pending.append(line)
        self._size += len(line)
        if self._size > LONGEST_ROW:
            raise Unreadable(f"a row over {LONGEST_ROW >> 20} MiB long at line {self.count}", "a closing quote")
        return line

    @property
    def is_spent(self) -> bool:
        return not self._left

    def rest(self) -> Iterator[str]:
        """What has not been read."""
        yield from filter(None, chain([self._text.read()], self._texts))

    def raw(self) -> str:
        """The row being read as it stands in the file, without its last line end."""
        text = "".join(self.pending)
        return text.removesuffix("\n").removesuffix("\r") if text.endswith("\n") else text.removesuffix("\r")


def table(texts: Iterable[str], names: Sequence[str], dialect: Dialect, first: int) -> Iterator[pa.RecordBatch]:
    """Batches of texts of whole lines; `first` is the first row's number."""
    parts = _parts(texts)
    for part in parts:
        found = _at_once(part, dialect, len(names))
        if found is None:
            lines = Lines(chain([part], parts), dialect.comment)
            yield from batches(names, _one_by_one(lines, dialect, len(names), first))
            first += lines.rows
            continue
        columns = zip(*filter(None, found), strict=True) if any(found) else [()] * len(names)
        records = [number for number, row in enumerate(found, start=first) if row]
        yield batch(names, [pa.array(column, pa.string()) for column in columns], records)
        first += len(found)


def split(lines: Lines, dialect: Dialect) -> Iterator[list[str] | None]:
    """Rows: [] for a blank line, None for a row that cannot be split; `lines.raw()` is its text until the next row."""
    reader = _reader(lines, dialect)
    while True:
        lines.pending.clear()
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            row = None
        lines.rows += 1
        yield row


def _one_by_one(lines: Lines, dialect: Dialect, width: int, first: int) -> Iterator[tuple[int, Row | None, str | None]]:
    """(row number, fields, malformed) of every row that is not blank, up to the first row that ends with its text."""
    for number, row in enumerate(split(lines, dialect), start=first):
        if row is not None and len(row) == width:
            yield number, row, None
        elif row != []:
            yield number, None, lines.raw()
        if lines.is_spent:
            return


def _at_once(text: str, dialect: Dialect, width: int) -> list[list[str]] | None:
    """All rows, None where something is odd."""
    if dialect.comment and dialect.comment in text:
        return None
    try:
        rows = list(_reader(io.StringIO(text, newline=""), dialect))
    except csv.Error:
        return None
    return rows if {*map(len, rows)} <= {0, width} else None


def _reader(lines: Iterable[str], dialect: Dialect) -> Iterator[list[str]]:
    # The module's limit is one for the whole process and would cut polygons; Lines has its own.
    csv.field_size_limit(LONGEST_ROW)
    return csv.reader(
        lines,
        delimiter=dialect.delimiter,
        quotechar=dialect.quote,
        escapechar=dialect.escape,
        quoting=csv.QUOTE_MINIMAL if dialect.quote else csv.QUOTE_NONE,
        strict=True,
    )


def _parts(texts: Iterable[str]) -> Iterator[str]:
    """The texts in smaller parts of whole lines."""
    for text in texts:
        start = 0
        while start < len(text):
            stop = text.find("\n", start + PART) + 1 or len(text)
            yield text[start:stop]
            start = stop
