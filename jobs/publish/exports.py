"""The edition's values as files: `values.csv`, `values.json`, `values.parquet`.

All three hold the same rows in the same order (indicator, level, place, period kind, period, segment) and the same
columns in the order of `citypulse values`:

| column | meaning |
|---|---|
| indicator, place, place_name, level | what, and for where; an entity's id stands in `place` |
| period_kind, period | `day` 2020-04-01, `hour` 2020-04-01T08, `month` 2020-04 |
| segment | the part of the period (peak, holiday …); empty for the whole of it |
| value, unit | unrounded, in `unit`; empty (CSV), null (JSON, parquet) when unknown, never zero for it |
| coverage | share of what should have been observed, 0 to 1 |
| low, high | what the value can be at least and at most, given what is missing, in `unit` |
| grade, status, reasons | A to D; final, provisional, stale or withheld; why not final (CSV: joined by "; ") |
| n_records | records behind the value |
| definition_version, edition | which definition made it; the edition that said it first |

JSON is an array of objects, one to a line, as the seal takes them. CSV is UTF-8 without a byte order mark, comma,
`\\n`, quoted where needed; numbers are the shortest text that reads back to the same double. The same rows give the
same bytes: no clock, no host, no order of arrival in any of them.
"""

import csv
import io
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from jobs.publish import COLUMNS, EditionData, Value

_DOUBLES = ("value", "coverage", "low", "high")
_REQUIRED = ("indicator", "place", "level", "period_kind", "period", "unit", "status", "definition_version", "edition")
_TYPES = {**dict.fromkeys(_DOUBLES, pa.float64()), "n_records": pa.int64(), "reasons": pa.list_(pa.string())}


def publish(data: EditionData, folder: Path) -> list[Path]:
    """Write the three files; a value that is not a finite number or None is an error, not a cell."""
    rows = ordered(data.values)
    files = {"values.csv": _csv(rows), "values.json": _json(rows), "values.parquet": _parquet(data, rows)}
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in files]


def ordered(values: list[Value]) -> list[Value]:
    """The canonical order of published values."""

    def key(row: Value) -> tuple[str, ...]:
        return (row["indicator"], row["level"], row["place"], row["period_kind"], row["period"], row["segment"] or "")

    return sorted(values, key=key)


def _csv(rows: list[Value]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        cells = {**row, "reasons": "; ".join(row["reasons"])}
        writer.writerow(["" if cells[column] is None else cells[column] for column in COLUMNS])
    return text.getvalue().encode()


def _json(rows: list[Value]) -> bytes:
    records = [{column: dict(row)[column] for column in COLUMNS} for row in rows]
    lines = ",\n".join(json.dumps(record, ensure_ascii=False, allow_nan=False) for record in records)
    return f"[\n{lines}\n]\n".encode()


def _parquet(data: EditionData, rows: list[Value]) -> bytes:
    fields = [pa.field(name, _TYPES.get(name, pa.string()), nullable=name not in _REQUIRED) for name in COLUMNS]
    schema = pa.schema(fields, metadata={"city": data.city["id"], "biz_date": data.biz_date})
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([dict(row) for row in rows], schema=schema), sink, compression="zstd")
    return sink.getvalue()
