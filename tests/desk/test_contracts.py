"""Contracts that change on a lake that holds data: what the night follows, what it refuses, what a migration makes."""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from jobs import contracts, landing, migrating, touched
from jobs.core import engine
from jobs.core.errors import Problem
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger
from schemas import city as loader
from schemas import load_city
from tests import inline
from tests.desk.town import CONTRACT, SOURCES, TABLES, TEXT, Town, correct, declare
from tests.engine import toy

COLUMNS: dict[str, Any] = TABLES["wards"]["columns"]
GIVEN: dict[str, Any] = SOURCES["weekly"]["into"]["silver.wards"]["columns"]
HEAD = "病区,日期,床位"
FIRST = [HEAD, "A,2024-10-20,10", "B,2024-10-20,20", "B,2024-10-21,21"]


@pytest.fixture
def made(town: Town) -> Town:
    """Two days of wards, and one rejected record."""
    town.deliver("weekly/1.csv", [*FIRST, "C,2024-10-20,700"], "2024-10-21")
    town.night("2024-10-21")
    return town


@pytest.fixture
def becomes(made: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Declares the wards anew: keys of the contract, and expressions of its sources; None takes a column away."""

    def change(columns: Mapping[str, Any], given: Mapping[str, Any] = {}, **keys: Any) -> Town:
        now = {name: one for name, one in {**COLUMNS, **columns}.items() if one is not None}
        contract = CONTRACT | {"key": ["ward", "day"], "columns": now} | keys
        into = {name: text for name, text in {**GIVEN, **given}.items() if text is not None}
        sources = {name: SOURCES[name] | {"into": {"silver.wards": {"columns": into}}} for name in ("daily", "weekly")}
        declare(tmp_path / "conf", {"wards": contract}, sources)
        return Town(toy.city(tmp_path / "conf", monkeypatch, {}), made.lake, made.folder)

    return change


def rows(town: Town, columns: str = "ward, _day, beds") -> list[tuple[object, ...]]:
    return town.sql(f"SELECT {columns} FROM silver.wards ORDER BY ward, _day")


def migrated(town: Town, table: str | None = None) -> list[str]:
    found = migrating.ahead(town.city, town.lake, table)
    for one in found:
        migrating.migrate(inline.session, town.city, town.lake, one.change.table)
    return [one.line for one in found]


BEFORE = [("A", "2024-10-20", 10), ("B", "2024-10-20", 20), ("B", "2024-10-21", 21)]


def test_an_added_column_is_followed_and_empty_on_the_days_before(becomes: Any) -> None:
    town = becomes({"floor": TEXT}, {"floor": "concat('f', ward)"})
    town.deliver("weekly/2.csv", [HEAD, "A,2024-10-21,11", "A,2024-10-22,12"], "2024-10-22")
    assert contracts.follow(town.city, town.lake, Ledger(town.lake)) == {
        "new columns, empty on days made before:": "silver.wards has floor"
    }
    town.night("2024-10-22")
    assert rows(town, "ward, _day, floor") == [
        ("A", "2024-10-20", None), ("A", "2024-10-21", "fA"), ("A", "2024-10-22", "fA"), ("B", "2024-10-20", None),
        ("B", "2024-10-21", None),
    ]  # fmt: skip
    assert migrated(town) == [
        "silver.wards: floor: empty on days made before · 2 deliveries to judge again, 3 days to make"
    ]
    assert [floor for (floor,) in rows(town, "floor")] == ["fA", "fA", "fA", "fB", "fB"]
    assert migrated(town) == []


def test_a_term_over_an_added_column_is_made_on_days_that_do_not_have_it(becomes: Any, tmp_path: Path) -> None:
    count = {
        "unit": "1",
        "periods": ["day"],
        "value": "n",
        "terms": {"n": {"count": "silver.wards", "where": "floor = 'fA'"}},
    }
    town = becomes({"floor": TEXT}, {"floor": "concat('f', ward)"}, records="1")
    path = tmp_path / "conf" / "cities" / "toy" / "indicators" / "medical" / "floors.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(toy.indicator(count), default=str), "utf-8")
    loader._load_city.cache_clear()
    town = Town(load_city("toy"), town.lake, town.folder)
    town.deliver("weekly/2.csv", [HEAD, "A,2024-10-22,12"], "2024-10-22")
    town.night("2024-10-22")
    town.deliver("weekly/3.csv", [HEAD, "A,2024-10-23,12"], "2024-10-23")
    town.night("2024-10-23")
    found = town.sql("SELECT _day, n FROM fused.terms WHERE term LIKE '%floor%' AND n > 0 ORDER BY 1")
    assert found == [("2024-10-22", 1), ("2024-10-23", 1)]


def test_other_words_are_followed(becomes: Any) -> None:
    town = becomes(
        {"file": TEXT | {"description": {"zh": "文件", "en": "File"}}}, description={"zh": "新", "en": "New"}
    )
    town.deliver("weekly/2.csv", [HEAD, "A,2024-10-22,12"], "2024-10-22")
    town.night("2024-10-22")
    table = town.lake.delta("silver.wards")
    assert table.metadata().description == "新 | New"
    assert {one.name: one.metadata.get("comment") for one in table.schema().fields}["file"] == "文件 | File"


REFUSED: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any], str]] = {
    "dropped": ({"file": None}, {"file": None}, {}, "column file is gone"),
    "renamed": (
        {"file": None, "paper": TEXT}, {"file": None, "paper": "_file_name"}, {},
        "column file is gone (new: paper; a renamed column is both)",
    ),
    "type": ({"file": TEXT | {"type": "date"}}, {"file": "_delivered_date"}, {}, "type of file was string, is date"),
    "unit": ({"beds": COLUMNS["beds"] | {"unit": "person"}}, {}, {}, "unit of beds was bed, is person"),
    "key": ({}, {}, {"key": ["ward"]}, "key was ward, day, is ward"),
    "date": ({}, {}, {"date": "landed"}, "date was day, is landed"),
    "kind": ({}, {}, {"kind": "register"}, "kind was events, is register"),
}  # fmt: skip


@pytest.mark.parametrize("kind", REFUSED)
def test_what_would_change_the_meaning_of_rows_is_refused_until_it_is_migrated(becomes: Any, kind: str) -> None:
    columns, given, keys, said = REFUSED[kind]
    town = becomes(columns, given, **keys)
    town.deliver("weekly/2.csv", [HEAD, "A,2024-10-22,12"], "2024-10-22")
    before, versions = rows(town), {key: town.lake.version(key) for key in ("silver.wards", "claims.wards")}
    for _ in range(2):
        with pytest.raises(Problem) as refused:
            town.night("2024-10-22")
        assert str(refused.value) == f"silver.wards: {said}; put it back, or see `citypulse migrate --city toy`"
    assert {key: town.lake.version(key) for key in versions} == versions
    assert town.sql("SELECT count(*) FROM ops.ingests") == [(1,)]
    assert before == BEFORE
    assert migrated(town) == [f"silver.wards: {said} · 1 deliveries to judge again, 2 days to make"]
    town.night("2024-10-22")
    assert _like_new(town)


def test_keys_that_another_engine_hashed_are_refused_until_they_are_migrated(
    made: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "hashing", lambda: "1 2")
    monkeypatch.setattr(engine, "hash_of", lambda *columns: f"hash('another', {', '.join(columns)})")
    made.deliver("weekly/2.csv", [HEAD, "A,2024-10-20,11"], "2024-10-22")
    with pytest.raises(Problem, match="silver.wards: keys were hashed by another version of the row engine"):
        made.night("2024-10-22")
    migrated(made)
    made.night("2024-10-22")
    assert rows(made) == [("A", "2024-10-20", 11), *BEFORE[1:]]


MADE = """
    SELECT day, rows, digest FROM ops.table_days
    QUALIFY row_number() OVER (PARTITION BY "table", day ORDER BY biz_date DESC) = 1 AND rows > 0 ORDER BY ALL"""


def _like_new(town: Town) -> bool:
    """Whether silver, what the ledger says of it, and the desk are those of a lake that never knew another contract."""
    other = Town(town.city, Lake(town.folder.parent / "other", "toy"), town.folder)
    for when in sorted(path.name for path in town.folder.iterdir()):
        landing.land(other.city, other.lake, town.folder / when, landing.delivered_at(when, other.city))
        other.night(when)
    for query in (
        "SELECT * FROM silver.wards ORDER BY ALL",
        "SELECT * FROM claims.wards ORDER BY ALL",
        "SELECT * EXCLUDE (_delivery_id) FROM quarantine.wards ORDER BY ALL",
        MADE,
        "SELECT delivery_id, day, rows, digest FROM ops.delivery_dates ORDER BY ALL",
        "SELECT * EXCLUDE (unfilled) FROM ops.contracts ORDER BY ALL",
    ):
        assert town.sql(query) == other.sql(query), query
    assert town.lake.columns("silver.wards") == other.lake.columns("silver.wards")
    assert town.desk() == other.desk()
    return True


def test_a_night_after_a_migration_makes_what_depends_on_its_days_and_the_next_one_does_not(becomes: Any) -> None:
    town = becomes({"file": None}, {"file": None})
    migrated(town)
    town.deliver("weekly/2.csv", [HEAD, "A,2024-10-22,12"], "2024-10-22")
    town.night("2024-10-22")
    town.deliver("weekly/3.csv", [HEAD, "A,2024-10-23,12"], "2024-10-23")
    town.night("2024-10-23")
    found = [touched.told(town.city, Ledger(town.lake), date(2024, 10, day))["silver.wards"] for day in (22, 23)]
    assert found == [["2024-10-20", "2024-10-21", "2024-10-22"], ["2024-10-23"]]


def test_a_migration_that_was_cut_short_is_refused_by_the_night_and_finished_by_another(
    becomes: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = becomes({"file": None}, {"file": None})
    with monkeypatch.context() as patch:
        patch.setattr(migrating, "_rows", lambda *_: 1 // 0)
        with pytest.raises(ZeroDivisionError):
            migrated(town)
    town = becomes({})
    with pytest.raises(Problem, match="silver.wards: a migration was begun and is not finished"):
        town.night("2024-10-21")
    migrated(town)
    assert contracts.follow(town.city, town.lake, Ledger(town.lake)) == {}
    assert rows(town) == BEFORE


def test_a_delivery_that_can_no_longer_be_read_ends_the_migration_before_it_began(becomes: Any) -> None:
    town = becomes({"file": None}, {"file": None, "ward": "station"})
    with pytest.raises(Problem, match=r"silver.wards: 1 deliveries can no longer be read .* nothing changed"):
        migrated(town)
    assert rows(town) == BEFORE


def test_what_came_back_corrected_is_not_heard_twice_when_rules_are_looser(becomes: Any, made: Town) -> None:
    path = made.export()
    correct(path, "weekly wards", {(2, "病区"): "D"})
    made.replay(path, "2024-10-22")
    made.night("2024-10-22")
    assert made.desk() == [("weekly", "range:beds", 1)]
    path = made.export("again.xlsx")
    correct(path, "weekly wards", {(2, "床位"): "70"})
    made.replay(path, "2024-10-23")
    made.night("2024-10-23")
    wider = COLUMNS["beds"] | {"valid_range": [0, 1000], "unit": "person"}
    town = becomes({"beds": wider})
    migrated(town)
    assert rows(town) == [*BEFORE, ("D", "2024-10-20", 70)]
    assert town.desk() == []


def test_a_lake_older_than_its_contracts_is_taken_as_it_stands(becomes: Any) -> None:
    town = becomes({"file": None, "floor": TEXT}, {"file": None, "floor": "ward"})
    ledger = Ledger(town.lake)
    ledger.put("contracts", [], table=["silver.wards"])
    (one,) = [one for one in contracts.changes(town.city, town.lake, ledger) if one.table == "silver.wards"]
    assert one.refused == ("column file is gone (new: floor; a renamed column is both)",)


def test_a_table_the_lake_does_not_hold_is_refused(made: Town) -> None:
    with pytest.raises(Problem, match="the lake of toy has no such table; there is: silver.wards"):
        migrating.ahead(made.city, made.lake, "silver.moon")
