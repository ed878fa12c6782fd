"""Reporters that a register lists: due from the day it lists them, whether or not one ever reported."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from jobs import landing
from jobs.core.lake import Lake
from schemas import City
from tests import inline
from tests.engine import toy

DAYS = [date(2024, 10, 20), date(2024, 10, 21)]
MEMBERS = ["block,b1,d1", "block,b2,d1", "block,b3,d2", "district,d1,toy", "district,d2,toy"]
TEXT = {"type": "string", "required": True, "description": toy.WORDS}
REGISTER: dict[str, Any] = {
    "description": toy.WORDS, "records": "place", "owner": "office", "element": "facilities", "kind": "register",
    "key": ["shop"], "date": "since", "columns": {"shop": TEXT, "state": TEXT, "since": TEXT | {"type": "date"}},
}  # fmt: skip
RETURNS: dict[str, Any] = {
    "description": toy.WORDS, "records": "report", "owner": "office", "element": "transport",
    "key": ["shop", "day"], "date": "day",
    "columns": {
        "shop": TEXT, "day": TEXT | {"type": "date"},
        "guests": {"type": "int", "unit": "person", "quantity": "flow", "valid_range": [0, 100],
                   "description": toy.WORDS},
    },
    "reporters": {
        "column": "shop", "every": "day",
        "listed_in": {"table": "silver.shops", "column": "shop", "where": "state = 'open'"},
    },
}  # fmt: skip
PLACE = {"level": "block", "id": "block"}
SOURCES: Mapping[str, Mapping[str, Any]] = {
    "shops": {"place": PLACE, "columns": {"shop": "shop", "state": "state", "since": "try_to_date(since)"}},
    "returns": {
        "place": PLACE,
        "columns": {"shop": "shop", "day": "try_to_date(day)", "guests": "try_cast(guests as int)"},
    },
}
ASKED = {"guests": {"terms": {"n": {"sum": "silver.returns", "of": "guests"}}, "value": "n", "unit": "person",
                    "periods": ["day"], "valid_range": [0, 1000]}}  # fmt: skip
SHOPS = ["s1,open,2000-01-01,b1", "s2,open,2000-01-01,b2", "s3,open,2000-01-01,b3", "s4,shut,2000-01-01,b3",
         "s1,shut,2024-10-21,b1"]  # fmt: skip


@pytest.fixture
def city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> City:
    base = tmp_path / "conf" / "cities" / "toy"
    said = {"schemas/silver/shops.yaml": REGISTER, "schemas/silver/returns.yaml": RETURNS}
    for name, into in SOURCES.items():
        delivery = "restating" if name == "shops" else "append"
        source = {"files": f"{name}/*.csv", "into": {f"silver.{name}": into}, "delivery": delivery}
        said[f"sources/{name}.yaml"] = toy.SOURCE | source
    for path, one in said.items():
        (base / path).parent.mkdir(parents=True, exist_ok=True)
        (base / path).write_text(json.dumps(one), "utf-8")
    return toy.city(tmp_path / "conf", monkeypatch, ASKED)


def deliver(folder: Path, name: str, file: str, lines: Sequence[str]) -> None:
    (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / name / f"{file}.csv").write_text("\n".join(lines), "utf-8")


def said(city: City, tmp_path: Path, returns: Sequence[str]) -> dict[tuple[str, date], Any]:
    """(place, day) to the value after one night."""
    folder, lake = tmp_path / "in", Lake(tmp_path / "lake", "toy")
    places = ["level,place_id,parent_id,name_zh,name_en,valid_from,geometry", *(f"{m},,,2000-01-01," for m in MEMBERS)]
    deliver(folder, "places", "all", places)
    deliver(folder, "shops", "all", ["shop,state,since,block", *SHOPS])
    deliver(folder, "returns", "all", ["shop,day,guests,block", *returns])
    landing.land(city, lake, folder, datetime(2024, 10, 21, 12, tzinfo=UTC))
    inline.night(city, lake, DAYS[-1])
    found = toy.said(lake, "guests")
    dated = {(key[1], date.fromisoformat(key[3])): row for key, row in found.items() if key[0] != "cell"}
    return {key: row for key, row in dated.items() if key[1] in DAYS}


def test_who_never_reported_is_missing_and_who_is_shut_is_not(city: City, tmp_path: Path) -> None:
    first, second = DAYS
    rows = said(city, tmp_path, [f"s1,{first},7,b1", f"s2,{first},5,b2", f"s2,{second},6,b2"])
    told = {key: (row["value"], row["coverage"]) for key, row in rows.items() if key[0] in ("b1", "b2", "d1", "toy")}
    assert told == {
        ("b1", first): (7, 1), ("b2", first): (5, 1), ("d1", first): (12, 1), ("toy", first): (12, 0.666667),
        ("b1", second): (0, 1), ("b2", second): (6, 1), ("d1", second): (6, 1), ("toy", second): (6, 0.5),
    }  # fmt: skip
    silent = rows["b3", first]
    assert (silent["coverage"], silent["status"]) == (0, "provisional")
    assert "missing_reporters: s3" in silent["reasons"]
    assert "missing_reporters: s3" in rows["toy", second]["reasons"]


def test_who_reports_unlisted_is_heard_on_that_day_and_not_missed_on_the_next(city: City, tmp_path: Path) -> None:
    first, second = DAYS
    homes = (("s1", "b1"), ("s2", "b2"), ("s3", "b3"), ("s9", "b1"))
    lines = [f"{shop},{first},1,{block}" for shop, block in homes] + [f"s2,{second},1,b2", f"s3,{second},1,b3"]
    rows = said(city, tmp_path, lines)
    assert [(rows["toy", day]["value"], rows["toy", day]["coverage"]) for day in DAYS] == [(4, 1), (2, 1)]
