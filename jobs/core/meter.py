"""The meter: what is asked of a lake, never by whom. A small file for each asking, until a night takes it over.

A file is written beside its name and then renamed, so a reader that is killed leaves none that says half; no two share
one, so nobody waits and nothing is lost. It holds an interface, resources and counts of rows; its own time says when.
Where the lake cannot be written to, nothing is metered, and whoever asked is answered all the same.
"""

import contextlib
import json
import re
import shutil
import uuid
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from jobs.core import disk
from jobs.core.lake import Lake

PLACE, NEW, BATCH, DONE = "usage", "new", "batch-", "done-"
RESOURCE = re.compile(r"[a-z][a-z0-9_]{0,60}\.[a-z0-9_]{1,80}")
ROWS_AT_MOST = 1 << 50
UNREADABLE = "unreadable"
"""The interface under which a file is counted that no meter wrote."""


@dataclass(frozen=True)
class Asked:
    """An asking: through which interface, and how many rows of each resource it was given."""

    at: datetime
    interface: str
    rows: Mapping[str, int]


def note(lake: Lake, interface: str, rows: Mapping[str, int]) -> None:
    """Meter an asking. One that was given nothing of any resource is none."""
    if not rows:
        return
    folder = lake.root / PLACE / NEW
    said = json.dumps({"interface": interface, "rows": dict(rows)})
    with contextlib.suppress(OSError):  # a lake that is only read is not metered
        folder.parent.mkdir(exist_ok=True)
        folder.mkdir(exist_ok=True)
        path = folder / f"{uuid.uuid4().hex}.json"
        partial = path.with_suffix(disk.PARTIAL)
        partial.write_text(said, "utf-8")
        partial.rename(path)


def waiting(lake: Lake, known: Container[str]) -> Iterator[Asked]:
    """The askings that no night has taken over; `known` are the batches that are in the ledger."""
    for folder in sorted((lake.root / PLACE).glob(f"{BATCH}*")):
        yield from (() if folder.name in known else read(folder))
    yield from read(lake.root / PLACE / NEW)


def batches(lake: Lake) -> Iterator[Path]:
    """The folders of askings to take over: one that a night was killed over, and what is new.

    Each is the same, under its name, until `taken`. What this user may not move waits: no edition is late for a meter.
    """
    place = lake.root / PLACE
    found = sorted((place / NEW).glob("*.json"))
    with lake.writing(place), contextlib.suppress(OSError):
        for done in place.glob(f"{DONE}*"):
            shutil.rmtree(done)
        batch = place / f"{BATCH}{uuid.uuid4().hex}"
        if found:
            batch.mkdir()
        for path in found:
            path.rename(batch / path.name)
    yield from sorted(place.glob(f"{BATCH}*"))


def taken(lake: Lake, batch: Path) -> None:
    """A folder of askings is in the ledger: it goes, at one moment. One that cannot go is put there again, the same."""
    with lake.writing(batch), contextlib.suppress(OSError):
        done = batch.with_name(DONE + batch.name.removeprefix(BATCH))
        batch.rename(done)
        shutil.rmtree(done)


def read(folder: Path) -> Iterator[Asked]:
    """What the files of a folder say, each with the time it was written at."""
    for path in sorted(folder.glob("*.json")):
        try:
            at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            text = path.read_text("utf-8")
        except FileNotFoundError:  # a night has just taken it over
            continue
        except (OSError, UnicodeDecodeError):
            text = ""
        said = _said(text)
        yield Asked(at, *said) if said else Asked(at, UNREADABLE, {"": 0})


def _said(text: str) -> tuple[str, dict[str, int]] | None:
    try:
        found = json.loads(text)
        interface, rows = found["interface"], found["rows"]
        known = isinstance(interface, str) and re.fullmatch("[a-z]{1,20}", interface) and isinstance(rows, dict)
        whole = known and all(type(n) is int and 0 <= n < ROWS_AT_MOST for n in rows.values())
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return (interface, rows) if whole and all(RESOURCE.fullmatch(key) for key in rows) else None
