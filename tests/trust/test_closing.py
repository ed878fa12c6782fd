"""What is a revision: a value that changes after its period was closed, marked with its number, cause and sources."""

from datetime import date, timedelta
from typing import Any, cast

import pyarrow as pa
import pytest

from jobs import closing, touched, work_days
from jobs.core import engine
from jobs.core.lake import arrow_schema
from jobs.core.ledger import Ledger
from jobs.vintages import KEY, VALUES
from schemas import load_city

CITY = load_city("lanhai")
SPEED, SPEEDS = "transport.road_speed_kmh", "silver.road_speeds"
DAY = date(2025, 3, 10)
CLOSES = DAY + timedelta(days=CITY.indicators[SPEED].final_after)
"""The night that closes the day."""
HEARD = {(SPEEDS, str(DAY), "road_sensors"), (SPEEDS, "2025-03-02", "others"), ("silver.taxi_trips", str(DAY), "taxis")}
Given = dict[str, Any]


def row(edition: date, **given: Any) -> Given:
    """The city's road speed of the day, as an edition says it."""
    return {
        "indicator": SPEED, "level": "city", "place": "lanhai", "period_kind": "day", "period": str(DAY),
        "segment": "all", "period_start": DAY, "period_end": DAY, "value": 30.0, "unit": "km/h", "coverage": 1.0,
        "low": 30.0, "high": 30.0, "grade": "A", "status": "provisional", "reasons": "", "n_records": 96,
        "definition_version": CITY.indicators[SPEED].version, "edition": edition.isoformat(),
    } | given  # fmt: skip


@pytest.fixture(autouse=True)
def heard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(touched, "heard", lambda *_: HEARD)


def reasons(monkeypatch: pytest.MonkeyPatch, night: date, before: Given, after: Given) -> str:
    """What the reasons are of a value that a night computes, after what was said before."""
    monkeypatch.setattr(work_days, "last_done", lambda *_: night - timedelta(days=1))
    with engine.connect() as connection:
        for name, said in (("newest", row(DAY, **before)), ("differing", row(night, **after))):
            connection.register(name, pa.Table.from_pylist([said], schema=arrow_schema(VALUES)))
        connection.register("reads", pa.table({"indicator": [SPEED], "table": [SPEEDS]}))
        closing.mark(connection, CITY, cast(Ledger, None), night, KEY)
        (said,) = engine.table(connection, "SELECT reasons FROM marked").to_pylist()
    return str(said["reasons"])


@pytest.mark.parametrize(
    ("late", "before", "after", "expected"),
    [
        (0, {}, {"value": 31.0, "n_records": 97}, ""),
        (1, {}, {"value": 31.0, "n_records": 97}, "revised: 1, late_data, road_sensors"),
        (1, {"value": None, "n_records": 0}, {}, "revised: 1, late_data, road_sensors"),
        (9, {}, {"value": 29.0}, "revised: 1, correction, road_sensors"),
        (9, {"reasons": "revised: 1, late_data, x"}, {"value": 29.0}, "revised: 2, correction, road_sensors"),
        (9, {"reasons": "revised: 11, late_data, x; pending"}, {}, "revised: 11, late_data, x"),
        (9, {}, {"coverage": 0.5, "low": 1.0}, ""),
        (-2, {"status": "final"}, {"value": 29.0}, "revised: 1, correction, road_sensors"),
        (-2, {"reasons": "revised: 1, late_data, x"}, {"value": 29.0}, ""),
        (1, {"reasons": "pending"}, {"value": 31.0, "n_records": 97}, "revised: 1, definition"),
        (1, {}, {"value": 31.0, "reasons": "recent"}, "recent; revised: 1, correction, road_sensors"),
    ],
)
def test_a_value_that_changes_after_its_period_was_closed_is_a_counted_revision(
    monkeypatch: pytest.MonkeyPatch, late: int, before: Given, after: Given, expected: str
) -> None:
    """The night that closes the day still says what it finds: only the next one revises."""
    assert reasons(monkeypatch, CLOSES + timedelta(days=late), before, after) == expected


def test_a_period_that_looks_back_names_who_spoke_of_the_days_before(monkeypatch: pytest.MonkeyPatch) -> None:
    earlier = {one for one in HEARD if one[1] != str(DAY)}
    monkeypatch.setattr(touched, "heard", lambda *_: earlier)
    night = CLOSES + timedelta(days=1)
    assert reasons(monkeypatch, night, {}, {"value": 29.0}) == "revised: 1, correction, others"
    many = {(SPEEDS, str(DAY), f"s{n}") for n in range(8)}
    monkeypatch.setattr(touched, "heard", lambda *_: many)
    said = reasons(monkeypatch, night, {}, {"value": 29.0})
    assert said == "revised: 1, correction, s0, s1, s2, s3, s4 … (8)"
    monkeypatch.setattr(touched, "heard", lambda *_: set())
    assert reasons(monkeypatch, night, {}, {"value": 29.0}) == "revised: 1, correction"


@pytest.mark.parametrize(
    ("said", "number", "names"),
    [
        ("recent; revised: 12, late_data, a, b; known_issue: x", 12, ["a", "b"]),
        ("revised: 1, definition", 1, []),
        ("recent", 0, []),
        (None, 0, []),
    ],
)
def test_a_mark_is_read_as_it_was_written(said: str | None, number: int, names: list[str]) -> None:
    with engine.connect() as connection:
        connection.register("r", pa.table({"reasons": pa.array([said], pa.string())}))
        sql = f"SELECT {closing.count('r')}, {closing.sources('r')} FROM r"
        assert connection.sql(sql).fetchall() == [(number, names)]
