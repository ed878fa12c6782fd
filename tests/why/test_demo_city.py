"""`why` on two nights of the demo city with every kind of fault: against what the generator planted, and of people."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from random import Random
from typing import Any

import duckdb
import pytest

from jobs import edition, landing, release, why
from jobs.behind import cell, masking, vintage
from jobs.behind.vintage import Vintage
from jobs.core.lake import Lake
from jobs.sample import control, environment, gps, ledger, medical, registers, services, transport
from jobs.sample.faults import FAULTS
from jobs.sample.world import FOLDER, World
from jobs.why import Answer
from schemas import City, load_city
from tests import inline
from tests.soak import explained

pytestmark = pytest.mark.slow
FIRST, NIGHTS, SCALE, SEED = date(2025, 3, 3), 2, 0.02, 7
WHOLE_FILES = {"encoding", "truncated", "wrong_header", "late"}
"""Faults by which a file says nothing, or not yet."""
WRITERS = (gps.write, transport.taxi, ledger.write, medical.calls, environment.air, services.hotline, control.write)
ASKED = {
    "transport.taxi_trips", "transport.vehicle_speed_kmh", "transport.vehicle_positions", "medical.ambulance_calls",
    "environment.pm25_daily_mean", "environment.aqi_cn", "livelihood.hotline_cases", "medical.bed_occupancy",
}  # fmt: skip


@dataclass
class Town:
    """What was delivered, and what its last edition knew."""

    world: World
    known: Vintage

    def why(self, *asked: str, rows: bool = False, verify: bool = False) -> Answer:
        """What stands behind a value."""
        return why.answer(self.known, *cell.find(self.known, *asked), rows=rows, verify=verify)

    def of(self, row: dict[str, Any]) -> list[str]:
        """How one asks for a published row."""
        return [row[name] for name in ("indicator", "place", "period", "segment", "level")]

    def values(self) -> list[dict[str, Any]]:
        """Every published row."""
        rows: list[dict[str, Any]] = self.known.lake.arrow("indicators.current").to_pylist()
        return rows


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    root = tmp_path_factory.mktemp("lanhai")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CITYPULSE_KEYS", str(root / "keys"))
        world = World(SEED, SCALE, NIGHTS, FIRST, FAULTS - WHOLE_FILES, root / "delivered")
        registers.write(world)
        for k in range(1, NIGHTS + 1):
            for deliver in WRITERS:
                deliver(world, k)
        whole, lake = load_city("lanhai"), Lake(root / "lake", "lanhai")
        city = few(whole)
        for k in range(1, NIGHTS + 1):
            at = landing.delivered_at(f"{world.day(k + 1)}T02:30", city)
            landing.land(city, lake, world.to / FOLDER.format(k), at)
            inline.night(city, lake, world.day(k))
            edition.run(city, lake, world.day(k))
        yield Town(world, vintage.of(city, lake))


def few(whole: City) -> City:
    """The city with the indicators that are asked for, and those that they use."""
    named: set[str] = set()
    new = ASKED & whole.indicators.keys()
    while new:
        named |= new
        new = {look.table for key in new for one in whole.indicators[key].versions for look in one.looks} - named
    return replace(whole, indicators={key: one for key, one in whole.indicators.items() if key in named})


def planted(town: Town, source: str, kind: str, day: date) -> int:
    return sum((one.source, one.kind) == (source, kind) and f"{day:%Y%m%d}" in one.file for one in town.world.planted)


def left(answer: Answer, *parts: str) -> Counter[str]:
    out: Counter[str] = Counter()
    for one in (one for term in answer.terms for one in term["not_used"] if one["part"] in parts):
        out[one["part"]] += one["records"]
    return out


def test_records_are_not_used_for_the_faults_that_were_planted(town: Town) -> None:
    for night in range(1, NIGHTS + 1):
        day = town.world.day(night)
        trips = left(town.why("transport.taxi_trips", "lanhai", str(day)), "duplicate", "rejected")
        assert trips["duplicate"] == planted(town, "taxi_trips", "duplicates", day) > 0
        rejected = [planted(town, "taxi_trips", kind, day) for kind in ("malformed", "undated")]
        assert trips["rejected"] == sum(rejected) > max(rejected) > 0
        speed = left(town.why("transport.vehicle_speed_kmh", "lanhai", str(day)), "voided")
        wrong = [planted(town, "vehicle_gps", kind, day) for kind in ("impossible", "swapped")]
        assert speed["voided"] == sum(wrong) > 0


def test_what_is_left_out_is_named_by_file_and_record(town: Town) -> None:
    day = town.world.day(1)
    answer = town.why("transport.taxi_trips", "lanhai", str(day), rows=True)
    assert answer.rows is not None
    twice = {(row["file"], row["record"]) for row in answer.rows.to_pylist() if row["why"].startswith("duplicate")}
    assert twice <= {(one.file, one.record) for one in town.world.planted if one.kind == "duplicates"}
    assert len(twice) == planted(town, "taxi_trips", "duplicates", day)


TRIPS = """
    WITH lines AS (SELECT row_number() OVER () - 1 AS record, line FROM read_csv(
        '{file}', header=false, delim='\x01', quote='', escape='', columns={{'line': 'VARCHAR'}}, parallel=false))
    SELECT min(record) FROM lines WHERE len(string_split(line, ',')) = 12 AND split_part(line, ',', 2) LIKE '{day} %'
    GROUP BY line ORDER BY 1"""
"""The first line of each trip of a day in a file as it was landed: twelve fields, the second is when it began."""
READINGS = """
    SELECT count(*), sum(reading::INTEGER) FROM (
        SELECT json_extract_string(row, '$.Pollutants."PM2.5".value') AS reading
        FROM (SELECT unnest(json_extract(content, '$.data[*]')) AS row FROM read_text('{file}')))
    WHERE reading <> '—' AND reading <> '9999'"""
"""What stations read in a file as it was landed, but where they read nothing, or what cannot be."""


def asked_of_files(sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect() as connection:
        return connection.sql(sql).fetchall()


def landed(town: Town, name: str) -> str:
    (path,) = (one for one in (town.known.lake.root / "landing").rglob("*") if one.name.endswith(name))
    return str(path)


def test_the_records_of_a_day_are_those_that_a_query_of_the_landed_file_finds(town: Town) -> None:
    for night in range(1, NIGHTS + 1):
        day = town.world.day(night)
        sql = TRIPS.format(file=landed(town, f"trips_{day:%Y%m%d}.csv"), day=day)
        expected = [row[0] for row in asked_of_files(sql)]
        answer = town.why("transport.taxi_trips", "lanhai", str(day), rows=True)
        assert answer.rows is not None
        assert [row["record"] for row in answer.rows.to_pylist() if not row["why"]] == expected
        assert answer.said["value"] == len(expected) > 0


def test_a_mean_is_what_a_query_of_the_landed_file_gives_the_corrected_one_where_there_is_one(town: Town) -> None:
    for night, again in ((1, "_r1"), (2, "")):
        day = town.world.day(night)
        ((count, total),) = asked_of_files(READINGS.format(file=landed(town, f"air_{day:%Y%m%d}{again}.json")))
        answer = town.why("environment.pm25_daily_mean", "lanhai", str(day))
        (term,) = answer.terms
        assert (term["used"], answer.said["value"]) == (count, total / count)


def test_a_station_that_was_silent_is_named(town: Town) -> None:
    for night in range(1, NIGHTS + 1):
        day = f"{town.world.day(night):%Y%m%d}"
        mine = [one for one in town.world.planted if (one.source, one.kind) == ("air_hourly", "missing_reporters")]
        (silent,) = {one.detail.split()[1] for one in mine if f"air_{day}.json" in one.file}
        (term,) = town.why("environment.pm25_daily_mean", "lanhai", str(town.world.day(night))).terms
        missing = {one["reporter"]: one["missing"] for one in term["reporters_missing"]}
        assert missing[f"{silent}-PM2.5"] >= 6


def test_a_cell_of_every_indicator_and_kind_of_period_read_again_from_landing_is_exact(town: Town) -> None:
    rows = town.values()
    Random(SEED).shuffle(rows)
    by: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        if row["n_records"]:
            by.setdefault((row["indicator"], row["period_kind"]), []).append(row)
    levels = ("city", "district", "street")
    wanted = [(levels[at % len(levels)], found) for at, found in enumerate(by.values())]
    chosen = [next((row for row in found if row["level"] == level), found[0]) for level, found in wanted]
    answers = [town.why(*town.of(row), verify=True) for row in chosen]
    assert [one.line for answer in answers for one in answer.differences or ()] == []
    assert sum(answer.differences is not None for answer in answers) > len(chosen) / 2
    assert {row["level"] for row in chosen} >= set(levels)


def test_the_soak_asks_in_the_same_way_and_tells_what_it_found(town: Town) -> None:
    asked = explained.ask(town.known.city, Lake(town.known.lake.root.parent, "lanhai"), 3, SEED, lambda text: None)
    assert (len(asked.seconds), asked.wrong) == (3, [])
    unverified = asked.ended[explained.UNVERIFIED]
    assert f"| demo | 3 | {unverified} | 0 | {asked.records:,} |" in explained.page({"demo": asked})


def test_a_value_withheld_for_few_people_shows_neither_terms_nor_rows(town: Town) -> None:
    rows = town.values()
    hidden = [row for row in rows if release.REASON in (row["reasons"] or "")]
    row = next(row for row in hidden if row["indicator"] == "medical.ambulance_calls")
    answer = town.why(*town.of(row), rows=True, verify=True)
    assert (answer.terms, answer.rows, answer.differences) == ([], None, None)
    assert "below_release_threshold" in str(answer.unverified)
    assert not any(str(n) in str(answer.data()["said"]["n_records"]) for n in range(10))


def test_no_count_of_people_below_the_threshold_stands_behind_a_value(town: Town) -> None:
    city, k = town.known.city, 10
    assert city.file.release is not None
    assert masking.threshold(city, "silver.ambulance_calls") == city.file.release.k == k
    rows = town.values()
    mine = [row for row in rows if row["indicator"] == "medical.ambulance_calls" and row["value"]]
    mine.sort(key=lambda row: (row["level"] != "city", row["n_records"]))
    for row in mine[:6]:
        answer = town.why(*town.of(row), rows=True)
        (term,) = answer.terms
        counts = [one["records"] for one in term["not_used"]] + [one["used"] for one in term["deliveries"]]
        assert all(count is None or count == 0 or count >= k for count in counts)
        assert answer.rows is not None
        by_file = Counter(one["file"] for one in answer.rows.to_pylist())
        assert all(count >= k for count in by_file.values())
        assert answer.rows["place"].null_count == answer.rows.num_rows


def test_hidden_parts_of_a_sum_cannot_be_worked_out() -> None:
    assert masking.parts({"a": 40, "b": 3, "c": 12}, 10) == {"a": 40, "b": None, "c": None}
    assert masking.parts({"a": 40, "b": 0, "c": 12}, 10) == {"a": 40, "b": 0, "c": 12}
    assert masking.parts({"a": 4, "b": 4, "c": 30}, 10) == {"a": None, "b": None, "c": None}
    assert masking.parts({"a": 4, "b": 7, "c": 30}, 10) == {"a": None, "b": None, "c": 30}
    assert masking.parts({"a": 4, "b": 7}, 0) == {"a": 4, "b": 7}
