"""The same content in other bytes: a day names who said it first, in whatever order the files came in."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from pathlib import Path
from random import Random

import pytest

from jobs import bronze, silver, touched
from jobs.core.lake import Lake
from tests import inline
from tests.soak import changes
from tests.soak.changes import CITY, day, declared
from tests.soak.world import FIRST, Delivery, Record, World

pytestmark = pytest.mark.slow
WARDS = (("w0", "s1", "20", "3"), ("w1", "s2", "15", "5"))
CASES = (("c1", str(FIRST), "500", "open", "s1"), ("c2", str(FIRST), "70", "shut", "s2"))


SENT = {
    "again": ("wards", (WARDS, WARDS, WARDS)),
    "emptied": ("wards", (WARDS, (), WARDS)),
    "corrected": ("cases", (CASES, CASES, (("c1", str(FIRST), "900", "shut", "s1"),))),
}
"""Of a source, what three files say of one day, in the order in which they were sent; no two have the same bytes."""


@pytest.mark.parametrize("kind", SENT)
def test_a_repeat_that_comes_out_of_order_leaves_the_rows_of_a_replay(tmp_path: Path, kind: str) -> None:
    name, first, found = SENT[kind][0], World(Random(1)).first(), {}
    sent = files(first[0], *SENT[kind])
    with declared(tmp_path) as city:
        for order in permutations(range(len(sent))):
            to = tmp_path / "-".join(map(str, order))
            lake = Lake(to / "lake", CITY)
            for night, at in enumerate(order, start=3):
                for number, one in enumerate([*(first if night == 3 else []), sent[at]]):
                    changes.land(city, lake, one, to / f"{night}-{number}")
                for step in (bronze, silver):
                    step.run(inline.session, city, lake, day(night))
                inline.complete(lake, day(night))
            rows = lake.arrow(f"silver.{name}").to_pylist()
            found[order] = frozenset((row["_delivery_id"], row["_record"], row["_day"]) for row in rows)
    assert len(found[0, 1, 2]) > 0
    assert set(found.values()) == {found[0, 1, 2]}


def files(like: Delivery, name: str, said: Sequence[Sequence[Record]]) -> list[Delivery]:
    """A source's files of one day, an hour after each other."""
    scope = FIRST if name == "wards" else None
    return [
        replace(
            like, source=name, file=f"{name}/{FIRST}-{at}.csv", at=like.at + timedelta(hours=at), footer="\n" * at,
            records=tuple(records), scope=scope,
        )
        for at, records in enumerate(said)
    ]  # fmt: skip


SNAPSHOTS = {
    "what came back corrected speaks for a snapshot that had nothing else": (
        {"first": {}, "its": {"d": "5"}, "second": {"d": "5"}}, {("second", "d"): ("its",)},
    ),
    "what came back corrected is a repeat where its snapshot has nothing else": (
        {"first": {"d": "5"}, "second": {}, "of second": {"d": "5"}}, {("of second", "d"): ("first",)},
    ),
    "a snapshot speaks with what came back corrected of it": (
        {"first": {"d": "2"}, "its": {"d": "3"}, "second": {"d": "5"}}, {("second", "d"): ("first", "its")},
    ),
    "whoever said it first, through all that repeat it": (
        {"first": {"d": "5"}, "second": {"d": "5"}, "third": {"d": "5"}},
        {("second", "d"): ("first",), ("third", "d"): ("first",)},
    ),
    "an empty snapshot took it back": ({"first": {"d": "5"}, "second": {}, "third": {"d": "5"}}, {}),
    "another word in between": ({"first": {"d": "5"}, "second": {"d": "6"}, "third": {"d": "5"}}, {}),
}  # fmt: skip
REPLAYS = {"its": "first", "of second": "second"}


@pytest.mark.parametrize("what", SNAPSHOTS)
def test_who_speaks_for_a_repeated_day(tmp_path: Path, what: str) -> None:
    said, expected = SNAPSHOTS[what]
    order = {
        one: {"rank": rank, "scope": "2025-03-01", "replays": REPLAYS.get(one)} for rank, one in enumerate(said, 1)
    }
    with declared(tmp_path) as city:
        found = touched.repeated(city, "silver.wards", order, {("silver.wards", "wards"): said})
    assert found == expected
