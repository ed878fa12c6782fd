"""P3: all indicators of a night beside one scan-and-aggregate of the rows they are made from.

The generated city's night at scale, with all its sources, is taken to the end of quality once. Then in turn, in a copy
of that lake each: the steps `fused` and `indicators` in one process, as Airflow submits them; and two scans of
silver.vehicle_positions (tests/bench/scan.py), one in Spark, one in DuckDB. First once unmeasured: the scans must give
the same sums, the night's terms must be those where both have them, and every indicator must have values.
"""

import hashlib
import json
import os
import shutil
import statistics
import sys
import time
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
from deltalake import DeltaTable

from jobs import sample
from schemas import load_city
from schemas.city import ROOT
from tests.bench import compare, measure, report, scan
from tests.bench.deliveries import DAY
from tests.bench.home import CITY, CITYPULSE, HOME, ask, prepare, run, say

ROWS, LEAST_ROWS, ROUNDS = 20_000_000, 200_000, 5
ROWS_AT_SCALE_1 = 38_500
RIVALS = {"spark": ("a Spark scan", "≤ 2"), "duckdb": ("a DuckDB scan", "none")}
"""What each rival is called, and the most that the night may cost beside it."""
SILVER, LAKE = "silver-lake", "lake"
STEPS = "fused,indicators"
SAID = "SELECT count(*)::BIGINT, count(DISTINCT indicator)::BIGINT, sum(hash(v)::HUGEINT)::VARCHAR FROM said AS v"
TERMS = {
    "silver.vehicle_positions": {"n": "reports"},
    "silver.vehicle_positions speed_kmh": {"n": "speeds", "total": "speed"},
    "silver.vehicle_positions where speed_kmh > 80": {"n": "fast"},
}
"""Terms of the night to their states, each with the sum that must be equal."""


@dataclass
class Measured:
    """The rounds: what each cost, and the seconds of it in which a session started."""

    spent: dict[str, list[measure.Spent]] = field(default_factory=dict)
    session: dict[str, list[float]] = field(default_factory=dict)
    steps: list[dict[str, float]] = field(default_factory=list)

    def note(self, which: str, spent: measure.Spent, session: float) -> None:
        """Add a round."""
        self.spent.setdefault(which, []).append(spent)
        self.session.setdefault(which, []).append(session)

    def worked(self, which: str) -> list[float]:
        """Seconds of each round without the start of its session."""
        return [one.seconds - started for one, started in zip(self.spent[which], self.session[which], strict=True)]


def bench(rows: int, rounds: int) -> list[dict[str, Any]]:
    """The scenario beside each rival. Raises Unequal, RuntimeError."""
    made, found = make(rows), Measured()
    night(Measured())
    for engine in RIVALS:
        rival(engine, Measured())
    first = check()
    say(f"same sums, same terms; {first[0]:,} values of {first[1]} indicators")
    for number in range(1, rounds + 1):
        night(found)
        for engine in RIVALS:
            rival(engine, found)
        if check() != first:
            raise compare.Unequal(f"round {number} gives other values than the first")
        told = ", ".join(f"{which} {found.worked(which)[-1]:.1f} s" for which in found.spent)
        say(f"round {number}, without the start of a session: {told}")
    return [result(found, engine, made, first[0]) for engine in RIVALS]


def make(rows: int) -> int:
    """The lake with the night's silver, judged; how many vehicle positions it really has."""
    folder, clock = deliver(rows), time.perf_counter()
    shutil.rmtree(HOME / SILVER, ignore_errors=True)
    (night,) = json.loads((folder / "nights.json").read_text("utf-8"))
    there = ("--from", str(folder / night["folder"]), "--delivered-at", night["delivered_at"])
    run("land", *CITYPULSE, "land", "--city", CITY, *there, lake=SILVER)
    layers = ("night", "--city", CITY, "--biz-date", night["biz_date"], "--until", "quality")
    run("silver", *CITYPULSE, *layers, lake=SILVER)
    count: int = DeltaTable(str(HOME / SILVER / CITY / scan.TABLE)).count()
    say(f"P3 silver: {count:,} vehicle positions, {time.perf_counter() - clock:.0f} s")
    return count


def deliver(rows: int) -> Path:
    """The city's deliveries with so many vehicle positions, nearly; those of the same code are kept."""
    folder = prepare(f"city-{rows}") / "deliveries"
    code = b"".join(path.read_bytes() for path in sorted((ROOT / "jobs" / "sample").rglob("*.py")))
    stamp, made_by = folder.parent / "made-by", hashlib.sha256(code).hexdigest()
    if not stamp.exists() or stamp.read_text("utf-8") != made_by:
        stamp.unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)
        sample.write(CITY, 1, Decimal(rows) / ROWS_AT_SCALE_1, frozenset(), 1, DAY, folder)
        stamp.write_text(made_by, "utf-8")
    return folder


def night(found: Measured) -> None:
    """Terms and values in a copy of the lake that has silver: of a table, files are only added, so they are linked."""
    shutil.rmtree(HOME / LAKE, ignore_errors=True)
    shutil.copytree(HOME / SILVER, HOME / LAKE, copy_function=os.link)
    day = DAY.isoformat()
    submit = ("-m", "jobs.submit", "--city", CITY, "--biz-date", day, "--steps", STEPS)
    spent = run("indicators", sys.executable, *submit)
    rows = json.loads(ask()("steps", "--city", CITY, "--biz-date", day, "--format", "json"))
    steps = {row["step"]: row["seconds"] for row in rows[-(len(STEPS.split(",")) + 1) :]}
    found.steps.append(steps)
    found.note("night", spent, steps["session"])


def rival(engine: str, found: Measured) -> None:
    """A scan, into an empty folder."""
    out = HOME / f"scan-{engine}"
    shutil.rmtree(out, ignore_errors=True)
    spent = run(engine, sys.executable, "-m", "tests.bench.scan", engine, str(HOME / SILVER / CITY), str(out))
    found.note(engine, spent, json.loads((out / "spent.json").read_text("utf-8"))["session"])


def check() -> tuple[int, int, str]:
    """How many values there are, of how many indicators, and their digest. Raises Unequal naming what is not so."""
    lake = HOME / LAKE / CITY
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone='UTC'")
        connection.register("spark", DeltaTable(str(HOME / "scan-spark" / "scan")).to_pyarrow_dataset())
        connection.read_parquet(str(HOME / "scan-duckdb" / "scan" / "scan.parquet")).create_view("duckdb")
        connection.register("terms", DeltaTable(str(lake / "fused" / "terms")).to_pyarrow_dataset())
        connection.register("said", DeltaTable(str(lake / "indicators" / "values")).to_pyarrow_dataset())
        unlike = _unlike(connection, "Spark and DuckDB", "FROM spark", "FROM duckdb")
        for term, states in TERMS.items():
            own = ", ".join(f"{name}::DECIMAL(38,6)" for name in states)
            own_places = f"term = '{term}' AND level IS DISTINCT FROM 'grid'"  # the grid is another way to place them
            mine = f"SELECT level, place_id, hour, {own} FROM terms WHERE {own_places}"
            sums, some = ", ".join(states.values()), f"WHERE {states['n']} > 0"
            theirs = f"SELECT place_level, place_id, hour, {sums} FROM duckdb {some}"
            unlike += _unlike(connection, term, mine, theirs)
        ((values, indicators, digest),) = connection.execute(SAID).fetchall()
    declared = len(load_city(CITY).indicators)
    unlike += [] if indicators == declared else [f"{indicators} of {declared} indicators have values"]
    compare.require(unlike)
    return values, indicators, digest


def _unlike(connection: duckdb.DuckDBPyConnection, what: str, one: str, other: str) -> list[str]:
    sql = f"SELECT * FROM (({one}) EXCEPT ALL ({other})) UNION ALL SELECT * FROM (({other}) EXCEPT ALL ({one})) LIMIT 3"
    empty = connection.execute(f"SELECT count(*) = 0 FROM ({other})").fetchall()[0][0]
    return [f"{what}: {row}" for row in connection.execute(sql).fetchall()] + [f"{what}: no rows"] * empty


def result(found: Measured, engine: str, rows: int, values: int) -> dict[str, Any]:
    """What is kept of the night beside a rival; the ratio is without the starts of sessions."""
    ratios = [a / b for a, b in zip(found.worked("night"), found.worked(engine), strict=True)]
    steps = {name: round(statistics.median(one[name] for one in found.steps), 2) for name in found.steps[0]}
    name, target = RIVALS[engine]
    return {
        "scenario": f"P3 all indicators beside {name}", "rows": rows, "values": values,
        **report.made_on(ROOT), "target": target, **report.beside(found.spent["night"], found.spent[engine]),
        "sessions": {"night": steps["session"], "rival": round(statistics.median(found.session[engine]), 2)},
        "ratio": statistics.median(ratios), "steps": steps,
    }  # fmt: skip
