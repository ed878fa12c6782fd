"""Distinct members over several parts: not the sum of the parts, in which one member may stand more than once."""

from collections.abc import Mapping

from jobs.methods import Rows
from jobs.methods._sql import complete

INPUTS = {"rows": Rows({"part": "text", "member": "text"})}
OUTPUTS = ("distinct", "sum_of_parts")


def sql(inputs: Mapping[str, str], parameters: Mapping[str, object], edition: str, output: str) -> str:
    """The output as an integer; a member without identity is not counted."""
    rows = complete(inputs["rows"], "member")
    one = "r.member" if output == "distinct" else "{'part': r.part, 'member': r.member}"
    return f"len(list_distinct(list_transform({rows}, lambda r: {one})))"
