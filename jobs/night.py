"""The night: its steps in order, each attempt with a row in `ops.steps`. Airflow and `citypulse night` run these."""

import contextlib
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from jobs import edition, said, verifying, work_days
from jobs.core import attempt
from jobs.core.errors import CriticalFailure, Problem, refused
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger
from jobs.landing import cut_off
from jobs.shared import personal
from schemas import City, DeclarationError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

LAYERS = work_days.LAYERS
STEPS = (*LAYERS, "edition", "verdict")
WITH_SPARK = ("bronze", "silver", "quality", "fused")
IN_A_TASK = f"{Problem.__module__}.{Problem.__qualname__}: "
LOST = ("Py4JNetworkError", "ConnectionRefusedError", "ConnectionResetError")
"""What calls of a JVM that is not there any more raise."""
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


def require(night: Night) -> None:
    """Raise Problem when the night cannot be run: no deliveries, none so late, or a later edition is sealed."""
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
    if biz_date > last:
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


def run(night: Night, steps: Sequence[str], tell: Tell = lambda text: None, table: str | None = None) -> None:
    """Run steps in order. A sealed night is verified and left as it is.

    A layer that fails, or never ran, ends the layers, also those that are a submit of their own; its failure is in the
    ledger, and is raised after the steps that follow anyway. Raises Problem, CriticalFailure.
    """
    require(night)
    if night.is_sealed:
        verifying.edition(night.city, night.lake, night.biz_date)
        tell(f"edition {night.biz_date} is sealed and verified; nothing changed")
        if "verdict" in steps:
            verdict(night)
        return
    doing = f"the night of {night.city.id} {night.biz_date} ({', '.join(steps)})"
    with attempt.hold(night.lake.root, "night", doing) as held:
        _run(replace(night, lake=night.lake.by(held)), held.owner.attempt, steps, tell)


def _run(night: Night, name: str, steps: Sequence[str], tell: Tell) -> None:
    failure = _before(night, steps)
    with _session(night, steps, name) as session:
        for step in steps:
            if failure is not None and step in LAYERS:
                _note(night, name, step, "skipped", datetime.now(UTC), 0.0, "an earlier layer failed")
                continue
            try:
                _one(night, name, step, session, tell)
            except CriticalFailure as error:
                failure = error
    if failure is not None:
        raise failure


def _before(night: Night, steps: Sequence[str]) -> CriticalFailure | None:
    """Why no layer of a submit may run: an earlier one was not done. What rested on it would look complete."""
    layers = [step for step in steps if step in LAYERS]
    missing = work_days.undone(Ledger(night.lake), night.biz_date, layers[0]) if layers else []
    return CriticalFailure(f"{layers[0]} skipped: {', '.join(missing)} was not done") if missing else None


def _one(night: Night, attempt: str, step: str, session: "Callable[[], SparkSession]", tell: Tell) -> None:
    """One step. That a layer begins is noted too: of an attempt that is killed, nothing else would tell."""
    started, clock = datetime.now(UTC), time.perf_counter()
    if step in LAYERS:
        _note(night, attempt, step, work_days.STARTED, started, 0.0, "")
    try:
        said = _step(night, step, session)
    except Exception as error:
        ended = _named(error, step, night)
        with contextlib.suppress(Problem):  # a full disk keeps the ledger from being told, too
            _note(night, attempt, step, "failed", started, time.perf_counter() - clock, str(ended))
        raise ended from (None if ended is error else error)
    seconds = time.perf_counter() - clock
    _note(night, attempt, step, "done", started, seconds, json.dumps(said, default=str), said)
    tell(f"{step:<11}{seconds:6.1f} s  {_summary(said)}")


def _named(error: Exception, step: str, night: Night) -> Exception:
    """How a step ended, in one line; a Problem that a Spark task met is the step's."""
    if isinstance(error, Problem | CriticalFailure | DeclarationError):
        return error
    if type(error).__name__ in LOST:
        return CriticalFailure(f"{step} failed: Spark's JVM has ended: it was killed, or had too little memory")
    line = _first_line(error)
    if line.startswith(IN_A_TASK):
        return Problem(line.removeprefix(IN_A_TASK))
    return refused(error, night.lake.root) or CriticalFailure(f"{step} failed: {type(error).__name__}: {line}")


def _step(night: Night, step: str, session: "Callable[[], SparkSession]") -> Mapping[str, Any]:
    from jobs import bronze, fused, indicators, quality, silver  # Spark and the row engine load only when a layer runs

    city, lake, day = night.city, night.lake, night.biz_date
    match step:
        case "bronze":
            return bronze.run(session(), city, lake, day)
        case "silver":
            return silver.run(session(), city, lake, day)
        case "quality":
            return quality.run(session(), city, lake, day)
        case "fused":
            return fused.run(session(), city, lake, day)
        case "indicators":
            return indicators.run(city, lake, day)
        case "edition":
            return edition.run(city, lake, day)
        case "verdict":
            return verdict(night)
        case _:
            raise Problem(f"step {step!r} is unknown; there is: {', '.join(STEPS)}")


def verdict(night: Night) -> dict[str, Any]:
    """Raise CriticalFailure when a layer failed or a critical rule holds a day: the edition is made, the run is red."""
    ledger = Ledger(night.lake)
    failed = ledger.query(
        f"""SELECT step, outcome, detail FROM steps
        WHERE biz_date = DATE '{night.biz_date}' AND "table" IS NULL AND step <> 'verdict'
        QUALIFY row_number() OVER (PARTITION BY step ORDER BY {work_days.NEWEST}) = 1
        ORDER BY started_at""",
        "steps",
    )
    problems = [_ended(**row) for row in failed if row["outcome"] != "done"]
    problems += [f"{step} never ran" for step in LAYERS if step not in {row["step"] for row in failed}]
    held = ledger.rows("holds", f"biz_date = DATE '{night.biz_date}' AND is_held")
    problems += [f"{row['table']} {row['day']} held by {row['rule']}" for row in held]
    if problems:
        raise CriticalFailure(f"edition {night.biz_date} is made, but: " + "; ".join(problems[:5]))
    return {"problems": 0}


def _ended(step: str, outcome: str, detail: str) -> str:
    return detail if detail.startswith(f"{step} {outcome}: ") else f"{step} {outcome}: {detail}"


@contextlib.contextmanager
def _session(night: Night, steps: Sequence[str], attempt: str) -> "Iterator[Callable[[], SparkSession]]":
    """A Spark session, started when a step first asks for it and stopped in any case; one that is there is used."""
    held: list[SparkSession] = []
    warming = None
    if "quality" in steps:
        from jobs import quality

        warming = quality.warm()

    def session() -> "SparkSession":
        if not held:
            from pyspark.sql import SparkSession

            if (active := SparkSession.getActiveSession()) is not None:
                return active
            from jobs.core.session import start

            clock, started = time.perf_counter(), datetime.now(UTC)
            held.append(start(f"citypulse {night.city.id} {night.biz_date}"))
            _note(night, attempt, "session", "done", started, time.perf_counter() - clock, "")
        if warming is not None:
            warming.join()
        return held[0]

    try:
        yield session
    finally:
        for one in held:
            with contextlib.suppress(Exception):  # a JVM that was killed cannot be stopped; the step has said so
                one.stop()


def _note(
    night: Night, attempt: str, step: str, outcome: str, started: datetime, seconds: float, detail: str,
    said: Mapping[str, Any] | None = None,
) -> None:  # fmt: skip
    base = {"biz_date": night.biz_date, "attempt": attempt, "step": step, "started_at": started}
    rows = [base | {"table": None, "outcome": outcome, "seconds": seconds, "detail": detail[:2000]}]
    for key, value in (said or {}).items():
        if isinstance(value, Mapping):
            state = "held" if value.get("held") else "done"
            rows.append(
                base | {"table": key, "outcome": state, "seconds": None, "detail": json.dumps(value, default=str)}
            )
    Ledger(night.lake).add("steps", rows)


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
