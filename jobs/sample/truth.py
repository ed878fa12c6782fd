"""What really happened, and what of it arrived undamaged: kept as sums by place and hour while the files are written.

A record counts as `true` in the editions in which it is the last word that departments meant to have said, and as `seen`
in those in which it had arrived, in a readable file, without damage to the measure. Every measure is a whole number (a
speed in tenths of km/h): sums are exact. Nothing here reads a delivered file or uses the code that judges them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from jobs.sample.ground import Ints

Bools = npt.NDArray[np.bool_]
EVER = 1_000_000
TRUE, SEEN = "true", "seen"


class Editions(NamedTuple):
    """From this night on, and before that night (nights count from 1); by default for ever."""

    first: int
    before: int = EVER


@dataclass(frozen=True)
class Measure:
    """Whole numbers, one per record. `known`: where there is a value at all; `damaged`: where it did not survive."""

    values: Ints
    known: Bools | None = None
    damaged: Bools | None = None


class State(NamedTuple):
    """How many values, their sum and the highest."""

    n: int
    total: int
    top: int


@dataclass(frozen=True)
class Records:
    """Records of a subject on a day. Without `street` or `grid` they lie nowhere at that level, without `hour` in none."""

    subject: str
    day: date
    count: int
    measures: Mapping[str, Measure]
    hour: Ints | None = None
    street: Ints | None = None
    grid: Ints | None = None
    entity: pa.Array | None = None
    lost: Bools | None = None
    """Records of which nothing arrived undamaged."""


class Truth:
    """The sums. `true` and `seen` of `add` say in which editions the records count; None: in none."""

    def __init__(self) -> None:
        self.connection = duckdb.connect(config={"threads": 2, "memory_limit": "1GB"})
        self.connection.execute(
            """CREATE TABLE sums (kind VARCHAR, first INTEGER, before INTEGER, subject VARCHAR, measure VARCHAR, day DATE,
            hour TINYINT, street SMALLINT, grid SMALLINT, entity VARCHAR, n BIGINT, total HUGEINT, top BIGINT)"""
        )

    def add(self, records: Records, true: Editions | None, seen: Editions | None) -> None:
        """Count records; every subject also has the measure `records`."""
        n = records.count
        if not n:
            return
        lost = records.lost if records.lost is not None else np.zeros(n, bool)
        whole = {"records": Measure(np.zeros(n, np.int64)), **records.measures}
        columns = {
            "hour": pa.array(records.hour if records.hour is not None else np.full(n, -1), pa.int8()),
            "street": pa.array(records.street if records.street is not None else np.full(n, -1), pa.int16()),
            "grid": pa.array(records.grid if records.grid is not None else np.full(n, -1), pa.int16()),
            "entity": records.entity if records.entity is not None else pa.nulls(n, pa.string()),
        }
        for name, measure in whole.items():
            known = measure.known if measure.known is not None else np.ones(n, bool)
            intact = known & ~lost & (~measure.damaged if measure.damaged is not None else True)
            for kind, which, editions in ((TRUE, known, true), (SEEN, intact, seen)):
                if editions is not None:
                    values = pa.array(measure.values, pa.int64(), mask=~which)
                    self._insert(kind, editions, records, name, columns | {"value": values})

    def _insert(
        self, kind: str, editions: Editions, records: Records, measure: str, columns: dict[str, pa.Array]
    ) -> None:
        self.connection.register("added", pa.table(columns))
        self.connection.execute(
            """INSERT INTO sums SELECT ?, ?, ?, ?, ?, ?, hour, street, grid, entity, count(value), sum(value), max(value)
            FROM added GROUP BY ALL HAVING count(value) > 0""",
            [kind, editions.first, editions.before, records.subject, measure, records.day],
        )
        self.connection.unregister("added")
