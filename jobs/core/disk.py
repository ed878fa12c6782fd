"""Files that are there whole or not at all, also after the power went."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from jobs.core.errors import on_disk

PARTIAL = ".partial"
"""What the name of a file that is still being written ends in."""


def settle(path: Path) -> None:
    """Have a file's content, or a folder's list of names, on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write(path: Path, data: bytes) -> None:
    """Write a file, all or nothing."""
    _put(path, lambda partial: partial.write_bytes(data))


def copy(source: Path, path: Path) -> None:
    """Copy a file, all or nothing."""
    _put(path, lambda partial: shutil.copyfile(source, partial))


def _put(path: Path, fill: Callable[[Path], object]) -> None:
    partial = path.with_name(path.name + PARTIAL)
    with on_disk(path):
        try:
            fill(partial)
            settle(partial)
            os.replace(partial, path)
        except OSError:
            partial.unlink(missing_ok=True)
            raise
        settle(path.parent)
