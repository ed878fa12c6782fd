"""P5: a night in which nothing arrived, through the DAG, in one process.

The demo city's first night is made at its default scale. Then, in a copy of that lake each, the night after it: nothing
was delivered for it. Every start of a JVM is counted.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from tests.bench import compare, deliveries, demo_city, measure, report
from tests.bench.home import CITY, HOME, ask, copy, prepare, run, say
from tests.bench.java import Counted
from tests.bench.scenario import Aim, Grows, Result, Scenario, Takes
from tests.dags import settings

FIRST, LAKE = "first-night", "lake"
SECOND = (deliveries.DAY + timedelta(days=1)).isoformat()
DAG = ("-m", "tests.dags.night", CITY, SECOND, str(HOME / "dag.json"))
TAKEN = f"""
    SELECT (SELECT count(*) FROM ops.ingests WHERE biz_date = DATE '{SECOND}') AS deliveries,
        (SELECT count(*) FROM ops.editions WHERE biz_date = DATE '{SECOND}') AS editions"""


def bench(size: int, rounds: int) -> list[Result]:
    """The scenario. Raises Unequal, RuntimeError."""
    demo_city.night(Decimal(1), FIRST)
    java, environment = Counted(prepare("airflow")), airflow()
    run("migrate", "airflow", "db", "migrate", more=environment)
    spent: list[measure.Spent] = []
    seconds: list[float] = []
    starts: list[float] = []
    for number in range(1, rounds + 1):
        copy(FIRST, LAKE)
        java.taken()
        spent.append(run("dag", sys.executable, *DAG, more=environment | java.environment))
        said = json.loads((HOME / "dag.json").read_text("utf-8"))
        compare.require(unlike(said))
        seconds.append(said["seconds"])
        starts.append(max(java.taken(), spent[-1].javas))
        say(f"P5 round {number}: {seconds[-1]:.1f} s, {starts[-1]} starts of a JVM")
    told = f"{len(said['tasks'])} task instances; the whole process, with Airflow's own start, under *What it cost*"
    return [report.result("p5", size, {"seconds": seconds, "starts": starts}, {"night": spent}, note=told)]


def airflow() -> dict[str, str]:
    """The environment of the demo's Airflow, with the benchmark's own home, lake and keys."""
    own = {"AIRFLOW_HOME": "airflow", "CITYPULSE_LAKE": LAKE, "CITYPULSE_KEYS": "keys"}
    return settings.of_demo() | {name: str(HOME / folder) for name, folder in own.items()}


def unlike(said: Mapping[str, Any]) -> Sequence[str]:
    """What is not as it should be of a night in which nothing arrived."""
    ((taken,),) = [json.loads(ask(LAKE)("sql", "--city", CITY, TAKEN, "--format", "json"))]
    wrong = [] if said["state"] == "success" else [f"the run ended as {said['state']}: {said['tasks']}"]
    wrong += [f"{taken['deliveries']} deliveries were taken"] if taken["deliveries"] else []
    return wrong + ([] if taken["editions"] == 1 else ["no edition was sealed"])


AIMS = {
    "seconds": Aim("the run of the DAG", 60, "s", decimals=1),
    "starts": Aim("starts of a JVM in it", 3, decimals=0, highest=True),
}
SCENARIO = Scenario(
    "P5, a night in which nothing arrived", AIMS, bench, sizes=(1,), counted="",
    takes=Takes(before=Grows(6), each=Grows(1.5), gigabytes=Grows(0.2)),
)  # fmt: skip
