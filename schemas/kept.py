"""What files say, kept beside the code from one command to the next, and made anew where a byte of them changed."""

import hashlib
import os
import pickle
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from pydantic import VERSION

HERE = Path(__file__).resolve().parent
FOLDER = HERE.parent / ".tools" / "cache" / "cities"
"""Whoever can write here can write the code too."""
DIGEST = hashlib.sha256().digest_size
Made = TypeVar("Made")


def remembered(name: str, files: Iterable[Path], make: Callable[[], Made]) -> Made:
    """What `make` gives of these files: what it gave last, if they and the code that reads them are what they were.

    One is kept a name; none where nothing can be written.
    """
    code = (*HERE.glob("*.*"), HERE.parent / "requirements.lock")
    state, file = _state([*sorted(files), *sorted(code)]), FOLDER / f"{name}.pickle"
    found = file.read_bytes() if file.is_file() else b""
    kept = found[2 * DIGEST :]
    if found[: 2 * DIGEST] == state + hashlib.sha256(kept).digest():
        said: Made = pickle.loads(kept)
        return said
    made = make()
    kept = pickle.dumps(made)
    _put(file, state + hashlib.sha256(kept).digest() + kept)
    return made


def _state(files: Iterable[Path]) -> bytes:
    """A digest of the files by name and content, and of what else reads them."""
    all_of_it = hashlib.sha256(f"{sys.version} pydantic {VERSION}".encode())
    for file in filter(Path.is_file, files):
        content = file.read_bytes()
        all_of_it.update(f"\n{file} {len(content)}\n".encode() + content)
    return all_of_it.digest()


def _put(file: Path, content: bytes) -> None:
    """Whole or not at all, whoever else writes it now."""
    mine = file.with_suffix(f".{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        mine.write_bytes(content)
        mine.replace(file)
    except OSError:  # of a disk that is read-only or full; it is made next time again
        with suppress(OSError):
            mine.unlink()
