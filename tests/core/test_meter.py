"""What is asked of a lake is counted once each, by whomever and however many at a time; and what nobody asks for."""

import json
import os
import threading
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from jobs import usage
from jobs.core import meter
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger
from schemas import City, load_city
from schemas.city import ROOT

DAY = date(2025, 3, 5)
RIDES, KILOMETRES = "silver.rides", "general.mini_rides"


@pytest.fixture
def mini(monkeypatch: pytest.MonkeyPatch) -> City:
    monkeypatch.setenv("CITYPULSE_CONF", str(ROOT / "tests" / "soak" / "conf"))
    return load_city("mini")


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    (tmp_path / "mini").mkdir()
    return Lake(tmp_path, "mini")


def asked(lake: Lake, at: datetime) -> None:
    """Everything that waits was asked at an instant."""
    for path in (lake.root / "usage" / "new").glob("*.json"):
        os.utime(path, (at.timestamp(), at.timestamp()))


def written(lake: Lake) -> list[tuple[str, str, str, int, int]]:
    rows = Ledger(lake).rows("usage", order="day, interface, resource")
    return [(str(row["day"]), row["interface"], row["resource"], row["calls"], row["rows"]) for row in rows]


def test_many_readers_at_once_are_all_counted(mini: City, lake: Lake) -> None:
    def ask() -> None:
        for n in range(50):
            meter.note(lake, "values", {KILOMETRES: n, RIDES: 1})

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    taken = 0
    while any(thread.is_alive() for thread in threads):  # nights may come between
        taken += usage.fold(mini, lake, Ledger(lake))
    taken += usage.fold(mini, lake, Ledger(lake))
    assert taken == 400
    total = {
        row["resource"]: (row["asked"], row["rows_given"])
        for row in usage.by_resource(mini, usage.counted(mini, lake, date.min))
    }
    assert (total[KILOMETRES], total[RIDES]) == ((400, 8 * sum(range(50))), (400, 400))
    assert list((lake.root / "usage").rglob("*.json")) == []


def test_the_day_is_the_citys_and_nothing_else_of_the_asking_is_kept(mini: City, lake: Lake) -> None:
    meter.note(lake, "why", {KILOMETRES: 1})
    (path,) = (lake.root / "usage" / "new").iterdir()
    assert json.loads(path.read_text()) == {"interface": "why", "rows": {KILOMETRES: 1}}
    asked(lake, datetime(2025, 3, 4, 23, 30, tzinfo=UTC))  # half past midnight in Berlin
    usage.fold(mini, lake, Ledger(lake))
    assert written(lake) == [("2025-03-05", "why", KILOMETRES, 1, 1)]


@pytest.mark.parametrize("step", ["put", "taken"])
def test_a_night_killed_while_it_takes_over_counts_nothing_twice(
    mini: City, lake: Lake, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    for _ in range(3):
        meter.note(lake, "sql", {RIDES: 5})
    asked(lake, datetime(2025, 3, 5, 12, tzinfo=UTC))

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(*((usage, "_put") if step == "put" else (meter, "taken")), killed)
        with pytest.raises(KeyboardInterrupt):
            usage.fold(mini, lake, Ledger(lake))
    assert [row["calls"] for row in usage.counted(mini, lake, DAY)] == [3]
    meter.note(lake, "sql", {RIDES: 7})
    asked(lake, datetime(2025, 3, 5, 12, tzinfo=UTC))
    usage.fold(mini, lake, Ledger(lake))
    assert [(row["calls"], row["rows"]) for row in usage.counted(mini, lake, DAY)] == [(4, 22)]


def test_a_lake_that_cannot_be_written_to_is_read_and_not_metered(lake: Lake) -> None:
    (lake.root / "usage").write_text("in the way of the folder: as if there were no right to write", "utf-8")
    meter.note(lake, "read", {RIDES: 1})
    assert list(meter.waiting(lake, ())) == []


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"interface": "sql"}', '{"interface": "sql", "rows": {"silver.rides": -1}}',
     '{"interface": "sql", "rows": {"13800138000": 1}}', '{"interface": "Li Na", "rows": {"silver.rides": 1}}',
     '{"interface": "sql", "rows": {"silver.rides": true}}'],
)  # fmt: skip
def test_what_no_meter_wrote_is_told_and_kept_nowhere(mini: City, lake: Lake, text: str) -> None:
    meter.note(lake, "read", {RIDES: 2})
    (lake.root / "usage" / "new" / "x.json").write_text(text, "utf-8")
    asked(lake, datetime(2025, 3, 5, 12, tzinfo=UTC))
    usage.fold(mini, lake, Ledger(lake))
    assert written(lake) == [("2025-03-05", "read", RIDES, 1, 2), ("2025-03-05", "unreadable", "", 1, 0)]


def test_an_edition_counts_once_however_often_it_is_made(lake: Lake) -> None:
    ledger = Ledger(lake)
    for _ in range(2):
        usage.note(ledger, DAY, {("headline", KILOMETRES): 1, ("export", KILOMETRES): 31})
    assert written(lake) == [("2025-03-05", "export", KILOMETRES, 1, 31), ("2025-03-05", "headline", KILOMETRES, 1, 1)]


def test_unused_is_what_nobody_asked_for_and_nothing_used_is_made_of(mini: City) -> None:
    def rows(*found: tuple[str, str]) -> list[dict[str, str]]:
        return [{"interface": interface, "resource": resource} for interface, resource in found]

    everything = {*mini.tables, *mini.indicators}
    listed = rows(*((page, key) for key in everything for page in ("element", "district", "export")))
    assert set(usage.unused(mini, listed)) == everything
    used = {KILOMETRES, *mini.indicators[KILOMETRES].tables}
    for page in ("headline", "alert", "values", "sql"):
        assert set(usage.unused(mini, [*listed, *rows((page, KILOMETRES))])) == everything - used
