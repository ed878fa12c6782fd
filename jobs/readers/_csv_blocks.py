"""Delimited text in which a header stands again: files put one behind the other, sheets saved as text.

A header is a row whose first filled field is one of the marks. What stands above the first is a title; the columns
behind each are as it names them, in its order. The columns of the file are those of all headers together.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

import pyarrow as pa

from jobs.readers import Unreadable
from jobs.readers._csv_exact import Dialect, Lines, split
from jobs.readers._rows import Row, batches, begins, unique
from jobs.readers._text import BOM

AT_LINE_START = re.compile(f"^{BOM}", re.MULTILINE)
Texts = Callable[[], Iterable[str]]
Found = tuple[int, Sequence[str] | None, str]
"""The row's number, its fields (None: it cannot be split), its text."""


def table(texts: Texts, dialect: Dialect, marks: Sequence[str], footer: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """Batches; the texts are gone through twice, first for the headers. Without marks the first row is the header."""
    names: dict[str, str] = {}
    for _, row, _ in _rows(texts(), dialect):
        if row and _is_header(row, marks, any_yet=bool(names)):
            for name in unique(row):
                names.setdefault(name.casefold(), name)
    if not names:
        raise Unreadable("no header", f"a row that begins with {' | '.join(marks) or 'column names'}")
    yield from batches(list(names.values()), _records(_rows(texts(), dialect), list(names), marks, footer))


def _records(
    rows: Iterable[Found], names: Sequence[str], marks: Sequence[str], footer: Sequence[str]
) -> Iterator[tuple[int, Row | None, str | None]]:
    """(row number from the first header, fields in the order of `names`, malformed)."""
    at: list[str] = []
    first, is_below = 0, False
    for number, row, text in rows:
        if row and _is_header(row, marks, any_yet=bool(at)):
            first = first if at else number
            at, is_below = [name.casefold() for name in unique(row)], False
        elif row and begins(row, footer):
            is_below = True
        elif at and not is_below and row != []:
            if row is None or len(row) != len(at):
                yield number - first, None, text
            else:
                said = dict(zip(at, row, strict=True))
                yield number - first, [said.get(name) for name in names], None


def _is_header(row: Sequence[str], marks: Sequence[str], any_yet: bool) -> bool:
    lead = next((cell.strip() for cell in row if cell.strip()), "")
    return lead in marks if marks else not any_yet


def _rows(texts: Iterable[str], dialect: Dialect) -> Iterator[Found]:
    """Every row, numbered from 0. A byte order mark further down came with the file that was put there."""
    lines = Lines((AT_LINE_START.sub("", text) for text in texts), dialect.comment)
    for number, row in enumerate(split(lines, dialect)):
        yield number, row, lines.raw()
