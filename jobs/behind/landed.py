"""Landed files looked at again: whether their bytes are still those that were registered, and single records."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from jobs import fields, ingest, landing, readers
from jobs.core import vault
from jobs.core.errors import Problem
from jobs.core.lake import Lake
from jobs.ingest import Piece
from schemas import City, Source

Delivery = Mapping[str, Any]


@dataclass(frozen=True)
class Difference:
    """Something that is not what it should be."""

    where: str
    found: str
    expected: str
    is_of_a_file: bool = False

    @property
    def line(self) -> str:
        """In one line."""
        return f"{self.where}: found {self.found}, expected {self.expected}"


def altered(city: City, lake: Lake, delivery: Delivery) -> Difference | None:
    """What is wrong with the bytes of a delivery; None where they have its sha256.

    A file that has not changed since a process last looked is not read again. Raises Problem where the key is missing
    that it was encrypted with.
    """
    path = lake.root / delivery["path"]
    expected = delivery["erased"] or delivery["sha256"]
    if not path.is_file():
        return Difference(str(path), "no file", f"the landed file with sha256 {expected}", is_of_a_file=True)
    if delivery["key_id"] and vault.key_id(city.id) != delivery["key_id"]:
        raise Problem(
            f"{path}: encrypted with key {delivery['key_id']}, {vault.key_file(city.id)} is {vault.key_id(city.id)}"
        )
    digest = _digest(city, lake, delivery)
    if digest is None:
        return Difference(str(path), "an altered file: it cannot be decrypted", f"sha256 {expected}", is_of_a_file=True)
    if digest != expected:
        return Difference(str(path), f"an altered file: sha256 {digest}", expected, is_of_a_file=True)
    return None


def _digest(city: City, lake: Lake, delivery: Delivery) -> str | None:
    """The digest of a delivery as it lies there, None where it cannot be decrypted; found once till it changes."""
    folder = (lake.root / delivery["path"]).parent
    said = [(one.path, one.stat()) for one in sorted(os.scandir(folder), key=lambda one: one.path)]
    now = tuple((path, at.st_size, at.st_mtime_ns, at.st_ctime_ns, at.st_ino) for path, at in said)
    before = _DIGESTS.get(str(folder))
    if before is None or before[0] != now:
        try:
            _DIGESTS[str(folder)] = now, landing.digest(city, lake, delivery)
        except Problem:
            _DIGESTS[str(folder)] = now, None
    return _DIGESTS[str(folder)][1]


_DIGESTS: dict[str, tuple[object, str | None]] = {}
"""By a delivery's folder: what the file system said of its files, and their digest then."""


def records(city: City, lake: Lake, delivery: Delivery, only: readers.Numbers) -> Iterator[pa.Table]:
    """Some records of a delivery, in ascending order, as bronze has them: under the names its source declares, without
    what identifies a person, none that could not be split. Raises Unreadable."""
    source = city.sources[delivery["source"]]
    path = lake.root / delivery["path"]
    piece = Piece(str(lake.root.parent), city.id, source.name, delivery, str(path), None, 0)
    with ingest.opened(city, piece) as plain:
        for batch in ingest.batches(source, piece, plain, only):
            chunk = fields.canonical(source, pa.Table.from_batches([batch]))
            if len(chunk):
                chunk = fields.private(city, source, chunk)
                yield chunk.filter(pa.compute.is_null(chunk["_malformed"]))


def counted(source: Source) -> str:
    """What `_record` counts in the files of a source."""
    return readers.find(source.reader.format).RECORD
