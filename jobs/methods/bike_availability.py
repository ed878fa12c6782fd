"""The share of time in which a station has a bike, or a free dock: by time, not by the number of snapshots (GBFS
fields).

A snapshot holds until the next one, the last until `end`; what it does not know is in neither time. Stations that are
not installed are left out by whoever makes the rows. Times are minutes.
"""

from collections.abc import Mapping

from jobs.methods import Rows
from jobs.methods._sql import complete, let, quotient

INPUTS = {"snapshots": Rows({"at": "number", "bikes": "number", "docks": "number"}), "end": "number"}
OUTPUTS = ("has_bike", "has_dock")


def sql(inputs: Mapping[str, str], parameters: Mapping[str, object], edition: str, output: str) -> str:
    """The share as DOUBLE; NULL where nothing was observed before `end`."""
    count = {"has_bike": "bikes", "has_dock": "docks"}[output]
    before = f"list_filter(list_sort({complete(inputs['snapshots'], 'at')}), lambda r: r.at < {inputs['end']})"
    lasts = "coalesce(b.rows[i + 1].at, b.until) - r.at"
    there = f"list_transform(b.rows, lambda r, i: CASE WHEN r.{count} >= 1 THEN {lasts} ELSE 0 END)"
    seen = f"list_transform(b.rows, lambda r, i: CASE WHEN r.{count} IS NOT NULL THEN {lasts} ELSE 0 END)"
    return let("b", {"rows": before, "until": inputs["end"]}, quotient(f"list_sum({there})", f"list_sum({seen})"))
