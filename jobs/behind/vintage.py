"""What an edition knew: the lake as its night left it, the ledger up to then. Read only; made once for many questions.

Tables are read as they stood when the night's last layer was done; claims and landing only ever gain deliveries, and
the ledger says which of them counted.
"""

from collections.abc import Callable, Container, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any, TypeVar

import duckdb
from deltalake.exceptions import DeltaError

from jobs import accounts, placing, touched
from jobs.core.errors import Problem
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger, LedgerUntil
from jobs.core.pinned import Pinned
from jobs.placing import Places
from jobs.work_days import LAYERS
from schemas import City

Found = TypeVar("Found")
GONE = (Problem, DeltaError, FileNotFoundError, duckdb.IOException)
"""How it shows that the lake no longer keeps a version, or the files of one."""


@dataclass(frozen=True)
class Settled:
    """How a day of a table was settled."""

    took_part: frozenset[str]
    """The deliveries whose claims were weighed against each other."""
    lost: Mapping[tuple[str, str], int]
    """Claims by part and reason, of those that lost."""
    others: Mapping[str, tuple[tuple[str, str], int]]
    """Deliveries that speak of the day and were not weighed: the part and reason of their claims, and how many."""


@dataclass
class Vintage:
    """A city as one of its nights left it."""

    city: City
    lake: Pinned
    ledger: LedgerUntil
    night: date
    _settled: dict[str, dict[str, Settled]] = field(default_factory=dict)
    _kept: dict[Hashable, Any] = field(default_factory=dict)

    def once(self, what: Hashable, find: Callable[[], Found]) -> Found:
        """What took long to find, for whoever asks again."""
        if what not in self._kept:
            self._kept[what] = find()
        found: Found = self._kept[what]
        return found

    def settled(self, key: str, day: str) -> Settled:
        """How a day of a table was settled last."""
        return self.all_settled(key).get(day, Settled(frozenset(), {}, {}))

    def all_settled(self, key: str) -> Mapping[str, Settled]:
        """How each day of a table was settled last."""
        if key not in self._settled:
            self._settled[key] = _settled(self, key)
        return self._settled[key]

    @cached_property
    def places(self) -> Places:
        """The places by which its records are placed, of whatever day (decision 29)."""
        return placing.load(self.city, self.lake)

    @cached_property
    def deliveries(self) -> Mapping[str, Mapping[str, Any]]:
        """Every delivery that was taken in, by its id."""
        rows = self.ledger.query(TAKEN, "deliveries", "ingests")
        return {row["delivery_id"]: row for row in rows}

    @cached_property
    def ranks(self) -> Mapping[str, int]:
        """Among claims on one key the highest rank wins."""
        return touched.ranked(self.city, self.order)

    @cached_property
    def order(self) -> touched.Order:
        """Every delivery that was taken in, in order."""
        return touched.order_of(self.ledger)

    @cached_property
    def words(self) -> Mapping[tuple[str, str], touched.Words]:
        """What each of them says of each day."""
        return touched.words(self.city, self.ledger, self.order)


def of(city: City, lake: Lake, night: date | None = None) -> Vintage:
    """What the edition of a night knew, the newest unless one is named. Raises Problem where there is none."""
    ledger = Ledger(lake)
    chosen = night or newest(ledger)
    instant = done(ledger, chosen) if chosen else None
    if chosen is None or instant is None:
        raise Problem(
            f"{lake.root}: no edition of {city.id} yet; `citypulse night --city {city.id} --biz-date D` makes one"
        )
    pinned = Pinned(lake, instant)
    return Vintage(city, pinned, LedgerUntil(pinned, chosen), chosen)


def newest(ledger: Ledger) -> date | None:
    """The newest night whose values were made."""
    found: date | None = ledger.query(f"SELECT max(biz_date) AS night FROM steps WHERE {DONE}", "steps")[0]["night"]
    return found


def done(ledger: Ledger, night: date) -> datetime | None:
    """When the last layer of a night was done; None where it was not."""
    sql = f"""
        SELECT max(started_at + to_microseconds(ceil(seconds * 1000000)::BIGINT)) AS instant FROM steps
        WHERE {DONE} AND biz_date = DATE '{night}'"""
    found: datetime | None = ledger.query(sql, "steps")[0]["instant"]
    return found


def _settled(known: Vintage, key: str) -> dict[str, Settled]:
    ledger, taken = known.ledger, known.order
    same = touched.repeated(known.city, key, taken, known.words)
    made = ledger.rows("table_days", f"\"table\" = '{key}'")
    by_day: dict[str, list[Mapping[str, Any]]] = {row["day"]: [] for row in made}
    for row in accounts.spoken(ledger, known.night, [key]):
        if row["delivery_id"] in taken:
            by_day.setdefault(row["day"], []).append(row)
    return {day: _day(rows, same) for day, rows in by_day.items()}


def _day(rows: Sequence[Mapping[str, Any]], same: Container[tuple[str, str]]) -> Settled:
    lost: dict[tuple[str, str], int] = {}
    for one in (part for row in rows for part in row["parts"] or ()):
        if one["part"] != "accepted":
            of = (one["part"], one["reason"])
            lost[of] = lost.get(of, 0) + one["rows"]
    weighed = frozenset(row["delivery_id"] for row in rows if row["settled"] is not None)
    others = {
        row["delivery_id"]: (accounts.UNSETTLED[(row["delivery_id"], row["day"]) in same], row["rows"])
        for row in rows
        if row["settled"] is None
    }
    return Settled(weighed, lost, others)


DONE = f"""step = '{LAYERS[-1]}' AND outcome = 'done' AND "table" IS NULL"""
TAKEN = """
    SELECT d.*, i.biz_date, i.records FROM deliveries AS d JOIN ingests AS i USING (delivery_id)
    WHERE NOT d.is_repeat AND i.outcome = 'ingested'"""
