"""The roll-up of a ratio: Σ numerator / Σ denominator; beside it the mean of the rates, which is another number."""

from collections.abc import Mapping

from jobs.methods import Rows
from jobs.methods._sql import complete, let, quotient

INPUTS = {"rows": Rows({"over": "number", "under": "number"})}
OUTPUTS = ("rollup", "mean_of_rates")


def sql(inputs: Mapping[str, str], parameters: Mapping[str, object], edition: str, output: str) -> str:
    """The output as DOUBLE; NULL where the denominators add up to zero. Rows not wholly known are in neither sum."""
    rows = complete(inputs["rows"], "over", "under")
    if output == "rollup":
        sums = (
            "list_sum(list_transform(w.rows, lambda r: r.over))",
            "list_sum(list_transform(w.rows, lambda r: r.under))",
        )
        return let("w", {"rows": rows}, quotient(*sums))
    rates = f"list_transform(list_filter({rows}, lambda r: r.under <> 0), lambda r: {quotient('r.over', 'r.under')})"
    return let("w", {"rates": rates}, quotient("list_sum(list_sort(w.rates))", "len(w.rates)"))
