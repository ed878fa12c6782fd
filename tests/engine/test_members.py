"""A register of places that changes: every day is what it would be had the register come first, and no other is made.

The answer is another lake, in which one night takes everything.
"""

import json
import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from jobs import landing, members
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger
from schemas import City
from tests import inline
from tests.engine import toy

FIRST, SECOND, THIRD = (date(2024, 10, day) for day in (20, 21, 22))
EMPTY = date(2024, 10, 5)
"""Before any record, and after the city's first day."""
HEADER = "level,place_id,parent_id,name_zh,name_en,valid_from,geometry"
TRIPS = [
    # trip, day of October, lon: b1 is from 0 to 1, b2 from 1 to 2, and 2 to 3 is nobody's at first.
    ("t1", 10, 0.5), ("t2", 11, 1.2), ("t3", 12, 1.8), ("t4", 13, 2.5), ("t5", 14, 0.1), ("t6", 14, 1.9),
]  # fmt: skip
Register = dict[str, tuple[str, float, float]]
"""Block to its district and where it begins and ends."""
BEFORE: Register = {"b1": ("d1", 0, 1), "b2": ("d1", 1, 2)}


@pytest.fixture
def city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> City:
    counted: dict[str, Any] = {"unit": "trip", "periods": ["day"], "value": "n"}
    asked = {
        "trips": counted | {"terms": {"n": {"count": toy.TABLE}}},
        "arrivals": counted | {"terms": {"n": {"count": toy.TABLE, "place": "to_block"}}},
    }
    return toy.city(tmp_path / "conf", monkeypatch, asked)


def square(low: float, high: float) -> str:
    ring = [[low, 0], [high, 0], [high, 1], [low, 1], [low, 0]]
    return json.dumps({"type": "Polygon", "coordinates": [ring]})


def places(register: Register, since: date) -> str:
    """A name that begins with c is a cell, any other a block."""
    quoted = {block: square(low, high).replace('"', '""') for block, (_, low, high) in register.items()}
    blocks = [
        f'{"cell" if b[0] == "c" else "block"},{b},{of},,,{since},"{quoted[b]}"' for b, (of, *_) in register.items()
    ]
    districts = [
        f"district,{name},toy,,,2000-01-01," for name in sorted({of for of, *_ in register.values()} - {"toy"})
    ]
    return "\n".join([HEADER, *blocks, *districts])


def trips() -> str:
    columns = "trip_id,made,amount,level,beds,weight,kind,vehicle,closed,to_block,lon,lat"
    rows = [f"{trip},2024-10-{day} 08:00:00,1,1,1,1,x,v1,,b3,{lon},0.5" for trip, day, lon in TRIPS]
    return "\n".join([columns, *rows])


class Nights:
    """A lake to which files come night by night."""

    def __init__(self, city: City, root: Path) -> None:
        self.city, self.root, self.lake = city, root, Lake(root / "lake", "toy")

    def take(self, night: date, **files: str) -> "Nights":
        for name, text in files.items():
            path = self.root / f"in-{night}" / name.split("_")[0] / f"{name}.csv"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        if files:
            at = datetime.combine(night, datetime.min.time(), UTC) + timedelta(hours=12)
            landing.land(self.city, self.lake, self.root / f"in-{night}", at)
        inline.night(self.city, self.lake, night)
        return self

    @property
    def said(self) -> dict[Any, Any]:
        shown = ("value", "low", "high", "coverage", "n_records")
        return {
            (one, *key): [row[name] for name in shown]
            for one in ("trips", "arrivals") for key, row in toy.said(self.lake, one).items()
        }  # fmt: skip

    def placed(self) -> dict[str, str | None]:
        rows = self.lake.arrow(toy.TABLE, ["trip_id", "place_id", "place_cell"]).to_pylist()
        return {row["trip_id"]: row["place_cell"] or row["place_id"] for row in rows}

    def moved(self, night: date) -> list[str]:
        rows = Ledger(self.lake).rows("moved", f"biz_date = DATE '{night}'", "day")
        return [row["day"] for row in rows if row["table"] == toy.TABLE]


CHANGED: dict[str, tuple[Register, dict[str, str | None], list[str]]] = {
    "a border moves": (
        {"b1": ("d1", 0, 1.5), "b2": ("d1", 1.5, 2)},
        {"t1": "b1", "t2": "b1", "t3": "b2", "t4": None, "t5": "b1", "t6": "b2"},
        ["2024-10-10", "2024-10-11", "2024-10-12", "2024-10-14"],
    ),
    "a block is new": (
        BEFORE | {"b3": ("d2", 2, 3)},
        {"t1": "b1", "t2": "b2", "t3": "b2", "t4": "b3", "t5": "b1", "t6": "b2"},
        ["2024-10-10", "2024-10-11", "2024-10-12", "2024-10-13", "2024-10-14"],
    ),
    "a cell is new": (
        BEFORE | {"c1": ("toy", 1.5, 3)},
        {"t1": "b1", "t2": "b2", "t3": "c1", "t4": "c1", "t5": "b1", "t6": "c1"},
        ["2024-10-12", "2024-10-13", "2024-10-14"],
    ),
    "a block goes to another district": (
        BEFORE | {"b2": ("d2", 1, 2)},
        {"t1": "b1", "t2": "b2", "t3": "b2", "t4": None, "t5": "b1", "t6": "b2"},
        [],
    ),
}


@pytest.mark.parametrize("how", sorted(CHANGED))
def test_a_register_that_comes_late_gives_what_one_in_time_gives(city: City, tmp_path: Path, how: str) -> None:
    register, placed, moved = CHANGED[how]
    late = Nights(city, tmp_path / "late").take(FIRST, places=places(BEFORE, FIRST), trips=trips())
    late.take(SECOND, places_new=places(register, SECOND))
    files = {"places": places(BEFORE, FIRST), "trips": trips(), "places_new": places(register, SECOND)}
    once = Nights(city, tmp_path / "once").take(SECOND, **files)
    assert late.placed() == once.placed() == placed
    assert late.said == once.said
    assert late.moved(SECOND) == moved


def test_a_new_place_has_its_say_of_every_day(city: City, tmp_path: Path) -> None:
    register = CHANGED["a block is new"][0]
    lake = Nights(city, tmp_path).take(FIRST, places=places(BEFORE, FIRST), trips=trips())
    assert ("trips", "block", "b3", "day", str(EMPTY), "all") not in lake.said
    lake.take(SECOND, places_new=places(register, SECOND))
    days = {key[4] for key in lake.said if key[2] == "b3"}
    assert days == {key[4] for key in lake.said if key[2] == "b1"} >= {str(EMPTY), str(FIRST)}


def test_the_same_register_again_moves_nothing(city: City, tmp_path: Path) -> None:
    lake = Nights(city, tmp_path).take(FIRST, places=places(BEFORE, FIRST), trips=trips())
    lake.take(SECOND, places_again=places(BEFORE, SECOND))
    ledger = Ledger(lake.lake)
    assert members.changes(ledger, SECOND) == [] == lake.moved(SECOND)
    assert ledger.rows("members", f"biz_date = DATE '{SECOND}'") == []


def test_a_night_begun_again_moves_the_same(city: City, tmp_path: Path) -> None:
    lake = Nights(city, tmp_path).take(FIRST, places=places(BEFORE, FIRST), trips=trips())
    register, placed, moved = CHANGED["a border moves"]
    lake.take(SECOND, places_new=places(register, SECOND)).take(SECOND)
    assert (lake.placed(), lake.moved(SECOND)) == (placed, moved)


@pytest.mark.parametrize(
    ("how", "last"),
    [("a border moves", BEFORE), ("a block is new", BEFORE | {"b1": ("d1", 0.0, 0.2), "b3": ("d1", 2.0, 3.0)})],
)
def test_what_a_night_that_was_not_finished_placed_by_is_put_right(
    city: City, tmp_path: Path, how: str, last: Register
) -> None:
    """The second night ends after silver; by the third the register is what it was, or says something else again."""
    sent = {"places": places(BEFORE, FIRST), "trips": trips(), "places_new": places(CHANGED[how][0], SECOND)}
    late = Nights(city, tmp_path / "late").take(FIRST, places=sent["places"], trips=sent["trips"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inline, "LAYERS", inline.LAYERS[:2])
        late.take(SECOND, places_new=sent["places_new"])
    late.take(THIRD, places_newer=places(last, THIRD))
    once = Nights(city, tmp_path / "once").take(THIRD, **sent, places_newer=places(last, THIRD))
    assert late.placed() == once.placed()
    assert late.said == once.said


def test_a_night_run_again_by_another_register_forgets_nothing(city: City, tmp_path: Path) -> None:
    lake = Nights(city, tmp_path).take(FIRST, places=places(BEFORE, FIRST), trips=trips())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inline, "LAYERS", inline.LAYERS[:2])
        lake.take(SECOND, places_new=places(CHANGED["a border moves"][0], SECOND))
    lake.take(SECOND, places_newer=places(BEFORE, SECOND + timedelta(days=1)))
    assert lake.placed() == {"t1": "b1", "t2": "b2", "t3": "b2", "t4": None, "t5": "b1", "t6": "b2"}


def test_a_lake_that_has_noted_no_members_yet_is_placed_anew_once(city: City, tmp_path: Path) -> None:
    lake = Nights(city, tmp_path).take(FIRST, places=places(BEFORE, FIRST), trips=trips())
    shutil.rmtree(lake.lake.folder("ops.members"))
    register, placed, _ = CHANGED["a border moves"]
    lake.take(SECOND, places_new=places(register, SECOND)).take(THIRD)
    assert (lake.placed(), len(lake.moved(SECOND)), lake.moved(THIRD)) == (placed, 4, [])


@pytest.mark.parametrize(
    ("before", "now", "spellings"),
    [
        (None, {"place_id": "b1", "name_zh": "甲", "name_en": "One"}, {"b1", "甲", "one"}),
        ({"place_id": "b1", "name_zh": "甲", "name_en": "One"}, None, {"b1", "甲", "one"}),
        ({"place_id": "b1", "name_zh": "甲", "name_en": "One"}, {"place_id": "b1", "name_zh": "乙", "name_en": "one"},
         {"甲", "乙"}),
    ],
)  # fmt: skip
def test_only_spellings_that_come_or_go_may_mean_another_place(before: Any, now: Any, spellings: set[str]) -> None:
    rows = [row and {"level": "block", **row} for row in (before, now)]
    assert set(members._spelled([members.Change(*rows)])) == {("block", text) for text in spellings}
    city = [row and {"level": "city", **row} for row in (before, now)]
    assert set(members._spelled([members.Change(*city)])) == set()
