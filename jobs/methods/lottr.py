"""Share of person-miles on reliable segments: 23 CFR 490.505–513. LOTTR is P80/P50, in four periods.

A segment is reliable when its ratio is below 1.50 in every period: 1.50 exactly is not. Length × AADT × occupancy of
the reliable over all, to 0.1 %.
"""

from collections.abc import Mapping

from jobs.methods import Parameter, Rows
from jobs.methods._sql import complete, let, number

INPUTS = {"segments": Rows({"length": "number", "aadt": "number", "occupancy": "number", "ratios": "series"})}
PARAMETERS = {"threshold": Parameter("the ratio that is no longer reliable", default="1.5", verified=True)}


def sql(inputs: Mapping[str, str], parameters: Mapping[str, object], edition: str, output: str) -> str:
    """Per cent with one digit, halves up, DOUBLE; NULL without travel. A period that is unknown is not reliable.

    Lengths count with six digits, AADT with two, occupancy with four, so that the product is exact.
    """
    travel = "r.length::DECIMAL(18,6) * r.aadt::DECIMAL(12,2) * r.occupancy::DECIMAL(8,4)"
    low = f"list_filter(r.ratios, lambda q: q < {number(parameters['threshold'], 'threshold')})"
    kept = f"CASE WHEN len(r.ratios) > 0 AND len({low}) = len(r.ratios) THEN {travel} ELSE 0 END"
    parts = {"rows": complete(inputs["segments"], "length", "aadt", "occupancy")}
    sums = {
        "kept": f"(list_sum(list_transform(s.rows, lambda r: {kept})) * 1000000000000)::HUGEINT",
        "all": f"(list_sum(list_transform(s.rows, lambda r: {travel})) * 1000000000000)::HUGEINT",
    }
    tenths = "(2000 * t.kept + t.all) // (2 * nullif(t.all, 0))"
    return let("s", parts, let("t", sums, f"({tenths})::DOUBLE / 10"))
