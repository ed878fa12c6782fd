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

from jobs.sample.ground import Ints, ground
from jobs.sample.names import STREETS

Bools = npt.NDArray[np.bool_]
EVER = 1_000_000
TRUE, SEEN = "true", "seen"
UNPLACED = "unplaced"


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
        self.connection = duckdb.connect(config={"threads": 2, "memory_limit": "1GB"})
        self.connection.execute(
            """CREATE TABLE sums (kind VARCHAR, first INTEGER, before INTEGER, subject VARCHAR, measure VARCHAR,
            day DATE, hour SMALLINT, street SMALLINT, grid SMALLINT, entity VARCHAR,
            n BIGINT, total HUGEINT, top BIGINT)"""
        )
        streets = [(i, one.code, one.district) for i, one in enumerate(STREETS)]
        cells = [(i, name, "") for i, name in enumerate(ground().cells)]
        places = {"streets": [*streets, (-1, UNPLACED, UNPLACED)], "cells": cells}
        for table, rows in places.items():
            columns = dict(zip(("position", "code", "district"), map(list, zip(*rows, strict=True)), strict=True))
            self.connection.register("listed", pa.table(columns))
            self.connection.execute(f"CREATE TABLE {table} AS SELECT * FROM listed")

    def add(self, records: Records, true: Editions | None, seen: Editions | None) -> None:
        """Count records; every subject also has the measure `records`."""
        if not records.count:
            return
        columns, sums, rows = _grid(records), [], []
        whole = {"records": Measure(np.zeros(records.count, np.int64)), **records.measures}
        for name, measure in whole.items():
            known, intact = _masks(records, measure)
            for kind, which, editions in ((TRUE, known, true), (SEEN, intact, seen)):
                if editions is not None:
                    one = f"{kind}_{name}"
                    columns[one] = pa.array(measure.values, pa.int64(), mask=~which)
                    sums.append(f"count({one}) AS n_{one}, sum({one}) AS t_{one}, max({one}) AS h_{one}")
                    rows.append(
                        f"SELECT '{kind}', {editions.first}, {editions.before}, ?1, '{name}', ?2::DATE, "
                        f"hour, street, grid, entity, n_{one}, t_{one}, h_{one} FROM wide WHERE n_{one} > 0"
                    )
        if not rows:
            return
        self.connection.register("added", pa.table(columns))
        wide = f"SELECT hour, street, grid, entity, {', '.join(sums)} FROM added GROUP BY ALL"
        sql = f"INSERT INTO sums WITH wide AS MATERIALIZED ({wide}) {' UNION ALL '.join(rows)}"
        self.connection.execute(sql, [records.subject, records.day])
        self.connection.unregister("added")

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
