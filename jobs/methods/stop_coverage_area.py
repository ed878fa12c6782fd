"""Share of the built-up area within a radius of a stop (站点500米覆盖率): 公交都市考核 2013 #3; the union of circles,
not their sum.

The union's area is exact, by Green's theorem over the arcs of its outline: ½∮(x dy − y dx), within rounding of DOUBLE
(10⁻⁹ of the area); a polygon for a circle would be 0.2 % short at 64 corners. Coordinates are metres of a plane.
Circles are not cut at the built-up area's edge: give the stops whose circles count.
"""

from collections.abc import Mapping

from jobs.methods import Parameter, Rows
from jobs.methods._sql import decimal, quotient
from schemas import DeclarationError

INPUTS = {"stops": Rows({"x_m": "number", "y_m": "number"}), "built_up_km2": "number"}
OPTIONAL = ("built_up_km2",)
OUTPUTS = ("ratio", "covered_km2")
PARAMETERS = {"radius_m": Parameter("how far a stop serves", default=500, verified=True)}
TURN = "(2 * pi())"


def sql(inputs: Mapping[str, str], parameters: Mapping[str, object], edition: str, output: str) -> str:
    """The output as DOUBLE; no stop covers nothing. Raises DeclarationError for a radius that is not above zero."""
    radius = decimal(parameters["radius_m"], "radius_m")
    if radius <= 0:
        raise DeclarationError(f"radius_m {radius} is not above zero")
    area = f"(coalesce({_union(inputs['stops'], f'{radius:f}::DOUBLE')}, 0) / 1000000)"
    return area if output == "covered_km2" else quotient(area, inputs.get("built_up_km2", "NULL"))


def _union(stops: str, radius: str) -> str:
    """The union's area in m². Around each stop the angles that other circles hide are merged; the rest is outline."""
    return f"""(
        WITH stop AS (
            SELECT DISTINCT s.x_m AS x, s.y_m AS y FROM (SELECT unnest({stops}) AS s)
            WHERE s.x_m IS NOT NULL AND s.y_m IS NOT NULL),
        pair AS (
            SELECT a.x, a.y, atan2((b.y - a.y)::DOUBLE, (b.x - a.x)::DOUBLE) AS toward,
                acos(sqrt(pow((b.x - a.x)::DOUBLE, 2) + pow((b.y - a.y)::DOUBLE, 2)) / (2 * {radius})) AS half
            FROM stop AS a JOIN stop AS b ON (a.x <> b.x OR a.y <> b.y)
                AND pow((b.x - a.x)::DOUBLE, 2) + pow((b.y - a.y)::DOUBLE, 2) < pow(2 * {radius}, 2)),
        hidden AS (
            SELECT x, y, start, start + 2 * half AS stop FROM (
                SELECT x, y, half, toward - half - floor((toward - half) / {TURN}) * {TURN} AS start FROM pair)),
        cut AS (
            SELECT x, y, start, least(stop, {TURN}) AS stop FROM hidden
            UNION ALL SELECT x, y, 0::DOUBLE, stop - {TURN} FROM hidden WHERE stop > {TURN}
            UNION ALL SELECT x, y, {TURN}, {TURN} FROM stop),
        gap AS (
            SELECT x, y, start AS until, coalesce(max(stop) OVER (PARTITION BY x, y ORDER BY start, stop
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0::DOUBLE) AS since FROM cut)
        SELECT sum(({radius} * {radius} * (until - since)
            + {radius} * x::DOUBLE * (sin(until) - sin(since))
            - {radius} * y::DOUBLE * (cos(until) - cos(since))) / 2 ORDER BY x, y, since)
        FROM gap WHERE until > since)"""
