"""`make demo`: three nights of the generated city through its Airflow DAG, and what they said.

Everything of it lies in `.demo`. The lake is made anew each time, so every run gives the same values.
"""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TextIO

from schemas import City, load_city, nights
from schemas.city import ROOT

if TYPE_CHECKING:
    from airflow.sdk import DAG

CITY = "lanhai"
NIGHTS = 3
HOME = ROOT / ".demo"


@dataclass
class Clock:
    """Where the time went: seconds by what was done, in the order in which it was first done."""

    spent: dict[str, float] = field(default_factory=dict)

    @contextlib.contextmanager
    def on(self, what: str) -> Iterator[None]:
        """Adds the time of a block to `what`."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self.spent[what] = self.spent.get(what, 0.0) + time.perf_counter() - started


def main() -> None:
    """Runs the demo; exit 1, naming the task, when a night's run is red."""
    clock, city = Clock(), load_city(CITY)
    plan = _prepare(clock)
    with clock.on("Airflow: loading"):
        dag = _dag()
    for night in plan:
        day = night["biz_date"]
        with clock.on("landing"):
            landed = _land(night)
        print(f"\nnight {day}: {landed}", flush=True)
        with clock.on(day):
            _run(dag, city, day)
    days = [night["biz_date"] for night in plan]
    _say_where_time_went(clock, days)
    _say_changes(city, days[1])
    _say_headlines(city, days[-1])
    edition = _edition(days[-1])
    print(f"\nbulletin  {edition / 'index.html'}\nquality   {edition / 'quality.html'}")
    print("to look at the runs: make airflow")


def _prepare(clock: Clock) -> list[dict[str, Any]]:
    """A fresh lake, the deliveries, and Airflow's database (which is made while the deliveries are)."""
    for name in ("lake", "deliveries"):
        shutil.rmtree(HOME / name, ignore_errors=True)
    (HOME / "logs").mkdir(parents=True, exist_ok=True)
    with clock.on("deliveries and Airflow's database"):
        with (HOME / "logs" / "migrate.log").open("w") as log:
            migration = subprocess.Popen(["airflow", "db", "migrate"], stdout=log, stderr=subprocess.STDOUT)
        _cli("sample", "--city", CITY, "--nights", str(NIGHTS), "--to", str(HOME / "deliveries"))
        if migration.wait():
            _fail(f"airflow db migrate failed: {HOME / 'logs' / 'migrate.log'} says why")
    plan: list[dict[str, Any]] = json.loads((HOME / "deliveries" / "nights.json").read_text("utf-8"))
    return plan


def _land(night: Mapping[str, Any]) -> str:
    folder = HOME / "deliveries" / night["folder"]
    return _cli("land", "--city", CITY, "--from", str(folder), "--delivered-at", night["delivered_at"]).strip()


def _dag() -> "DAG":
    """The city's DAG, as Airflow reads it from the folder."""
    with _quiet("parse"):
        from airflow.dag_processing.dagbag import DagBag

        bag = DagBag(str(ROOT / "dags"))
    if bag.import_errors:
        _fail("; ".join(f"{path}: {error.strip().splitlines()[-1]}" for path, error in bag.import_errors.items()))
    dag: DAG = bag.dags[f"nightly_{CITY}"]
    return dag


def _run(dag: "DAG", city: City, day: str) -> None:
    """One night as its scheduled run would be: at the cut-off, with the business date taken from the run."""
    from airflow.utils.state import DagRunState

    at = nights.starts(city, day)
    with _quiet(day) as terminal:
        for task in dag.tasks:
            if not task.is_mapped:
                task.on_success_callback = [_Teller(terminal, "done")]
                task.on_failure_callback = [_Teller(terminal, "failed")]
        run = dag.test(logical_date=at, run_after=at)
        red = [
            f"{one.task_id} {one.rendered_map_index or ''}".strip()
            for one in run.get_task_instances()
            if one.state == "failed"
        ]
    if run.state != DagRunState.SUCCESS:
        _fail(f"night {day} is red: {', '.join(red)} failed; {HOME / 'logs' / day}.log says why")


@dataclass
class _Teller:
    """Tells how a task ended, while the log of the run goes to its file."""

    terminal: TextIO
    how: str

    def __call__(self, context: Mapping[str, Any]) -> None:
        task = context["task_instance"]
        print(f"  {task.task_id} {self.how}", file=self.terminal, flush=True)


@contextlib.contextmanager
def _quiet(name: str) -> Iterator[TextIO]:
    """Everything this process and its children print goes to a log; what is yielded still reaches the terminal."""
    sys.stdout.flush()
    sys.stderr.flush()
    kept = os.dup(1), os.dup(2)
    with (HOME / "logs" / f"{name}.log").open("w") as log, os.fdopen(os.dup(1), "w") as terminal:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
        try:
            yield terminal
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            for number, old in enumerate(kept, start=1):
                os.dup2(old, number)
                os.close(old)


def _say_where_time_went(clock: Clock, days: list[str]) -> None:
    """Seconds, and their share of all of the demo's: of what is done around the nights, and of the nights by step."""
    whole, rows = sum(clock.spent.values()), {day: _asked("steps", "--biz-date", day) for day in days}
    print(f"\nwhere the time went: {whole:.1f} s")
    for what in [what for what in clock.spent if what not in days]:
        print(f"  {what:<36}{clock.spent[what]:12.1f}{clock.spent[what] / whole:8.1%}")
    print(f"  {'nights, by step':<36}" + "".join(f"{day:>12}" for day in days) + f"{'share':>8}")
    by_step: dict[str, list[float]] = {}
    for at, day in enumerate(days):
        for row in rows[day]:
            by_step.setdefault(row["step"], [0.0] * len(days))[at] += row["seconds"] or 0.0
    starting = by_step.pop("session", [0.0] * len(days))
    outside = [clock.spent[day] - sum(one[at] for one in by_step.values()) for at, day in enumerate(days)]
    lines = by_step | {"Airflow, starts of processes": outside}
    lines |= {"(within the steps: Spark starting)": starting, "nights": [clock.spent[day] for day in days]}
    for name, spent in lines.items():
        print(f"    {name:<34}" + "".join(f"{one:12.1f}" for one in spent) + f"{sum(spent) / whole:8.1%}")
    print(f"  more of a night: citypulse profile --city {CITY} --biz-date {days[-1]}")


def _say_changes(city: City, day: str) -> None:
    """The published values that a night's late delivery and correction changed: of the city as a whole, by day."""
    path = _edition(day) / "changes.json"
    changes = json.loads(path.read_text("utf-8"))
    print(f"\nedition {day} says {len(changes):,} published values differently: late deliveries and corrections")
    shown = 0
    for one in sorted(changes, key=lambda one: (one["indicator"], one["period"])):
        before, after = (_number(city, one["indicator"], one[when]) for when in ("before", "after"))
        if one["level"] == "city" and "T" not in one["period"] and before != after:
            name = city.indicators[one["indicator"]].name.zh
            print(f"  {_wide(name, 24)}{one['indicator']:<40}{one['period']:<12}{before:>12} -> {after}")
            shown += 1
    print(f"  and {len(changes) - shown:,} of hours, of parts of the city, or too small to be seen here: {path}")


def _say_headlines(city: City, day: str) -> None:
    print(f"\nedition {day}, the city as a whole")
    for row in _asked("values", "--level", "city", "--period", day):
        if city.indicators[row["indicator"]].headline:
            name = city.indicators[row["indicator"]].name
            value = _number(city, row["indicator"], row["value"])
            covered = "" if row["coverage"] is None else f"coverage {row['coverage']:.2f}"
            print(f"  {_wide(name.zh, 30)}{name.en:<44}{value:>14} {row['unit']:<18}{row['status']:<12}{covered}")


def _number(city: City, indicator: str, value: float | None) -> str:
    return "unknown" if value is None else f"{value:,.{city.indicators[indicator].rounding}f}"


def _wide(text: str, size: int) -> str:
    """Text padded to `size` columns of a terminal, where a Chinese character takes two."""
    return text + " " * (size - sum(2 if ord(letter) > 0x2E7F else 1 for letter in text))


def _edition(day: str) -> Path:
    return Path(os.environ["CITYPULSE_LAKE"]) / CITY / "editions" / day


def _asked(command: str, *more: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(_cli(command, "--city", CITY, *more, "--format", "json"))
    return rows


def _cli(*words: str) -> str:
    done = subprocess.run(["citypulse", *words], capture_output=True, text=True, check=False)
    if done.returncode:
        _fail(f"citypulse {' '.join(words)}: exit {done.returncode}\n{done.stderr.strip()}")
    return done.stdout


def _fail(line: str) -> NoReturn:
    print(f"demo: {line}", file=sys.stderr)
    sys.stderr.flush()
    os._exit(1)


if __name__ == "__main__":
    main()
