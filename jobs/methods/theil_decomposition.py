"""Theil's T of members of groups: inequality between the groups' means, and what is left within them."""

from collections.abc import Mapping

from jobs.methods import Rows
from jobs.methods._sql import complete

INPUTS = {"rows": Rows({"value": "number", "group": "text"})}
OUTPUTS = ("total", "between", "within")


def sql(inputs: Mapping[str, str], parameters: Mapping[str, object], edition: str, output: str) -> str:
    """The output as DOUBLE: total = between + within. NULL for no members, a mean of zero, or a negative value.

    A member weighs x/Σx; between takes ln of its group's mean over the mean, within ln of x over its group's mean.
    """
    rows = complete(inputs["rows"], "value", "group")
    overall, own = "(m.all_sum::DOUBLE / m.all_n)", "(m.group_sum::DOUBLE / m.group_n)"
    ratio = {
        "total": f"m.value::DOUBLE / {overall}",
        "between": f"{own} / {overall}",
        "within": f"m.value::DOUBLE / {own}",
    }[output]
    term = f"CASE WHEN m.value = 0 THEN 0 ELSE m.value::DOUBLE / m.all_sum::DOUBLE * ln({ratio}) END"
    members = f"""
        SELECT r.value AS value, r."group" AS member_of, sum(r.value) OVER () AS all_sum, count(*) OVER () AS all_n,
            sum(r.value) OVER (PARTITION BY r."group") AS group_sum, count(*) OVER (PARTITION BY r."group") AS group_n
        FROM (SELECT unnest({rows}) AS r)"""
    return f"""(
        SELECT CASE WHEN min(m.value) >= 0 AND max(m.all_sum) > 0
            THEN sum({term} ORDER BY m.member_of, m.value) END FROM ({members}) AS m)"""
