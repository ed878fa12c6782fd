"""What an edition says that was made before its night was done: which layers, tables and values, since when."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from jobs import arrivals, awaited
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger
from jobs.publish import Value, bulletin, quality, summary
from schemas import City, load_city
from tests.publish.invented_edition import edition

DONE, NIGHT = date(2025, 3, 4), date(2025, 3, 5)
STALE = "stale: last good 2025-03-03"
STEP = {"attempt": "one", "table": None, "seconds": 0.0}


@pytest.fixture
def city(monkeypatch: pytest.MonkeyPatch) -> City:
    monkeypatch.setenv("CITYPULSE_CONF", str(Path(__file__).parents[1] / "soak" / "conf"))
    return load_city("mini")


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """A night that was done, and one of which bronze failed: two files wait, one is too late, one was refused."""
    found = Ledger(Lake(tmp_path, "mini"))
    found.add("deliveries", [
        _delivery("old", "meters", "2025-03-05T01:00"), _delivery("more", "hotline", "2025-03-06T01:00"),
        _delivery("first", "cases", "2025-03-05T22:30"), _delivery("broken", "wards", "2025-03-06T01:00"),
        _delivery("late", "rides", "2025-03-06T04:00"),
    ])  # fmt: skip
    ingested = [("old", DONE, "ingested"), ("broken", NIGHT, "refused"), ("more", NIGHT, "ingested")]
    found.add("ingests", [
        {"biz_date": night, "delivery_id": name, "source": "-", "outcome": outcome} for name, night, outcome in ingested
    ])  # fmt: skip
    found.add("table_days", [
        {"biz_date": night, "table": "silver.cases", "day": day, "rows": 3, "digest": "1"}
        for night, day in ((DONE, "2025-03-03"), (DONE, "_undated"), (NIGHT, "2025-03-05"))
    ])  # fmt: skip
    at = datetime(2025, 3, 5, 5, tzinfo=UTC)
    found.add("steps", [STEP | {"biz_date": DONE, "step": "indicators", "outcome": "done", "started_at": at}])
    return found


def test_a_night_that_was_done_is_short_of_nothing(city: City, ledger: Ledger) -> None:
    assert awaited.incomplete(city, ledger, DONE) is None
    rows = [_value("general.mini_water", "2025-03-04")]
    assert awaited.values(city, None, DONE, rows) == rows


def test_it_names_the_layers_the_tables_and_since_when(city: City, ledger: Ledger) -> None:
    at, why = datetime(2025, 3, 6, 5, tzinfo=UTC), "bronze failed: not done by 06:45, the edition is due at 07:00"
    for step, outcome, detail in (("bronze", "done", ""), ("silver", "failed", why), ("quality", "started", "")):
        row = {"biz_date": NIGHT, "step": step, "outcome": outcome, "started_at": at, "detail": detail}
        ledger.add("steps", [STEP | row])
    assert awaited.incomplete(city, ledger, NIGHT) == {
        "steps": [
            {"step": "silver", "outcome": "failed", "reason": why},
            {"step": "quality", "outcome": "killed", "reason": ""},
            {"step": "fused", "outcome": "not_begun", "reason": ""},
            {"step": "indicators", "outcome": "not_begun", "reason": ""},
        ],
        "edition": "2025-03-04",
        "tables": [{"table": "silver.cases", "day": "2025-03-03", "deliveries": 2, "since": "2025-03-05 23:30"}],
        "indicators": 2,
    }


def test_values_that_wait_are_labelled_and_the_night_s_own_day_is_unknown(city: City, ledger: Ledger) -> None:
    stale: Value = {**_value("general.mini_open_share", "2025-03-04"), "status": "stale", "reasons": [STALE]}
    said = [
        _value("general.mini_open_share", "2025-03-03"),
        stale,
        _value("general.mini_water", "2025-03-04"),
        _value("general.mini_water", "2025-03") | {"period_kind": "month"},
    ]  # fmt: skip
    shown = awaited.values(city, awaited.incomplete(city, ledger, NIGHT), NIGHT, said)
    why = "not_up_to_date: 2025-03-04 (silver.cases)"
    assert shown[0] == said[0] | {"status": "provisional", "reasons": [why]}
    assert shown[1] == said[1] | {"reasons": [STALE, why]}
    assert shown[2:4] == said[2:4]
    nothing = dict.fromkeys(("value", "low", "high", "coverage", "grade", "n_records"))
    today = {"period": "2025-03-05", "edition": "2025-03-05", "status": "provisional"} | nothing
    assert shown[4:] == [said[1] | today | {"reasons": [why]}, said[2] | today | {"reasons": [why.split(" (")[0]]}]


def test_where_places_wait_no_value_is_sure(city: City, ledger: Ledger) -> None:
    ledger.add("deliveries", [_delivery("map", "places", "2025-03-06T01:00")])
    found = awaited.incomplete(city, ledger, NIGHT)
    assert found is not None
    assert found["indicators"] == len(city.indicators)


def test_the_first_page_and_the_quality_page_are_given_it(tmp_path: Path) -> None:
    data = replace(edition(), incomplete={"steps": [], "edition": None, "tables": [], "indicators": 7})
    for publisher in (bulletin, quality):
        publisher.publish(data, tmp_path)
    for name in ("city", "quality"):
        assert '"indicators":7,"steps":[]' in (tmp_path / "data" / f"{name}.js").read_text("utf-8")


def test_sources_that_owe_a_file_are_told_with_the_day_they_last_spoke_for(city: City, ledger: Ledger) -> None:
    """A file speaks for the day before it came; one that was refused, or came too late, for none."""
    ledger.add("deliveries", [_delivery("now", "rides", "2025-03-06T01:00")])
    ledger.add("ingests", [{"biz_date": NIGHT, "delivery_id": "now", "source": "rides", "outcome": "ingested"}])
    found = {source.name: last.isoformat() for source, last in arrivals.missing(city, ledger, NIGHT)}
    assert found == {"cases": "2025-02-28", "wards": "2025-02-28", "meters": "2025-03-04"}
    data = replace(edition(), missing=[{"source": "x", "owner": {"zh": "", "en": ""}, "last": "2025-03-04", "days": 2}])
    said = [one for one in summary.sentences(data, [], [], []) if one["say"] == "summary.missing"]
    assert said == [{"say": "summary.missing", "fill": {
        "n": {"count": 1, "to": "quality.html#overdue"}, "since": {"text": "2025-03-04"}}}]  # fmt: skip


def _delivery(name: str, source: str, at: str) -> dict[str, object]:
    when = datetime.fromisoformat(at).replace(tzinfo=UTC)
    return {
        "delivery_id": name,
        "source": source,
        "delivered_at": when,
        "delivered_date": when.date(),
        "is_repeat": False,
    }


def _value(indicator: str, day: str) -> Value:
    return Value(
        indicator=indicator, place="mini", place_name="小城", level="city", period_kind="day", period=day, segment=None,
        value=1.5, unit="1", coverage=1.0, low=1.5, high=1.5, grade="A", status="final", reasons=[], n_records=9,
        definition_version="2015-01-01", edition="2025-03-04",
    )  # fmt: skip
