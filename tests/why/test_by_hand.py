"""`why` on two nights of a few lines each: what it must say is written here, line by line of the files."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from jobs import revisions, why
from jobs.behind import cell, vintage
from jobs.core.lake import Lake
from jobs.why import Answer
from schemas import City
from tests import inline
from tests.soak import changes
from tests.soak.world import Delivery

RIDES, FARE, DAY = "general.mini_rides", "general.mini_mean_fare", "2025-03-21"
PLACES = (
    ("street", "s1", "d1"), ("street", "s2", "d1"), ("street", "s3", "d2"), ("district", "d1", "mini"),
    ("district", "d2", "mini"),
)  # fmt: skip
FIRST_FILE, SECOND_FILE = "rides/first.csv", "rides/second.csv"
FIRST = (
    ("r1", f"{DAY} 08:00:00", "1000", "10.00", "v1", "s1", ""),
    ("r2", f"{DAY} 08:30:00", "2000", "20.50", "v1", "s2", ""),
    ("r3", f"{DAY} 09:00:00", "1000", "5.00", "v2", "s1", ""),
    ("r4", f"{DAY} 09:10:00", "10", "2000", "v2", "s1", ""),  # 4: no fare is as high
    ("r5", f"{DAY} 09:20:00", "10", "1.00", "v2", "s1", "test"),
    ("r1", f"{DAY} 08:00:00", "1000", "10.00", "v1", "s1", ""),  # 6: the first line again
    ("cut", "off"),
    ("r6", f"{DAY} 10:00:00", "10", "", "v3", "nowhere", ""),  # 8: no fare, no street
    ("r7", f"{DAY} 11:00:00", "10", "x", "v3", "s1", ""),  # 9: the fare is no number
    ("r8", "2025-02-30 11:00:00", "10", "1.00", "v3", "s1", ""),  # 10: there is no such day
    ("r9", "2025-03-20 11:00:00", "10", "1.00", "v3", "s1", ""),  # 11: another day
)
SECOND = (
    ("r2", f"{DAY} 08:30:00", "2000", "99.00", "v1", "s2", ""),  # 1: was said before, and otherwise
    ("r10", f"{DAY} 12:00:00", "10", "4.00", "v4", "s3", ""),
)
NOWHERE_NEAR = [("out_of_scope", "where", "delivery", 1), ("rejected", "malformed", "delivery", 1),
                ("rejected", "required:started", "delivery", 1)]  # fmt: skip


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[City, Lake]]:
    root = tmp_path_factory.mktemp("by-hand")
    at = [datetime(2025, 3, day, 0, 30, tzinfo=UTC) for day in (23, 24)]
    places = Delivery("places", "places/all.csv", at[0], PLACES)
    nights = [[places, Delivery("rides", FIRST_FILE, at[0], FIRST)], [Delivery("rides", SECOND_FILE, at[1], SECOND)]]
    with changes.declared(root) as city:
        lake = Lake(root / "lake", changes.CITY)
        for night, sent in enumerate(nights, start=1):
            for number, one in enumerate(sent):
                changes.land(city, lake, one, root / "in" / f"{night}-{number}")
            inline.night(city, lake, changes.day(night))
        yield city, lake


def asked(town: tuple[City, Lake], night: int, indicator: str, place: str, period: str = DAY) -> Answer:
    known = vintage.of(*town, changes.day(night))
    return why.answer(known, *cell.find(known, indicator, place, period), rows=True, verify=True)


def unused(term: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [tuple(one[name] for name in ("part", "reason", "where", "records")) for one in term["not_used"]]


def listed(answer: Answer, term: str) -> list[tuple[Any, ...]]:
    rows = answer.rows.to_pylist() if answer.rows is not None else []
    return [(row["why"], row["file"], row["record"]) for row in rows if row["term"] == term]


def test_every_line_of_the_day_is_used_or_has_its_reason(town: tuple[City, Lake]) -> None:
    answer = asked(town, 1, RIDES, "mini")
    (term,) = answer.terms
    assert (answer.said["value"], term["number"], term["used"], answer.differences) == (5.0, "5", 5, [])
    here = [("duplicate", "same_delivery", "here", 1), ("rejected", "range:fare", "here", 1)]
    assert unused(term) == sorted([*here, *NOWHERE_NEAR])
    assert listed(answer, "n") == [
        *[("", FIRST_FILE, line) for line in (1, 2, 3, 8, 9)],
        ("duplicate: same_delivery", FIRST_FILE, 6), ("rejected: range:fare", FIRST_FILE, 4),
    ]  # fmt: skip
    assert [(one["file"], one["used"], len(one["sha256"])) for one in term["deliveries"]] == [(FIRST_FILE, 5, 64)]


def test_a_street_has_its_own_lines_and_not_those_of_others(town: tuple[City, Lake]) -> None:
    first, second = asked(town, 1, RIDES, "s1"), asked(town, 1, RIDES, "s2")
    assert listed(first, "n")[:3] == [("", FIRST_FILE, line) for line in (1, 3, 9)]
    assert ("rejected", "range:fare", "here", 1) in unused(first.terms[0])
    assert listed(second, "n") == [("", FIRST_FILE, 2)]
    assert {one[1] for one in unused(second.terms[0])} == {"where", "malformed"}
    assert first.differences == second.differences == []


def test_an_hour_has_its_own_lines_and_what_was_rejected_may_be_of_another(town: tuple[City, Lake]) -> None:
    answer = asked(town, 1, RIDES, "s1", f"{DAY}T08")
    assert listed(answer, "n") == [("", FIRST_FILE, 1), ("duplicate: same_delivery", FIRST_FILE, 6)]
    assert ("rejected", "range:fare", "day", 1) in unused(answer.terms[0])
    assert answer.differences == []


def test_a_field_that_says_nothing_and_one_that_a_rule_took_out_are_told_apart(town: tuple[City, Lake]) -> None:
    answer = asked(town, 1, FARE, "mini")
    fares, rides = answer.terms
    assert (fares["number"], fares["used"], rides["number"], answer.said["value"]) == ("35.5", 3, "5", 35.5 / 5)
    assert {("empty", "", "here", 1), ("voided", "type:fare", "here", 1)} < set(unused(fares))
    assert answer.rows is not None
    assert answer.rows["said"].to_pylist()[:3] == ["10.00", "20.50", "5.00"]
    assert answer.differences == []


def test_what_comes_later_counts_in_its_own_edition_only(town: tuple[City, Lake]) -> None:
    before, after = (asked(town, night, RIDES, "mini") for night in (1, 2))
    assert (before.said["value"], after.said["value"], after.differences) == (5.0, 6.0, [])
    assert listed(after, "n")[5:] == [
        ("", SECOND_FILE, 2), ("duplicate: same_delivery", FIRST_FILE, 6), ("rejected: range:fare", FIRST_FILE, 4),
        ("superseded: said_before", SECOND_FILE, 1),
    ]  # fmt: skip
    assert {one["file"] for one in before.terms[0]["deliveries"]} == {FIRST_FILE}
    known = vintage.of(*town)
    one, _ = cell.find(known, RIDES, "mini", DAY)
    told = revisions.triangle(known.lake, one.sql(), known.night).to_pylist()
    assert [(row["edition"], row["value"], row["cause"]) for row in told] == [
        ("2025-03-22", 5.0, "first"), ("2025-03-23", 6.0, "late_data"),
    ]  # fmt: skip
