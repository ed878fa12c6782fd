"""P8: `make demo`, three nights of the demo city through its DAG, with everything installed already."""

from tests.bench import measure, report
from tests.bench.home import run, say
from tests.bench.scenario import Aim, Grows, Result, Scenario, Takes

NIGHTS = 3


def bench(nights: int, rounds: int) -> list[Result]:
    """The scenario. Raises RuntimeError when a night is red."""
    spent: list[measure.Spent] = []
    for number in range(1, rounds + 1):
        spent.append(run("demo", "make", "demo"))
        say(f"P8 round {number}: {spent[-1].seconds:.1f} s")
    minutes = [one.seconds / 60 for one in spent]
    return [report.result("p8", nights, {"minutes": minutes}, {"demo": spent})]


AIMS = {"minutes": Aim(f"`make demo`, {NIGHTS} nights", 5, "min")}
SCENARIO = Scenario(
    "P8, the demo", AIMS, bench, sizes=(NIGHTS,), rounds=3, counted="",
    takes=Takes(before=Grows(0), each=Grows(6), gigabytes=Grows(0.3)),
)  # fmt: skip
