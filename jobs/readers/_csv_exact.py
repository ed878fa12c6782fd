"""The exact way through delimited text: Python's csv module, strict, line by line."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from jobs.readers import Unreadable

LONGEST_ROW = 256 << 20


class Lines(Iterator[str]):
    """Lines of text with their ends. `pending` holds the lines of the row being read, `count` counts all lines.

    A comment, known by how a row's first line begins, becomes a blank line.
    """

    def __init__(self, texts: Iterable[str], comment: str | None) -> None:
        self._texts = iter(texts)
        self._text = io.StringIO("")
        self._comment = comment
        self._size = 0
        self.pending: list[str] = []
        self.count = 0

    def __next__(self) -> str:
        while not (line := self._text.readline()):
            self._text = io.StringIO(next(self._texts), newline="")
        self.count += 1
        if not self.pending:
            self._size = 0
            line = "\n" if self._comment and line.startswith(self._comment) else line
        self.pending.append(line)
        self._size += len(line)
        if self._size > LONGEST_ROW:
            raise Unreadable(f"a row over {LONGEST_ROW >> 20} MiB long at line {self.count}", "a closing quote")
        return line

    def rest(self) -> Iterator[str]:
        """What has not been read."""
        yield from filter(None, chain([self._text.read()], self._texts))

    def raw(self) -> str:
        """The row being read as it stands in the file, without its last line end."""
        return without_end("".join(self.pending))


def split(lines: Lines, delimiter: str, quote: str | None, escape: str | None) -> Iterator[list[str] | None]:
    """Rows: [] for a blank line, None for a row that cannot be split; `lines.raw()` is its text until the next row."""
    # The module's limit is one for the whole process and would cut polygons; Lines has its own.
    csv.field_size_limit(LONGEST_ROW)
    reader = csv.reader(
        lines,
        delimiter=delimiter,
        quotechar=quote,
        escapechar=None if escape == quote else escape,
        quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
        strict=True,
    )
    while True:
        lines.pending.clear()
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield None


def rows(
    found: Iterable[list[str] | None], lines: Lines, width: int, first: int
) -> Iterator[tuple[int, Sequence[str] | None, str | None]]:
    """(row number, fields, malformed) of every row that is not blank; `first` is the first row's number."""
    for number, row in enumerate(found, start=first):
        if row is not None and len(row) == width:
            yield number, row, None
        elif row != []:
            yield number, None, lines.raw()


def without_end(line: str) -> str:
    """A line without the line end that closes it."""
    return line[:-2] if line.endswith("\r\n") else line[:-1] if line.endswith(("\n", "\r")) else line
