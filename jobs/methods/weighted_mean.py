"""A mean weighted by people, volume or area: Σ value·weight / Σ weight (SDG 11.6.2; CJJ 92 regional roll-up).

A row of which value or weight is unknown is in neither sum.
"""

from collections.abc import Mapping

from jobs.methods import Rows
from jobs.methods._sql import complete, let, quotient

INPUTS = {"rows": Rows({"value": "number", "weight": "number"})}


def sql(inputs: Mapping[str, str], parameters: Mapping[str, object], edition: str, output: str) -> str:
    """The mean as DOUBLE; NULL where the weights add up to zero or there are none."""
    over = "list_sum(list_transform(w.rows, lambda r: r.value * r.weight))"
    under = "list_sum(list_transform(w.rows, lambda r: r.weight))"
    return let("w", {"rows": complete(inputs["rows"], "value", "weight")}, quotient(over, under))
