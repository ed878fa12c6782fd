"""A worker killed in the middle of a step: when to, and which."""

import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.cluster.standalone import HERE, Cluster, Failed, asked

LOOKS_EVERY = 0.05
PORTS = range(4040, 4060)
"""Where a driver says what it does; it takes the first that is free."""
DONE_AT_LEAST = 0.25
"""The share of a stage's tasks that is done when its step is in the middle, at the least; as much is still to do."""


@dataclass(frozen=True)
class Struck:
    """Which worker was killed, and what its step had done by then."""

    step: str
    worker: str
    executor: str
    done: int
    tasks: int
    commands: tuple[str, ...]
    """Of the processes that went."""

    def __str__(self) -> str:
        return f"{self.worker} and its executor killed in {self.step}, when {self.done} of {self.tasks} tasks were done"


def middle(stages: Sequence[Mapping[str, Any]], step: str) -> Mapping[str, Any] | None:
    """The stage of a step that is in the middle, of those a driver tells of."""
    for one in stages:
        done, tasks = one["numCompleteTasks"], one["numTasks"]
        of_step = str(one.get("description", "")).split(":")[0] == step
        if of_step and one["numActiveTasks"] and DONE_AT_LEAST * tasks <= done <= (1 - DONE_AT_LEAST) * tasks:
            return one
    return None


def in_the_middle_of(step: str, cluster: Cluster, night: subprocess.Popen[Any]) -> Struck:
    """Kill a worker that works on a step in its middle. Raises Failed when the night ends before it comes to that."""
    driver = None
    while night.poll() is None:
        driver = driver if driver and _is_active(cluster, driver) else _driver(cluster)
        struck = _try(step, cluster, driver) if driver else None
        if struck is not None:
            return struck
        time.sleep(LOOKS_EVERY)
    raise Failed(f"the night ended before {step} was in its middle; nobody was killed")


def _is_active(cluster: Cluster, driver: str) -> bool:
    return any(driver.endswith(one["id"]) for one in cluster.says()["activeapps"])


def _driver(cluster: Cluster) -> str | None:
    """The address at which the driver of the application that runs says what it does."""
    active = {one["id"] for one in cluster.says()["activeapps"]}
    for port in PORTS if active else ():
        base = f"http://{HERE}:{port}/api/v1/applications"
        try:
            known = {one["id"] for one in asked(base)}
        except (OSError, ValueError):
            continue
        for name in active & known:
            return f"{base}/{name}"
    return None


def _try(step: str, cluster: Cluster, driver: str) -> Struck | None:
    try:
        stage = middle(asked(f"{driver}/stages?status=active"), step)
        busy = {one["id"]: one["activeTasks"] for one in asked(f"{driver}/executors")} if stage else {}
    except (OSError, ValueError):  # it has ended
        return None
    for worker in cluster.workers():
        for executor in cluster.executors(worker) if stage else ():
            if stage and busy.get(executor):
                commands = tuple(cluster.kill(worker))
                return Struck(step, worker, executor, stage["numCompleteTasks"], stage["numTasks"], commands)
    return None
