"""What came and what did not: each way a file can come is told apart from the others."""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from jobs import arrivals, bronze, landing
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger
from schemas import City
from tests import inline
from tests.soak import changes

FIRST = date(2025, 3, 3)
HEADER = "ward,street,open,used"
Files = dict[str, Sequence[str]]


def ward(number: int, used: int = 1) -> str:
    return f"w{number},s1,10,{used}"


@pytest.fixture
def town(tmp_path: Path) -> Any:
    with changes.declared(tmp_path) as city:
        yield city, Lake(tmp_path / "lake", changes.CITY), tmp_path


def night(town: tuple[City, Lake, Path], day: date, files: Files, hour: str = "02:00") -> dict[str, tuple[str, str]]:
    """Land files on the morning after a day and take them in: file to state and detail, and `source` to `missing`."""
    city, lake, folder = town
    ledger = Ledger(lake)
    for name, lines in files.items():
        path = folder / f"{day}-{hour[:2]}" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(lines), "utf-8")
    if files:
        when = landing.delivered_at(f"{day + timedelta(days=1)}T{hour}", city)
        landing.land(city, lake, folder / f"{day}-{hour[:2]}", when)
    bronze.run(inline.session, city, lake, day)
    arrivals.note(city, ledger, day)
    rows = ledger.rows("arrivals", f"biz_date = DATE '{day}' AND source IN ('wards', 'meters')")
    return {row["file"] or row["source"]: (row["state"], row["detail"]) for row in rows}


def wards(day: date, name: str = "", rows: Sequence[str] = ()) -> Files:
    return {f"wards/{day}{name}.csv": [HEADER, *rows]}


def test_on_time_late_early_and_missing(town: Any) -> None:
    second, third = FIRST + timedelta(days=1), FIRST + timedelta(days=2)
    said = night(town, FIRST, wards(FIRST, rows=[ward(1), ward(2)]))
    assert said == {
        f"wards/{FIRST}.csv": ("on_time", ""), "meters": ("missing", "nothing after 2025-02-28: 3 days"),
    }  # fmt: skip
    assert night(town, second, {})["wards"] == ("missing", f"nothing after {FIRST}: 1 day")
    said = night(
        town, third, wards(second, rows=[ward(1), ward(2, 3)]) | wards(third + timedelta(days=1), rows=[ward(9)])
    )
    assert said[f"wards/{second}.csv"][0] == "late"
    assert said[f"wards/{third + timedelta(days=1)}.csv"][0].startswith("early")
    assert "wards" not in said


def test_repeated_same_content_empty_and_refused(town: Any) -> None:
    second = FIRST + timedelta(days=1)
    night(town, FIRST, wards(FIRST, rows=[ward(1), ward(2)]))
    said = night(
        town, second,
        wards(FIRST, "-again", [ward(1), ward(2)]) | wards(FIRST, "-turned", [ward(2), ward(1)])
        | wards(second) | {"meters/a.csv": ["meter_id,tag,menge,street", "m1,2025-03-04,1.0,s1"]},
    )  # fmt: skip
    assert said[f"wards/{FIRST}-again.csv"] == ("repeated", f"the bytes of wards/{FIRST}.csv")
    assert said[f"wards/{FIRST}-turned.csv"] == ("late,same_content", f"says what wards/{FIRST}.csv said")
    assert said[f"wards/{second}.csv"] == ("on_time,empty", "")


def test_shrunk_and_grown(town: Any) -> None:
    for at in range(3):
        day = FIRST + timedelta(days=at)
        night(town, day, wards(day, rows=[ward(n, at) for n in range(6)]))
    fourth = FIRST + timedelta(days=3)
    assert night(town, fourth, wards(fourth, rows=[ward(1)]))[f"wards/{fourth}.csv"] == (
        "on_time,shrunk", "1 records, usually 6",
    )  # fmt: skip
    fifth = FIRST + timedelta(days=4)
    said = night(town, fifth, wards(fourth, "-full", [ward(n) for n in range(6)]))
    assert said[f"wards/{fourth}-full.csv"] == ("late,grown", "6 records, usually 1")


def test_departments_are_scored_by_their_files_and_their_reporters(town: Any) -> None:
    city, lake, _ = town
    ledger = Ledger(lake)
    found = {"biz_date": FIRST, "table": "silver.meters", "rule": "reporters_complete", "kind": "set",
             "severity": "warning", "action": "report", "success": False, "evaluated": 8, "failed": 2}  # fmt: skip
    ledger.add("quality", [found])
    night(town, FIRST, wards(FIRST, rows=[ward(1)]))
    (office,) = ledger.rows("reporters", f"biz_date = DATE '{FIRST}' AND department = 'office'")
    daily = [one for one in city.sources.values() if one.arrives.every == "day"]
    due = len(daily) * ((FIRST - city.file.first_day).days + 1)
    assert (office["files_due"], office["files_on_time"]) == (due, 1)
    assert (office["slots_due"], office["slots_given"], office["completeness"]) == (8, 6, 0.75)
    assert office["timeliness"] == 1 / due
