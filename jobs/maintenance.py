"""Maintenance of a lake: small files put together, files that nobody needs swept, logs shortened. Says the same after.

Editions need no old file: their values are rows of the history. Tables can be read as they stood at an earlier instant
as long as they keep what they have replaced (`RETENTION_DAYS`).
"""

import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

from jobs import edition
from jobs.core import attempt, disk, events, meter
from jobs.core.lake import RETENTION_DAYS, Lake
from schemas import City

LAYERS = ("bronze", "claims", "quarantine", "silver", "fused", "indicators", "ops")
AT_ONCE = 2
"""So many tables at once: most of it waits for delta-rs and the disk."""
ORPHAN_HOURS = 24
"""How old a file must be that no commit has ever named. Nobody commits while maintenance holds the lock."""


def run(city: City, lake: Lake) -> dict[str, int]:
    """Maintain every table, then logs, landing and editions; how many files were put together and swept, by kind.

    Raises Problem when a night or a landing is at work: it may be about to commit a file that looks like an orphan.
    """
    doing = f"maintenance of {city.id}"
    with attempt.hold(lake.root, "land", doing), attempt.hold(lake.root, "night", doing) as held:
        return _run(lake.by(held))


def _run(lake: Lake) -> dict[str, int]:
    before = datetime.now(UTC) - timedelta(hours=ORPHAN_HOURS)
    tables = [key for layer in LAYERS for key in lake.keys(layer)]

    def table(key: str) -> tuple[int, int, int]:
        return lake.compact(key), lake.sweep(key, before), lake.vacuum(key, RETENTION_DAYS)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        compacted, orphans, expired = map(sum, zip((0, 0, 0), *pool.map(table, tables), strict=True))
    said = {"tables": len(tables), "compacted": compacted, "orphans": orphans, "expired": expired}
    for path in _old_logs(lake):
        with lake.writing(path):
            shutil.rmtree(path)
        said["expired"] += 1
    for path in _unfinished(lake, before):
        with lake.writing(path):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        said["orphans"] += 1
    return said


def _old_logs(lake: Lake) -> list[Path]:
    """The event logs of nights that ran more than RETENTION_DAYS ago."""
    before = (datetime.now(UTC) - timedelta(days=RETENTION_DAYS)).timestamp()
    nights = sorted((lake.root / events.PLACE).glob("*"))
    files = {night: [path for path in night.rglob("*") if path.is_file()] for night in nights}
    return [night for night in nights if all(path.stat().st_mtime < before for path in files[night])]


def _unfinished(lake: Lake, before: datetime) -> list[Path]:
    """What a landing or an edition that was killed did not come to finish, and the meter of a reader some time ago."""
    made = [path for end in (edition.MAKING, edition.OLD) for path in lake.folder("editions").glob(f"*{end}")]
    metered = lake.folder(f"{meter.PLACE}.{meter.NEW}").glob(f"*{disk.PARTIAL}")
    made += [path for path in metered if path.stat().st_mtime < before.timestamp()]
    return [*lake.folder("landing").rglob(f"*{disk.PARTIAL}"), *made]
