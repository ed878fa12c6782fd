"""What is said of a night on the cluster, and what must hold of it beside equal tables."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from jobs.night import WITH_SPARK
from tests.cluster.events import Submit
from tests.cluster.strike import Struck

STARTING = tuple(step for step in WITH_SPARK if step != "quality")
"""The steps of a small night that start Spark: `quality` would for a table of more rows than one machine counts."""


def wrong(
    said: Mapping[str, Any], struck: Struck, submits: Sequence[Submit], master: Mapping[str, Any], nodes: Path
) -> list[str]:
    """What does not hold: a green run, submits that the master knows, tasks lost and done again, code that was sent."""
    return [*_of_the_run(said, submits, master), *_of_the_kill(struck, submits), *_of_the_code(struck, nodes)]


def _of_the_run(said: Mapping[str, Any], submits: Sequence[Submit], master: Mapping[str, Any]) -> Iterator[str]:
    red = [name for name, state in said["tasks"].items() if state not in ("success", "skipped")]
    if said["state"] != "success" or red:
        yield f"Airflow's run ended as {said['state']}; not done: {', '.join(red) or 'nothing'}"
    known = [one["state"] for one in master["completedapps"]]
    if known != ["FINISHED"] * len(STARTING) or len(submits) != len(STARTING):
        yield f"the master knows of {known or 'no submits'}, expected {len(STARTING)} that finished"
    for one in submits:
        yield from (f"{one.name}: a task failed: {failed}" for failed in one.failed)
        if not sum(sum(counts.values()) for counts in one.done.values()):
            yield f"{one.name}: no task was done on the cluster"


def _of_the_kill(struck: Struck, submits: Sequence[Submit]) -> Iterator[str]:
    hit = [one for one in submits if not one.executors.get(struck.executor, True) and struck.step in one.done]
    if not hit:
        yield f"no submit of {struck.step} lost executor {struck.executor}"
    for one in hit:
        if not one.lost.get(struck.step):
            yield f"{struck.step}: the worker was killed, but no task was lost with it"
        if not set(one.done[struck.step]) - {struck.executor}:
            yield f"{struck.step}: no other executor did any task"


def _of_the_code(struck: Struck, nodes: Path) -> Iterator[str]:
    if not list(nodes.glob("worker-*/app-*/*/repository/jobs/__pycache__/ingest.*.pyc")):
        yield "no worker imported the code that it was sent"
    if not any("/.cluster/environment/bin/python" in one for one in struck.commands):
        yield "the killed worker did not run Python from the packages it was given"


def page(
    clock: Mapping[str, float], struck: Struck, submits: Sequence[Submit], tables: int, seal: str | None,
    faults: Sequence[str],
) -> str:  # fmt: skip
    """What happened, in lines."""
    lines = [str(struck)]
    for one in submits:
        steps = {name: sum(counts.values()) for name, counts in one.done.items()}
        lost = sum(sum(counts.values()) for counts in one.lost.values())
        tasks = ", ".join(f"{count} tasks {name or 'of Spark'}" for name, count in steps.items())
        lines.append(f"  {one.seconds:6.1f} s  {tasks}" + (f"; {lost} lost and done again" if lost else ""))
    lines += [f"{what}: {seconds:.0f} s" for what, seconds in clock.items()]
    verdict = f"{tables} tables: identical by content digest; the edition's seal: {seal}"
    return "\n".join([*lines, f"{len(faults)} things are wrong" if faults else verdict])
