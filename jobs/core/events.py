"""Spark's own event log of a session: where it goes, and what it says of jobs, stages and tasks. Read without Spark."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pyarrow as pa

from jobs.core.errors import on_disk
from schemas.profiles import Profile

ENABLED, FOLDER = "spark.eventLog.enabled", "spark.eventLog.dir"
PLACE = "logs/spark"
READ = {"": None, ".zstd": "zstd"}
"""How a log's name ends, and how it is compressed; Spark's lz4, lzf and snappy have forms of their own."""
OTHERS = (".lz4", ".lzf", ".snappy")
UNFINISHED, COMPACTED = ".inprogress", ".compact"
PART = 256
"""Bytes read at once. Of a compressed log that was cut off, what one read would have given is lost."""


def settings(profile: Profile, folder: Path | None) -> dict[str, str]:
    """What makes a session keep its event log in a folder, where the profile asks for one and names no other place."""
    if folder is None or not profile.events or ENABLED in profile.spark:
        return {}
    if FOLDER in profile.spark:
        return {ENABLED: "true"}
    with on_disk(folder):
        folder.mkdir(parents=True, exist_ok=True)
    return {ENABLED: "true", FOLDER: folder.as_uri()}


def folder(root: Path, biz_date: date) -> Path:
    """Where the event logs of a night's sessions are, in a city's lake."""
    return root / PLACE / biz_date.isoformat()


@dataclass
class Task:
    """One attempt at a task: when it ran (seconds since 1970), and Spark's own counts."""

    stage: tuple[int, int]
    started: float
    ended: float
    run_s: float = 0.0
    cpu_s: float = 0.0
    gc_s: float = 0.0
    read: int = 0
    written: int = 0
    shuffled: int = 0
    failed: bool = False


@dataclass
class Job:
    """A Spark job with the tasks that ran for it; `ended` is None where the log does not tell."""

    number: int
    description: str
    started: float
    ended: float | None = None
    failed: bool = False
    tasks: list[Task] = field(default_factory=list)


@dataclass
class Log:
    """What an event log says. `last` is the instant of its last word; `ended` is None where the session did not end."""

    application: str
    started: float | None = None
    ended: float | None = None
    last: float | None = None
    jobs: list[Job] = field(default_factory=list)
    unread: str = ""
    """Why a part of it could not be read, in words; empty when all of it was."""


def find(folder: Path, application: str) -> list[Path]:
    """The files of an application's log, in order: one, or those of a log that was rolled. None when there is none."""
    rolled = folder / f"eventlog_v2_{application}"
    if rolled.is_dir():
        parts = {path: path.name.split("_")[1] for path in rolled.glob("events_*")}
        numbered = sorted((int(number), not path.name.endswith(COMPACTED), path) for path, number in parts.items())
        first = max((number for number, is_whole, _ in numbered if not is_whole), default=0)
        return [path for number, is_whole, path in numbered if number > first or (number == first and not is_whole)]
    names = [application + end + mark for end in (*READ, *OTHERS) for mark in ("", UNFINISHED)]
    return [path for name in names if (path := folder / name).is_file()][:1]


def local(uri: str) -> Path | None:
    """The folder of an event log on this machine; None for one in another file system."""
    parts = urlsplit(uri)
    return Path(unquote(parts.path)) if parts.scheme in ("", "file") else None


def read(application: str, files: Sequence[Path]) -> Log:
    """What the files say, as far as they go: a log that was cut off ends in the middle of a line."""
    log = Log(application)
    stages: dict[int, Job] = {}
    for event in _events(files, log):
        _take(log, stages, event)
    return log


def _events(files: Iterable[Path], log: Log) -> Iterator[dict[str, Any]]:
    for file in files:
        for line in _lines(file, log):
            try:
                event = json.loads(line)
            except ValueError:
                log.unread = f"{file.name} breaks off"
                break
            if not isinstance(event, dict) or "Event" not in event:
                log.unread = f"{file.name} is no event log of Spark"
                break
            yield event


def _lines(file: Path, log: Log) -> Iterator[bytes]:
    """The whole lines of a file, and what follows the last of them."""
    name = file.name.removesuffix(UNFINISHED).removesuffix(COMPACTED)
    end = next((end for end in (*OTHERS, ".zstd") if name.endswith(end)), "")
    if end in OTHERS:
        log.unread = f"{file.name} is compressed as {end[1:]}; only zstd and plain text are read"
        return
    rest = b""
    try:
        for part in unpacked(file, READ[end]):
            *lines, rest = (rest + part).split(b"\n")
            yield from lines
    except OSError:
        log.unread = f"{file.name} breaks off"
        return
    if rest:
        yield rest


def unpacked(file: Path, compression: str | None) -> Iterator[bytes]:
    """What a file holds, in small parts: of one that was cut off, everything up to there. Raises OSError at its end."""
    with pa.input_stream(str(file), compression=compression) as stream:
        while part := stream.read(PART):
            yield part


def _take(log: Log, stages: dict[int, Job], event: dict[str, Any]) -> None:
    match event["Event"]:
        case "SparkListenerApplicationStart":
            at = log.started = event["Timestamp"] / 1000
        case "SparkListenerApplicationEnd":
            at = log.ended = event["Timestamp"] / 1000
        case "SparkListenerJobStart":
            said, at = event.get("Properties") or {}, event["Submission Time"] / 1000
            log.jobs.append(Job(event["Job ID"], said.get("spark.job.description") or "", at))
            stages |= dict.fromkeys(event["Stage IDs"], log.jobs[-1])
        case "SparkListenerTaskEnd":
            task = _task(event)
            at = task.ended
            if task.stage[0] in stages:
                stages[task.stage[0]].tasks.append(task)
        case "SparkListenerJobEnd":
            at = event["Completion Time"] / 1000
            for job in (one for one in log.jobs if one.number == event["Job ID"]):
                job.ended, job.failed = at, event["Job Result"]["Result"] != "JobSucceeded"
        case _:
            return
    log.last = max(log.last or at, at)


def _task(event: dict[str, Any]) -> Task:
    info, counts = event["Task Info"], event.get("Task Metrics") or {}
    task = Task((event["Stage ID"], event["Stage Attempt ID"]), info["Launch Time"] / 1000, info["Finish Time"] / 1000)
    task.failed = bool(info["Failed"] or info["Killed"])
    if counts:
        task.run_s = counts["Executor Run Time"] / 1000
        task.cpu_s = (counts["Executor CPU Time"] + counts["Executor Deserialize CPU Time"]) / 1e9
        task.gc_s = counts["JVM GC Time"] / 1000
        task.read, task.written = counts["Input Metrics"]["Bytes Read"], counts["Output Metrics"]["Bytes Written"]
        task.shuffled = counts["Shuffle Write Metrics"]["Shuffle Bytes Written"]
    return task
