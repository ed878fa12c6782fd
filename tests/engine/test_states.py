"""Partial aggregates come out the same however rows are split among tasks; estimates keep the error they state."""

from datetime import date, timedelta
from decimal import Decimal
from math import sqrt
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from jobs import fused, states, terms
from jobs.core import engine
from jobs.core.lake import Lake
from jobs.scan import Scan, scan_terms
from schemas import City
from tests import inline
from tests.engine import toy
from tests.engine.test_values import ASKED
from tests.engine.toy import TABLE

DAYS = [date(2024, 10, 25) + timedelta(days=n) for n in range(4)]
MOST = 0.5 / 100


def scanned(city: City, lake: Lake, groups: list[list[str]], days: list[str]) -> pa.Table:
    parts = [Scan(str(lake.root.parent), city.id, TABLE, tuple(days), tuple(paths), (), 1) for paths in groups]
    return fused.merge([scan_terms(one) for one in parts])


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_parts_in_any_grouping_and_order_give_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    keys = {name: dict(asked) for name, (asked, _) in ASKED.items()}
    keys["p50"] = keys["p95"] | {
        "terms": {"x": {"percentile": TABLE, "of": "level", "p": 0.5, "type": "linear", "exact": False}}
    }
    city = toy.city(tmp_path / "conf", monkeypatch, keys)
    random, days = Random(seed), [day.isoformat() for day in DAYS]
    rows = toy.trips(random, DAYS, 200)
    pieces = []
    for number in range(5):
        lake = Lake(tmp_path / f"lake{number}", "toy")
        toy.deliver(lake, city, rows[number::5], DAYS, DAYS[-1])
        pieces += [file["path"] for file in lake.files(TABLE, "_day", days)]
    whole = scanned(city, lake, [pieces], days)
    random.shuffle(pieces)
    split = scanned(city, lake, [pieces[:7], pieces[7:8], pieces[8:]], days)
    assert whole.num_rows > 100
    assert split.equals(whole)
    one_by_one = scanned(city, lake, [[path] for path in reversed(pieces)], days)
    assert one_by_one.equals(whole)


def test_a_distinct_estimate_is_exact_below_its_size_and_near_above(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    term = {"distinct": TABLE, "of": "trip_id", "exact": False}
    wanted = {"terms": {"x": term}, "value": "x", "unit": "trip", "periods": ["day"], "places": ["city"]}
    monkeypatch.setitem(
        toy.TRIPS["columns"]["trip_id"], "quantity", "identifier"
    )  # fmt: skip
    monkeypatch.setitem(toy.TRIPS["columns"]["trip_id"], "unit", "trip")
    city = toy.city(tmp_path / "conf", monkeypatch, {"ids": wanted})
    lake, days = Lake(tmp_path / "lake", "toy"), DAYS[:2]
    few, many = toy.trips(Random(1), days[:1], 900), toy.trips(Random(2), days[1:], 20_000)
    toy.deliver(lake, city, [*few, *many], days, days[-1])
    inline.fused_of(city, lake, days[-1])
    inline.indicators_of(city, lake, days[-1])
    said = {key[3]: row["value"] for key, row in toy.said(lake, "ids").items()}
    assert said[days[0].isoformat()] == 900
    assert 0 < abs(said[days[1].isoformat()] / 20_000 - 1) < 4 / sqrt(states.SKETCH - 2)


def test_a_percentile_estimate_is_within_half_a_percent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(exact: bool) -> dict[str, object]:
        term = {"percentile": TABLE, "of": "level", "p": 0.9, "type": "nearest_rank", "exact": exact}
        return {"terms": {"x": term}, "value": "x", "unit": "m", "periods": ["day", "month"]}

    city = toy.city(tmp_path / "conf", monkeypatch, {"exact": asked(True), "near": asked(False)})
    lake = Lake(tmp_path / "lake", "toy")
    toy.deliver(lake, city, toy.trips(Random(3), DAYS, 1000), DAYS, DAYS[-1])
    inline.fused_of(city, lake, DAYS[-1])
    inline.indicators_of(city, lake, DAYS[-1])
    exact, near = toy.said(lake, "exact"), toy.said(lake, "near")
    off = [abs(near[key]["value"] / row["value"] - 1) for key, row in exact.items() if row["value"]]
    assert 0 < max(off) <= MOST


@pytest.mark.parametrize(
    ("value", "kept"),
    [("1234.5", "1230"), ("-0.0012345", "-0.00123"), ("999.6", "1000"), ("0.5", "0.5"), ("0", "0"), ("7.995", "8")],
)
def test_a_bucket_is_the_value_to_three_significant_digits(value: str, kept: str) -> None:
    with engine.connect() as connection:
        connection.execute(states.SIGNIFICANT)
        (row,) = connection.sql(f"SELECT significant({value}::DECIMAL(38,9))").fetchall()
    assert row[0] == Decimal(kept)


def test_a_sum_of_squares_beyond_the_digits_of_an_integer_is_exact(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    term = {"moments": TABLE, "of": "level"}
    wanted = {"terms": {"x": term}, "value": "x.squares / x.n", "unit": "m**2", "periods": ["day"]}
    city = toy.city(tmp_path / "conf", monkeypatch, {"squares": wanted})
    lake = Lake(tmp_path / "lake", "toy")
    rows = toy.trips(Random(4), DAYS[:1], 500)
    toy.deliver(lake, city, rows, DAYS[:1], DAYS[0])
    inline.fused_of(city, lake, DAYS[0])
    table = lake.arrow("fused.terms", ["term", "squares", "level"])
    mine = table.filter(pc.and_(pc.equal(table["term"], f"{TABLE} level"), pc.equal(table["level"], "block")))
    assert sum(mine["squares"].to_pylist()) == sum(row.amount**2 for row in rows if row.amount is not None)


def test_the_table_of_terms_opens_in_every_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    city = toy.city(tmp_path / "conf", monkeypatch, {name: asked for name, (asked, _) in ASKED.items()})
    lake = Lake(tmp_path / "lake", "toy")
    toy.deliver(lake, city, toy.trips(Random(5), DAYS, 100), DAYS, DAYS[-1])
    inline.fused_of(city, lake, DAYS[-1])
    assert lake.delta("fused.terms").protocol().min_reader_version == 1
    with engine.connect() as connection:
        connection.register("terms", lake.delta("fused.terms").to_pyarrow_dataset())
        (row,) = connection.sql("SELECT sum(len(items)), sum(len(members)), sum(len(sketch)) FROM terms").fetchall()
    assert all(count > 0 for count in row)


@pytest.mark.parametrize(
    ("column", "term", "fault"),
    [
        ({"type": "decimal(38,2)"}, {"sum": TABLE, "of": "wide"}, "38 are exact"),
        ({"type": "bigint", "valid_range": [0, 1000]}, {"sum": TABLE, "of": "wide"}, ""),
        (
            {"type": "decimal(38,2)", "valid_range": [0, 1000], "on_invalid": "flag"},
            {"sum": TABLE, "of": "wide"},
            "38 are",
        ),
        ({"type": "decimal(18,7)"}, {"moments": TABLE, "of": "wide"}, "14 digits after the point"),
        ({"type": "decimal(12,2)"}, {"moments": TABLE, "of": "wide"}, "29 digits before the point"),
        ({"type": "decimal(8,2)"}, {"weighted_mean": TABLE, "of": "wide", "weight": "weight"}, ""),
    ],
)
def test_a_sum_that_may_outgrow_38_digits_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, column: dict[str, object], term: dict[str, object], fault: str
) -> None:
    monkeypatch.setitem(toy.TRIPS["columns"], "wide", column | {"description": toy.WORDS, "unit": "m"})
    wanted = {"terms": {"x": term}, "value": "x", "unit": "m", "periods": ["day"]}
    city = toy.city(tmp_path / "conf", monkeypatch, {"wide": wanted})
    ((_, aggregate),) = [
        (t, terms.aggregate(t, city.tables[TABLE])) for t in city.indicators["transport.wide"].terms.values()
    ]
    said = states.too_wide(city.tables[TABLE], aggregate) or ""
    assert fault in said
    assert bool(said) == bool(fault)
