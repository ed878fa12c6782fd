"""P4: what twenty rules cost while silver is written, and the quality step beside stock great-expectations.

The vehicle positions of tests/bench/deliveries.py, in two cities that differ in that table's rules alone: twenty on
rows and four on the set, or none at all, not even its contract's. In turn, each round in a fresh lake: bronze and
silver with the rules and without; then the quality step, and stock great-expectations with SUMMARY asked all of them of
the same silver. First once unmeasured; what both say of the set must be the same. Seconds are those of the steps,
without the start of a session.
"""

import argparse
import json
import os
import shutil
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from schemas import Rules, load_city
from schemas.city import ROOT
from schemas.declared import read
from tests.bench import compare, deliveries, measure, report

CITY, TABLE = "lanhai", "vehicle_positions"
KEY = f"silver.{TABLE}"
HOME = ROOT / ".bench"
CITYPULSE = (sys.executable, "-c", "from citypulse.cli import main; main()")
STOCK = (sys.executable, "-m", "tests.bench.rules_stock")
ROWS, ROUNDS = 10_000_000, 5
TARGETS = {"rules": 1.10, "quality": 10.0}
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


def declared() -> dict[str, Any]:
    """The rule file of the city with rules."""
    named = [
        [{"rule": f"{kind}_{at}", name: arguments, **WHY} for at, (name, arguments) in enumerate(listed)]
        for kind, listed in (("row", ON_ROWS), ("set", ON_SETS))
    ]
    return {"table": TABLE, "rows": named[0], "sets": named[1]}


def run(rows: int, rounds: int) -> dict[str, Any]:
    """The scenario. Raises RuntimeError when a command fails, AssertionError when the two do not say the same."""
    folder = HOME / f"deliveries-{rows}"
    folder.mkdir(parents=True, exist_ok=True)
    (HOME / ".gitignore").write_text("*\n", "utf-8")
    deliveries.write(folder, rows)
    for which, rules in (("with", declared()), ("without", {"table": TABLE})):
        configure(which, rules)
    found: dict[str, list[float]] = {name: [] for name in ("with", "without", "quality", "stock")}
    for number in range(rounds + 1):
        for which in ("with", "without") if number % 2 else ("without", "with"):
            found[which].append(silver(folder, which))
        found["quality"].append(quality())
        found["stock"].append(stock())
        check()
        measured = "unmeasured" if number == 0 else f"round {number}"
        print(f"{measured}: {', '.join(f'{name} {spent[-1]:.1f} s' for name, spent in found.items())}", flush=True)
    return result(rows, {name: spent[1:] for name, spent in found.items()})


def configure(which: str, rules: dict[str, Any]) -> None:
    """The configuration with a city whose table has these rules, and no others of its contract when it has none."""
    city = HOME / f"conf-{which}" / "cities" / CITY
    shutil.rmtree(city.parents[1], ignore_errors=True)
    shutil.copytree(ROOT / "conf", city.parents[1])
    contract = load_city(CITY).contracts[KEY].model_dump(mode="json", exclude={"name"})
    for column in contract["columns"].values():
        column |= {"required": False, "valid_range": None, "allowed": None}
    for part, said in (("schemas", contract), ("quality", rules)):
        (city / part / "silver").mkdir(parents=True, exist_ok=True)
        (city / part / "silver" / f"{TABLE}.yaml").write_text(json.dumps(said, default=str), "utf-8")


def silver(folder: Path, which: str) -> float:
    """Seconds of bronze and silver in a fresh lake."""
    shutil.rmtree(HOME / f"lake-{which}", ignore_errors=True)
    there = ("--from", str(folder), "--delivered-at", deliveries.DELIVERED_AT)
    command("land", which, *CITYPULSE, "land", "--city", CITY, *there)
    day = deliveries.DAY.isoformat()
    command("silver", which, *CITYPULSE, "night", "--city", CITY, "--biz-date", day, "--until", "silver")
    steps = seconds(which)
    return steps["bronze"] + steps["silver"] - steps["session"]


def quality() -> float:
    """Seconds of the quality step on the silver with rules."""
    day = deliveries.DAY.isoformat()
    command("quality", "with", *CITYPULSE, "run", "quality", "--city", CITY, "--biz-date", day)
    steps = seconds("with")
    return steps["quality"] - steps["session"]


def stock() -> float:
    """Seconds of stock great-expectations on the same silver."""
    command("stock", "with", *STOCK, str(HOME / "lake-with" / CITY), str(HOME / "stock.json"))
    spent: float = json.loads((HOME / "stock.json").read_text("utf-8"))["seconds"]
    return spent


def check() -> None:
    """What is said of the set is the same, and the step has judged every rule."""
    with configured("with"):
        ask = compare.asker(CITYPULSE, ROOT, dict(os.environ))
        sql = f"SELECT rule, success, failed FROM ops.quality WHERE \"table\" = '{KEY}' ORDER BY rule"
        ours = {row["rule"]: row for row in json.loads(ask("sql", "--city", CITY, sql, "--format", "json"))}
    theirs = json.loads((HOME / "stock.json").read_text("utf-8"))["said"]
    names = {rule["rule"] for kind in ("rows", "sets") for rule in declared()[kind]}
    assert names <= set(ours), f"not judged: {sorted(names - set(ours))}"
    mine = {name: [ours[name]["success"], ours[name]["failed"]] for name in theirs if name.startswith("set_")}
    assert mine == {name: said for name, said in theirs.items() if name in mine}, (mine, theirs)


def seconds(which: str) -> dict[str, float]:
    """The newest seconds of each step of a lake's night."""
    with configured(which):
        ask = compare.asker(CITYPULSE, ROOT, dict(os.environ))
        day = deliveries.DAY.isoformat()
        rows = json.loads(ask("steps", "--city", CITY, "--biz-date", day, "--format", "json"))
    return {row["step"]: row["seconds"] for row in rows}


def command(name: str, which: str, *words: str) -> None:
    """Run a command on a city and its lake. Raises RuntimeError naming the log when it fails."""
    (HOME / "logs").mkdir(parents=True, exist_ok=True)
    with configured(which):
        measure.run([words], ROOT, {}, HOME / "logs" / f"rules-{name}.log")


@contextmanager
def configured(which: str) -> Iterator[None]:
    """The environment of one of the two cities."""
    before = dict(os.environ)
    os.environ |= {
        "CITYPULSE_CONF": str(HOME / f"conf-{which}"), "CITYPULSE_LAKE": str(HOME / f"lake-{which}"),
        "CITYPULSE_KEYS": str(HOME / "keys"),
    }  # fmt: skip
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def result(rows: int, found: dict[str, list[float]]) -> dict[str, Any]:
    """What is kept of the measurement: medians of each round's own ratio."""
    ratios = {
        "rules": [a / b for a, b in zip(found["with"], found["without"], strict=True)],
        "quality": [b / a for a, b in zip(found["quality"], found["stock"], strict=True)],
    }
    return {
        "scenario": "P4 twenty rules", "rows": rows, "seconds": found,
        "ratios": {name: round(statistics.median(each), 3) for name, each in ratios.items()}, "targets": TARGETS,
        "machine": measure.machine(), "versions": report.versions(), **report.commit(ROOT),
    }  # fmt: skip


def main() -> None:
    """Print the result."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.rules", description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    asked = parser.parse_args()
    measure.adopt()
    clock = time.perf_counter()
    print(json.dumps(run(asked.rows, asked.rounds), indent=2))
    print(f"{time.perf_counter() - clock:.0f} s", file=sys.stderr)


def rules() -> Rules:
    """The rules as a city reads them."""
    path = HOME / "conf-with" / "cities" / CITY / "quality" / "silver" / f"{TABLE}.yaml"
    return read(path, Rules)


if __name__ == "__main__":
    main()
