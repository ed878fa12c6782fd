"""Where the seconds of a night went: from `ops.steps`, and from Spark's own event logs. Nothing is started for it."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby, pairwise
from typing import Any

from jobs import journal
from jobs.core import events
from jobs.core.errors import Problem
from jobs.core.lake import Lake
from jobs.work_days import STARTED

Row = Mapping[str, Any]
Span = tuple[float, float]
SESSION = "session"
NO_LOG = "no event log of its session; `events: true` in the profile that it runs with (conf/profiles/) keeps one"


@dataclass(frozen=True)
class Step:
    """One step of an attempt; `ended` is None where nobody knows, as of one that was killed."""

    name: str
    started: float
    ended: float | None
    cpu_s: float | None


@dataclass
class Attempt:
    """One process that worked on the night: its steps in order, its session and what that session's log says."""

    name: str
    began: float | None
    steps: list[Step]
    session: Step | None = None
    jvm_began: float | None = None
    log: events.Log | None = None

    @property
    def first(self) -> float:
        """The first instant known of it: a JVM that spark-submit started, else its process, else its first step."""
        return min(one for one in (self.jvm_began, self.began, self.steps[0].started) if one is not None)

    @property
    def last(self) -> float:
        """The last instant known of it."""
        known = [one.ended or one.started for one in self.steps]
        return max([*known, self.log.last or 0.0] if self.log else known)


@dataclass(frozen=True)
class Part:
    """A stretch of the night; parts follow one another and add up to the whole. Unknown seconds are None."""

    attempt: str
    what: str
    seconds: float | None
    cpu_s: float | None = None
    """Processor seconds of the process that drives the night; what its tasks use is theirs."""


@dataclass(frozen=True)
class Work:
    """What Spark did within a step (`about` is empty), or for the jobs of one description in it."""

    attempt: str
    step: str
    about: str
    seconds: float | None
    jobs: int
    stages: int
    tasks: int
    failed: int
    run_s: float
    jvm_cpu_s: float
    gc_s: float
    shuffled: int
    read: int
    written: int
    idle_s: float | None
    """Seconds in which no task ran: the driver alone was at work, or waiting."""
    python_s: float | None = None
    """Seconds of our own work in the tasks' Python, by the ledger."""
    python_cpu_s: float | None = None


@dataclass
class Profile:
    """The whole of it. `notes` say in a line each what could not be known, and why."""

    parts: list[Part] = field(default_factory=list)
    work: list[Work] = field(default_factory=list)
    tables: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    seconds: float = 0.0


def of(city: str, lake: Lake, biz_date: date) -> Profile:
    """The profile of a night. Raises Problem when no attempt at it is in the ledger."""
    of_night = journal.of_steps(lake, biz_date)
    if not of_night:
        raise Problem(
            f"--biz-date {biz_date}: no night of {city} has run for it; "
            f"`citypulse night --city {city} --biz-date {biz_date}` runs it"
        )
    out = Profile(tables=journal.costs(lake, biz_date))
    attempts = sorted(_attempts(lake, of_night, out.notes), key=lambda one: one.first)
    for before, one in pairwise([None, *attempts]):
        assert one is not None
        if before is not None:
            out.parts.append(Part("", "between attempts", one.first - before.last))
            if one.first < before.last:
                out.notes.append(f"attempts {before.name} and {one.name} were at work at once; that counts below zero")
        out.parts += _parts(one, out.notes)
        done = list(_work(one, [row for row in out.tables if row["attempt"] == one.name]))
        failed = ((work.step, work.failed) for work in done if work.failed and not work.about)
        out.notes += [f"attempt {one.name}: {count} of Spark's tasks failed in {step}" for step, count in failed]
        out.work += done
    out.seconds = attempts[-1].last - attempts[0].first
    return out


def _attempts(lake: Lake, rows: Sequence[Row], notes: list[str]) -> Iterator[Attempt]:
    for name, group in groupby(sorted(rows, key=lambda row: str(row["attempt"])), key=lambda row: str(row["attempt"])):
        mine = list(group)
        began = next((row["began_at"].timestamp() for row in mine if row["began_at"]), None)
        one = Attempt(name, began, [_step(row) for row in mine if row["step"] != SESSION])
        session = next((row for row in mine if row["step"] == SESSION), None)
        if session is not None:
            one.session = _step(session)
            _read(lake, one, json.loads(session["detail"] or "{}"), notes)
        yield one


def _step(row: Row) -> Step:
    started = row["started_at"].timestamp()
    if row["outcome"] == STARTED:
        return Step(row["step"], started, None, None)
    return Step(row["step"], started, started + row["seconds"], row["cpu_s"])


def _read(lake: Lake, one: Attempt, told: Mapping[str, Any], notes: list[str]) -> None:
    """The event log of an attempt's session, by what the ledger tells of it."""
    if told.get("jvm_began_at"):
        one.jvm_began = datetime.fromisoformat(told["jvm_began_at"]).timestamp()
    if not told.get("events"):
        notes.append(f"attempt {one.name}: {NO_LOG}")
        return
    where = events.local(told["events"])
    if where is None:
        notes.append(f"attempt {one.name}: its event log is in {told['events']}, which is not on this machine")
        return
    files = events.find(lake.root / where, told["application"])
    if not files:
        notes.append(
            f"attempt {one.name}: no event log of {told['application']} in {lake.root / where}; swept or moved"
        )
        return
    one.log = events.read(told["application"], files)
    if one.log.unread:
        notes.append(f"attempt {one.name}: {one.log.unread}; figures are of what could be read")
    elif one.log.ended is None:
        notes.append(f"attempt {one.name}: its event log has no end: the session was killed, or is at work")


def _parts(one: Attempt, notes: list[str]) -> Iterator[Part]:
    """The attempt from its first instant to its last, as parts that follow one another."""
    at, between = one.first, 0.0
    if one.began is not None and one.jvm_began is not None and one.jvm_began < one.began:
        yield Part(one.name, "JVM starts (spark-submit)", one.began - one.jvm_began)
        at = one.began
    yield Part(one.name, "process starts", one.steps[0].started - at if one.began is not None else None)
    at = one.steps[0].started
    for step in one.steps:
        between += step.started - at
        inside = list(_starting(one, step))
        yield from inside
        until = _until(one, step)
        own = until and until - step.started - sum(part.seconds or 0.0 for part in inside)
        cpu_s = step.cpu_s and step.cpu_s - sum(part.cpu_s or 0.0 for part in inside)
        yield Part(one.name, step.name if step.ended else f"{step.name} (did not end)", own, cpu_s)
        if not step.ended:
            known = (
                "its seconds are to its event log's last word" if until else "nothing is known of it after its start"
            )
            notes.append(f"attempt {one.name}: {step.name} did not end: it was killed, or is at work; {known}")
        at = until or step.started
    yield Part(one.name, "between steps", between)
    if one.session is not None:
        yield Part(one.name, "session ends", max(0.0, one.log.ended - at) if one.log and one.log.ended else None)


def _until(one: Attempt, step: Step) -> float | None:
    """When a step ended; of one that did not, the last word of the event log, where that comes after its start."""
    if step.ended is None and one.log and one.log.last and one.log.last > step.started:
        return one.log.last
    return step.ended


def _starting(one: Attempt, step: Step) -> Iterator[Part]:
    """The start of the session, where it was this step that asked for it."""
    made = one.session
    if made is None or made.ended is None or not step.started <= made.started <= (step.ended or made.started):
        return
    at = made.started
    if one.log and one.log.started and one.jvm_began and one.jvm_began >= at:
        yield Part(one.name, "JVM starts", one.log.started - at)
        at = one.log.started
    yield Part(one.name, "session starts", made.ended - at, made.cpu_s)


def _work(one: Attempt, tables: Sequence[Row]) -> Iterator[Work]:
    """What Spark did in each step of an attempt, and for each description in it."""
    for step in one.steps if one.log else ():
        assert one.log is not None
        until = _until(one, step) or step.started
        mine = [job for job in one.log.jobs if step.started <= job.started <= until]
        if not mine:
            continue
        starting = sum(part.seconds or 0.0 for part in _starting(one, step))
        whole = until - step.started - starting
        in_tasks = [row for row in tables if row["step"] == step.name and row["seconds"] is not None]
        python = (sum(row["seconds"] for row in in_tasks), sum(row["cpu_s"] for row in in_tasks)) if in_tasks else None
        busy = _union((task.started, min(task.ended, until)) for job in mine for task in job.tasks)
        yield _counted(one, step, "", whole, mine, whole - busy, python)
        for about, group in groupby(sorted(mine, key=lambda job: job.description), key=lambda job: job.description):
            jobs = list(group)
            open_ = any(job.ended is None for job in jobs)
            wall = _union((job.started, job.ended or until) for job in jobs)
            ran = _union((task.started, task.ended) for job in jobs for task in job.tasks)
            yield _counted(one, step, about or "(no description)", None if open_ else wall, jobs, wall - ran, None)


def _counted(
    one: Attempt, step: Step, about: str, seconds: float | None, jobs: Sequence[events.Job], idle: float,
    python: tuple[float, float] | None,
) -> Work:  # fmt: skip
    tasks = [task for job in jobs for task in job.tasks]
    return Work(
        one.name, step.name, about, seconds, len(jobs), len({task.stage for task in tasks}), len(tasks),
        sum(task.failed for task in tasks), sum(task.run_s for task in tasks), sum(task.cpu_s for task in tasks),
        sum(task.gc_s for task in tasks), sum(task.shuffled for task in tasks), sum(task.read for task in tasks),
        sum(task.written for task in tasks), max(0.0, idle), *(python or (None, None)),
    )  # fmt: skip


def _union(spans: Iterable[Span]) -> float:
    """Seconds covered by any of the spans."""
    covered, reached = 0.0, float("-inf")
    for start, end in sorted(spans):
        covered += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return covered
