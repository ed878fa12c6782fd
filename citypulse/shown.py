"""Rows on the terminal, or in a file."""

import json
import sys
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

from jobs.core.errors import Problem

if TYPE_CHECKING:
    import pyarrow as pa


def show(rows: "pa.Table", form: str, output: Path | None) -> None:
    """Print rows as a table, CSV or JSON, or write them as parquet. Raises Problem for another form."""
    import pyarrow.csv as csv

    if form == "csv":
        csv.write_csv(rows, sys.stdout.buffer)
    elif form == "json":
        print(json.dumps(rows.to_pylist(), ensure_ascii=False, default=str))
    elif form == "parquet":
        import pyarrow.parquet as pq

        if output is None and sys.stdout.isatty():
            raise Problem("--format parquet: say where with --output FILE, or redirect the output")
        pq.write_table(rows, output if output else sys.stdout.buffer)
    elif form == "table":
        _table(rows)
    else:
        raise Problem(f"--format {form!r}: expected table, csv, json or parquet")


def _table(rows: "pa.Table") -> None:
    texts = [["" if v is None else str(v) for v in column.to_pylist()] for column in rows.columns]
    wide = [max(map(width, [name, *column])) for name, column in zip(rows.column_names, texts, strict=True)]
    for line in [rows.column_names, *zip(*texts, strict=True)]:
        print(
            "  ".join(
                str(cell) + " " * (size - width(str(cell))) for cell, size in zip(line, wide, strict=True)
            ).rstrip()
        )


def width(text: str) -> int:
    """Columns a text takes in a terminal: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
