"""Readers of delivered files, one module per format: file -> Arrow batches of text, nothing dropped, nothing judged.

A reader is a module of this folder with `Options` (a pydantic model: what a source may say about its files),
`RECORD` (what `_record` counts), `read(path, options, span=None)` and, where big files are cut, `spans(path,
options)`: an empty list means that the file is read whole. One that can find single records has `pick(path, options,
records)`. `_record` ascends. Names with a leading underscore are shared helpers, not formats.

Every batch of a file has the same columns: the file's fields as text, then `_record` (int64) and `_malformed`
(text: the record as it stood, when it cannot be split; its fields are then NULL). A file whose columns are
known and that has no rows gives one empty batch; JSON without records has no columns and gives none. `Unreadable`
may come after some batches: keep nothing of a file before its iterator has ended.
"""

import importlib
import pkgutil
from collections.abc import Iterable, Iterator, Sequence
from errno import EINVAL
from functools import cache
from pathlib import Path
from typing import NamedTuple, Protocol, cast, runtime_checkable

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel

Numbers = Sequence[int] | npt.NDArray[np.int64]


class Unreadable(Exception):
    """The file is not what its declaration says: what was found, what was expected."""

    def __init__(self, found: str, expected: str) -> None:
        super().__init__(found, expected)
        self.found = found
        self.expected = expected

    def __str__(self) -> str:
        return f"found {self.found}, expected {self.expected}"


class Span(NamedTuple):
    """Bytes `start` to before `stop` of a file, cut at line ends; the header lies outside."""

    start: int
    stop: int


class Reader(Protocol):
    """What a module of this folder offers. Some also have `spans(path, options) -> list[Span]`, some `pick`."""

    Options: type[BaseModel]
    RECORD: str

    def read(self, path: Path, options: BaseModel, span: Span | None = None) -> Iterator[pa.RecordBatch]: ...


@runtime_checkable
class Picking(Protocol):
    """A reader that finds single records: None of a file that has to be read from its beginning."""

    def pick(self, path: Path, options: BaseModel, records: Numbers) -> Iterator[pa.RecordBatch] | None: ...


def formats() -> list[str]:
    """The formats there are: the modules of this folder."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_"))


@cache
def find(format: str) -> Reader:
    """The reader of a format. Raises LookupError naming the formats there are."""
    if format not in formats():
        raise LookupError(f"no reader for format '{format}' (there are: {', '.join(formats())})")
    return cast(Reader, importlib.import_module(f"{__name__}.{format}"))


def read(format: str, path: Path, options: BaseModel, span: Span | None = None) -> Iterator[pa.RecordBatch]:
    """What the reader of a format reads. Raises Unreadable for whatever a damaged file makes it or its library raise;
    what the machine says of itself (no space, no memory, no such file) is raised as it is.
    """
    yield from _named(format, find(format).read(path, options, span))


def pick(format: str, path: Path, options: BaseModel, records: Numbers) -> Iterator[pa.RecordBatch]:
    """Some records of a file, by their `_record` in ascending order: of a reader that can find them, nothing else is
    read. Raises Unreadable.
    """
    reader = find(format)
    found = reader.pick(path, options, records) if isinstance(reader, Picking) else None
    yield from _named(format, found if found is not None else chosen(reader.read(path, options), records))


def chosen(batches: Iterable[pa.RecordBatch], records: Numbers | None) -> Iterator[pa.RecordBatch]:
    """Of batches the records named, or all; what lies behind the last of them is not read."""
    wanted = None if records is None else pa.array(records, pa.int64())
    for batch in batches:
        if wanted is None:
            yield batch
            continue
        yield batch.filter(pc.is_in(batch["_record"], wanted))
        if len(batch) and batch["_record"][-1].as_py() >= wanted[-1].as_py():
            return


def _named(format: str, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    while True:
        try:
            batch = next(batches, None)
        except (Unreadable, MemoryError):
            raise
        except OSError as error:
            if error.errno not in (None, EINVAL):  # a position that cannot be is the file's fault
                raise
            raise _damaged(format, error) from error
        except Exception as error:
            raise _damaged(format, error) from error
        if batch is None:
            return
        yield batch


def _damaged(format: str, error: Exception) -> Unreadable:
    said = str(error).strip().splitlines() or [""]
    return Unreadable(f"a file that ends in {type(error).__name__}: {said[0][:200]}", f"a whole {format} file")
