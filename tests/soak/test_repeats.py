"""The same content in other bytes: a day names who said it first, in whatever order the files came in."""

from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from pathlib import Path
from random import Random

import pytest

from jobs import bronze, silver
from jobs.core.lake import Lake
from tests import inline
from tests.soak import changes
from tests.soak.changes import CITY, day, declared
from tests.soak.world import FIRST, Delivery, World

WARDS = (("w0", "s1", "20", "3"), ("w1", "s2", "15", "5"))
CASES = (("c1", str(FIRST), "500", "open", "s1"), ("c2", str(FIRST), "70", "shut", "s2"))


@pytest.mark.parametrize("name", ["wards", "cases"])
def test_a_repeat_that_comes_out_of_order_leaves_the_rows_of_a_replay(tmp_path: Path, name: str) -> None:
    first = World(Random(1)).first()
    sent = repeats(name, first)
    found = {}
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
            found[order] = {(row["_delivery_id"], row["_record"]) for row in lake.arrow(f"silver.{name}").to_pylist()}
    assert len(found[0, 1, 2]) == len(found[0, 1, 2] & found[2, 1, 0]) > 0
    assert len({frozenset(rows) for rows in found.values()}) == 1


def repeats(name: str, first: list[Delivery]) -> list[Delivery]:
    """Three files: one content twice, then, in a restating source, another word on one of its records."""
    scope, records = (FIRST, WARDS) if name == "wards" else (None, CASES)
    one = replace(first[0], source=name, file=f"{name}/{FIRST}-1.csv", records=records, scope=scope, footer="")
    later = [one.at + timedelta(hours=hours) for hours in (0, 1, 2)]
    last = records if scope else (("c1", str(FIRST), "900", "shut", "s1"),)
    made = ((f"{name}/{FIRST}-{at}.csv", "\n" * at, last if at == 2 else records) for at in range(3))
    return [
        replace(one, file=file, at=at, footer=footer, records=said)
        for at, (file, footer, said) in zip(later, made, strict=True)
    ]
