"""Spark's event logs, written here by hand: plain, compressed, rolled, cut off, and what is no event log."""

import json
from collections.abc import Callable
from itertools import chain
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pytest

from jobs.core import events
from schemas import profiles

APPLICATION = "local-17"
Event = dict[str, Any]


def task(
    stage: int, launched: float, finished: float, *, run: float = 0.0, cpu: float = 0.0, read: int = 0, **of: bool
) -> Event:
    """A task's end; seconds since the session started at 1000."""
    return {
        "Event": "SparkListenerTaskEnd", "Stage ID": stage, "Stage Attempt ID": 0,
        "Task Info": {
            "Launch Time": round((1000 + launched) * 1000), "Finish Time": round((1000 + finished) * 1000),
            "Failed": of.get("failed", False), "Killed": False,
        },
        "Task Metrics": {
            "Executor Run Time": round(run * 1000), "Executor CPU Time": round(cpu * 1e9),
            "Executor Deserialize CPU Time": 0, "JVM GC Time": 20, "Input Metrics": {"Bytes Read": read},
            "Output Metrics": {"Bytes Written": 7}, "Shuffle Write Metrics": {"Shuffle Bytes Written": 11},
        },
    }  # fmt: skip


def started(job: int, at: float, stages: list[int], description: str | None) -> Event:
    """A job's start."""
    said = {"spark.job.description": description} if description else {}
    at_ms = round((1000 + at) * 1000)
    return {
        "Event": "SparkListenerJobStart", "Job ID": job, "Submission Time": at_ms, "Stage IDs": stages,
        "Properties": said,
    }  # fmt: skip


def ended(job: int, at: float, how: str = "JobSucceeded") -> Event:
    """A job's end."""
    at_ms = round((1000 + at) * 1000)
    return {"Event": "SparkListenerJobEnd", "Job ID": job, "Completion Time": at_ms, "Job Result": {"Result": how}}


BEGINS: list[Event] = [
    {"Event": "SparkListenerLogStart", "Spark Version": "4.2.0"},
    {"Event": "SparkListenerApplicationStart", "App Name": "citypulse", "Timestamp": 1_000_000},
]
ENDS: Event = {"Event": "SparkListenerApplicationEnd", "Timestamp": 1_030_000}
TWO_AT_ONCE: list[Event] = [
    started(0, 1.0, [0, 1], "bronze: bronze.air"),
    started(1, 2.0, [2], None),
    task(0, 1.5, 3.0, run=1.4, cpu=0.25, read=100),
    task(2, 2.0, 4.0, run=1.9, failed=True),
    task(1, 3.5, 5.0, run=1.5),
    ended(1, 4.5, "JobFailed"),
    ended(0, 5.5),
]
WHOLE = [*BEGINS, *TWO_AT_ONCE, ENDS]


def text(said: list[Event]) -> bytes:
    """Events as Spark writes them: a line each."""
    return b"".join(json.dumps(one).encode() + b"\n" for one in said)


def write(path: Path, said: bytes) -> None:
    """A file of a log, compressed as its name says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if ".zstd" not in path.name:
        path.write_bytes(said)
        return
    with pa.output_stream(str(path), compression="zstd") as stream:
        stream.write(said)


def read(folder: Path) -> events.Log:
    """What the application's log in a folder says."""
    return events.read(APPLICATION, events.find(folder, APPLICATION))


def one_file(name: str) -> Callable[[Path], None]:
    """A log in one file."""
    return lambda folder: write(folder / name, text(WHOLE))


def rolled(folder: Path) -> None:
    """Eleven files, of which Spark has put the first two together and left one of them."""
    for number, event in enumerate(WHOLE[1:], start=2):
        write(folder / f"eventlog_v2_{APPLICATION}" / f"events_{number}_{APPLICATION}.zstd", text([event]))
    write(folder / f"eventlog_v2_{APPLICATION}" / f"events_2_{APPLICATION}.zstd.compact", text(WHOLE[:2]))
    (folder / f"eventlog_v2_{APPLICATION}" / f"appstatus_{APPLICATION}").touch()


@pytest.mark.parametrize(
    "kept",
    [one_file(APPLICATION), one_file(f"{APPLICATION}.zstd"), one_file(f"{APPLICATION}.inprogress"), rolled],
    ids=["plain", "compressed", "open", "rolled"],
)
def test_a_log_says_the_same_however_it_is_kept(tmp_path: Path, kept: Callable[[Path], None]) -> None:
    kept(tmp_path)
    log = read(tmp_path)
    assert (log.started, log.ended, log.last, log.unread) == (1000.0, 1030.0, 1030.0, "")
    first, second = log.jobs
    assert (first.description, first.started, first.ended, first.failed) == (
        "bronze: bronze.air",
        1001.0,
        1005.5,
        False,
    )
    assert (second.description, second.ended, second.failed) == ("", 1004.5, True)
    assert [(one.stage, one.started, one.ended) for one in first.tasks] == [
        ((0, 0), 1001.5, 1003.0), ((1, 0), 1003.5, 1005.0),
    ]  # fmt: skip
    counted = first.tasks[0]
    assert (counted.run_s, counted.cpu_s, counted.gc_s) == (1.4, 0.25, 0.02)
    assert (counted.read, counted.written, counted.shuffled) == (100, 7, 11)
    assert [one.failed for one in second.tasks] == [True]


@pytest.mark.parametrize("name", [APPLICATION, f"{APPLICATION}.zstd"])
def test_a_log_that_was_cut_off_says_what_it_says_up_to_there(tmp_path: Path, name: str) -> None:
    chance = Random(1)
    said = [[{"Event": "Other", "of": chance.randbytes(1000).hex()}, *TWO_AT_ONCE] for _ in range(300)]
    write(tmp_path / name, text([*BEGINS, *chain(*said), ENDS]))
    cut = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(cut[: len(cut) // 2])
    log = read(tmp_path)
    assert log.unread == f"{name} breaks off"
    assert log.ended is None
    assert len(log.jobs) > 100
    assert log.last == 1005.5


def test_an_open_log_without_an_end_is_whole_but_has_none(tmp_path: Path) -> None:
    write(tmp_path / APPLICATION, text([*BEGINS, started(0, 1.0, [0], "silver"), task(0, 2.0, 9.0)]))
    log = read(tmp_path)
    assert (log.unread, log.ended, log.last) == ("", None, 1009.0)
    assert [job.ended for job in log.jobs] == [None]


@pytest.mark.parametrize(
    ("name", "said", "unread"),
    [
        (f"{APPLICATION}.lz4", b"LZ4Block", "local-17.lz4 is compressed as lz4; only zstd and plain text are read"),
        (APPLICATION, b'{"day": 1}\n', "local-17 is no event log of Spark"),
        (APPLICATION, b"[]\n", "local-17 is no event log of Spark"),
    ],
)
def test_what_cannot_be_read_is_said(tmp_path: Path, name: str, said: bytes, unread: str) -> None:
    (tmp_path / name).write_bytes(said)
    log = read(tmp_path)
    assert (log.unread, log.jobs) == (unread, [])


def test_another_application_s_log_is_not_taken_for_it(tmp_path: Path) -> None:
    write(tmp_path / f"{APPLICATION}8", text(WHOLE))
    assert events.find(tmp_path, APPLICATION) == []


def test_a_log_is_kept_where_the_profile_asks_for_one_and_in_the_place_it_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CITYPULSE_CONF", str(tmp_path))
    (tmp_path / "profiles").mkdir()
    for name, said in {
        "off": "events: false", "own": "spark: {spark.eventLog.dir: 'hdfs:///logs'}",
        "theirs": "spark: {spark.eventLog.enabled: false}",
    }.items():  # fmt: skip
        (tmp_path / "profiles" / f"{name}.yaml").write_text(f"extends: local\n{said}\n")
    folder = tmp_path / "logs"
    given = {name: events.settings(profiles.load(name), folder) for name in ("off", "own", "theirs", "local")}
    assert given["off"] == given["theirs"] == {}
    assert given["own"] == {"spark.eventLog.enabled": "true"}
    assert given["local"] == {"spark.eventLog.enabled": "true", "spark.eventLog.dir": folder.as_uri()}
    assert folder.is_dir()
    assert events.settings(profiles.load("local"), None) == {}
    assert events.local("hdfs://there/logs") is None
    assert events.local(folder.as_uri()) == folder
