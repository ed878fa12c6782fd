"""Gini coefficient over people: of rates per area, weighted by the area's population.

It equals the plain coefficient of the list in which each rate stands once for every person.
"""

from collections.abc import Mapping

from jobs.methods import Rows
from jobs.methods._sql import complete, let, quotient

INPUTS = {"rows": Rows({"rate": "number", "population": "number"})}


def sql(inputs: Mapping[str, str], parameters: Mapping[str, object], edition: str, output: str) -> str:
    """Σ p·x·(2C − p − P) / (P Σ p·x), C the population up to and with the area, P all of it, areas by rate.

    NULL where nobody lives or the mean is zero, or where a rate or a population is negative. DOUBLE, added in that
    order.
    """
    ordered = f"list_sort({complete(inputs['rows'], 'rate', 'population')})"
    people = "list_sum(list_transform(g.rows[1:i], lambda q: q.population))"
    placed = (
        f"list_sum(list_transform(g.rows, lambda r, i: (r.rate * r.population)::DOUBLE"
        f" * (2 * {people} - r.population - g.people)::DOUBLE))"
    )
    mass = "(list_sum(list_transform(g.rows, lambda r: r.rate * r.population)))::DOUBLE * g.people::DOUBLE"
    fine = "len(list_filter(g.rows, lambda r: r.rate < 0 OR r.population < 0)) = 0"
    parts = {"rows": ordered, "people": f"list_sum(list_transform({ordered}, lambda r: r.population))"}
    return let("g", parts, f"CASE WHEN {fine} THEN {quotient(placed, mass)} END")
