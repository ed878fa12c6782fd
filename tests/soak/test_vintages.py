"""A short sample of the nights whose editions are asked for again; `make soak` has sixty of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from jobs import breaks, closing
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger
from jobs.vintages import KEY
from tests.soak import vintages
from tests.soak.changes import CITY, day

pytestmark = pytest.mark.slow
NIGHTS, SEED = 5, 305
KEPT = ("mini_water", "mini_mean_fare", "mini_vehicles", "mini_occupancy")


@dataclass(frozen=True)
class Made:
    """Where the nights lie, and what was found."""

    folder: Path
    found: vintages.Found

    @property
    def lake(self) -> Lake:
        """The lake in which they were made first."""
        return Lake(self.folder / "lake", CITY)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder, found = tmp_path_factory.mktemp("vintage"), vintages.Found()
    vintages.run(folder, NIGHTS, SEED, found, KEPT)
    return Made(folder, found)


def test_answers_as_of_a_night_and_a_rebuild_are_what_was_saved_on_it(made: Made) -> None:
    assert made.found.wrong == []
    assert (len(made.found.saved), made.found.rebuilt) == (NIGHTS, NIGHTS)
    assert made.found.swept > 100
    assert len({saved["values.csv"] for saved in made.found.saved.values()}) == NIGHTS


def test_a_value_changes_after_closing_only_as_a_counted_revision(made: Made) -> None:
    """Against a walk through each value's own rows: closed once it was final, or so many nights after its period."""
    rows = made.lake.arrow("indicators.values").sort_by([(name, "ascending") for name in (*KEY, "edition")]).to_pylist()
    second = next(day(night) for night in range(1, NIGHTS) if vintages.stage(NIGHTS, night) == 2)
    counted, before = 0, dict[str, Any]()
    for row in rows:
        same = all(row[name] == before.get(name) for name in KEY)
        nights = 1 if row["indicator"] == "general.mini_occupancy" and row["edition"] >= str(second) else 3
        closed = same and (before["status"] == "final" or _age(row) - 1 >= nights)
        changed = same and row["value"] != before["value"]
        expected = (counted + 1 if closed else 0) if changed else counted if same else 0
        mark = [one for one in row["reasons"].split("; ") if one.startswith(closing.REASON)]
        assert [int(one.split(": ")[1].split(",")[0]) for one in mark] == ([expected] if expected else []), row
        counted, before = expected, row
    assert made.found.revised > 10


def _age(row: Mapping[str, Any]) -> int:
    ended: date = row["period_end"]
    return (date.fromisoformat(row["edition"]) - ended).days


def test_breaks_follow_from_declarations_and_the_register(made: Made) -> None:
    with vintages.declared(made.folder, 3, made.lake) as city:
        found = breaks.of(city, made.lake, Ledger(made.lake), day(NIGHTS))
    fare = {(one.day, one.kind, one.detail) for one in found if one.indicator == "general.mini_mean_fare"}
    assert (day(3), "definition", f"2015-01-01 → {day(3)}") in fare
    moved = {(one.level, one.place) for one in found if one.kind == "parent"}
    assert moved == {("street", "s2"), ("district", "d1"), ("district", "d2")}
