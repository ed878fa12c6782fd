"""What values are read with beside: delta-rs and Arrow alone, the same rows as `citypulse values` answers, as CSV.

`python -m tests.bench.read LAKE INDICATOR FIRST LAST [EDITION]`: the newest word on each day, or that of an edition.
"""

import os
import sys

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as csv
from deltalake import DeltaTable

KEYS = ("level", "place", "period", "segment")
COLUMNS = (*KEYS, "value", "unit", "coverage", "low", "high", "grade", "status", "reasons", "n_records", "edition")


def main(lake: str, indicator: str, first: str, last: str, edition: str | None = None) -> None:
    """Prints the rows."""
    table = DeltaTable(f"{lake}/indicators/{'values' if edition else 'current'}").to_pyarrow_dataset()
    wanted = (pc.field("indicator") == indicator) & (pc.field("period_kind") == "day")
    wanted &= (pc.field("period") >= first) & (pc.field("period") <= last)
    if edition:
        wanted &= pc.field("edition") <= edition
    rows = table.to_table(filter=wanted, columns=list(COLUMNS))
    csv.write_csv(newest(rows) if edition else rows, sys.stdout.buffer)


def newest(rows: pa.Table) -> pa.Table:
    """Of each cell the row of the newest edition."""
    rows = rows.sort_by("edition")
    numbered = rows.append_column("number", pa.array(range(len(rows)), pa.int64()))
    last = numbered.group_by(list(KEYS)).aggregate([("number", "max")])["number_max"]
    return rows.take(last)


if __name__ == "__main__":
    main(*sys.argv[1:])
    sys.stdout.flush()
    os._exit(0)  # deltalake and pyarrow's threads may abort at interpreter exit, after the work is done
