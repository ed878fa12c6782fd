"""The night: its steps in order, each attempt with a row in `ops.steps`. Airflow and `citypulse night` run these."""

import contextlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from jobs import deadline, edition, exporting, said, verdict, verifying, work_days
from jobs.core import attempt, cost
from jobs.core.errors import CriticalFailure, Problem, refused
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger
from jobs.journal import Journal
from jobs.landing import cut_off
from jobs.shared import personal
from schemas import City, DeclarationError, nights

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from jobs.core.work import Session

LAYERS = work_days.LAYERS
STEPS = (*LAYERS, "edition", "verdict")
EXPORT = "export"
"""A step of cities that say where editions go."""
WITH_SPARK = ("bronze", "silver", "quality", "fused")
IN_A_TASK = f"{Problem.__module__}.{Problem.__qualname__}: "
LOST = ("Py4JNetworkError", "ConnectionRefusedError", "ConnectionResetError")
"""What calls of a JVM that is not there any more raise."""
WRONG = (Problem, DeclarationError)
ENDS = (CriticalFailure, *WRONG)
"""How a step ends badly; the edition is made all the same."""
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Night:
    """One city's night."""

    city: City
    lake: Lake
    biz_date: date

    @property
    def is_sealed(self) -> bool:
        """Whether the edition is sealed already."""
        return self.biz_date in said.sealed(self.lake)


def steps(city: City) -> tuple[str, ...]:
    """The steps of a city's night in order."""
    return (*LAYERS, *nights.publishing(city), "verdict")


def require(night: Night) -> None:
    """Raise Problem when the night cannot be run: no deliveries, none so late, or a later edition is sealed.

    In its window a night is run though nobody has delivered anything for days: its edition says so.
    """
    lake, biz_date = night.lake, night.biz_date
    if not lake.root.is_dir():
        raise Problem(
            f"{lake.root}: there is no lake of {night.city.id} yet; "
            f"`citypulse land --city {night.city.id} --from DIR` makes it"
        )
    rows = Ledger(lake).query(
        "SELECT max(delivered_at) AS newest, min(delivered_at) AS oldest FROM deliveries", "deliveries"
    )
    newest, oldest = rows[0]["newest"], rows[0]["oldest"]
    if newest is None:
        raise Problem(
            f"{night.city.id}: nothing has been delivered; "
            f"`citypulse land --city {night.city.id} --from DIR` takes files in"
        )
    last = newest.astimezone(night.city.zone).date()
    if biz_date > last and deadline.of(night.city, biz_date, deadline.now()) is None:
        raise Problem(f"--biz-date {biz_date}: the newest delivery is of {last}; a later night cannot be met")
    if oldest >= cut_off(night.city, biz_date):
        first = oldest.astimezone(night.city.zone).date()
        raise Problem(f"--biz-date {biz_date}: nothing had arrived by its cut-off; the first delivery is of {first}")
    later = [one for one in said.sealed(lake) if one > biz_date]
    if later:
        raise Problem(
            f"--biz-date {biz_date}: edition {later[-1]} is sealed; late deliveries enter the next edition, "
            "or replay into a new lake"
        )


def run(
    night: Night, steps: Sequence[str], tell: Tell = lambda text: None, began_at: datetime | None = None,
    limit: deadline.Limit | None = None,
) -> None:  # fmt: skip
    """Run steps in order. A sealed night is verified and left as it is, but for what had no export yet.

    `began_at` is when the process was started.

    A layer that fails, or never ran, ends the layers, also those that are a submit of their own; its failure is in the
    ledger, and is raised after the steps that follow anyway. A layer that is not done by the limit ends the process.
    Raises Problem, CriticalFailure.
    """
    require(night)
    if night.is_sealed:
        verifying.edition(night.city, night.lake, night.biz_date)
        tell(f"edition {night.biz_date} is sealed and verified; nothing changed")
        if EXPORT in steps:
            _locked(night, [EXPORT], tell, began_at, None)
        if "verdict" in steps:
            verdict.of(night.lake, night.biz_date)
        return
    _locked(night, steps, tell, began_at, limit)


def _locked(
    night: Night, steps: Sequence[str], tell: Tell, began_at: datetime | None, limit: deadline.Limit | None
) -> None:
    doing = f"the night of {night.city.id} {night.biz_date} ({', '.join(steps)})"
    with attempt.hold(night.lake.root, "night", doing) as held:
        night = replace(night, lake=night.lake.by(held))
        _run(night, Journal(night.lake, night.biz_date, held.owner.attempt, began_at), steps, tell, limit)


def _run(
    night: Night, journal: Journal, steps: Sequence[str], tell: Tell, limit: deadline.Limit | None
) -> None:  # fmt: skip
    failure: Exception | None = _before(night, steps)
    with _session(night, steps, journal) as session:
        for step in steps:
            if failure is not None and step in LAYERS:
                journal.note(step, "skipped", datetime.now(UTC), "an earlier layer failed")
                continue
            try:
                with _kept(journal, step, limit):
                    _one(night, journal, step, session, tell)
            except attempt.Fenced:
                raise
            except ENDS as error:
                if step not in LAYERS and not isinstance(error, CriticalFailure):
                    raise failure or error from None
                failure = failure if isinstance(failure, WRONG) else error
    if failure is not None:
        raise failure


@contextlib.contextmanager
def _kept(journal: Journal, step: str, limit: deadline.Limit | None) -> Iterator[None]:
    """A layer is kept to the limit; that it was not begun any more is in the ledger like any other failure."""
    started = datetime.now(UTC)

    def fail(why: str) -> None:
        journal.note(step, "failed", started, why)

    with deadline.kept(limit if step in LAYERS else None, step, fail):
        yield


def _before(night: Night, steps: Sequence[str]) -> CriticalFailure | None:
    """Why no layer of a submit may run: an earlier one was not done. What rested on it would look complete."""
    layers = [step for step in steps if step in LAYERS]
    missing = work_days.undone(Ledger(night.lake), night.biz_date, layers[0]) if layers else []
    return CriticalFailure(f"{layers[0]} skipped: {', '.join(missing)} was not done") if missing else None


def _one(night: Night, journal: Journal, step: str, session: "Session", tell: Tell) -> None:
    """One step. That a layer begins is noted too: of an attempt that is killed, nothing else would tell."""
    started, meter = datetime.now(UTC), cost.Meter()
    if step in LAYERS:
        journal.note(step, work_days.STARTED, started)
    try:
        with cost.told() as told:
            said = _step(night, step, session)
    except Exception as error:
        ended = _named(error, step, night)
        with contextlib.suppress(Problem):  # a full disk keeps the ledger from being told, too
            journal.note(step, "failed", started, str(ended), meter.read())
        raise ended from (None if ended is error else error)
    spent = meter.read()
    slack = deadline.slack(night.city, night.biz_date, deadline.now()) if step == "edition" else None
    journal.note(step, "done", started, json.dumps(said, default=str), spent, said, told, slack)
    tell(f"{step:<11}{spent.seconds:6.1f} s  {_summary(said)}")


def _named(error: Exception, step: str, night: Night) -> Exception:
    """How a step ended, in one line; a Problem that a Spark task met is the step's."""
    if isinstance(error, ENDS):
        return error
    if type(error).__name__ in LOST:
        return CriticalFailure(f"{step} failed: Spark's JVM has ended: it was killed, or had too little memory")
    line = _first_line(error)
    if line.startswith(IN_A_TASK):
        return Problem(line.removeprefix(IN_A_TASK))
    return refused(error, night.lake.root) or CriticalFailure(f"{step} failed: {type(error).__name__}: {line}")


def _step(night: Night, step: str, session: "Session") -> Mapping[str, Any]:
    if step in LAYERS:
        return _layer(night, step, session)
    match step:
        case "edition":
            return edition.run(night.city, night.lake, night.biz_date)
        case "export":
            return exporting.run(night.city, night.lake, night.biz_date)
        case "verdict":
            return verdict.of(night.lake, night.biz_date)
        case _:
            raise Problem(f"step {step!r} is unknown; there is: {', '.join((*STEPS, EXPORT))}")


def _layer(night: Night, step: str, session: "Session") -> Mapping[str, Any]:
    from jobs import bronze, fused, indicators, quality, silver  # what they need loads only when a layer runs

    city, lake, day = night.city, night.lake, night.biz_date
    match step:
        case "bronze":
            return bronze.run(session, city, lake, day)
        case "silver":
            return silver.run(session, city, lake, day)
        case "quality":
            return quality.run(session, city, lake, day)
        case "fused":
            return fused.run(session, city, lake, day)
        case _:
            return indicators.run(city, lake, day)


@contextlib.contextmanager
def _session(night: Night, steps: Sequence[str], journal: Journal) -> "Iterator[Session]":
    """A Spark session, started when a step first asks for it and stopped in any case; one that is there is used."""
    held: list[SparkSession] = []

    def session() -> "SparkSession":
        from pyspark.sql import SparkSession

        if not held and (active := SparkSession.getActiveSession()) is not None:
            return active
        if not held:
            held.append(_started(night, steps, journal))
        return held[0]

    try:
        yield session
    finally:
        for one in held:
            with contextlib.suppress(Exception):  # a JVM that was killed cannot be stopped; the step has said so
                one.stop()


def _started(night: Night, steps: Sequence[str], journal: Journal) -> "SparkSession":
    """A session of the night's own, and what finds its event log in the ledger."""
    from jobs import quality
    from jobs.core import events, session

    if "quality" in steps:
        quality.warm()
    started, meter = datetime.now(UTC), cost.Meter()
    made = session.start(
        f"citypulse {night.city.id} {night.biz_date}", logs=events.folder(night.lake.root, night.biz_date)
    )
    journal.note("session", "done", started, json.dumps(session.told(made, night.lake.root)), meter.read())
    return made


def _first_line(error: BaseException) -> str:
    """What went wrong in one line, without identifiers; of a worker's traceback, its last line."""
    lines = [line for line in str(error).split("JVM stacktrace")[0].strip().splitlines() if line.strip()] or [""]
    if lines[0].startswith("An error occurred while calling") and len(lines) > 1:  # py4j; the Java error is below
        lines = [lines[1].removeprefix(": "), *lines[2:]]
    return personal.masked(lines[-1] if "Traceback" in str(error) else lines[0])[:300]


def _summary(said: Mapping[str, Any]) -> str:
    flat = {key: value for key, value in said.items() if not isinstance(value, Mapping)}
    nested = [value for value in said.values() if isinstance(value, Mapping)]
    if nested:
        flat["tables"] = len(nested)
        for name in ("days", "rows", "rules", "held"):
            total = sum(int(value.get(name, 0)) for value in nested)
            if any(name in value for value in nested):
                flat[name] = total
    parts = (f"{value:,} {key}" if isinstance(value, int) else f"{key} {value}" for key, value in flat.items())
    return " · ".join(parts)
