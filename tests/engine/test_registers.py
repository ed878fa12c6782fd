"""Indicators of registers alone: what stands counts, and what cannot be divided is unknown, not absent."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from jobs import landing
from jobs.core.lake import Lake
from tests import inline
from tests.engine import toy

DAY = date(2024, 10, 20)
MEMBERS = ["block,b1,d1", "block,b2,d1", "block,b3,d2", "district,d1,toy", "district,d2,toy"]
SHOPS = ["s1,open,b1,10.5", "s2,open,b2,20", "s3,shut,b2,30", "s4,shut,b3,"]
TEXT = {"type": "string", "required": True, "description": toy.WORDS}
AREA = {"type": "decimal(8,1)", "unit": "m**2", "quantity": "stock", "description": toy.WORDS}
CONTRACT: dict[str, Any] = {
    "description": toy.WORDS, "records": "place", "owner": "office", "element": "facilities", "kind": "register",
    "key": ["shop"], "date": "valid_from",
    "columns": {"shop": TEXT | {"unit": "place", "quantity": "identifier"}, "state": TEXT, "area": AREA,
                "valid_from": TEXT | {"type": "date"}},
}  # fmt: skip
INTO: dict[str, Any] = {
    "place": {"level": "block", "id": "block"},
    "columns": {
        "shop": "shop",
        "state": "state",
        "area": "try_cast(area as decimal(8,1))",
        "valid_from": "DATE '2000-01-01'",
    },
}


def stated(state: str) -> dict[str, str]:
    return {"count": "silver.shops", "where": f"state = '{state}'"}


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lake:
    """A night of nothing but shops: of d1 some are shut, of d2 all, and nowhere is one planned."""
    share: dict[str, Any] = {"unit": "1", "periods": ["day"], "value": "some / others"}
    asked = {
        "shut_by_open": share | {"terms": {"some": stated("shut"), "others": stated("open")}},
        "shut_by_planned": share | {"terms": {"some": stated("shut"), "others": stated("planned")}},
        "shops": share
        | {"terms": {"some": {"distinct": "silver.shops", "of": "shop"}}, "value": "some", "unit": "place"},
        "median": share
        | {"terms": {"x": {"percentile": "silver.shops", "of": "area", "p": 0.5, "type": "linear"}}, "value": "x",
           "unit": "m**2"},
        "listed": {"unit": "m**2", "periods": ["day"], "method": "weighted_mean",
                   "terms": {"rows": {"rows": "silver.shops", "of": {"value": "area", "weight": "area"}}}},
        "bag": {"unit": "m**2", "periods": ["day"], "method": "headways", "output": "mean",
                "terms": {"headways": {"rows": "silver.shops", "of": "area", "where": "state = 'open'"}}},
    }  # fmt: skip
    base = tmp_path / "conf" / "cities" / "toy"
    source = toy.SOURCE | {"files": "shops/*.csv", "into": {"silver.shops": INTO}}
    for path, said in (("schemas/silver/shops.yaml", CONTRACT), ("sources/shops.yaml", source)):
        (base / path).parent.mkdir(parents=True, exist_ok=True)
        (base / path).write_text(json.dumps(said), "utf-8")
    city = toy.city(tmp_path / "conf", monkeypatch, asked)
    places = ["level,place_id,parent_id,name_zh,name_en,valid_from,geometry", *(f"{m},,,2000-01-01," for m in MEMBERS)]
    for name, lines in (("places", places), ("shops", ["shop,state,block,area", *SHOPS])):
        (tmp_path / "in" / name).mkdir(parents=True)
        (tmp_path / "in" / name / "all.csv").write_text("\n".join(lines), "utf-8")
    made = Lake(tmp_path / "lake", "toy")
    landing.land(city, made, tmp_path / "in", datetime(2024, 10, 20, 12, tzinfo=UTC))
    inline.night(city, made, DAY)
    return made


def test_a_ratio_over_nothing_is_published_as_unknown(lake: Lake) -> None:
    rows = toy.said(lake, "shut_by_open")
    found = {key[:2]: row["value"] for key, row in rows.items() if key[0] != "cell"}
    assert found == {
        ("block", "b1"): 0, ("block", "b2"): 1, ("block", "b3"): None, ("district", "d1"): 0.5,
        ("district", "d2"): None, ("city", "toy"): 1,
    }  # fmt: skip
    unknown = rows["district", "d2", "day", str(DAY), "all"]
    assert (unknown["low"], unknown["grade"], unknown["status"]) == (None, None, "provisional")
    assert unknown["reasons"] == "no_usable_records"


def test_a_ratio_that_is_nowhere_known_is_there_all_the_same(lake: Lake) -> None:
    rows = toy.said(lake, "shut_by_planned")
    assert {key[1] for key in rows} >= {"b1", "d1", "d2", "toy"}
    assert {row["value"] for row in rows.values()} == {None}


@pytest.mark.parametrize(
    ("name", "d1", "d2"),
    [("shops", 3, 1), ("median", 20, None), ("listed", 1410.25 / 60.5, None), ("bag", 15.25, None)],
)
def test_what_needs_all_rows_takes_those_that_stand(lake: Lake, name: str, d1: float, d2: float | None) -> None:
    rows = toy.said(lake, name)
    assert rows["district", "d1", "day", str(DAY), "all"]["value"] == d1
    assert rows["district", "d2", "day", str(DAY), "all"]["value"] == d2
