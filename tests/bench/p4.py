"""P4: what twenty rules cost while silver is written, and the quality step beside stock great-expectations.

The vehicle positions of tests/bench/deliveries.py, in two cities that differ in that table's rules alone: twenty on
rows and four on the set, or none at all, not even its contract's. In turn, each round in a fresh lake: the night up to
quality with the rules, and up to silver without; then stock great-expectations with SUMMARY, asked all of them of the
same silver. First once unmeasured, and after every round: both cities must write the same rows but for flags, stock
must say the same of the set, and count as many rows for each rule as are flagged. The ratios are of the steps' seconds,
without the start of a session and the import of great-expectations; beside stock stands all that judging costs: the
quality step, and what the rules on rows add to the steps before it (nothing, in a round that is faster with them).
"""

import json
import os
import shutil
import statistics
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from schemas import Rules, load_city
from schemas.city import ROOT
from schemas.declared import read
from tests.bench import compare, deliveries, measure, report
from tests.bench.home import CITY, CITYPULSE, HOME, ask, prepare, run, say, steps
from tests.bench.scenario import Aim, Grows, Result, Scenario, Takes

TABLE = "vehicle_positions"
KEY = f"silver.{TABLE}"
WITH, WITHOUT = "rules", "no-rules"
WHY = {"severity": "warning", "why": "-"}
BETWEEN, IN_SET = "expect_column_values_to_be_between", "expect_column_values_to_be_in_set"
NOT_NULL, LENGTHS = "expect_column_values_to_not_be_null", "expect_column_value_lengths_to_be_between"
REGEX, NOT_REGEX = "expect_column_values_to_match_regex", "expect_column_values_to_not_match_regex"
ON_ROWS: tuple[tuple[str, dict[str, Any]], ...] = (
    *((NOT_NULL, {"column": column}) for column in (
        "observed", "vehicle_id", "lon_deg", "lat_deg", "speed_kmh", "heading_deg", "is_occupied", "line_id")),
    (BETWEEN, {"column": "lon_deg", "min_value": -180, "max_value": 180}),
    (BETWEEN, {"column": "lat_deg", "min_value": -90, "max_value": 90}),
    (BETWEEN, {"column": "speed_kmh", "min_value": 0, "max_value": 200}),
    (BETWEEN, {"column": "speed_kmh", "max_value": 120.5, "strict_max": True}),
    (BETWEEN, {"column": "heading_deg", "min_value": 0, "max_value": 360, "strict_max": True}),
    (BETWEEN, {"column": "observed", "min_value": "2025-03-01", "max_value": "2025-04-01"}),
    (LENGTHS, {"column": "vehicle_id", "min_value": 4, "max_value": 12}),
    (LENGTHS, {"column": "line_id", "max_value": 8}),
    (REGEX, {"column": "vehicle_id", "regex": "^[A-Z]?[A-Z0-9-]+$"}),
    (NOT_REGEX, {"column": "vehicle_id", "regex": r"\s"}),
    (IN_SET, {"column": "is_occupied", "value_set": [True, False]}),
    ("expect_column_pair_values_a_to_be_greater_than_b", {"column_A": "lon_deg", "column_B": "lat_deg"}),
)  # fmt: skip
ON_SETS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("expect_table_row_count_to_be_between", {"min_value": 1}),
    (NOT_NULL, {"column": "place_id", "mostly": 0.5}),
    (NOT_NULL, {"column": "speed_kmh", "mostly": 0.9}),
    ("expect_column_unique_value_count_to_be_between", {"column": "speed_kmh", "min_value": 2}),
)


JUDGED = f"SELECT rule, success, failed FROM ops.quality WHERE \"table\" = '{KEY}' ORDER BY rule"
FLAGGED = f"""
    SELECT rule, count(*) AS rows FROM (SELECT unnest(string_split(_flags, ',')) AS rule FROM {KEY}) GROUP BY rule"""
WRITTEN = f"SELECT count(*) AS rows, sum(hash(COLUMNS(* EXCLUDE (_flags)))::HUGEINT)::VARCHAR FROM {KEY}"
"""How many rows there are, and a sum of each column that knows no order."""


def declared() -> dict[str, Any]:
    """The rule file of the city with rules."""
    named = [
        [{"rule": f"{kind}_{at}", name: arguments, **WHY} for at, (name, arguments) in enumerate(listed)]
        for kind, listed in (("row", ON_ROWS), ("set", ON_SETS))
    ]
    return {"table": TABLE, "rows": named[0], "sets": named[1]}


@dataclass
class Measured:
    """The rounds: what each command cost, and the steps of the nights."""

    spent: dict[str, list[measure.Spent]] = field(default_factory=dict)
    steps: dict[str, list[dict[str, float]]] = field(default_factory=dict)
    stock: list[float] = field(default_factory=list)

    def seconds(self, which: str, *names: str) -> list[float]:
        """Of each round the seconds of some steps, without the start of Spark where it is within one of them."""
        return [sum(one[name] for name in names) - _started(one, names) for one in self.steps[which]]


def _started(took: Mapping[str, float], names: Sequence[str]) -> float:
    """Seconds in which Spark started within some steps: within the one that it stands behind."""
    within = [before for before, name in pairwise(took) if name == "session"]
    return took["session"] if within and within[0] in names else 0.0


def bench(rows: int, rounds: int) -> list[Result]:
    """The scenario. Raises Unequal, RuntimeError."""
    folder, clock = prepare(f"deliveries-{rows}"), time.perf_counter()
    deliveries.write(folder, rows)
    size = deliveries.bytes_of(folder)
    say(f"P4 deliveries: {rows:,} records, {time.perf_counter() - clock:.0f} s")
    for which, rules in ((WITH, declared()), (WITHOUT, {"table": TABLE})):
        configure(which, rules)
    once(Measured(), folder, 0)
    judged = check()
    say(f"the same verdicts and counts on the set; {judged} rules judged")
    found = Measured()
    for number in range(1, rounds + 1):
        once(found, folder, number)
        check()
        told = {which: found.seconds(which, "bronze", "silver")[-1] for which in (WITH, WITHOUT)}
        told |= {"quality": found.seconds(WITH, "quality")[-1], "stock": found.stock[-1]}
        say(f"round {number}: {', '.join(f'{name} {spent:.1f} s' for name, spent in told.items())}")
    return [result(found, rows, size, judged)]


def once(found: Measured, folder: Path, number: int) -> None:
    """A round; the two cities take turns in being first."""
    for which in (WITH, WITHOUT) if number % 2 else (WITHOUT, WITH):
        spent, took = night(folder, which)
        found.spent.setdefault(which, []).append(spent)
        found.steps.setdefault(which, []).append(took)
    with configured(WITH):
        there = (str(HOME / WITH / CITY), str(HOME / "stock.json"))
        spent = run("stock", sys.executable, "-m", "tests.bench.stock", *there, lake=WITH)
    found.spent.setdefault("stock", []).append(spent)
    found.stock.append(json.loads((HOME / "stock.json").read_text("utf-8"))["seconds"])


def night(folder: Path, which: str) -> tuple[measure.Spent, dict[str, float]]:
    """The night in a fresh lake, with rules up to quality, without up to silver."""
    shutil.rmtree(HOME / which, ignore_errors=True)
    day, until = deliveries.DAY.isoformat(), "quality" if which == WITH else "silver"
    there = ("--from", str(folder), "--delivered-at", deliveries.DELIVERED_AT)
    with configured(which):
        run("land", *CITYPULSE, "land", "--city", CITY, *there, lake=which)
        spent = run(which, *CITYPULSE, "night", "--city", CITY, "--biz-date", day, "--until", until, lake=which)
        return spent, steps(day, which)


def configure(which: str, rules: dict[str, Any]) -> None:
    """The configuration with a city whose table has these rules, and no others of its contract when it has none."""
    city = _conf(which) / "cities" / CITY
    shutil.rmtree(city.parents[1], ignore_errors=True)
    shutil.copytree(ROOT / "conf", city.parents[1])
    contract = load_city(CITY).contracts[KEY].model_dump(mode="json", exclude={"name"})
    for column in contract["columns"].values():
        column |= {"required": False, "valid_range": None, "allowed": None}
    for part, said in (("schemas", contract), ("quality", rules)):
        (city / part / "silver").mkdir(parents=True, exist_ok=True)
        (city / part / "silver" / f"{TABLE}.yaml").write_text(json.dumps(said, default=str), "utf-8")


def _conf(which: str) -> Path:
    return HOME / f"conf-{which}"


@contextmanager
def configured(which: str) -> Iterator[None]:
    """The configuration of one of the two cities."""
    before = os.environ.get("CITYPULSE_CONF")
    os.environ["CITYPULSE_CONF"] = str(_conf(which))
    try:
        yield
    finally:
        os.environ.pop("CITYPULSE_CONF")
        os.environ |= {"CITYPULSE_CONF": before} if before is not None else {}


def check() -> int:
    """How many rules were judged: all. Raises Unequal where stock says other things of the set or of rows."""
    judged = {row["rule"]: [row["success"], row["failed"]] for row in _asked(WITH, JUDGED)}
    flagged = {row["rule"]: row["rows"] for row in _asked(WITH, FLAGGED)}
    theirs = json.loads((HOME / "stock.json").read_text("utf-8"))["said"]
    rows, sets = ([rule["rule"] for rule in declared()[kind]] for kind in ("rows", "sets"))
    unlike = [f"{name} was not judged" for name in sorted({*rows, *sets} - set(judged))]
    said = {name: judged.get(name) for name in sets}
    said |= {name: [flagged.get(name, 0) == 0, flagged.get(name, 0)] for name in rows}
    unlike += [
        f"{name}: {mine}, stock great-expectations says {theirs[name]}"
        for name, mine in said.items() if mine != theirs[name]
    ]  # fmt: skip
    if (mine := _asked(WITH, WRITTEN)) != (other := _asked(WITHOUT, WRITTEN)):
        unlike.append(f"silver: {mine[0]} with rules, {other[0]} without")
    compare.require(unlike)
    return len(said)


def _asked(which: str, sql: str) -> list[dict[str, Any]]:
    """What one of the two lakes answers."""
    with configured(which):
        rows: list[dict[str, Any]] = json.loads(ask(which)("sql", "--city", CITY, sql, "--format", "json"))
    return rows


def result(found: Measured, rows: int, size: int, judged: int) -> Result:
    """What is kept: the rules beside none, and the step beside stock."""
    with_rules, without = (found.seconds(which, "bronze", "silver") for which in (WITH, WITHOUT))
    quality, stock = found.seconds(WITH, "quality"), found.stock
    judging = [one + max(0, mine - other) for one, mine, other in zip(quality, with_rules, without, strict=True)]
    aims = {
        "rules": [mine / other for mine, other in zip(with_rules, without, strict=True)],
        "judging": [other / mine for mine, other in zip(judging, stock, strict=True)],
    }
    medians = {
        "bronze and silver with rules": with_rules, "without": without, "quality": quality,
        "stock great-expectations": stock,
    }  # fmt: skip
    told = ", ".join(f"{name} {statistics.median(seconds):.1f} s" for name, seconds in medians.items())
    spent = {
        "night with rules": found.spent[WITH],
        "night without": found.spent[WITHOUT],
        "stock": found.spent["stock"],
    }
    return report.result(
        "p4", rows, aims, spent, rows=rows, bytes=size, compared=f"{judged} rules", note=f"Of them: {told}"
    )


AIMS = {
    "rules": Aim("bronze and silver with twenty rules ÷ without", 1.1),
    "judging": Aim(
        "times faster all judging (quality, and what rules add before it) than stock great-expectations",
        10,
        at_least=True,
        decimals=1,
    ),
}
SCENARIO = Scenario(
    "P4, rules", AIMS, bench, sizes=(10_000_000,), least=20_000,
    takes=Takes(before=Grows(1.5, 5), each=Grows(1.3, 4), gigabytes=Grows(0.1, 6), stays=Grows(0, 0.7)),
)  # fmt: skip


def rules() -> Rules:
    """The rules as a city reads them."""
    return read(_conf(WITH) / "cities" / CITY / "quality" / "silver" / f"{TABLE}.yaml", Rules)
