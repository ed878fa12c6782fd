"""`make cluster-test`: a night of the demo city on two workers, one of them killed, and the same night run locally."""

import argparse
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from typing import Any, NoReturn

from citypulse.demo import CITY
from jobs.core.errors import Problem
from jobs.core.lake import Lake
from schemas.city import ROOT
from tests.cluster import compare, events, report, standalone, strike
from tests.cluster.standalone import Cluster, Failed
from tests.dags import settings
from tests.soak.__main__ import put

HOME = ROOT / ".cluster"
TO = ROOT / "docs" / "cluster.md"
PROFILE = "two_workers"
WORKERS = 2
NIGHT_WITHIN = 3600.0


def main() -> int:
    """Exit 0 when the tables and the edition are those of the local night; 1 naming what differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--step", default="silver", choices=report.STARTING, help="in which to kill a worker")
    step = parser.parse_args().step
    signal.signal(signal.SIGTERM, _end)
    try:
        page, wrong = run(step)
    except (Failed, Problem) as error:
        page, wrong = "", [str(error)]
    print(page)
    for one in wrong:
        print(f"cluster-test: {one}", file=sys.stderr)
    if not wrong:
        TO.write_text(put(TO.read_text("utf-8"), "cluster", f"```\n{page}\n```"), "utf-8")
    return 1 if wrong else 0


def run(step: str) -> tuple[str, list[str]]:
    """What is to be said of the run, and what is wrong with it. Raises Failed, Problem."""
    clock: dict[str, float] = {}
    with _timed("packing, deliveries, landing", clock):
        environment, day = _prepared()
    with _timed("the night locally", clock):
        _command(_environment("local", environment), "night", "--city", CITY, "--biz-date", day)
    (HOME / "events").mkdir()
    with standalone.running(HOME / "nodes", WORKERS) as cluster:
        with _timed("the night on the cluster, through Airflow", clock):
            struck, said = _through_airflow(cluster, environment, day, step)
        applications = cluster.says()
    submits = events.submits(HOME / "events")
    with _timed("comparing", clock):
        at, lake = date.fromisoformat(day), Lake(HOME / "lake", CITY)
        local, wrong = compare.verified(Lake(HOME / "local", CITY), at)
        there, more = compare.verified(lake, at)
        wrong += more + (compare.differing(local, there) if local and there else []) + compare.begun_again(lake, at)
    wrong += report.wrong(said, struck, submits, applications, HOME / "nodes")
    tables = len(local.tables) if local else 0
    return report.page(clock, struck, submits, tables, local.seal if local else None, wrong), wrong


def _prepared() -> tuple[dict[str, str], str]:
    """The environment of the demo's Airflow, in folders of its own; the night, landed in a lake each for both runs."""
    shutil.rmtree(HOME, ignore_errors=True)
    standalone.equip(HOME / "environment")
    environment = _environment("before", settings.of_demo())
    with (HOME / "migrate.log").open("w") as log:
        migration = subprocess.Popen(["airflow", "db", "migrate"], env=environment, stdout=log, stderr=log)
        try:
            _command(environment, "sample", "--city", CITY, "--nights", "1", "--to", str(HOME / "deliveries"))
            plan = json.loads((HOME / "deliveries" / "nights.json").read_text("utf-8"))[0]
            words = ["--from", str(HOME / "deliveries" / plan["folder"]), "--delivered-at", plan["delivered_at"]]
            _command(environment, "land", "--city", CITY, *words)
            if migration.wait():
                raise Failed(f"airflow db migrate failed: {HOME / 'migrate.log'} says why")
        finally:
            standalone.end(migration)
    for name in ("local", "lake"):
        shutil.copytree(HOME / "before", HOME / name)
    return environment, plan["biz_date"]


def _environment(lake: str, environment: dict[str, str]) -> dict[str, str]:
    own = {"CITYPULSE_LAKE": HOME / lake, "CITYPULSE_KEYS": HOME / "keys", "AIRFLOW_HOME": HOME / "airflow"}
    return environment | {name: str(path) for name, path in own.items()} | {"CITYPULSE_PROFILE": "local"}


def _command(environment: dict[str, str], *words: str) -> None:
    process = subprocess.Popen(
        ["citypulse", *words], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    try:
        _, error = process.communicate()
    finally:
        standalone.end(process)
    if process.returncode:
        raise Failed(f"citypulse {' '.join(words)}: exit {process.returncode}: {error.strip()}")


def _through_airflow(
    cluster: Cluster, environment: dict[str, str], day: str, step: str
) -> tuple[strike.Struck, dict[str, Any]]:
    """The night by the city's DAG, whose connection is the cluster; a worker killed in the middle of a step."""
    host, port = cluster.master.rsplit(":", 1)
    connection = {"conn_type": "spark", "host": host, "port": int(port), "extra": {"deploy-mode": "client"}}
    environment = _environment("lake", environment) | {
        "CITYPULSE_PROFILE": PROFILE, "AIRFLOW_CONN_SPARK_DEFAULT": json.dumps(connection)
    }  # fmt: skip
    said = HOME / "said.json"
    with (HOME / "night.log").open("w") as log:
        words = [sys.executable, "-m", "tests.dags.night", CITY, day, str(said)]
        process = subprocess.Popen(words, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True)
        try:
            struck = strike.in_the_middle_of(step, cluster, process)
            print(struck, flush=True)
            process.wait(NIGHT_WITHIN)
        except subprocess.TimeoutExpired:
            raise Failed(
                f"the night did not end within {NIGHT_WITHIN:.0f} s: {log.name} says how far it came"
            ) from None
        finally:
            standalone.end(process)
    if not said.is_file():
        raise Failed(f"the night ended with {process.returncode}: {log.name} says why")
    told: dict[str, Any] = json.loads(said.read_text("utf-8"))
    return struck, told


@contextlib.contextmanager
def _timed(what: str, clock: dict[str, float]) -> Iterator[None]:
    started = time.perf_counter()
    yield
    clock[what] = time.perf_counter() - started
    print(f"{what}: {clock[what]:.0f} s", flush=True)


def _end(number: int, frame: object) -> NoReturn:
    """Ended from outside: what was started is ended on the way out."""
    raise KeyboardInterrupt(number)


if __name__ == "__main__":
    try:
        code = main()
    except KeyboardInterrupt:
        print("cluster-test: interrupted; what it had started is ended", file=sys.stderr)
        code = 130
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
