"""The small parts of the cluster test: when a worker is killed, what Spark's log tells, what differs, what is ended."""

import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.below import below
from tests.cluster import events, report, standalone
from tests.cluster.compare import Night, differing
from tests.cluster.strike import Struck, middle

LOST = {"Reason": "ExecutorLostFailure", "Executor ID": "0", "Exit Caused By App": False}
OK = {"Reason": "Success"}
STRUCK = Struck(
    "silver", "worker-1", "0", 8, 32, ("bin/spark-class", "/here/.cluster/environment/bin/python -m daemon")
)


def stage(done: int, tasks: int, active: int = 2, step: str = "silver: silver.rides") -> dict[str, Any]:
    return {"description": step, "numCompleteTasks": done, "numTasks": tasks, "numActiveTasks": active}


def ended(stage_id: int, executor: str, reason: dict[str, Any]) -> dict[str, Any]:
    return {
        "Event": "SparkListenerTaskEnd", "Stage ID": stage_id, "Task Info": {"Executor ID": executor},
        "Task End Reason": reason,
    }  # fmt: skip


def log(*more: dict[str, Any], step: str = "silver: silver.rides") -> list[str]:
    start = [
        {"Event": "SparkListenerApplicationStart", "App Name": "citypulse lanhai", "Timestamp": 1000},
        {"Event": "SparkListenerExecutorAdded", "Executor ID": "0"},
        {"Event": "SparkListenerExecutorAdded", "Executor ID": "1"},
        {"Event": "SparkListenerJobStart", "Stage IDs": [3], "Properties": {"spark.job.description": step}},
    ]
    end = [{"Event": "SparkListenerApplicationEnd", "Timestamp": 13500}]
    return [json.dumps(event) for event in [*start, *more, *end]]


def hit() -> events.Submit:
    """A submit whose first executor went with a task, which the second did again."""
    return events.read(
        log(
            ended(3, "0", OK),
            {"Event": "SparkListenerExecutorRemoved", "Executor ID": "0"},
            ended(3, "0", LOST),
            ended(3, "1", OK),
            ended(3, "1", OK),
        )
    )


def other(step: str) -> events.Submit:
    return events.read(log(ended(3, "1", OK), step=step))


@pytest.fixture
def nodes(tmp_path: Path) -> Path:
    """Folders of workers, in which one has imported what it was sent."""
    place = tmp_path / "worker-2" / "app-1" / "1" / "repository" / "jobs" / "__pycache__"
    place.mkdir(parents=True)
    (place / "ingest.cpython-311.pyc").touch()
    return tmp_path


SAID = {"state": "success", "tasks": {"silver": "success", "table_state silver.rides": "skipped"}}
MASTER = {"completedapps": [{"state": "FINISHED"}] * 3}


def submits() -> list[events.Submit]:
    return [other("bronze"), hit(), other("fused")]


def test_a_step_is_in_its_middle_when_a_quarter_of_a_stage_is_done_and_a_quarter_is_left() -> None:
    assert [bool(middle([stage(done, 32)], "silver")) for done in (0, 7, 8, 24, 25, 32)] == [
        False, False, True, True, False, False
    ]  # fmt: skip
    assert middle([stage(8, 32, active=0)], "silver") is None
    assert middle([stage(8, 32, step="bronze")], "silver") is None
    assert middle([stage(1, 32), stage(8, 32)], "silver") == stage(8, 32)
    assert middle([], "silver") is None


def test_sparks_log_tells_which_tasks_went_and_who_did_them_again() -> None:
    one = hit()
    assert (one.name, one.seconds) == ("citypulse lanhai", 12.5)
    assert one.executors == {"0": False, "1": True}
    assert one.done == {"silver": {"0": 1, "1": 2}}
    assert one.lost == {"silver": {"0": 1}}
    assert one.failed == []
    broken = events.read(log(ended(3, "1", {"Reason": "ExceptionFailure"})))
    assert broken.failed == ["silver: ExceptionFailure"]


def test_a_run_in_which_everything_holds_has_nothing_wrong(nodes: Path) -> None:
    assert report.wrong(SAID, STRUCK, submits(), MASTER, nodes) == []
    page = report.page({"the night": 60.0}, STRUCK, submits(), 4, "5eal", [])
    assert "worker-1 and its executor killed in silver, when 8 of 32 tasks were done" in page
    assert "3 tasks silver; 1 lost and done again" in page
    assert "4 tables: identical by content digest; the edition's seal: 5eal" in page


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"said": {"state": "failed", "tasks": {"fused": "failed"}}}, "Airflow's run ended as failed; not done: fused"),
        ({"master": {"completedapps": []}}, "the master knows of no submits, expected 3 that finished"),
        (
            {"submits": [other("bronze"), other("silver"), other("fused")]},
            "no submit of silver lost executor",
        ),
        ({"struck": Struck("silver", "worker-1", "0", 8, 32, ("python",))}, "did not run Python from the packages"),
    ],
)
def test_what_does_not_hold_is_named(nodes: Path, changed: dict[str, Any], said: str) -> None:
    given: dict[str, Any] = {
        "said": SAID,
        "struck": STRUCK,
        "submits": submits(),
        "master": MASTER,
        "nodes": nodes,
    } | changed
    (fault,) = report.wrong(**given)
    assert said in fault


def test_a_worker_that_was_idle_when_it_was_killed_proves_nothing(nodes: Path) -> None:
    idle = events.read(log({"Event": "SparkListenerExecutorRemoved", "Executor ID": "0"}, ended(3, "1", OK)))
    given = [other("bronze"), idle, other("fused")]
    assert report.wrong(SAID, STRUCK, given, MASTER, nodes) == [
        "silver: the worker was killed, but no task was lost with it"
    ]


def test_workers_that_ran_code_from_elsewhere_are_named(tmp_path: Path) -> None:
    assert report.wrong(SAID, STRUCK, submits(), MASTER, tmp_path) == ["no worker imported the code that it was sent"]


def test_what_differs_is_named_table_by_table() -> None:
    here = Night({"silver.rides": "10 77", "silver.wards": "4 5"}, "5eal")
    assert differing(here, here) == []
    there = Night({"silver.rides": "9 76", "ops.new": "1 2"}, None, ("editions/2025-03-04.making",))
    assert differing(here, there) == [
        "ops.new: 1 rows with digest 2, locally not there",
        "silver.rides: 9 rows with digest 76, locally 10 rows with digest 77",
        "silver.wards: not there, locally 4 rows with digest 5",
        "the edition's seal: not sealed, locally 5eal",
        "editions/2025-03-04.making: a file that nobody needs",
    ]
    assert differing(Night({}, None), Night({}, None)) == ["the edition's seal: not sealed, locally not sealed"]


def test_ending_a_process_ends_what_it_started_in_sessions_of_their_own_too() -> None:
    script = (
        "import subprocess, sys, time\n"
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'], start_new_session=True)\n"
        "print(flush=True); time.sleep(600)"
    )
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    (started,) = [os.pidfd_open(pid) for pid in below(process.pid)]
    standalone.end(process)
    assert process.returncode == -signal.SIGKILL
    assert select.select([started], [], [], 60)[0] == [started]  # it has ended
