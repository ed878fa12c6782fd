"""The opening timetable: what was promised, against what nights' catalogues said."""

import csv
import io
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from pydantic import TypeAdapter

from jobs import cataloguing, openings
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger
from jobs.publish import Resource, catalogue
from schemas import City
from schemas.resource import Catalogue
from tests.publish.invented_catalogue import TRIPS, resources

FIRST = date(2031, 3, 1)
BY = FIRST + timedelta(days=2)
TASK = {"zh": "核对", "en": "check it"}
CITY = cast(
    City,
    SimpleNamespace(
        file=SimpleNamespace(
            catalogue=TypeAdapter(Catalogue).validate_python({"openings": {TRIPS: {"by": BY, "task": TASK}}})
        )
    ),
)


def entry(*, is_open: bool, released: str | None = "2031-03-01") -> Resource:
    (found,) = [one for one in resources() if one["id"] == TRIPS]
    opening = {"open": is_open, "condition": None, "declared": True}
    return cast(Resource, {**found, "opening": opening, "released": released, "plan": None})


def told(ledger: Ledger, night: date, one: Resource) -> Any:
    """The plan that a night says, which then notes its catalogue."""
    plan = openings.plan(CITY, one, openings.since(CITY, ledger, night), night)
    cataloguing.note(ledger, night, [cast(Resource, {**one, "plan": plan})])
    return plan


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(Lake(tmp_path, "lanhai"))


@pytest.mark.parametrize(
    ("nights", "state", "opened"),
    [
        ("--o", "in_time", 2),
        ("--ooooo", "in_time", 2),
        ("---o", "late", 3),
        ("--", "planned", None),
        ("---", "planned", None),
        ("----", "overdue", None),
        ("oo-", "planned", None),
        ("ooo-", "overdue", None),
        ("o---oo", "late", 4),
        ("ooxoo", "late", 3),
    ],
)
def test_a_promise_is_kept_from_the_night_on_that_opened(
    ledger: Ledger, nights: str, state: str, opened: int | None
) -> None:
    """`o`: the catalogue says it is open; `-`: it does not; `x`: the city has no such resource that night."""
    plan: dict[str, Any] = {}
    for at, said in enumerate(nights):
        night = FIRST + timedelta(days=at)
        if said == "x":
            cataloguing.note(ledger, night, [])
        else:
            plan = told(ledger, night, entry(is_open=said == "o"))
    assert (plan["state"], plan["opened"]) == (
        state, None if opened is None else str(FIRST + timedelta(days=opened)),
    )  # fmt: skip


def test_what_has_nothing_to_give_is_not_open(ledger: Ledger) -> None:
    assert told(ledger, FIRST, entry(is_open=True, released=None))["state"] == "planned"
    late = str(BY + timedelta(days=1))
    plan = told(ledger, BY + timedelta(days=1), entry(is_open=True, released=late))
    assert (plan["state"], plan["opened"]) == ("late", late)


def test_a_night_made_again_says_the_same(ledger: Ledger) -> None:
    told(ledger, FIRST, entry(is_open=False))
    first = told(ledger, BY, entry(is_open=True))
    assert told(ledger, BY, entry(is_open=True)) == first


def test_progress_is_no_change_of_the_catalogue_but_the_promise_is(ledger: Ledger) -> None:
    for at in range(5):
        told(ledger, FIRST + timedelta(days=at), entry(is_open=False))
    assert len(ledger.rows("catalogue")) == 1


def test_the_files_say_it(ledger: Ledger) -> None:
    plan = told(ledger, FIRST, entry(is_open=False))
    kept = cast(Resource, {**entry(is_open=False), "plan": plan})
    old = cast(Resource, {key: said for key, said in kept.items() if key != "plan"})
    rows = list(csv.DictReader(io.StringIO(catalogue.table([kept, entry(is_open=False), old]))))
    columns = ("计划开放日期", "开放日期", "开放进度", "开放任务")
    assert [tuple(row[name] for name in columns) for row in rows] == [
        (str(BY), "", "待开放", "核对"), ("",) * 4, ("",) * 4,
    ]  # fmt: skip
