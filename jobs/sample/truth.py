"""What really happened, and what of it arrived undamaged: sums by place and hour, kept while the files are written.

A record counts as `true` in the editions in which it is the last word that departments meant to have said, and as
`seen` in those in which it had arrived, in a readable file, without damage to the measure. Every measure is a whole
number (a speed in tenths of km/h): sums are exact. Nothing here reads a delivered file, or uses the code that does.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from jobs.sample.ground import Ints, ground
from jobs.sample.names import STREETS

Bools = npt.NDArray[np.bool_]
EVER = 1_000_000
TRUE, SEEN = "true", "seen"
UNPLACED = "unplaced"
GRID = ("hour", "street", "grid", "entity")
SUMMED = {"count": "n", "sum": "total", "max": "top"}
"""Arrow's names of what is kept of each group, and the columns it is kept in."""
AT_ONCE = 100_000
"""How many sums wait in memory."""


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
    """Records of a subject on a day; without `street` or `grid` they lie nowhere at that level."""

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
        self._engine = duckdb.connect(config={"threads": 2, "memory_limit": "1GB"})
        self._added: list[pa.Table] = []
        self._engine.execute(
            """CREATE TABLE sums (kind VARCHAR, first INTEGER, before INTEGER, subject VARCHAR, measure VARCHAR,
            day DATE, hour SMALLINT, street SMALLINT, grid SMALLINT, entity VARCHAR,
            n BIGINT, total HUGEINT, top BIGINT)"""
        )
        streets = [(i, one.code, one.district) for i, one in enumerate(STREETS)]
        cells = [(i, name, "") for i, name in enumerate(ground().cells)]
        places = {"streets": [*streets, (-1, UNPLACED, UNPLACED)], "cells": cells}
        for table, rows in places.items():
            columns = dict(zip(("position", "code", "district"), map(list, zip(*rows, strict=True)), strict=True))
            self._engine.register("listed", pa.table(columns))
            self._engine.execute(f"CREATE TABLE {table} AS SELECT * FROM listed")

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """The sums as a table, with everything in it that was added."""
        self._put()
        return self._engine

    def add(self, records: Records, true: Editions | None, seen: Editions | None) -> None:
        """Count records; every subject also has the measure `records`."""
        if not records.count:
            return
        columns, counted = _grid(records), []
        whole = {"records": Measure(np.zeros(records.count, np.int64)), **records.measures}
        for name, measure in whole.items():
            known, intact = _masks(records, measure)
            for kind, which, editions in ((TRUE, known, true), (SEEN, intact, seen)):
                if editions is not None:
                    one = f"{kind}_{name}"
                    columns[one] = pa.array(measure.values, pa.int64(), mask=~which)
                    counted.append((one, {"kind": kind, **editions._asdict(), "measure": name}))
        sums = pa.table(columns).group_by(GRID).aggregate([(one, how) for one, _ in counted for how in SUMMED])
        for one, told in counted:
            there = sums.filter(pc.greater(sums[f"{one}_count"], 0))
            told |= {"subject": records.subject, "day": records.day}
            said = {name: pa.repeat(value, len(there)) for name, value in told.items()}
            said |= {name: there[name] for name in GRID}
            said |= {name: there[f"{one}_{how}"] for how, name in SUMMED.items()}
            self._added.append(pa.table(said))
        if sum(map(len, self._added)) > AT_ONCE:
            self._put()

    def _put(self) -> None:
        """What was added goes into the table."""
        if self._added:
            self._engine.register("added", pa.concat_tables(self._added))
            self._engine.execute("INSERT INTO sums BY NAME SELECT * FROM added")
            self._engine.unregister("added")
            self._added.clear()

    def records(self, subject: str, day: date, night: int) -> int:
        """How many records of a subject on a day there truly are, as of a night."""
        sql = """SELECT coalesce(sum(n), 0) FROM sums WHERE kind = ? AND subject = ? AND measure = 'records' AND day = ?
            AND first <= ? AND ? < before"""
        ((count,),) = self.connection.execute(sql, [TRUE, subject, day, night, night]).fetchall()
        return int(count)


def _grid(records: Records) -> dict[str, pa.Array]:
    """Where and when each record is: -1 for nowhere, and for no hour."""
    nowhere = np.full(records.count, -1)
    given = {"hour": records.hour, "street": records.street, "grid": records.grid}
    columns = {name: pa.array(nowhere if at is None else at, pa.int16()) for name, at in given.items()}
    return columns | {"entity": records.entity if records.entity is not None else pa.nulls(records.count, pa.string())}


def _masks(records: Records, measure: Measure) -> tuple[Bools, Bools]:
    """Where there is a value, and where it survived."""
    known = measure.known if measure.known is not None else np.ones(records.count, bool)
    lost = records.lost if records.lost is not None else np.zeros(records.count, bool)
    damaged = measure.damaged if measure.damaged is not None else np.zeros(records.count, bool)
    return known, known & ~lost & ~damaged
