"""P3: all indicators of a night beside one scan-and-aggregate of the rows they are made from.

The generated city's night at scale, with all its sources, is taken to the end of quality once. Then in turn, in a copy
of that lake each: the steps `fused` and `indicators` in one process, as Airflow submits them; and two scans of
silver.vehicle_positions (tests/bench/scan.py), one in Spark, one in DuckDB. First once unmeasured: the scans must give
the same sums, the night's terms must be those where both have them, and of every indicator something must be said.
"""

import json
import shutil
import statistics
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import cast

import duckdb
from deltalake import DeltaTable

from schemas import load_city
from tests.bench import compare, demo_city, measure, report, scan
from tests.bench.deliveries import DAY
from tests.bench.home import CITY, HOME, copy, run, say, steps
from tests.bench.scenario import Aim, Grows, Result, Scenario, Takes

ROWS_AT_SCALE_1 = 38_500
RIVALS = {"spark": "Spark scan", "duckdb": "DuckDB scan"}
"""Each engine, and what it is called."""
SILVER, LAKE = "silver-lake", "lake"
STEPS = "fused,indicators"
SAID = """
    SELECT count(value)::BIGINT, count(DISTINCT indicator) FILTER (WHERE value IS NOT NULL)::BIGINT, count(*)::BIGINT,
        count(DISTINCT indicator)::BIGINT, sum(hash(v)::HUGEINT)::VARCHAR FROM said AS v"""
"""What is known, what is told of all, and a digest that knows no order."""
TERMS = {
    "silver.vehicle_positions": {"n": "reports"},
    "silver.vehicle_positions speed_kmh": {"n": "speeds", "total": "speed"},
    "silver.vehicle_positions where speed_kmh > 80": {"n": "fast"},
}
"""Terms of the night to their states, each with the sum that must be equal."""
Said = tuple[int, int, int, int, str]
"""Known values, of how many indicators; rows of known and unknown, of how many; their digest."""


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


def bench(rows: int, rounds: int) -> list[Result]:
    """The scenario beside both rivals. Raises Unequal, RuntimeError."""
    made, found = make(rows), Measured()
    night(Measured())
    for engine in RIVALS:
        rival(engine, Measured())
    first = check()
    say(f"same sums, same terms; {in_words(first)}")
    for number in range(1, rounds + 1):
        night(found)
        for engine in RIVALS:
            rival(engine, found)
        if check() != first:
            raise compare.Unequal(f"round {number} gives other values than the first")
        told = ", ".join(f"{which} {found.worked(which)[-1]:.1f} s" for which in found.spent)
        say(f"round {number}, without the start of a session: {told}")
    return [result(found, rows, made, first)]


def make(rows: int) -> int:
    """The lake with the night's silver, judged; how many vehicle positions it really has."""
    clock = time.perf_counter()
    demo_city.night(Decimal(rows) / ROWS_AT_SCALE_1, SILVER, "--until", "quality")
    count: int = DeltaTable(str(HOME / SILVER / CITY / scan.TABLE)).count()
    say(f"P3 silver: {count:,} vehicle positions, {time.perf_counter() - clock:.0f} s")
    return count


def night(found: Measured) -> None:
    """Terms and values in a copy of the lake that has silver."""
    copy(SILVER, LAKE)
    day = DAY.isoformat()
    submit = ("-m", "jobs.submit", "--city", CITY, "--biz-date", day, "--steps", STEPS)
    spent = run("indicators", sys.executable, *submit)
    took = steps(day)
    found.steps.append(took)
    found.note("night", spent, took.get("session", 0.0))


def rival(engine: str, found: Measured) -> None:
    """A scan, into an empty folder."""
    out = HOME / f"scan-{engine}"
    shutil.rmtree(out, ignore_errors=True)
    spent = run(engine, sys.executable, "-m", "tests.bench.scan", engine, str(HOME / SILVER / CITY), str(out))
    found.note(engine, spent, json.loads((out / "spent.json").read_text("utf-8"))["session"])


def in_words(said: Said) -> str:
    """What the night says, in words."""
    known, of, rows, indicators, _ = said
    return f"{known:,} values of {of} indicators ({rows:,} of {indicators} with those unknown)"


def check() -> Said:
    """What the night says. Raises Unequal naming what is not so."""
    lake = HOME / LAKE / CITY
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone='UTC'")
        connection.register("spark", DeltaTable(str(HOME / "scan-spark" / "scan")).to_pyarrow_dataset())
        connection.read_parquet(str(HOME / "scan-duckdb" / "scan" / "scan.parquet")).create_view("duckdb")
        connection.register("terms", DeltaTable(str(lake / "fused" / "terms")).to_pyarrow_dataset())
        connection.register("said", DeltaTable(str(lake / "indicators" / "values")).to_pyarrow_dataset())
        unlike = _unlike(connection, "Spark and DuckDB", "FROM spark", "FROM duckdb", scan.SUMS)
        for term, states in TERMS.items():
            own = ", ".join(f"{name} AS {theirs}" for name, theirs in states.items())
            own_places = f"term = '{term}' AND level IS DISTINCT FROM 'grid'"  # the grid is another way to place them
            mine = f"SELECT level, place_id, hour, {own} FROM terms WHERE {own_places}"
            some = f"FROM duckdb WHERE {states['n']} > 0"
            unlike += _unlike(connection, term, mine, some, states.values())
        (said,) = connection.execute(SAID).fetchall()
    declared, indicators = len(load_city(CITY).indicators), said[3]
    unlike += [] if indicators == declared else [f"of {declared} indicators {indicators} say anything"]
    compare.require(unlike)
    return cast(Said, said)


def _unlike(connection: duckdb.DuckDBPyConnection, what: str, one: str, other: str, sums: Iterable[str]) -> list[str]:
    """Places and hours that are not in both, or of which a sum is not the same but for rounding."""
    same = " AND ".join(f"a.{name} IS NOT DISTINCT FROM b.{name}" for name in ("level", "place_id", "hour"))
    agree = " AND ".join(
        f"(a.{name} IS NOT DISTINCT FROM b.{name} OR coalesce("
        f"abs(a.{name}::DOUBLE - b.{name}::DOUBLE) <= {scan.ROUNDING} * abs(b.{name}::DOUBLE), false))"
        for name in sums
    )
    sql = f"SELECT * FROM ({one}) AS a FULL JOIN ({other}) AS b ON {same} WHERE NOT ({agree}) LIMIT 3"
    empty = connection.execute(f"SELECT count(*) = 0 FROM ({other})").fetchall()[0][0]
    return [f"{what}: {row}" for row in connection.execute(sql).fetchall()] + [f"{what}: no rows"] * empty


def result(found: Measured, size: int, rows: int, said: Said) -> Result:
    """What is kept; ratios are without the starts of sessions."""
    worked = {engine: zip(found.worked("night"), found.worked(engine), strict=True) for engine in RIVALS}
    aims = {engine: [mine / other for mine, other in pairs] for engine, pairs in worked.items()}
    took = {name: round(statistics.median(one[name] for one in found.steps), 2) for name in found.steps[0]}
    started = round(statistics.median(found.session["spark"]), 1)
    spent = {RIVALS.get(who, who): rounds for who, rounds in found.spent.items()}
    return report.result(
        "p3", size, aims, spent, rows=rows, steps=took, compared=in_words(said),
        note=f"The session of the Spark scan took {started} s to start",
    )  # fmt: skip


AIMS = {
    "spark": Aim("fused and indicators ÷ a Spark scan, without the starts of sessions", 2),
    "duckdb": Aim("fused and indicators ÷ a DuckDB scan, without the start of the session", None),
}
SCENARIO = Scenario(
    "P3, all indicators", AIMS, bench, sizes=(20_000_000,), least=ROWS_AT_SCALE_1,
    rows_at_scale_1=ROWS_AT_SCALE_1,
    takes=Takes(before=Grows(3, 4), each=Grows(0.6, 0.4), gigabytes=Grows(0.1, 7), stays=Grows(0, 1.6)),
)  # fmt: skip
