"""A lake with one small table of every type, in two partitions."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa

from jobs.core.lake import Lake, Layout, arrow_schema

CITY, TABLE = "lanhai", "silver.readings"
FIRST, SECOND = "2025-03-03", "2025-03-04"
LAYOUT = Layout(
    {
        "_day": "string", "station": "string", "level_m": "decimal(9,3)", "measured_date": "date",
        "measured_utc": "timestamp", "count": "bigint", "minute": "smallint",
        "good": "boolean", "tags": "array<string>",
    },
    ("_day",),
    "水位 | Water levels",
    {"station": "站 | Station", "level_m": "水位 | Water level [m]"},
)  # fmt: skip
BIG = 2**53 + 1
"""No double is this number."""
ROWS: list[dict[str, Any]] = [
    {
        "_day": FIRST, "station": "吴淞 O'Brien", "level_m": Decimal("2.100"), "measured_date": date(2025, 3, 3),
        "measured_utc": datetime(2025, 3, 2, 16, 0, 0, 1, UTC), "count": BIG, "minute": 0, "good": True, "tags": ["a"],
    },
    {
        "_day": SECOND, "station": "b", "level_m": None, "measured_date": date(2025, 3, 4),
        "measured_utc": datetime(2025, 3, 4, 1, tzinfo=UTC), "count": None, "minute": None, "good": None, "tags": [],
    },
]  # fmt: skip


def lake(root: Path) -> Lake:
    """The lake, below a folder as CITYPULSE_LAKE names it."""
    made = Lake(root, CITY)
    made.put(TABLE, LAYOUT, pa.Table.from_pylist(ROWS, schema=arrow_schema(LAYOUT.columns)), [FIRST, SECOND])
    return made
