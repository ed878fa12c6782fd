"""The desk's workbook: a sheet for each source and table, its rejected records with the reason at each cell.

Every cell is text and comes back as it went: nothing in it is a formula, and `007` keeps its zeros.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import python_calamine as calamine
from openpyxl.cell import WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill, Protection

from jobs import desk, readers
from jobs.core.errors import Problem
from jobs.desk import Entry
from jobs.readers import excel
from jobs.reasons import Reasons
from schemas import City, Source

FIXED = ("交付 delivery", "文件 file", "记录 record", "原因 reason", "编号 id")
ID = len(FIXED) - 1
AS_DELIVERED = "原文 as delivered"
AUTHOR = "CityPulse"
ROWS_OF_A_SHEET = 1_000_000
TITLE_CHARACTERS = 31
CELL_CHARACTERS = 32_767
WIDTHS = {"A": 18, "B": 28, "C": 10, "D": 60}
BROKEN, GREY = PatternFill("solid", fgColor="FFFFC7CE"), PatternFill("solid", fgColor="FFEDEDED")
OPEN, BOLD = Protection(locked=False), Font(bold=True)
_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")


@dataclass(frozen=True)
class Row:
    """A row of a workbook that came back: its sheet, its number, its id and the cells under their headings."""

    sheet: str
    number: int
    id: str
    cells: Mapping[str, str | None]

    @property
    def where(self) -> str:
        """How a person finds it."""
        return f"sheet {self.sheet!r}, row {self.number}"


def write(city: City, found: Sequence[Entry], path: Path) -> int:
    """Write records to a new workbook and say how many sheets it has. Raises Problem."""
    if path.suffix.lower() != ".xlsx" or not path.parent.is_dir() or path.exists():
        why = "it is there already" if path.exists() else "expected a new .xlsx file in a folder that is there"
        raise Problem(f"--export {path}: {why}")
    grouped: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    for one in found:
        grouped[one.source, one.table].append(one)
    book = openpyxl.Workbook(write_only=True)
    titles: set[str] = set()
    for (source, key), mine in grouped.items():
        for start in range(0, len(mine), ROWS_OF_A_SHEET):
            title = _title(source, city.tables[key].name, titles)
            _sheet(book.create_sheet(title), city, city.sources[source], key, mine[start : start + ROWS_OF_A_SHEET])
    book.save(path)
    return len(titles)


def read(path: Path) -> Iterator[Row]:
    """The rows of a workbook. Raises Problem for a file or a sheet that no export has made."""
    try:
        with calamine.CalamineWorkbook.from_path(str(path)) as book:
            sheets = list(book.sheet_names)
        for sheet in sheets:
            for batch in excel.read(path, excel.Options(sheet=sheet)):
                yield from _rows(path, sheet, batch.to_pylist())
    except (calamine.CalamineError, OSError, readers.Unreadable) as error:
        said = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise Problem(f"--replay {path}: not a workbook of `citypulse quarantine --export` ({said})") from None


def shown(text: str | None) -> str | None:
    """A text as a cell can hold it."""
    return text[:CELL_CHARACTERS] if text else None


def _rows(path: Path, sheet: str, rows: Sequence[Mapping[str, Any]]) -> Iterator[Row]:
    for row in rows:
        cells = {name: value for name, value in row.items() if name not in ("_record", "_malformed")}
        if FIXED[ID] not in cells:
            expected = f"expected the columns of `citypulse quarantine --export`: {', '.join(FIXED)}"
            raise Problem(f"--replay {path}: sheet {sheet!r} has no column {FIXED[ID]!r}; {expected}")
        said = cells[FIXED[ID]]
        one = Row(sheet, row["_record"], said or "", {k: v for k, v in cells.items() if k not in FIXED})
        if not said:
            raise Problem(
                f"--replay {path}: {one.where} has no id; only records that were exported come back, "
                "a new record comes with a delivery"
            )
        yield one


def _sheet(sheet: Any, city: City, source: Source, key: str, found: Sequence[Entry]) -> None:
    reasons, named = Reasons.of(city, source.name, key), desk.columns(source, found)
    has_lines = any(isinstance(one.said, str) for one in found)
    sheet.freeze_panes = "E2"
    sheet.protection.sheet = True
    sheet.protection.formatColumns = sheet.protection.formatRows = False
    for letter, width in WIDTHS.items():
        sheet.column_dimensions[letter].width = width
    sheet.column_dimensions["E"].hidden = True
    heads = [*FIXED, *named.values(), *([AS_DELIVERED] if has_lines else [])]
    sheet.append([_cell(sheet, text, fill=GREY, bold=True) for text in heads])
    for one in found:
        said, broken = one.fields(source), reasons.of_cells(one)
        whys = reasons.of_record(one)
        fixed = [one.delivery, one.file, str(one.record), "\n".join(whys), one.id]
        cells = [_cell(sheet, text, fill=GREY) for text in fixed]
        cells += [_field(sheet, said.get(name), broken.get(name, [])) for name in named]
        if isinstance(one.said, str):
            cells.append(_cell(sheet, one.said, fill=BROKEN, why=whys))
        sheet.append(cells)


def _field(sheet: Any, text: str | None, why: Sequence[str]) -> Any:
    cell = _cell(sheet, text, fill=BROKEN if why else None, why=why)
    cell.protection = OPEN
    return cell


def _cell(
    sheet: Any, text: str | None, *, fill: PatternFill | None = None, bold: bool = False, why: Sequence[str] = ()
) -> Any:
    cell = WriteOnlyCell(sheet, _escaped(shown(text)))
    if text:
        cell.data_type = "s"
    cell.number_format = "@"
    if fill is not None:
        cell.fill = fill
    if bold:
        cell.font = BOLD
    if why:
        cell.comment = Comment("\n".join(why), AUTHOR, height=40 + 20 * len(why), width=320)
    return cell


def _escaped(text: str | None) -> str | None:
    """What XML cannot hold, and what a workbook would read as such, in the workbook's own spelling (ECMA-376)."""
    if text is None:
        return None
    return _CONTROL.sub(lambda hit: f"_x{ord(hit[0]):04X}_", _ESCAPED.sub("_x005F_", text))


def _title(source: str, table: str, taken: set[str]) -> str:
    """A sheet's name: the source's, with the table's where it is another; short, and once."""
    whole = source if source == table else f"{source} {table}"
    title, number = whole[:TITLE_CHARACTERS], 1
    while title.casefold() in taken:
        number += 1
        title = f"{whole[: TITLE_CHARACTERS - len(str(number)) - 1]} {number}"
    taken.add(title.casefold())
    return title
