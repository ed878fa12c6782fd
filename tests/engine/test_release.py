"""Small counts of people are withheld, and what they would follow from; zero is shown."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest

from jobs.core.lake import Lake
from jobs.release import REASON
from schemas import City
from tests import inline
from tests.engine import toy
from tests.engine.toy import BLOCKS, CELLS, TABLE, Row, Trip

K = 10
DAYS = [date(2024, 10, 29) + timedelta(days=n) for n in range(3)]
COUNT = {"terms": {"n": {"count": TABLE}}, "value": "n", "unit": "trip", "periods": ["hour", "day", "month"],
         "segments": ["peak", "off_peak"]}  # fmt: skip
SHARE = {
    "terms": {"x": {"count": TABLE, "where": "kind = 'x'"}, "n": {"count": TABLE}}, "value": "x / n", "unit": "1",
    "periods": ["day"],
}  # fmt: skip
DOUBLE = {"terms": {"o": {"indicator": "transport.trips"}}, "value": "2 * o", "unit": "trip", "periods": ["day"]}
Said = dict[tuple[str, str, str, str, str], Row]


@pytest.fixture
def city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> City:
    monkeypatch.setitem(toy.CITY, "release", {"k": K})
    for key, said in (("personal", "direct"), ("classification", "restricted")):
        monkeypatch.setitem(toy.TRIPS["columns"]["vehicle"], key, said)
    return toy.city(tmp_path / "conf", monkeypatch, {"trips": COUNT, "share": SHARE, "double": DOUBLE})


def night(lake: Lake, city: City, rows: Sequence[Trip], day: date) -> None:
    toy.deliver(lake, city, rows, [day], day)
    inline.fused_of(city, lake, day)
    inline.indicators_of(city, lake, day)


def of_day(lake: Lake, indicator: str) -> dict[tuple[str, str], Row]:
    """(level, place) to the value of the whole first day."""
    day = ("day", str(DAYS[0]), "all")
    return {(level, place): row for (level, place, *rest), row in toy.said(lake, indicator).items() if (*rest,) == day}


def is_withheld(row: Row) -> bool:
    if REASON not in (row["reasons"] or ""):
        return False
    assert (row["value"], row["low"], row["high"], row["n_records"], row["grade"]) == (None,) * 5
    assert (row["status"], row["reasons"]) == ("withheld", REASON)
    return True


def test_a_small_count_is_withheld_and_zero_and_the_rest_are_true(tmp_path: Path, city: City) -> None:
    lake, rows = Lake(tmp_path / "lake", "toy"), toy.trips(Random(3), DAYS[:1], 120)
    night(lake, city, rows, DAYS[0])
    counted: Counter[tuple[str, str, str]] = Counter()
    for row in rows:
        for level, place in toy.places(row).items():
            counted.update([(level, place, row.local.strftime("%Y-%m-%dT%H")), (level, place, str(row.day))])
    said = toy.said(lake, "trips")
    shown = Counter[str]()
    for (level, place, kind, period, segment), found in said.items():
        if segment == "all" and kind in ("hour", "day") and period.startswith(str(DAYS[0])):
            n = counted[level, place, period]
            assert is_withheld(found) or found["value"] == n
            assert is_withheld(found) or not 0 < n < K
            shown[f"{kind} withheld" if is_withheld(found) else f"{kind} {min(n, 1)}"] += 1
    assert {"hour withheld", "hour 0", "day 1"} <= set(shown)


def sums(said: Said) -> Iterator[list[tuple[str, ...]]]:
    """Cells of which one is the sum of the others."""
    hours: dict[tuple[str, str, str], list[tuple[str, ...]]] = defaultdict(list)
    for cell in said:
        if cell[2] == "hour":
            hours[cell[0], cell[1], cell[3][:10]].append(cell)
    for cell in said:
        level, place, kind, period, segment = cell
        for below, members in inside(level, place).items():
            yield [cell, *((below, one, *cell[2:]) for one in members)]
        if kind == "day" and segment == "all":
            yield [cell, *hours[level, place, period]]
        if segment == "all" and kind in ("day", "month"):
            yield [cell, *((*cell[:4], one) for one in ("peak", "off_peak"))]


def inside(level: str, place: str) -> dict[str, list[str]]:
    if level == "city":
        members = {"district": {*BLOCKS.values()}, "cell": CELLS, "block": BLOCKS}
        return {below: [*listed, "unplaced"] for below, listed in members.items()}
    blocks = [block for block, district in BLOCKS.items() if district == place]
    return {"block": blocks or ["unplaced"]} if level == "district" else {}


@pytest.mark.parametrize("count", [40, 90, 200, 700])
def test_no_withheld_count_follows_from_a_sum(tmp_path: Path, city: City, count: int) -> None:
    lake, rows = Lake(tmp_path / "lake", "toy"), toy.trips(Random(count), DAYS, count)
    for day in DAYS:
        night(lake, city, rows, day)
    said = toy.said(lake, "trips")
    seen = 0
    for cells in sums(said):
        there = [said[cell] for cell in cells if cell in said]
        withheld = [row for row in there if is_withheld(row)]
        assert len(withheld) != 1 or all(row["value"] in (None, 0) for row in there if row not in withheld), cells
        seen += len(withheld) > 1
    assert seen


def test_a_rate_on_few_is_withheld_and_so_is_one_whose_rest_is_few(tmp_path: Path, city: City) -> None:
    lake, rows = Lake(tmp_path / "lake", "toy"), toy.trips(Random(5), DAYS[:1], 300)
    for number, row in enumerate(rows):
        row.kind = "x" if (number if row.block == "b1" else number % 20) else "y"
    night(lake, city, rows, DAYS[0])
    said = of_day(lake, "share")
    few = {place: sum(row.kind == "y" for row in rows if row.block == place) for place in BLOCKS}
    assert any(0 < n < K for n in few.values())
    assert all(is_withheld(said["block", place]) for place, n in few.items() if 0 < n < K)


def test_what_uses_a_withheld_value_is_withheld(tmp_path: Path, city: City) -> None:
    lake, rows = Lake(tmp_path / "lake", "toy"), toy.trips(Random(3), DAYS[:1], 30)
    night(lake, city, rows, DAYS[0])
    trips, double = of_day(lake, "trips"), of_day(lake, "double")
    assert any(is_withheld(row) for row in trips.values())
    assert all(is_withheld(double[key]) for key, row in trips.items() if is_withheld(row))


def test_a_month_with_a_withheld_day_is_withheld_while_it_runs(tmp_path: Path, city: City) -> None:
    lake, rows = Lake(tmp_path / "lake", "toy"), toy.trips(Random(9), DAYS, 150)
    rows = [row for row in rows if row.block != "b3" or row.day != DAYS[1]]
    for day in DAYS[:2]:
        night(lake, city, rows, day)
    said = toy.said(lake, "trips")
    days = [said["block", "b1", "day", str(day), "all"] for day in DAYS[:2]]
    month = said["block", "b1", "month", "2024-10", "all"]
    assert is_withheld(month) == any(is_withheld(row) for row in days)


def test_a_month_is_withheld_for_a_day_that_tonight_does_not_say_again(tmp_path: Path, city: City) -> None:
    lake, early, late = Lake(tmp_path / "lake", "toy"), date(2024, 10, 5), date(2024, 10, 25)
    rows = [row for row in toy.trips(Random(9), [early], 150) if row.block == "b1"][: K - 2]
    rows += toy.trips(Random(9), [late], 300)
    for day in (early, late):
        night(lake, city, rows, day)
    said = toy.said(lake, "trips")
    assert said["block", "b1", "day", str(early), "all"]["edition"] == str(early)
    assert is_withheld(said["block", "b1", "day", str(early), "all"])
    assert is_withheld(said["block", "b1", "month", "2024-10", "all"])


def test_without_a_threshold_everything_is_shown(tmp_path: Path, city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(toy.CITY, "release")
    other = toy.city(tmp_path / "conf", monkeypatch, {"trips": COUNT})
    lake = Lake(tmp_path / "lake", "toy")
    night(lake, other, toy.trips(Random(3), DAYS[:1], 60), DAYS[0])
    assert not any(is_withheld(row) for row in toy.said(lake, "trips").values())
