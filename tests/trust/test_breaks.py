"""Breaks in a series: from what is declared, who really delivered, and the register of places."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from jobs import breaks, placing
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger
from schemas import City, load_city
from schemas.city import Edition
from tests.soak.changes import CITY, declared

NIGHT = date(2025, 3, 31)
Said = list[tuple[str, str, str, int]]


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    with declared(tmp_path) as city:
        yield city


def spoken(lake: Lake, said: Said) -> Ledger:
    """A ledger of (table, source, day, rows), a delivery each, taken on the day."""
    ledger = Ledger(lake)
    ids = [{"delivery_id": str(at), "source": source} for at, (_, source, _, _) in enumerate(said)]
    rows = zip(said, ids, strict=True)
    ledger.add("delivery_dates", [one | {"table": t, "day": day, "rows": n} for (t, _, day, n), one in rows])
    taken = [one | {"biz_date": date(2025, 3, 1), "outcome": "ingested"} for one in ids]
    ledger.add("ingests", taken)
    return ledger


def days(source: str, first: int, last: int, table: str = "silver.cases") -> Said:
    return [(table, source, f"2025-03-{day:02}", 3) for day in range(first, last + 1)]


def of_cases(city: City, lake: Lake, said: Said) -> list[tuple[str, str, str]]:
    found = breaks.of(city, lake, spoken(lake, said), NIGHT)
    return [(str(one.day), one.kind, one.detail) for one in found if one.indicator == "general.mini_open_share"]


def test_a_source_that_begins_beside_another_breaks_what_rests_on_its_table(city: City, tmp_path: Path) -> None:
    said = [*days("hotline", 1, 31), *days("cases", 12, 31), *days("meters", 1, 31, "silver.meters")]
    lake = Lake(tmp_path, CITY)
    assert of_cases(city, lake, said) == [("2025-03-12", "source_begins", "cases (silver.cases)")]
    found = breaks.of(city, lake, Ledger(lake), NIGHT)
    assert {one.indicator for one in found} == {"general.mini_open_share", "general.mini_median_metres"}


@pytest.mark.parametrize(
    ("gap", "last", "ends"),
    [(0, 24, False), (0, 23, True), (12, 20, False), (9, 20, True)],
)
def test_a_source_ends_when_it_is_silent_for_longer_than_ever_and_than_a_week(
    city: City, tmp_path: Path, gap: int, last: int, ends: bool
) -> None:
    once = [one for one in days("hotline", 1, last) if not 2 < int(one[2][-2:]) < 2 + gap]
    found = of_cases(city, Lake(tmp_path, CITY), [*days("cases", 1, 31), *once])
    assert found == ([(f"2025-03-{last + 1}", "source_ends", "hotline (silver.cases)")] if ends else [])


@pytest.mark.parametrize(("every", "ends"), [("day", True), ("week", True), ("month", False), ("irregular", False)])
def test_a_source_is_given_the_time_in_which_it_is_to_arrive(
    city: City, tmp_path: Path, every: str, ends: bool
) -> None:
    hotline = city.sources["hotline"]
    arrives = hotline.arrives.model_copy(update={"every": every})
    slow = replace(city, sources={**city.sources, "hotline": hotline.model_copy(update={"arrives": arrives})})
    found = of_cases(slow, Lake(tmp_path, CITY), [*days("cases", 1, 31), *days("hotline", 1, 15)])
    assert [kind for _, kind, _ in found] == (["source_ends"] if ends else [])


def test_a_source_that_is_not_declared_any_more_has_ended_at_once(city: City, tmp_path: Path) -> None:
    said = [*days("former", 1, 30), *days("cases", 1, 31)]
    assert of_cases(city, Lake(tmp_path, CITY), said) == [("2025-03-31", "source_ends", "former (silver.cases)")]


def test_versions_and_standards_break_what_looks_at_them_too() -> None:
    lanhai = load_city("lanhai")
    editions = (("2015-01-01", "HJ 633-2012"), ("2025-03-08", "HJ 633-2026"))
    family = tuple(Edition(from_=date.fromisoformat(day), edition=name) for day, name in editions)
    standards = lanhai.file.standards | {"air_quality": family}
    fine = lanhai.indicators["environment.pm25_daily_mean"]
    older = fine.model_copy(update={"effective_from": date(2020, 1, 1)})
    newer = fine.model_copy(update={"effective_from": date(2025, 3, 5), "earlier": (older,)})
    city = replace(
        lanhai, file=lanhai.file.model_copy(update={"standards": standards, "first_day": date(2025, 3, 1)}),
        indicators={**lanhai.indicators, newer.id: newer},
    )  # fmt: skip
    found = breaks.of(city, Lake(Path("nowhere"), "lanhai"), Ledger(Lake(Path("nowhere"), "lanhai")), NIGHT)
    told: dict[str, list[Any]] = {}
    for one in found:
        told.setdefault(f"{one.day} {one.kind}", []).append((one.indicator, one.detail))
    assert ("environment.aqi_cn", "HJ 633-2012 → HJ 633-2026") in told["2025-03-08 standard"]
    assert (fine.id, "2020-01-01 → 2025-03-05") in told["2025-03-05 definition"]
    looking = [one.id for one in city.indicators.values() for v in one.versions for look in v.looks
               if look.table == fine.id]  # fmt: skip
    through = f"{fine.id}: 2020-01-01 → 2025-03-05"
    assert looking
    assert {(one, through) for one in looking} <= set(told["2025-03-05 definition"])
    assert not [one for one in found if one.day <= date(2025, 3, 1)]


def test_the_register_breaks_a_place_that_changes_and_the_districts_a_street_moves_between(
    city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    versions = [
        ("street", "s1", "d1", "A", "2025-01-01"), ("street", "s1", "d2", "A", "2025-03-10"),
        ("street", "s1", "d2", "A", "2025-03-20"), ("street", "s2", "d1", "A", "2025-01-01"),
        ("street", "s3", "d2", "A", "2025-03-11"), ("district", "d1", "mini", "A", "2025-01-01"),
        ("district", "d1", "mini", "B", "2025-03-12"), ("district", "d2", "mini", "A", "2025-01-01"),
    ]  # fmt: skip
    names = ("level", "place_id", "parent_id", "geometry")
    rows = [dict(zip(names, one, strict=False)) | {"valid_from": date.fromisoformat(one[4])} for one in versions]
    spellings = tuple(("district", name, name) for name in ("d1", "d2"))
    monkeypatch.setattr(Lake, "exists", lambda *_: True)
    monkeypatch.setattr(Lake, "arrow", lambda *_: pa.Table.from_pylist(rows))
    monkeypatch.setattr(placing, "load", lambda *_: placing.Places(pa.table({}), ("street",), spellings))
    found = [(str(one.day), one.kind, one.level, one.place) for one in breaks._boundaries(city, Lake(tmp_path, CITY))]
    assert sorted(found) == [
        ("2025-03-10", "parent", "district", "d1"), ("2025-03-10", "parent", "district", "d2"),
        ("2025-03-10", "parent", "street", "s1"), ("2025-03-11", "new_place", "street", "s3"),
        ("2025-03-12", "boundary", "district", "d1"),
    ]  # fmt: skip
