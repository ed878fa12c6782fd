"""Share of people within walking distance of public transport: SDG 11.2.1, U4SSC EC:I:T:2A.

500 m to a stop of low capacity or 1 km to one of high capacity, both inclusive. It is not the share of the built-up
area.
"""

from collections.abc import Mapping

from jobs.methods import Parameter, Rows
from jobs.methods._sql import complete, let, number, quotient

INPUTS = {"blocks": Rows({"people": "number", "low_capacity_m": "number", "high_capacity_m": "number"})}
PARAMETERS = {
    "low_capacity_reach_m": Parameter("how far people walk to a bus", default=500, verified=True),
    "high_capacity_reach_m": Parameter("how far people walk to a train", default=1000, verified=True),
}


def sql(inputs: Mapping[str, str], parameters: Mapping[str, object], edition: str, output: str) -> str:
    """Per cent as DOUBLE; NULL without people. A distance that is unknown reaches nobody."""
    reach = [
        f"coalesce(r.{kind}_m <= {number(parameters[f'{kind}_reach_m'], kind)}, false)"
        for kind in ("low_capacity", "high_capacity")
    ]
    over = f"list_sum(list_transform(b.rows, lambda r: CASE WHEN {' OR '.join(reach)} THEN r.people * 100 ELSE 0 END))"
    under = "list_sum(list_transform(b.rows, lambda r: r.people))"
    return let("b", {"rows": complete(inputs["blocks"], "people")}, quotient(over, under))
