"""A lake to try things in, in a temporary folder: it has the tables of a real one and changes nothing of it.

Logs are copied and data files are links. A commit writes new files and a new log, and never into a file that is there,
so that the real lake stays as it is and the scratch lake takes only the room of what is made anew.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from jobs.core.errors import on_disk
from jobs.core.lake import Lake

LAYERS = ("ops", "claims", "quarantine", "silver", "fused", "indicators")
LOG = "_delta_log"
LANDING = "landing"


@contextmanager
def scratch(lake: Lake) -> Iterator[Lake]:
    """The lake to try things in; it goes with the context."""
    with TemporaryDirectory(prefix="citypulse-diff-") as folder, on_disk(Path(folder)):
        made = Lake(folder, lake.city)
        for layer in LAYERS:
            for key in lake.keys(layer):
                _share(lake.folder(key), made.folder(key))
        if lake.folder(LANDING).is_dir():
            made.folder(LANDING).symlink_to(lake.folder(LANDING), target_is_directory=True)
        yield made


def _share(table: Path, to: Path) -> None:
    """A table under another folder. The log comes first: what it names is there, whatever is written meanwhile."""
    shutil.copytree(table / LOG, to / LOG)
    for path in table.rglob("*.parquet"):
        inside = path.relative_to(table)
        if inside.parts[0] != LOG:
            (to / inside).parent.mkdir(parents=True, exist_ok=True)
            (to / inside).symlink_to(path)
