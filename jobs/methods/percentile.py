"""Percentiles of the types that standards name: they differ, and an indicator must say which it means.

`linear` is HJ 663-2013 Annex A: k = 1 + (n−1)p, on the line between neighbours. `nearest_rank` is the ⌈p·n⌉-th value,
as emergency services report their 90th. `rank` is that ⌈p·n⌉, at least 1.
"""

from collections.abc import Mapping
from decimal import Decimal

from jobs.methods import Parameter
from jobs.methods._sql import decimal, let, number
from schemas import DeclarationError

INPUTS = {"values": "bag"}
OUTPUTS = ("linear", "nearest_rank", "rank")
PARAMETERS = {"p": Parameter("which percentile, 0 to 1")}


def sql(inputs: Mapping[str, str], parameters: Mapping[str, object], edition: str, output: str) -> str:
    """The output; NULL for an empty list. Raises DeclarationError for a p outside 0 to 1."""
    values, p = inputs["values"], share(parameters["p"])
    if output == "linear":
        return linear(values, p)
    rank = f"{nearest_rank(f'len({values})', p)}"
    return rank if output == "rank" else f"({values}[{rank}])::DOUBLE"


def share(value: object) -> Decimal:
    """A percentile's p. Raises DeclarationError outside 0 to 1."""
    p = decimal(value, "p")
    if not 0 <= p <= 1:
        raise DeclarationError(f"p {value} is not a share between 0 and 1")
    return p


def linear(values: str, p: Decimal) -> str:
    """The percentile of a sorted list on the line between neighbours."""
    parts = {"x": values, "n": f"len({values})", "k": f"(len({values}) - 1) * {number(p)}"}
    below = "floor(q.k)::BIGINT"
    low, high = f"q.x[{below} + 1]", f"q.x[least({below} + 2, q.n)]"
    return let("q", parts, f"({low} + (q.k - {below}) * ({high} - {low}))::DOUBLE")


def nearest_rank(n: str, p: Decimal) -> str:
    """The rank, counted from 1, of the nearest-rank percentile of n values; NULL for none."""
    return f"CASE WHEN {n} > 0 THEN greatest(1, ceil({n} * {number(p)})::BIGINT) END"
