"""Supply per head within reach: floating catchments in two steps (Luo & Wang) or three (Wan et al. 2012).

R_j = S_j / Σ_k P_k W(d_kj) and A_i = Σ_j R_j W(d_ij), over costs up to `max_cost`, inclusive; a cost goes from demand
to supply in both steps. With three steps W becomes G·W, G_ij = W_ij / Σ_k W_ik over all destinations listed, however
far. Σ P·A = Σ S wherever every supply has demand within reach. A place with nothing within reach has access 0.
"""

from collections.abc import Mapping

from jobs.methods import Parameter, Rows, _catchment
from jobs.methods._sql import number, whole
from schemas import DeclarationError

INPUTS = {
    "demand": Rows({"id": "text", "people": "number"}),
    "supply": Rows({"id": "text", "capacity": "number"}),
    "costs": Rows({"demand": "text", "supply": "text", "cost": "number"}),
}
OUTPUTS = ("access",)
PARAMETERS = {
    **_catchment.PARAMETERS,
    "max_cost": Parameter("the farthest that is within reach, inclusive; none: no limit", default=None),
    "steps_of_catchment": Parameter("2, or 3 with competition among destinations", default=2, verified=True),
}


def sql(inputs: Mapping[str, str], parameters: Mapping[str, object], edition: str, output: str) -> str:
    """A list of {id, access} in the order of the demand's ids, access as DOUBLE; sums are added up in order of ids."""
    stages = whole(parameters["steps_of_catchment"], "steps_of_catchment")
    if stages not in (2, 3):
        raise DeclarationError(f"steps_of_catchment {stages}: there is 2 and 3")
    choice = "w * w / nullif(sum(w) OVER (PARTITION BY i), 0)" if stages == 3 else "w"
    near = f"cost <= {number(parameters['max_cost'], 'max_cost')}" if parameters["max_cost"] is not None else "true"
    return f"""(
        WITH od AS (
            SELECT i, j, cost, {choice} AS w FROM (
                SELECT c.demand AS i, c.supply AS j, c.cost AS cost, {_catchment.weight("c.cost", parameters)} AS w
                FROM (SELECT unnest({inputs["costs"]}) AS c))),
        demand AS (SELECT d.id AS i, d.people AS people FROM (SELECT unnest({inputs["demand"]}) AS d)),
        supply AS (SELECT s.id AS j, s.capacity AS capacity FROM (SELECT unnest({inputs["supply"]}) AS s)),
        reached AS (SELECT * FROM od WHERE {near} AND w IS NOT NULL),
        called AS (
            SELECT r.j, sum(d.people::DOUBLE * r.w ORDER BY r.i) AS people
            FROM reached AS r JOIN demand AS d ON d.i = r.i GROUP BY r.j),
        ratios AS (
            SELECT s.j, s.capacity::DOUBLE / nullif(c.people, 0) AS ratio
            FROM supply AS s JOIN called AS c ON c.j = s.j),
        made AS (
            SELECT r.i, sum(q.ratio * r.w ORDER BY r.j) AS access
            FROM reached AS r JOIN ratios AS q ON q.j = r.j GROUP BY r.i)
        SELECT list({{'id': d.i, 'access': coalesce(m.access, 0)::DOUBLE}} ORDER BY d.i)
        FROM demand AS d LEFT JOIN made AS m ON m.i = d.i)"""
