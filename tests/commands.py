"""`citypulse` commands as processes of their own, forked from a server that has imported what takes them seconds."""

import multiprocessing
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

FORK = multiprocessing.get_context("forkserver")
FORK.set_forkserver_preload(
    [__name__, "citypulse.cli", "jobs.bronze", "jobs.silver", "jobs.fused", "jobs.indicators", "tests.soak.crashes",
     "pandas", "pint", "pyarrow.dataset"]
)  # fmt: skip


def citypulse(folder: Path, *words: str, **env: str) -> tuple[int | None, str, str]:
    """How a command ends that is run in a folder, which is its lake unless `env` names another, and what it says."""
    settings = {**os.environ, "CITYPULSE_LAKE": str(folder), **env}
    with TemporaryDirectory() as said:
        out, error = Path(said, "out"), Path(said, "error")
        process = FORK.Process(target=_run, args=(folder, words, settings, (out, error)))
        process.start()
        process.join()
        return process.exitcode, out.read_text("utf-8"), error.read_text("utf-8")


def _run(folder: Path, words: Sequence[str], settings: Mapping[str, str], said: Sequence[Path]) -> None:
    """The command, in place of what was forked; it does not return."""
    for stream, path in enumerate(said, start=1):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), stream)
    os.environ.clear()
    os.environ.update(settings)
    os.chdir(folder)
    sys.argv = ["citypulse", *words]
    from citypulse.cli import main

    main()
