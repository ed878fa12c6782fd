"""A night under watch: the step it is in, the moments at which it changes the disk, and its end at one of them."""

import contextlib
import os
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from jobs import night
from jobs.core import disk
from jobs.core.lake import FileWriter, Lake

Call = Callable[..., Any]
CHANGES: tuple[tuple[Any, str], ...] = (
    *((Lake, name) for name in ("create", "append", "replace", "commit")),
    *((FileWriter, name) for name in ("write", "close")),
    *((os, name) for name in ("replace", "rename", "fsync", "unlink", "mkdir", "link")),
    (disk, "settle"),
    (shutil, "rmtree"),
)
"""What a night does to the disk, by the call."""


class Watch:
    """Of one night in this process. `at`: the moment at which the process ends as by kill -9."""

    def __init__(self, place: Path, at: int | None) -> None:
        self.step_file, self.at = place / "step", at
        self.moments, self.begun = 0, {"land": time.perf_counter()}
        self.lock = threading.Lock()

    @contextlib.contextmanager
    def on(self) -> Iterator["Watch"]:
        """Watch, as long as the context lasts. The step is in a file, which outlives the process."""
        self.step_file.write_text("land")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(night, "_step", self._step(night._step))
            for owner, name in CHANGES:
                patch.setattr(owner, name, self._changing(getattr(owner, name)))
            yield self

    def counted(self) -> dict[str, Any]:
        """How many moments there were, and how long each step took."""
        ends = [*list(self.begun.values())[1:], time.perf_counter()]
        seconds = {name: end - start for (name, start), end in zip(self.begun.items(), ends, strict=True)}
        return {"moments": self.moments, "seconds": seconds}

    def _moment(self) -> None:
        with self.lock:
            if self.moments == self.at:
                os.kill(os.getpid(), signal.SIGKILL)
            self.moments += 1

    def _changing(self, inner: Call) -> Call:
        def call(*args: Any, **named: Any) -> Any:
            self._moment()
            try:
                return inner(*args, **named)
            finally:
                self._moment()

        return call

    def _step(self, inner: Call) -> Call:
        def call(one: night.Night, name: str, session: Any) -> Any:
            self.step_file.write_text(name)
            self.begun[name] = time.perf_counter()
            return inner(one, name, session)

        return call
