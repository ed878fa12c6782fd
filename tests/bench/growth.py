"""Five years of Delta logs and files, night by night, from the commits that a real lake's nights made.

`python -m tests.bench.growth LAKE` (the folder of one city's lake of some nights) reads from each table's log how many
commits a night makes and how many files each puts in and takes out. Tables that grow alike are one kind. For every kind
a scratch table is then taken through as many nights with delta-rs itself: the same commits, maintenance every seventh
night (`Lake.compact`, `Lake.vacuum`: files of a partition put together, a checkpoint, the log before it shortened), log
and tombstones dated by the night they belong to. Its data files are names only, so it costs nothing but the log, which
is what is measured: what lies there at the end, and how long a night takes to open it.
"""

import argparse
import json
import os
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

import pyarrow as pa
from deltalake import DeltaTable, Schema
from deltalake.transaction import AddAction

from jobs.core.lake import KEPT, Lake
from jobs.maintenance import LAYERS

NIGHTS, WEEK, OPENED = 1826, 7, 5
HEAD = (
    "tables", "such as", "partitioned by", "commits a night", "files in / out", "nights", "files", "log files",
    "log, MB", "to open, ms",
)  # fmt: skip
STAMPED = re.compile(r'("(?:timestamp|deletionTimestamp|modificationTime|inCommitTimestamp)":)\d+')


@dataclass(frozen=True, order=True)
class Kind:
    """How a table grows, by night: commits, files in, files out; and by what its files are partitioned."""

    partitioned: str
    commits: float
    added: float
    removed: float
    statistics: int
    """Characters of a file's statistics in the log."""

    def part(self, night: int) -> str:
        """The partition of a night."""
        return f"{night // {'': sys.maxsize, '_month': 30}.get(self.partitioned, 1):05d}"


@dataclass(frozen=True)
class End:
    """What is there after the last night."""

    files: int
    log_files: int
    log_bytes: int
    open_seconds: float


def kinds(lake: Lake) -> dict[Kind, list[str]]:
    """Kinds of tables, with their names, by what every night but the first has committed. Raises ValueError."""
    nights = sorted({row["biz_date"] for row in lake.arrow("ops.editions").to_pylist()})
    if len(nights) < 2:
        raise ValueError(f"{lake.root}: {len(nights)} nights; at least 2 are needed, and the first is not like others")
    first = [row for row in lake.arrow("ops.steps").to_pylist() if row["biz_date"] == nights[0]]
    after = max(row["started_at"] + timedelta(seconds=row["seconds"] or 0) for row in first)
    found: dict[Kind, list[str]] = {}
    for key in (key for layer in LAYERS for key in lake.keys(layer)):
        found.setdefault(_kind(lake, key, after, len(nights) - 1), []).append(key)
    return found


def _kind(lake: Lake, key: str, after: datetime, nights: int) -> Kind:
    counted, lengths = Counter[str](), [0]
    for path in sorted((lake.folder(key) / "_delta_log").glob("*.json")):
        actions = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        at = next(one["commitInfo"]["timestamp"] for one in actions if "commitInfo" in one) / 1000
        if at > after.timestamp():
            counted["commits"] += 1
            counted.update(name for one in actions for name in one)
            lengths += [len(one["add"].get("stats") or "") for one in actions if "add" in one]
    partitioned = lake.delta(key).metadata().partition_columns
    commits, added, removed = (round(counted[name] / nights, 1) for name in ("commits", "add", "remove"))
    return Kind(partitioned[-1] if partitioned else "", commits, added, removed, 500 * round(max(lengths) / 500))


def grown(kind: Kind, nights: int) -> End:
    """A table of a kind after so many nights."""
    with tempfile.TemporaryDirectory() as name:
        grow(Path(name), kind, nights)
        return _measured(Path(name))


def grow(folder: Path, kind: Kind, nights: int) -> None:
    """A scratch table in an empty folder, taken through so many nights, the last of them today."""
    schema = Schema.from_arrow(pa.schema([("kept", pa.string()), ("part", pa.string())]))
    table = DeltaTable.create(folder, schema, partition_by=["part"], configuration=dict(KEPT))
    now = datetime.now(UTC)
    _date(folder, table.version(), now - timedelta(days=nights))
    for night in range(1, nights + 1):
        at = now - timedelta(days=nights - night)
        _night(table, kind, night, at)
        if night % WEEK == 0:
            _maintain(folder, kind, at)
            table = DeltaTable(folder)


def _night(table: DeltaTable, kind: Kind, night: int, at: datetime) -> None:
    """The commits of a night: each puts files in, some of them in the place of those of earlier partitions."""
    commits, added, removed = (_due(each, night) for each in (kind.commits, kind.added, kind.removed))
    for number in range(commits):
        earlier = {kind.part(max(1, night - 1 - out)) for out in range(number, removed, commits)}
        names = [f"{night}-{one}" for one in range(number, added, commits)]
        again = sorted(earlier - {kind.part(night)})
        parts = [*again, *[kind.part(night)] * (len(names) - len(again))]
        _commit(table, [_file(kind, part, name) for part, name in zip(parts, names, strict=False)], sorted(earlier), at)


def _maintain(folder: Path, kind: Kind, at: datetime) -> None:
    """One file for each partition, a checkpoint, and no log that is older than it and the retention."""
    table = DeltaTable(folder)
    held = pa.table(table.get_add_actions(flatten=True))["partition.part"].to_pylist()
    several = sorted(part for part, files in Counter(held).items() if files > 1 and kind.partitioned != "_delivery_id")
    if several:
        _commit(table, [_file(kind, part, f"whole-{at:%Y%m%d}") for part in several], several, at)
    table.create_checkpoint()
    _date(folder, table.version(), at)
    table.cleanup_metadata()


def _commit(table: DeltaTable, adds: Sequence[AddAction], replaced: Sequence[str], at: datetime) -> None:
    """A commit in the place of some partitions, or beside them; dated by its night."""
    table.create_write_transaction(
        list(adds), mode="overwrite" if replaced else "append", schema=table.schema(), partition_by=["part"],
        partition_filters=[("part", "in", list(replaced))] if replaced else None,
    )  # fmt: skip
    table.update_incremental()
    folder = Path(table.table_uri.removeprefix("file://"))
    path = folder / "_delta_log" / f"{table.version():020d}.json"
    path.write_text(STAMPED.sub(rf"\g<1>{int(at.timestamp() * 1000)}", path.read_text("utf-8")), "utf-8")
    _date(folder, table.version(), at)


def _date(folder: Path, version: int, at: datetime) -> None:
    """What the log has of a version, its checkpoint too, is as old as its night: by that the log before it is kept."""
    for path in (folder / "_delta_log").glob(f"{version:020d}.*"):
        os.utime(path, (at.timestamp(), at.timestamp()))


def _file(kind: Kind, part: str, name: str) -> AddAction:
    statistics = json.dumps({"numRecords": 1000, "minValues": {"kept": "x" * max(0, kind.statistics - 60)}})
    return AddAction(f"part={part}/{name:0>36}.parquet", 100_000, {"part": part}, 0, True, statistics)


def _due(each: float, night: int) -> int:
    """How many of what a night makes on the average fall on this one."""
    return int(each * night) - int(each * (night - 1))


def _measured(folder: Path) -> End:
    taken = []
    for _ in range(OPENED):
        started = time.perf_counter()
        table = DeltaTable(folder)
        table.get_add_actions()
        taken.append(time.perf_counter() - started)
    log = [path for path in (folder / "_delta_log").iterdir() if path.is_file()]
    return End(len(table.file_uris()), len(log), sum(path.stat().st_size for path in log), median(taken))


def told(kind: Kind, names: Sequence[str], ends: Mapping[int, End]) -> list[list[object]]:
    """The lines of a kind in the table of docs/scale.md."""
    of_kind = [len(names), names[0], kind.partitioned or "nothing", kind.commits, f"{kind.added} / {kind.removed}"]
    return [
        [*of_kind, n, end.files, end.log_files, f"{end.log_bytes / 1e6:.2f}", f"{end.open_seconds * 1000:.0f}"]
        for n, end in ends.items()
    ]


def show(line: Sequence[object]) -> None:
    """A line of the table, at once: the next may take minutes."""
    print(f"| {' | '.join(map(str, line))} |", flush=True)


def main() -> int:
    """Read a lake, grow its tables, print the table line by line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lake", type=Path, help="the folder of a city's lake, at least two nights old")
    parser.add_argument("--nights", type=int, action="append", help="after how many nights; default: 30, 365, 1826")
    asked = parser.parse_args()
    folder: Path = asked.lake.resolve()
    if not (folder / "ops" / "editions").is_dir():
        print(f"growth: {folder} is no city's lake: it has no ops/editions", file=sys.stderr)
        return 2
    try:
        found = kinds(Lake(folder.parent, folder.name))
    except ValueError as error:
        print(f"growth: {error}", file=sys.stderr)
        return 2
    show(HEAD)
    show(["---"] * len(HEAD))
    for kind, names in sorted(found.items(), key=lambda one: -len(one[1])):
        for line in told(kind, names, {nights: grown(kind, nights) for nights in asked.nights or (30, 365, NIGHTS)}):
            show(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
