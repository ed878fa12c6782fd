"""Rows of text to the Arrow batches that every reader gives."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

import numpy as np
import pyarrow as pa

ROWS = 50_000
CHARACTERS = 64 << 20
TECHNICAL = ("_record", "_malformed")

Row = Sequence[str | None]


def unique(names: Iterable[str]) -> list[str]:
    """Column names that a table can have: a repeated name gets _2, _3, …; an empty one is `column_<n>`, counted from 1.

    Compared without case, as Spark, Delta and DuckDB compare them; the technical columns' names are taken.
    """
    taken = set(TECHNICAL)
    out = []
    for position, name in enumerate(names, start=1):
        plain = candidate = name or f"column_{position}"
        repeat = 1
        while candidate.casefold() in taken:
            repeat += 1
            candidate = f"{plain}_{repeat}"
        taken.add(candidate.casefold())
        out.append(candidate)
    return out


def begins(cells: Iterable[object], marks: Iterable[str]) -> bool:
    """Whether the first filled cell begins with one of the marks, white space aside: 合　计 is 合计."""
    lead = next((cell for cell in cells if cell not in ("", None)), "")
    return "".join(str(lead).split()).startswith(tuple("".join(mark.split()) for mark in marks))


def batch(
    names: Sequence[str],
    columns: Sequence[pa.Array],
    records: Sequence[int] | np.ndarray,
    malformed: pa.Array | None = None,
) -> pa.RecordBatch:
    """One batch: fields, `_record`, `_malformed`."""
    record = pa.array(records, pa.int64())
    if malformed is None:
        malformed = pa.nulls(len(record), pa.string())
    return pa.RecordBatch.from_arrays([*columns, record, malformed], names=[*names, *TECHNICAL])


def batches(names: Sequence[str], rows: Iterable[tuple[int, Row | None, str | None]]) -> Iterator[pa.RecordBatch]:
    """Batches of (record, fields, malformed): fields None means that the record is kept whole in `_malformed`.

    At least one batch where there are names, so that a file without rows still shows its columns.
    """
    held: list[tuple[int, Row | None, str | None]] = []
    size, given = 0, False
    for row in rows:
        held.append(row)
        size += len(row[2] or "") + sum(map(len, filter(None, row[1] or ())))
        if len(held) == ROWS or size > CHARACTERS:
            yield _batch(names, held)
            held, size, given = [], 0, True
    if held or (names and not given):
        yield _batch(names, held)


def numeral(number: float | str) -> str:
    """A binary number as text: shortest form that reads back the same, whole numbers without '.0'.

    Rule: ECMA-262 Number::toString (positional from 1e-7 to 1e21). NaN and infinities as Spark reads them.
    """
    exact = Decimal(repr(number) if isinstance(number, float) else number)
    if not exact.is_finite():
        return "NaN" if exact.is_nan() else "Infinity" if exact > 0 else "-Infinity"
    if exact and not -7 <= exact.adjusted() < 21:
        mantissa, _, exponent = f"{exact.normalize():e}".partition("e")
        return f"{mantissa}e{exponent}"
    text = f"{exact:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def _batch(names: Sequence[str], rows: Sequence[tuple[int, Row | None, str | None]]) -> pa.RecordBatch:
    empty = (None,) * len(names)
    fields = [empty if row[1] is None else row[1] for row in rows]
    columns = zip(*fields, strict=True) if fields else [()] * len(names)
    arrays = [pa.array(column, pa.string()) for column in columns]
    return batch(names, arrays, [row[0] for row in rows], pa.array([row[2] for row in rows], pa.string()))
