"""Which of n ordered values the nearest-rank percentile is, and what share of them lies up to it and up to the one
before.
"""

from collections.abc import Mapping

from jobs.methods import Parameter
from jobs.methods._sql import quotient
from jobs.methods.percentile import nearest_rank, share

INPUTS = {"n": "number"}
OUTPUTS = ("rank", "share_to_rank", "share_before")
PARAMETERS = {"p": Parameter("which percentile, 0 to 1")}


def sql(inputs: Mapping[str, str], parameters: Mapping[str, object], edition: str, output: str) -> str:
    """The output; NULL for no values. Raises DeclarationError for a p outside 0 to 1."""
    n = inputs["n"]
    rank = nearest_rank(n, share(parameters["p"]))
    return {
        "rank": rank,
        "share_to_rank": quotient(f"({rank})", n),
        "share_before": quotient(f"({rank} - 1)", n),
    }[output]
