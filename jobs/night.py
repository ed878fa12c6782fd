"""The night: its steps in order, each attempt with a row in `ops.steps`. Airflow and `citypulse night` run these."""

import contextlib
import fcntl
import json
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from jobs import edition, said
from jobs.core.errors import CriticalFailure, Problem
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger
from jobs.landing import cut_off
from jobs.shared import personal
from schemas import City, DeclarationError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

LAYERS = ("bronze", "silver", "quality", "fused", "indicators")
STEPS = (*LAYERS, "edition", "verdict")
WITH_SPARK = ("bronze", "silver", "quality", "fused")
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

    A layer that fails ends the layers; its failure is in the ledger, and is raised after the steps that follow anyway.
    Raises Problem, CriticalFailure.
    """
    require(night)
    if night.is_sealed:
        edition.verify(night.city, night.lake, night.biz_date)
        tell(f"edition {night.biz_date} is sealed and verified; nothing changed")
        if "verdict" in steps:
            verdict(night)
        return
    with alone(night.lake):
        _run(night, steps, tell)


def _run(night: Night, steps: Sequence[str], tell: Tell) -> None:
    attempt, failure = uuid.uuid4().hex[:8], None
    with _session(night, steps, attempt) as session:
        for step in steps:
            if failure is not None and step in LAYERS:
                _note(night, attempt, step, "skipped", datetime.now(UTC), 0.0, "an earlier layer failed")
                continue
            try:
                _one(night, attempt, step, session, tell)
            except CriticalFailure as error:
                failure = error
    if failure is not None:
        raise failure


def _one(night: Night, attempt: str, step: str, session: "Callable[[], SparkSession]", tell: Tell) -> None:
    started, clock = datetime.now(UTC), time.perf_counter()
    try:
        said = _step(night, step, session)
    except (Problem, CriticalFailure, DeclarationError) as error:
        _note(night, attempt, step, "failed", started, time.perf_counter() - clock, str(error))
        raise
    except Exception as error:
        _note(
            night,
            attempt,
            step,
            "failed",
            started,
            time.perf_counter() - clock,
            f"{type(error).__name__}: {_first_line(error)}",
        )
        raise CriticalFailure(f"{step} failed: {type(error).__name__}: {_first_line(error)}") from error
    seconds = time.perf_counter() - clock
    _note(night, attempt, step, "done", started, seconds, json.dumps(said, default=str), said)
    tell(f"{step:<11}{seconds:6.1f} s  {_summary(said)}")


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
        QUALIFY row_number() OVER (PARTITION BY step ORDER BY started_at DESC) = 1""",
        "steps",
    )
    problems = [f"{row['step']} {row['outcome']}: {row['detail']}" for row in failed if row["outcome"] != "done"]
    problems += [f"{step} never ran" for step in LAYERS if step not in {row["step"] for row in failed}]
    held = ledger.rows("holds", f"biz_date = DATE '{night.biz_date}' AND is_held")
    problems += [f"{row['table']} {row['day']} held by {row['rule']}" for row in held]
    if problems:
        raise CriticalFailure(f"edition {night.biz_date} is made, but: " + "; ".join(problems[:5]))
    return {"problems": 0}


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
            one.stop()


@contextlib.contextmanager
def alone(lake: Lake) -> Iterator[None]:
    """Only one night or migration of a city at a time in a lake. The lock goes with its process, however that ends."""
    with (lake.root / ".night.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Problem(f"{lake.root}: another night of {lake.city} is running; wait for it or end it") from None
        yield


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
