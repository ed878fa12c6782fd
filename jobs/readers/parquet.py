"""Parquet: every value as canonical text, so that the same record gives the same text as in a CSV of the publisher.

Whole binary numbers lose their '.0' (a column of integers with gaps is often stored as double); decimals keep
their scale; timestamps are `yyyy-MM-dd HH:mm:ss[.ffffff]`, an instant (adjusted to UTC) with a `Z` behind it
unless `timezone` says whose wall clock to write; lists, maps and structs are JSON; bytes are hexadecimal.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Annotated, cast
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pydantic import AfterValidator, BaseModel

from jobs.readers import Numbers, Span, Unreadable
from jobs.readers._json import Json, Numeral, compact
from jobs.readers._rows import ROWS, batch, numeral, unique

RECORD = "row number, the first is 1"


def _zone(name: str) -> str:
    ZoneInfo(name)
    return name


class Options(BaseModel, extra="forbid", frozen=True):
    """`timezone`: write instants as this zone's wall clock."""

    timezone: Annotated[str, AfterValidator(_zone)] | None = None


def read(path: Path, options: Options, span: Span | None = None) -> Iterator[pa.RecordBatch]:
    """Batches of the file. Raises Unreadable when it is not a whole parquet file."""
    with _opened(path) as file:
        names = unique(file.schema_arrow.names)
        first = 1
        for rows in file.iter_batches(batch_size=ROWS):
            columns = [_text(column, options.timezone) for column in rows.columns]
            yield batch(names, columns, range(first, first + rows.num_rows))
            first += rows.num_rows
        if first == 1:
            yield batch(names, [pa.array([], pa.string()) for _ in names], [])


def pick(path: Path, options: Options, records: Numbers) -> Iterator[pa.RecordBatch]:
    """Some records, from the row groups they stand in. Raises Unreadable."""
    with _opened(path) as file:
        names = unique(file.schema_arrow.names)
        first, wanted = 1, np.asarray(records, np.int64)
        for group in range(file.num_row_groups):
            rows = file.metadata.row_group(group).num_rows
            here = wanted[(wanted >= first) & (wanted < first + rows)]
            if len(here):
                columns = file.read_row_group(group).take(pa.array(here - first)).combine_chunks().columns
                yield batch(names, [_text(column.combine_chunks(), options.timezone) for column in columns], here)
            first += rows


@contextmanager
def _opened(path: Path) -> Iterator[pq.ParquetFile]:
    try:
        with pq.ParquetFile(path) as file:
            yield file
    except (FileNotFoundError, PermissionError):
        raise
    except (pa.ArrowInvalid, OSError) as error:
        raise Unreadable(f"no readable parquet ({error})", "a parquet file") from error


def _text(column: pa.Array, zone: str | None) -> pa.Array:
    kind = column.type
    if isinstance(column, pa.ExtensionArray):
        return _text(column.storage, zone)
    if pa.types.is_dictionary(kind):
        return _text(column.dictionary_decode(), zone)
    for is_kind, rule in _RULES:
        if is_kind(kind):
            return rule(column)
    if pa.types.is_timestamp(kind):
        return _timestamps(column, zone)
    if pa.types.is_nested(kind):
        return pa.array([None if v is None else compact(_json(v, kind)) for v in column.to_pylist()], pa.string())
    return column.cast(pa.string())


def _numerals(column: pa.Array) -> pa.Array:
    """Arrow's shortest text, with the forms in which it differs from `numeral` replaced."""
    return _replaced(column.cast(pa.string()), "[en]|^-0$", numeral)


def _decimals(column: pa.Array) -> pa.Array:
    return _replaced(column.cast(pa.string()), "E", lambda text: f"{Decimal(text):f}")


def _replaced(text: pa.Array, pattern: str, rule: Callable[[str], str]) -> pa.Array:
    odd = pc.fill_null(pc.match_substring_regex(text, pattern), False)
    return pc.replace_with_mask(text, odd, pa.array(map(rule, text.filter(odd).to_pylist()), pa.string()))


def _timestamps(column: pa.Array, zone: str | None) -> pa.Array:
    """Finer than a microsecond is cut off, as Spark does."""
    instant = column.type.tz is not None
    column = column.cast(pa.timestamp("us", column.type.tz), safe=False)
    if instant:
        column = pc.local_timestamp(column.cast(pa.timestamp("us", zone or "UTC")))
    text = _without_zeros(column)
    return pc.binary_join_element_wise(text, "Z", "") if instant and not zone else text


def _without_zeros(column: pa.Array) -> pa.Array:
    return pc.replace_substring_regex(column.cast(pa.string()), r"\.0+$", "")


def _json(value: object, kind: pa.DataType) -> Json:
    """A nested value: numbers by the same rules, everything else that JSON lacks as text."""
    if value is None or isinstance(value, bool):
        return value
    if pa.types.is_map(kind):
        return {str(key): _json(member, kind.item_type) for key, member in cast(list[tuple[object, object]], value)}
    if isinstance(value, dict):
        members = (kind.field(at) for at in range(kind.num_fields))
        return {member.name: _json(value[member.name], member.type) for member in members}
    if isinstance(value, list):
        return [_json(member, kind.value_type) for member in value]
    scalar = _text(pa.array([value], kind), None)[0].as_py()
    is_number = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    return Numeral(scalar) if is_number else str(scalar)


def _hexadecimal(column: pa.Array) -> pa.Array:
    return pa.array([None if value is None else value.hex() for value in column.to_pylist()], pa.string())


_RULES: list[tuple[Callable[[pa.DataType], bool], Callable[[pa.Array], pa.Array]]] = [
    (pa.types.is_floating, _numerals),
    (pa.types.is_decimal, _decimals),
    (pa.types.is_time, lambda column: _without_zeros(column.cast(pa.time64("us"), safe=False))),
    (pa.types.is_duration, lambda column: column.cast(pa.int64()).cast(pa.string())),
    (pa.types.is_binary, _hexadecimal),
    (pa.types.is_large_binary, _hexadecimal),
    (pa.types.is_fixed_size_binary, _hexadecimal),
]
