"""The edition's tables as files: `values.csv`, `.json` and `.parquet`; `indicators.csv`, `places.csv`, `sources.csv`.

`jobs/publish/tables.py` says what each column means. All of `values` hold the same rows in the same order (indicator,
level, place, period kind, period, segment) and the same columns in the order of `citypulse values`; a value that is not
known is empty (CSV) or null (JSON, parquet), never zero.

JSON is an array of objects, one to a line, as the seal takes them. CSV is RFC 4180 in UTF-8 without a byte order mark,
comma, `\\n`, quoted where needed; lists are joined by "; ", numbers are the shortest text that reads back to the same
double. It is for machines: a delivered name that begins with `=` stays as it is. The same rows give the same bytes: no
clock, no host, no order of arrival in any of them.
"""

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import pyarrow as pa
import pyarrow.parquet as pq

from jobs.publish import COLUMNS, EditionData, Value, tables

_DOUBLES = ("value", "coverage", "low", "high")
_REQUIRED = ("indicator", "place", "level", "period_kind", "period", "unit", "status", "definition_version", "edition")
_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode
_TYPES = {**dict.fromkeys(_DOUBLES, pa.float64()), "n_records": pa.int64(), "reasons": pa.list_(pa.string())}


def publish(data: EditionData, folder: Path) -> list[Path]:
    """Write them; a value that is not a finite number or None is an error, not a cell."""
    rows = ordered(data.values)
    files = {"values.json": _json(rows), "values.csv": _csv("values", [cast(tables.Row, row) for row in rows])}
    files["values.parquet"] = _parquet(data, rows)
    listed = {"indicators": tables.indicators(data), "places": tables.places(data), "sources": tables.sources(data)}
    files |= {f"{name}.csv": _csv(name, found) for name, found in listed.items()}
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in files]


def ordered(values: list[Value]) -> list[Value]:
    """The canonical order of published values."""

    def key(row: Value) -> tuple[str, ...]:
        return (row["indicator"], row["level"], row["place"], row["period_kind"], row["period"], row["segment"] or "")

    return sorted(values, key=key)


def records(rows: Sequence[Value]) -> list[dict[str, object]]:
    """Values with their columns in order and no others, as they are written and sealed."""
    return [{column: record[column] for column in COLUMNS} for record in map(dict[str, object], rows)]


def _csv(table: str, rows: Sequence[tables.Row]) -> bytes:
    columns = tables.TABLES[table].columns
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(row[column]) for column in columns] for row in rows)
    return text.getvalue().encode()


def _cell(said: tables.Cell) -> str | float:
    if isinstance(said, bool):
        return "true" if said else "false"
    return "; ".join(said) if isinstance(said, list) else "" if said is None else said


def _json(rows: list[Value]) -> bytes:
    lines = ",\n".join(map(_encode, records(rows)))
    return f"[\n{lines}\n]\n".encode()


def _parquet(data: EditionData, rows: list[Value]) -> bytes:
    fields = [pa.field(name, _TYPES.get(name, pa.string()), nullable=name not in _REQUIRED) for name in COLUMNS]
    schema = pa.schema(fields, metadata={"city": data.city["id"], "biz_date": data.biz_date})
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([dict(row) for row in rows], schema=schema), sink, compression="zstd")
    return sink.getvalue()
