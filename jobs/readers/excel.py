"""Excel workbooks (xlsx, xlsb, xls, ods): one sheet, from a header row to its end or to a footer such as 合计.

Cells are text the way a person sees them: whole numbers without '.0', numbers to 15 significant digits (what
Excel keeps), dates as ISO. Number formats other than dates are not known: 50% is 0.5. An empty cell is NULL,
and so is an Excel error. A column without a name is `column_<n>`; one with neither name nor values is none. The
sheet is held in memory.
"""

import datetime as dt
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import pyarrow as pa
import python_calamine as calamine
from pydantic import BaseModel, Field

from jobs.readers import Span, Unreadable
from jobs.readers._rows import batches, begins, numeral, unique

RECORD = "row number as the sheet shows it, the first is 1"
DIGITS = 15

Cell = float | str | bool | dt.date | dt.time | dt.timedelta
Grid = list[list[Cell]]
Block = tuple[tuple[int, int], tuple[int, int]]


class Options(BaseModel, extra="forbid", frozen=True):
    """Rows are counted as the sheet shows them, from 1.

    `sheet`: name, or position from 0. `header_height`: rows of a header in several lines, whose names are
    joined by a space. `first_row`: first data row, by default the one below the header. `footer`: the table
    ends at the row whose first filled cell begins with one of these, white space aside. `fill_merged`: columns
    in which a merged block's value counts for each of its rows. `timestamps`: columns in which a whole day is
    midnight and is written with 00:00:00.
    """

    sheet: str | Annotated[int, Field(ge=0)] = 0
    header_row: Annotated[int, Field(ge=1)] = 1
    header_height: Annotated[int, Field(ge=1)] = 1
    first_row: Annotated[int, Field(ge=2)] | None = None
    footer: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    fill_merged: tuple[str, ...] = ()
    timestamps: tuple[str, ...] = ()


def read(path: Path, options: Options, span: Span | None = None) -> Iterator[pa.RecordBatch]:
    """Batches of the sheet. Raises Unreadable when the file is no workbook, or sheet or header are not there."""
    grid, blocks = _sheet(path, options.sheet)
    below = options.header_row - 1 + options.header_height
    header = _header(grid[options.header_row - 1 : below], blocks, options.header_row - 1)
    if not any(header):
        raise Unreadable(f"no names in row {options.header_row}", "a header (options header_row, header_height)")
    first = options.first_row - 1 if options.first_row else below
    stop = _footer(grid, first, options.footer)
    names = unique(header)
    _fill_down(grid, blocks, {at for at, name in enumerate(names) if name in options.fill_merged})
    kept = [at for at, name in enumerate(header) if name or any(row[at] != "" for row in grid[first:stop])]
    midnight = [names[at] in options.timestamps for at in kept]
    rows = (
        (number, [_text(row[at], day) for at, day in zip(kept, midnight, strict=True)], None)
        for number, row in enumerate(grid[first:stop], start=first + 1)
    )
    yield from batches([names[at] for at in kept], (row for row in rows if any(row[1])))


def _sheet(path: Path, which: str | int) -> tuple[Grid, list[Block]]:
    content = io.BytesIO(path.read_bytes())
    try:
        with calamine.CalamineWorkbook.from_filelike(content) as book:
            names = book.sheet_names
            if which not in names and not (isinstance(which, int) and which < len(names)):
                raise Unreadable(f"the sheets {', '.join(names)}", f"a sheet {which}")
            sheet = book.get_sheet_by_name(which) if isinstance(which, str) else book.get_sheet_by_index(which)
            return sheet.to_python(skip_empty_area=False), sheet.merged_cell_ranges or []
    except (calamine.CalamineError, OSError) as error:
        raise Unreadable(f"no readable workbook ({error})", "an Excel workbook") from error


def _header(rows: Grid, blocks: Sequence[Block], top: int) -> list[str]:
    """Names by column; in a header of several rows a merged cell's name counts for every column it covers."""
    rows = [list(row) for row in rows]
    for (up, left), (down, right) in blocks:
        for row in range(max(up, top), min(down, top + len(rows) - 1) + 1):
            rows[row - top][left : right + 1] = [rows[max(up, top) - top][left]] * (right + 1 - left)
    parts = [[(_text(cell, False) or "").strip() for cell in column] for column in zip(*rows, strict=True)]
    return [" ".join(dict.fromkeys(filter(None, column))) for column in parts]


def _footer(grid: Grid, first: int, marks: Sequence[str]) -> int:
    """The row at which the table ends."""
    return next((at for at, row in enumerate(grid[first:], start=first) if begins(row, marks)), len(grid))


def _fill_down(grid: Grid, blocks: Sequence[Block], columns: set[int]) -> None:
    for (up, left), (down, right) in blocks:
        for at in columns.intersection(range(left, right + 1)):
            for row in grid[up : down + 1]:
                row[at] = grid[up][left]


def _text(cell: Cell, midnight: bool) -> str | None:
    if isinstance(cell, str):
        return cell or None
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, int | float):
        return numeral(f"{cell:.{DIGITS}g}")
    if isinstance(cell, dt.timedelta):
        minutes, seconds = divmod(round(cell.total_seconds()), 60)
        return f"{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}"
    if isinstance(cell, dt.date) and not isinstance(cell, dt.datetime):
        return f"{cell.isoformat()} 00:00:00" if midnight else cell.isoformat()
    return cell.isoformat(sep=" ", timespec="auto") if isinstance(cell, dt.datetime) else cell.isoformat()
