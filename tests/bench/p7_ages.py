"""P7, age: the same small night of the whole demo city in a lake of one day, of thirty, and of a year.

tests/bench/grow.py makes the lake. At each age the next night is landed and run in a copy of it, the ages in turn.
"""

import json
from datetime import timedelta

from jobs.sample.world import FOLDER
from schemas import load_city
from tests.bench import grow, measure, p1, report
from tests.bench.deliveries import DAY
from tests.bench.home import CITY, ask, copy, say
from tests.bench.scenario import Aim, Grows, Result, Scenario, Takes

MONTH, LAKE = 30, "lake"
TAKEN = "SELECT sum(records)::BIGINT AS records FROM ops.ingests WHERE biz_date = DATE '{day}'"


def bench(days: int, rounds: int) -> list[Result]:
    """The scenario, at three ages. Raises RuntimeError."""
    ages = sorted({1, min(MONTH, days), days})
    grow.grow(ages)
    spent: dict[int, list[measure.Spent]] = {age: [] for age in ages}
    steps: dict[int, list[dict[str, float]]] = {age: [] for age in ages}
    records = {}
    for number in range(1, rounds + 1):
        for age in ages:
            cost, took, records[age] = night(age)
            spent[age].append(cost)
            steps[age].append(took)
        told = ", ".join(f"after {age} days {spent[age][-1].seconds:.1f} s" for age in ages)
        say(f"P7 round {number}: {told}")
    aims = {
        f"{what}, {since}": [getattr(old, what) / getattr(new, what) for old, new in rounds]
        for since, age in (("night", 1), ("month", MONTH)) if age in ages[:-1] for what in ("seconds", "cpu_s")
        for rounds in [list(zip(spent[days], spent[age], strict=True))]
    }  # fmt: skip
    return [
        report.result(
            "p7_ages", age, aims if age == days else {}, {"night": spent[age]}, rows=records[age],
            steps=p1.medians(steps[age]),
        )
        for age in ages
    ]  # fmt: skip


def night(age: int) -> tuple[measure.Spent, dict[str, float], int]:
    """The next night of a lake of some age: its cost, its steps, and how many records it took."""
    copy(grow.at_age(age), LAKE)
    day = (DAY + timedelta(days=age)).isoformat()
    folder, at = grow.deliveries() / FOLDER.format(age + 1), grow.arrives(load_city(CITY), age + 1)
    cost, steps = p1.landed(folder, at.isoformat(), day, LAKE)
    sql = TAKEN.format(day=day)
    (row,) = json.loads(ask(LAKE)("sql", "--city", CITY, sql, "--format", "json"))
    return cost, steps, row["records"]


AIMS = {
    "seconds, night": Aim("a night in the oldest lake ÷ in one that is a night old", 1.2),
    "cpu_s, night": Aim("the same in processor seconds", 1.2),
    "seconds, month": Aim("a night in the oldest lake ÷ in one that is a month old", 1.2),
    "cpu_s, month": Aim("the same in processor seconds", 1.2),
}
SCENARIO = Scenario(
    "P7, age of the lake", AIMS, bench, sizes=(365,), least=2, rounds=3, counted="days",
    takes=Takes(before=Grows(1, 150), each=Grows(3, 1),
        gigabytes=Grows(0.1, 8), stays=Grows(0, 7), shares="grown lakes"),
)  # fmt: skip
