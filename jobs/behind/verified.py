"""Whether a value follows from landing: its very records read again, made into terms, compared with the stored ones.

Exact or not at all. What is compared: the bytes of each file with its sha256, each stored state of each term with the
one made again, and the published value with the one that the terms give.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from jobs import states
from jobs.behind import again, contested, landed, traced
from jobs.behind.cell import Made
from jobs.behind.landed import Difference
from jobs.behind.taken import SHOWN, Taken
from jobs.behind.takes import Take
from jobs.behind.traced import Records
from jobs.readers import Unreadable

SAID = ("value", "n_records", "coverage", "low", "high")
"""What of a published value is compared with what the terms give."""
DIGITS = 6
"""Coverage is published rounded to as many."""
Row = Mapping[str, Any]


def records(taken: Taken) -> Iterator[Difference]:
    """How the terms differ from what landing says. Raises Problem where the key of personal data is missing."""
    by_table: dict[str, list[Take]] = defaultdict(list)
    for take in taken.takes:
        by_table[take.table.key_id].append(take)
    for key, takes in sorted(by_table.items()):
        yield from _of_table(taken, key, takes)


def value(made: Made, said: Row) -> Iterator[Difference]:
    """How the published value differs from what the terms give."""
    found = made.value() or {}
    for name in SAID:
        mine = found.get(name)
        if name == "coverage" and mine is not None:
            mine = round(mine, DIGITS)
        if mine != said[name] and not (name != "value" and said["value"] is None and not found):
            yield Difference(f"{made.cell.indicator}: {name} of the terms", str(mine), f"{said[name]} (published)")


def _of_table(taken: Taken, key: str, takes: Sequence[Take]) -> Iterator[Difference]:
    made = taken.made
    days = sorted({day for take in takes for day in taken.days(take)})
    back = sorted({day for take in takes if take.aggregate.lasts for day in _before(taken.days(take))} - set(days))
    found = _records(taken, takes, days, back)
    found = traced.together([found, contested.rivals(made.vintage, key, [*days, *back], found)])
    wrong = list(_altered(made, found))
    yield from wrong
    if wrong:
        return
    only = {take.aggregate.id for take in takes}
    try:
        made.connection.register("again", again.states(made.vintage, key, found, days, back, only))
    except Unreadable as error:
        yield Difference(f"{key}: a landed file", error.found, error.expected)
        return
    for take in takes:
        expected, now = taken.states(take, "terms"), taken.states(take, "again")
        for row in again.differences(made.connection, expected, now, SHOWN, list(states.TYPES)):
            yield Difference(_where(take, row), str(row["found"]), str(row["expected"]))


def _records(taken: Taken, takes: Sequence[Take], days: Sequence[str], back: Sequence[str]) -> Records:
    """Every record of silver that stands where the takes look, and those that end what lasts."""
    connection = taken.made.connection
    parts: list[Records] = []
    for take in takes:
        parts.append(traced.records(connection, traced.stood(taken, take, days)))
        if take.aggregate.lasts:
            traced.relation(connection, taken, take, days)
            traced.relation(connection, taken, take, [*days, *back], "with_back")
            parts.append(traced.neighbours(connection, taken, take))
    return traced.together(parts)


def _altered(made: Made, found: Records) -> Iterator[Difference]:
    vintage = made.vintage
    for delivery in found:
        row = vintage.deliveries.get(delivery)
        if row is None:
            yield Difference(f"delivery {delivery}", "rows of it in silver", "its line in ops.deliveries")
        elif wrong := landed.altered(vintage.city, vintage.lake, row):
            yield wrong


def _where(take: Take, row: Mapping[str, object]) -> str:
    named = ("day", "hour", "level", "place_id", "entity_id")
    at = " ".join(str(row[name]) for name in named if row[name] is not None)
    return f"{take.one.id}: term {take.name} ({take.aggregate.id}), {row['state']} at {at or 'no place'}"


def _before(days: Sequence[str]) -> list[str]:
    return [(date.fromisoformat(day) - timedelta(days=1)).isoformat() for day in days if not day.startswith("_")]
