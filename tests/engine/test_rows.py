"""Rows that methods read: a table's records as they are, and the places inside a place with others' values."""

import json
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import isclose
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from jobs import fused, values
from jobs.core.lake import Lake
from jobs.scan import Scan, scan_terms
from schemas import City
from tests import inline
from tests.engine import toy
from tests.engine.toy import TABLE, Trip

DAYS = [date(2024, 10, 24) + timedelta(days=n) for n in range(8)]
LAST = DAYS[-1]
KINDS = ["hour", "day", "week", "month"]
OF = {"flow": "weight", "time": "amount", "free_flow_time": "beds"}
NAMED = ["amount", "beds", "weight"]
PLACED = {"periods": ["day", "month"], "places": ["district", "city"]}
ASKED: dict[str, dict[str, Any]] = {
    "tti": {"terms": {"segments": {"rows": TABLE, "of": OF}}, "method": "network_tti", "unit": "1", "periods": KINDS,
            "segments": ["peak", "rest_day"]},
    "some": {"terms": {"segments": {"rows": TABLE, "of": OF, "where": "kind = 'x'", "at": "closed",
                                    "place": "to_block"}},
             "method": "network_tti", "unit": "1", "periods": ["day"], "places": ["block", "district", "city"]},
    "mean": {"terms": {"headways": {"rows": TABLE, "of": "level"}}, "method": "headways", "output": "mean", "unit": "m",
             "periods": KINDS},
    "trips": {"terms": {"n": {"count": TABLE}}, "value": "n", "unit": "trip", "periods": ["day", "month"]},
    "share": {"terms": {"x": {"sum": TABLE, "of": "amount"}, "n": {"count": TABLE}}, "value": "x / n", "unit": "m/trip",
              "periods": ["day", "month"]},
    "weighted": PLACED | {"terms": {"rows": {"rows": "block", "of": {"value": "transport.share",
                                                                     "weight": "transport.trips"}}},
                          "method": "weighted_mean", "unit": "m/trip"},
    "grouped": PLACED | {"terms": {"rows": {"rows": "block", "of": {"value": "transport.trips", "group": "district"}}},
                         "method": "theil_decomposition", "unit": "1"},
}  # fmt: skip


def ratio(rows: list[Trip]) -> float | None:
    """Σ flow·time / Σ flow·free-flow time of the records that are wholly known."""
    known = [row for row in rows if row.amount is not None]
    under = sum(row.weight * row.beds for row in known)
    return float(sum(row.weight * (row.amount or Decimal(0)) for row in known)) / under if under else None


def mean(rows: list[Trip]) -> float | None:
    known = [row.amount for row in rows if row.amount is not None]
    return float(sum(known)) / len(known) if known else None


def near(value: float | None, truth: float | None) -> bool:
    """A method works in DOUBLE: the last digits may differ."""
    return value == truth if value is None or truth is None else isclose(value, truth, rel_tol=1e-14)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("toy")
    with pytest.MonkeyPatch.context() as patch:
        city, lake = toy.city(folder / "conf", patch, ASKED), Lake(folder / "lake", "toy")
        rows = toy.trips(Random(31), DAYS, 400)
        toy.deliver(lake, city, rows, DAYS, LAST)
        inline.fused_of(city, lake, LAST)
        inline.indicators_of(city, lake, LAST)
        yield city, lake, rows


def segments(row: Trip, kind: str) -> set[str]:
    day, hour = row.day, row.local.hour
    is_rest = day.weekday() >= 5 and day != date(2024, 10, 26)
    by_day = {"rest_day"} if is_rest else set()
    return {"all"} if kind == "hour" else {"all", *by_day, *({"peak"} if hour in (7, 8, 17, 18) else ())}


def grouped(rows: list[Trip]) -> dict[tuple[str, str, str, str, str], list[Trip]]:
    """The records of each level, place, kind of period, period and segment."""
    out: dict[tuple[str, str, str, str, str], list[Trip]] = {}
    for row in rows:
        for level, place in toy.places(row).items():
            for kind, period in toy.periods(row.day, row.local).items():
                for segment in segments(row, kind) if kind in KINDS else ():
                    out.setdefault((level, place, kind, period, segment), []).append(row)
    return out


@pytest.mark.parametrize(("name", "truth"), [("tti", ratio), ("mean", mean)])
def test_a_method_reads_the_records_of_every_place_period_and_segment(
    made: Any, name: str, truth: Callable[[list[Trip]], float | None]
) -> None:
    _, lake, rows = made
    said, wanted = toy.said(lake, name), grouped(rows)
    expected = {key: truth(found) for key, found in wanted.items() if name == "tti" or key[4] == "all"}
    wrong = {key: (said[key]["value"], true) for key, true in expected.items() if not near(said[key]["value"], true)}
    assert wrong == {}
    assert {key for key, row in said.items() if row["value"] is not None} <= set(expected)
    assert len({row["value"] for row in said.values()}) > 100


def test_records_are_chosen_dated_and_placed_as_for_any_other_term(made: Any) -> None:
    _, lake, rows = made
    said = toy.said(lake, "some")
    for day in DAYS[3:5]:
        for level, place in (("block", "b1"), ("district", "d1"), ("city", "toy")):
            mine = [
                row for row in rows if row.kind == "x" and row.closed == day
                and (level == "city" or place in (row.to_block, toy.BLOCKS.get(row.to_block or "")))
            ]  # fmt: skip
            assert said[level, place, "day", str(day), "all"]["value"] == pytest.approx(ratio(mine), rel=1e-14)


def test_a_state_keeps_every_record_to_its_last_digit(made: Any) -> None:
    _, lake, rows = made
    table = lake.arrow("fused.terms", ["term", "level", "day", "records"])
    mine = table.filter(pc.and_(pc.equal(table["term"], f"{TABLE} rows of {', '.join(NAMED)}"),
                                pc.equal(table["level"], "block")))  # fmt: skip
    kept = [text for row in mine.to_pylist() for text in row["records"]]
    texts = [[None if row.amount is None else f"{row.amount:.2f}", str(row.beds), str(row.weight)] for row in rows]
    assert sorted(kept) == sorted(json.dumps(text, separators=(",", ":")) for text in texts)
    assert all(row["records"] == sorted(row["records"]) for row in mine.to_pylist())


def test_rows_across_places_hold_what_others_say_there(made: Any) -> None:
    _, lake, _ = made
    trips, share = toy.said(lake, "trips"), toy.said(lake, "share")
    for kind, period in (("day", str(LAST)), ("month", "2024-10")):
        for level, place, blocks in (("city", "toy", toy.BLOCKS), ("district", "d1", ("b1", "b2"))):
            cells = [("block", block, kind, period, "all") for block in blocks]
            known = [(share[c]["value"], trips[c]["value"]) for c in cells if share[c]["value"] is not None]
            truth = sum(x * n for x, n in known) / sum(n for _, n in known)
            row = toy.said(lake, "weighted")[level, place, kind, period, "all"]
            assert row["value"] == pytest.approx(truth, rel=1e-9)


def test_a_row_says_in_which_place_it_lies(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def listed(city: City, one: Any, inputs: Mapping[str, str]) -> str:
        pairs = (
            f"""list_transform({inputs["rows"]}, lambda r: (CASE r."group" WHEN 'd1' THEN 1 ELSE 1000 END) * r.value)"""
        )
        return f"list_sum({pairs})::DOUBLE"

    monkeypatch.setattr(values, "_method", listed)
    asked = {name: ASKED[name] for name in ("trips", "grouped")}
    city, lake = toy.city(tmp_path / "conf", monkeypatch, asked), Lake(tmp_path / "lake", "toy")
    rows = toy.trips(Random(32), DAYS[:2], 90)
    toy.deliver(lake, city, rows, DAYS[:2], DAYS[1])
    inline.fused_of(city, lake, DAYS[1])
    inline.indicators_of(city, lake, DAYS[1])
    mine = [toy.places(row)["district"] for row in rows if row.day == DAYS[1]]
    said = toy.said(lake, "grouped")["city", "toy", "day", str(DAYS[1]), "all"]
    assert said["value"] == mine.count("d1") + 1000 * mine.count("d2")


def test_below_full_coverage_nothing_is_known_but_the_valid_range(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(toy.TRIPS, "reporters", {"column": "vehicle", "every": "day", "known_for": 5})
    asked = {"tti": ASKED["tti"] | {"valid_range": [-100, 100], "periods": ["day"]}}
    city, lake = toy.city(tmp_path / "conf", monkeypatch, asked), Lake(tmp_path / "lake", "toy")
    rows = [row for row in toy.trips(Random(33), DAYS[:2], 300) if row.day == DAYS[0] or row.vehicle != "v3"]
    toy.deliver(lake, city, rows, DAYS[:2], DAYS[1])
    inline.fused_of(city, lake, DAYS[1])
    inline.indicators_of(city, lake, DAYS[1])
    said = {key[3]: row for key, row in toy.said(lake, "tti").items() if key[0] == "city" and key[4] == "all"}
    whole, part = said[str(DAYS[0])], said[str(DAYS[1])]
    assert (whole["coverage"], whole["low"], whole["high"]) == (1, whole["value"], whole["value"])
    assert part["coverage"] == pytest.approx(float(Fraction(11, 12)))
    assert (part["low"], part["high"]) == (-100, 100)


@pytest.mark.parametrize("seed", [1, 2])
def test_records_in_any_grouping_and_order_give_the_same_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    city = toy.city(tmp_path / "conf", monkeypatch, {name: ASKED[name] for name in ("tti", "mean")})
    random, days = Random(seed), [day.isoformat() for day in DAYS]
    rows, pieces = toy.trips(random, DAYS, 200), []
    for number in range(3):
        lake = Lake(tmp_path / f"lake{number}", "toy")
        toy.deliver(lake, city, rows[number::3], DAYS, LAST)
        pieces += [file["path"] for file in lake.files(TABLE, "_day", days)]

    def scanned(groups: list[list[str]]) -> pa.Table:
        parts = [Scan(str(lake.root.parent), city.id, TABLE, tuple(days), tuple(paths), (), 1) for paths in groups]
        return fused.merge([scan_terms(one) for one in parts])

    whole = scanned([pieces])
    random.shuffle(pieces)
    assert sum(map(len, filter(None, whole["records"].to_pylist()))) > 200
    assert scanned([pieces[:5], pieces[5:6], pieces[6:]]).equals(whole)
    assert scanned([[path] for path in reversed(pieces)]).equals(whole)
