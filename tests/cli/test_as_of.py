"""What an edition said, long after: names of then, indicators that are gone, nights after the newest delivery."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pytest

from citypulse import asking
from jobs.core.errors import Problem
from jobs.core.lake import Lake, arrow_schema
from jobs.core.ledger import Ledger
from jobs.vintages import CURRENT, HISTORY, VALUES
from schemas import City
from schemas.city import ROOT
from tests.soak.changes import CITY, declared

THERE, GONE = "general.mini_rides", "general.mini_gone"
FIRST, SECOND, THIRD = (date(2025, 3, day) for day in (22, 23, 24))
NONE = dict.fromkeys(("indicator", "place", "level", "period", "segment", "as_of"))


@dataclass(frozen=True)
class Held:
    """A lake in which two editions said something, and a third nothing new."""

    city: City
    lake: Lake

    def ask(self, **asked: Any) -> list[tuple[Any, ...]]:
        rows = asking.values(self.city, self.lake, **(NONE | asked)).to_pylist()
        return [(row["indicator"], row["place"], row["place_name"], row["value"]) for row in rows]


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Held]:
    to = tmp_path_factory.mktemp("as-of")
    with declared(to) as city:
        lake = Lake(to / "lake", CITY)
        said = {
            FIRST: [value(THERE, "d1", 1.0, FIRST), value(GONE, "d1", 7.0, FIRST)],
            SECOND: [value(THERE, "d1", 2.0, SECOND)],
        }
        for edition, rows in said.items():
            lake.put("indicators.values", HISTORY, table(rows, VALUES), [str(edition)])
        newest = [row | {"_month": "2025-03"} for row in (said[SECOND][0], said[FIRST][1])]
        lake.put("indicators.current", CURRENT, table(newest, CURRENT.columns), ["2025-03"])
        ledger = Ledger(lake)
        ledger.add("editions", [{"biz_date": day, "digest": str(day)} for day in (FIRST, SECOND, THIRD)])
        sent = datetime(2025, 3, 23, 3, tzinfo=UTC)
        ledger.add("deliveries", [{"delivery_id": "a", "delivered_at": sent, "delivered_date": sent.date()}])
        called = [(FIRST, "east"), (SECOND, "west"), (THIRD, None)]
        names = [
            {"biz_date": day, "level": "district", "place_id": "d1", "name_zh": name, "name_en": name}
            for day, name in called
        ]
        ledger.add("members", names)
        yield Held(city, lake)


def value(indicator: str, place: str, number: float, edition: date) -> dict[str, Any]:
    return {
        "indicator": indicator, "level": "district", "place": place, "period_kind": "day", "period": "2025-03-22",
        "segment": "all", "period_start": FIRST, "period_end": FIRST, "value": number, "unit": "trip",
        "status": "final", "definition_version": "2015-01-01", "edition": str(edition),
    }  # fmt: skip


def table(rows: list[dict[str, Any]], columns: Any) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=arrow_schema(columns))


@pytest.mark.parametrize(
    ("as_of", "name", "number"),
    [("2025-03-22", "east", 1.0), ("2025-03-23", "west", 2.0), ("2025-03-24", "d1", 2.0)],
)
def test_a_place_is_called_as_it_was_then(held: Held, as_of: str, name: str, number: float) -> None:
    """The third night is after the newest delivery; a place that had lost its name goes by its id."""
    assert held.ask(indicator=THERE, as_of=as_of) == [(THERE, "d1", name, number)]


def test_who_asks_for_values_waits_for_no_library_that_they_do_not_need(held: Held) -> None:
    call = [sys.executable, "-X", "importtime", "-c", "from citypulse.cli import main; main()", "values"]
    asked = ["--city", CITY, "--indicator", THERE, "--as-of", "2025-03-23", "--format", "json"]
    where = {**os.environ, "CITYPULSE_LAKE": str(held.lake.root.parent)}
    done = subprocess.run([*call, *asked], env=where, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, [row["value"] for row in json.loads(done.stdout)]) == (0, [2.0]), done.stderr
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "pyarrow" in imported
    assert imported & {"great_expectations", "pandas.core", "polars", "pyproj", "pyspark"} == set()


def test_an_indicator_that_is_gone_is_answered_for_as_editions_said_it(held: Held) -> None:
    assert held.ask(indicator=GONE, as_of="2025-03-24") == [(GONE, "d1", "d1", 7.0)]
    with pytest.raises(Problem, match="is no longer declared; `--as-of 2025-03-22` shows what was said last"):
        held.ask(indicator=GONE)
    with pytest.raises(Problem, match=r"'general.mini_never' does not apply to mini; there is: general.mini_mean_fare"):
        held.ask(indicator="general.mini_never", as_of="2025-03-24")


@pytest.mark.parametrize(
    ("as_of", "why"),
    [("2025-03-21", "no edition so early; the first of mini is 2025-03-22"), ("2025-03-25", "newest delivery is of")],
)
def test_a_day_without_an_edition_is_refused(held: Held, as_of: str, why: str) -> None:
    with pytest.raises(Problem, match=why):
        held.ask(as_of=as_of)
