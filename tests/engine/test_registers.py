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
SHOPS = ["s1,open,b1", "s2,open,b2", "s3,shut,b2", "s4,shut,b3"]
TEXT = {"type": "string", "required": True, "description": toy.WORDS}
CONTRACT: dict[str, Any] = {
    "description": toy.WORDS, "records": "place", "owner": "office", "element": "facilities", "kind": "register",
    "key": ["shop"], "date": "valid_from",
    "columns": {"shop": TEXT, "state": TEXT, "valid_from": TEXT | {"type": "date"}},
}  # fmt: skip
INTO: dict[str, Any] = {
    "place": {"level": "block", "id": "block"},
    "columns": {"shop": "shop", "state": "state", "valid_from": "DATE '2000-01-01'"},
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
    }
    base = tmp_path / "conf" / "cities" / "toy"
    source = toy.SOURCE | {"files": "shops/*.csv", "into": {"silver.shops": INTO}}
    for path, said in (("schemas/silver/shops.yaml", CONTRACT), ("sources/shops.yaml", source)):
        (base / path).parent.mkdir(parents=True, exist_ok=True)
        (base / path).write_text(json.dumps(said), "utf-8")
    city = toy.city(tmp_path / "conf", monkeypatch, asked)
    places = ["level,place_id,parent_id,name_zh,name_en,valid_from,geometry", *(f"{m},,,2000-01-01," for m in MEMBERS)]
    for name, lines in (("places", places), ("shops", ["shop,state,block", *SHOPS])):
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
