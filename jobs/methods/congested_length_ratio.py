"""Share of a network's length at the worst level (拥堵里程比例): DB11/T 785-2011 §5.3, read in secondary sources.

The standard weighs road classes by vehicle kilometres (Appendix B, not read) before it makes an index of this.
"""

from collections.abc import Mapping

from jobs.core.engine import literal
from jobs.methods import Rows
from jobs.methods._sql import complete, let, quotient
from jobs.methods.segment_level import LEVELS, level

INPUTS = {"segments": Rows({"road_class": "text", "length": "number", "speed_kmh": "number"})}


def sql(inputs: Mapping[str, str], parameters: Mapping[str, object], edition: str, output: str) -> str:
    """The share, 0 to 1, DOUBLE; NULL without length. Segments without speed or class are in neither length."""
    graded = f"list_filter(c.rows, lambda r: {level('r.road_class', 'r.speed_kmh')} IS NOT NULL)"
    jammed = f"list_filter(d.rows, lambda r: {level('r.road_class', 'r.speed_kmh')} = {literal(LEVELS[0])})"
    over = f"coalesce(list_sum(list_transform({jammed}, lambda r: r.length)), 0)"
    under = "list_sum(list_transform(d.rows, lambda r: r.length))"
    rows = complete(inputs["segments"], "road_class", "length", "speed_kmh")
    return let("c", {"rows": rows}, let("d", {"rows": graded}, quotient(over, under)))
