"""The table beside a shapefile, its values as they stand in the file.

Source: dBASE III+ file format. Read here and not by pyshp, which turns a number it cannot read into nothing,
cuts decimals off integers and pairs shapes with the wrong records once a record has been marked as deleted.
"""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from jobs.readers import Unreadable
from jobs.readers._text import decoded

HEADER = struct.Struct("<4xIHH17xB2x")
FIELD = struct.Struct("<11sc4xB15x")
# What each readable type holds where there is no value, besides spaces; zeros for dates are a habit of many writers.
NOTHING = {b"C": "", b"N": "*", b"F": "*", b"D": "0", b"L": "?", b"M": "0"}
# Language driver bytes of the languages whose files still come without a .cpg.
DRIVERS = {0x4D: "gbk", 0x4E: "cp949", 0x4F: "cp950", 0x7B: "cp932", 0x03: "cp1252", 0x01: "cp437", 0x02: "cp850"}


class Field(NamedTuple):
    """A column: bytes `start` to before `stop` of each record."""

    name: str
    kind: bytes
    start: int
    stop: int


class Dbf:
    """A .dbf in memory. Raises Unreadable when it is cut off or holds a type whose values are no text."""

    def __init__(self, path: Path, encoding: str | None) -> None:
        self._data = path.read_bytes()
        if len(self._data) < HEADER.size:
            raise Unreadable(f"a .dbf of {len(self._data)} bytes", "a dBASE table")
        self._count, self._start, self._size, driver = HEADER.unpack_from(self._data)
        self._encoding = encoding or DRIVERS.get(driver, "utf-8")
        if len(self._data) < self._start + self._count * self._size:
            raise Unreadable(f"a .dbf of {len(self._data)} bytes", f"{self._count} records of {self._size} bytes")
        self.fields = list(self._fields())

    def records(self) -> Iterator[list[str | None] | None]:
        """Values without their padding, NULL for those that say nothing; None for a deleted record."""
        for at in range(self._start, self._start + self._count * self._size, self._size):
            deleted = self._data[at : at + 1] == b"*"
            yield None if deleted else [self._value(at, field) for field in self.fields]

    def _fields(self) -> Iterator[Field]:
        start = 1
        for at in range(HEADER.size, self._start - FIELD.size, FIELD.size):
            if self._data[at : at + 1] == b"\r":
                return
            name, kind, width = FIELD.unpack_from(self._data, at)
            text = decoded(name.partition(b"\0")[0], self._encoding, at).strip()
            if kind not in NOTHING:
                raise Unreadable(f"field {text} of type {kind!r}", f"a type of {b''.join(NOTHING).decode()}")
            yield Field(text, kind, start, start + width)
            start += width

    def _value(self, record: int, field: Field) -> str | None:
        start, stop = record + field.start, record + field.stop
        text = decoded(self._data[start:stop].rstrip(b"\0 "), self._encoding, start)
        text = text if field.kind == b"C" else text.strip()
        return text if text.strip(NOTHING[field.kind]) else None
