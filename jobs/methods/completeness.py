"""Completeness of records: ISO/IEC 25024 Com-I-1, non-missing over expected, per column and per record.

That an empty text counts as missing is ours, and may be turned off.
"""

from collections.abc import Mapping

from jobs.methods import Parameter, Rows
from jobs.methods._sql import let, quotient

INPUTS = {"records": Rows({"values": "texts"})}
OUTPUTS = ("record", "columns")
PARAMETERS = {"empty_is_missing": Parameter("whether an empty text counts as missing", default=True)}


def sql(inputs: Mapping[str, str], parameters: Mapping[str, object], edition: str, output: str) -> str:
    """`columns`: a share per column in their order; `record`: the share of records without a gap. NULL without
    records.
    """
    there = "{0} IS NOT NULL" + (" AND {0} <> ''" if parameters["empty_is_missing"] else "")
    if output == "columns":
        known = f"len(list_filter(c.rows, lambda r: {there.format('r.values[i]')}))"
        made = f"list_transform(c.rows[1].values, lambda v, i: {quotient(known, 'len(c.rows)')})"
    else:
        whole = f"len(list_filter(r.values, lambda v: {there.format('v')})) = len(r.values)"
        made = quotient(f"len(list_filter(c.rows, lambda r: {whole}))", "len(c.rows)")
    return let("c", {"rows": inputs["records"]}, made)
