"""P2: a delivery that comes late and touches one row in a hundred of one day out of thirty, beside the script.

A lake gets thirty days of vehicle positions in one night. Then in turn: in a copy of that lake the late file is landed
and its night is run; and the DuckDB script of P1, which keeps no books of what depends on what, computes the thirty
days again from all files. First once unmeasured: the two must say the same, and every table must be that of a fresh
lake in which one night took everything.
"""

import shutil
import time
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb

from jobs import said
from jobs.core import engine
from jobs.core.lake import Lake
from jobs.vintages import KEY
from tests.bench import compare, deliveries, p1, report
from tests.bench.home import CITY, CITYPULSE, HOME, copy, prepare, run, say
from tests.bench.scenario import Aim, Grows, Result, Scenario, Takes

DAYS, LATE_DAY, SHARE = 30, 15, 100
BASE, REBUILT, LAKE = "thirty-days", "rebuilt", "lake"
LAST = deliveries.DAY + timedelta(days=DAYS - 1)
NIGHTS = (LAST, LAST + timedelta(days=1))
RIVAL = "DuckDB"
LAYERS = ("bronze", "claims", "quarantine", "silver", "fused")
VALUES = "values"
SAID = (*KEY, "value", "unit", "coverage", "low", "high", "status", "n_records", "definition_version")
"""Not the grade and its reasons: rules on sets warn of the days that a night judges, and the rebuild judges thirty."""


def bench(rows: int, rounds: int) -> list[Result]:
    """The scenario, compared and measured. Raises Unequal, RuntimeError."""
    folder, size = deliver(rows)
    base(folder)
    found = p1.Measured()
    late(folder, p1.Measured())
    compared = check(folder)
    say(f"P2: every table is that of a full rebuild; {compared:,} values equal those of the script bit by bit")
    for number in range(1, rounds + 1):
        late(folder, found)
        p1.check(LAKE)
        told = ", ".join(f"{who} {spent[-1].seconds:.1f} s" for who, spent in found.spent.items())
        say(f"P2 round {number}: {told}")
    aims = {
        "script": [1 / share for share in found.times(RIVAL)],
        "no session": [1 / share for share in found.times(RIVAL, "session")],
    }
    told = f"{compared:,} values with the script, and every table with a full rebuild, by digest"
    return [
        report.result(
            "p2", rows, aims, found.spent, rows=rows, bytes=size, steps=p1.medians(found.steps), compared=told
        )
    ]


def deliver(rows: int) -> tuple[Path, int]:
    """The folder of all deliveries, the late one apart, and their bytes."""
    clock, folder = time.perf_counter(), prepare(f"deliveries-{DAYS}-{rows}")
    deliveries.write(folder / "first", rows, DAYS)
    day = deliveries.DAY + timedelta(days=LATE_DAY)
    deliveries.late(folder / "late", folder / "first", max(2, rows // DAYS // SHARE), day)
    size = deliveries.bytes_of(folder)
    say(f"P2 deliveries: {rows:,} records of {DAYS} days, {size / 1e6:,.0f} MB, {time.perf_counter() - clock:.0f} s")
    return folder, size


def base(folder: Path) -> None:
    """The lake as it is before the late delivery."""
    shutil.rmtree(HOME / BASE, ignore_errors=True)
    _, steps = p1.landed(folder / "first", _arrives(NIGHTS[0]), NIGHTS[0].isoformat(), BASE)
    say(f"P2: the night of {DAYS} days took {sum(steps.values()) - steps.get('session', 0.0):.0f} s")


def late(folder: Path, found: p1.Measured) -> None:
    """The late night in a copy of the lake, and the script."""
    copy(BASE, LAKE)
    spent, steps = p1.landed(folder / "late", _arrives(NIGHTS[1]), NIGHTS[1].isoformat(), LAKE)
    found.spent.setdefault("night", []).append(spent)
    found.steps.append(steps)
    found.spent.setdefault(RIVAL, []).append(p1.rival(RIVAL, folder / "first", folder / "late"))


def check(folder: Path) -> int:
    """How many values equal the script's. Raises Unequal where those differ, or a table from a full rebuild."""
    p1.check(LAKE)
    shutil.rmtree(HOME / REBUILT, ignore_errors=True)
    for one, night in (("first", NIGHTS[0]), ("late", NIGHTS[1])):
        words = ("--from", str(folder / one), "--delivered-at", _arrives(night))
        run("rebuilt-land", *CITYPULSE, "land", "--city", CITY, *words, lake=REBUILT)
    words = ("--city", CITY, "--biz-date", NIGHTS[1].isoformat())
    run("rebuilt", *CITYPULSE, "night", *words, lake=REBUILT)
    mine, theirs = digests(LAKE), digests(REBUILT)
    compare.require([
        f"{key}: {mine.get(key)}, rebuilt {theirs.get(key)}"
        for key in sorted({*mine, *theirs}) if mine.get(key) != theirs.get(key)
    ])  # fmt: skip
    return compare.count_values(HOME / "rival")


def digests(lake: str) -> dict[str, str]:
    """Rows and digest of every table, and of what the newest edition says."""
    made, out = Lake(HOME / lake, CITY), {}
    for key in (key for layer in LAYERS for key in made.keys(layer)):
        with engine.connect(threads=2, memory="4GB") as connection:
            rows = made.dataset(key)
            connection.register("said", rows)
            out[key] = _digest(connection, sorted(rows.schema.names))
    with said.by(made, NIGHTS[1]) as connection:
        out[VALUES] = _digest(connection, SAID)
    return out


def _digest(connection: duckdb.DuckDBPyConnection, columns: Sequence[str]) -> str:
    text = engine.row_text([engine.quoted(name) for name in columns])
    ((count, digest),) = connection.sql(f"SELECT count(*), {engine.digest_of(text)} FROM said").fetchall()
    return f"{count:,} rows, {digest}"


def _arrives(night: date) -> str:
    """When what a night takes is delivered: at half past two on the next day."""
    return datetime.combine(night + timedelta(days=1), datetime.min.time()).replace(hour=2, minute=30).isoformat()


AIMS = {
    "script": Aim("times faster than the script", 10, at_least=True),
    "no session": Aim("the same without the session's start", None, at_least=True),
}
SCENARIO = Scenario(
    "P2, a late delivery", AIMS, bench, sizes=(9_900_000,), least=50_000,
    takes=Takes(before=Grows(2, 10), each=Grows(1, 1.7), gigabytes=Grows(0.1, 10), stays=Grows(0, 0.7)),
)  # fmt: skip
