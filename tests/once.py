"""What several test files need and none changes is made once in a run, by the worker that first asks for it."""

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A folder that `make` has filled; tests only read it. Other workers wait until it is whole.

    The lock is the system's, which lets go of it when its holder ends, however it ends: what a worker that was killed
    left behind is swept away, and the next worker makes it anew.
    """
    own = factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    return made(shared / f"once-{name}", make)


def made(folder: Path, make: Callable[[Path], object]) -> Path:
    """The folder, filled, unless it is there and whole."""
    whole = folder.with_name(f"{folder.name}.whole")
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not whole.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            whole.touch()
    return folder
