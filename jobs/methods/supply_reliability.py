"""Share of time with supply, from mean outage hours: ASAI of IEEE 1366 as a share, RS-1 of China's NEA in per cent."""

from collections.abc import Mapping

from jobs.methods._sql import let, quotient

INPUTS = {"outage_hours": "number", "period_hours": "number"}
OUTPUTS = ("asai", "rs1")


def sql(inputs: Mapping[str, str], parameters: Mapping[str, object], edition: str, output: str) -> str:
    """The output as DOUBLE; NULL for a period of no length."""
    parts = {"out": inputs["outage_hours"], "all": inputs["period_hours"]}
    factor = "100 * " if output == "rs1" else ""
    return let("p", parts, quotient(f"{factor}(p.all - p.out)", "p.all"))
