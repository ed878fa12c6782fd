"""Ratios of data quality: GB/T 36344-2018 and ISO/IEC 25024, X = A/B, and 1 − A/B where A counts violations
(Con-I-1).
"""

from collections.abc import Mapping

from jobs.methods._sql import quotient

INPUTS = {"counted": "number", "checked": "number"}
OUTPUTS = ("percent", "share", "complement")


def sql(inputs: Mapping[str, str], parameters: Mapping[str, object], edition: str, output: str) -> str:
    """The output as DOUBLE; NULL where nothing was checked, never 100 %."""
    counted, checked = inputs["counted"], inputs["checked"]
    over = {"percent": f"100 * {counted}", "share": counted, "complement": f"{checked} - {counted}"}[output]
    return quotient(f"({over})", checked)
