"""Files as departments write them, byte for byte the same each time: no clock, no machine, no library's time stamps."""

import gzip
import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import openpyxl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

Columns = Mapping[str, "pa.Array | Sequence[str]"]
STAMP = (2025, 1, 1, 0, 0, 0)
DATES = "2025-01-01T00:00:00Z"


def lines(columns: Columns, delimiter: str = ",", newline: str = "\n") -> pa.Array:
    """Each record as one delimited line with its end."""
    arrays = [column if isinstance(column, pa.Array) else pa.array(column, pa.string()) for column in columns.values()]
    arrays[-1] = pc.binary_join_element_wise(arrays[-1], "", newline)
    return pc.binary_join_element_wise(*arrays, delimiter)


def header(names: Iterable[str], delimiter: str = ",", newline: str = "\n") -> bytes:
    """The line of column names."""
    return (delimiter.join(names) + newline).encode()


def body(records: pa.Array) -> bytes:
    """The lines' bytes."""
    return b"".join(_data(chunk) for chunk in (records.chunks if isinstance(records, pa.ChunkedArray) else [records]))


def _data(records: pa.Array) -> bytes:
    """The data buffer of a string array without nulls: the lines stand in it one after the other."""
    if not len(records):
        return b""
    offsets = np.frombuffer(records.buffers()[1], np.int32)[records.offset : records.offset + len(records) + 1]
    return bytes(memoryview(records.buffers()[2])[offsets[0] : offsets[-1]])


def quoted(texts: Iterable[str]) -> list[str]:
    """Fields in quotes, as CSV writes text with commas, quotes or line ends."""
    return ['"' + text.replace('"', '""') + '"' for text in texts]


def replaced(column: pa.Array, at: npt.NDArray[np.int64], by: Sequence[str]) -> pa.Array:
    """A text column in which some records say something else; `at` is in ascending order."""
    if not len(at):
        return column
    mask = np.zeros(len(column), bool)
    mask[at] = True
    return pc.replace_with_mask(column, mask, pa.array(by, pa.string()))


def zipped(data: bytes) -> bytes:
    """A gzip without name and time."""
    return gzip.compress(data, compresslevel=6, mtime=0)


def archive(members: Mapping[str, bytes]) -> bytes:
    """A zip whose members carry no time of their making."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            entry = zipfile.ZipInfo(name, STAMP)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            file.writestr(entry, data)
    return out.getvalue()


def workbook(book: openpyxl.Workbook) -> bytes:
    """A workbook's bytes, with the moment of saving taken out again."""
    raw = io.BytesIO()
    book.save(raw)
    with zipfile.ZipFile(raw) as made:
        members = {name: made.read(name) for name in made.namelist()}
    core = members["docProps/core.xml"].decode()
    members["docProps/core.xml"] = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", DATES, core).encode()
    return archive(members)


def parquet(table: pa.Table) -> bytes:
    """A parquet file."""
    out = io.BytesIO()
    pq.write_table(table, out, compression="snappy", version="2.6")
    return out.getvalue()


def write(path: Path, parts: Iterable[bytes]) -> None:
    """A file of several parts."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        for part in parts:
            file.write(part)
