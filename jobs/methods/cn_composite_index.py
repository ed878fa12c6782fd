"""Composite index of ambient air (环境空气质量综合指数): Σ C/S over six pollutants, as city bulletins publish it.

Inputs in µg/m³, carbon monoxide too: means of SO2, NO2, PM10 and PM2.5 over the period, P90 of ozone's daily 8-hour
maximum (`o3`), P95 of carbon monoxide's daily means (`co`). S is the class II annual limit of GB 3095, for `co` and
`o3` the daily one. The index of fewer than six pollutants is not defined.
"""

from collections.abc import Mapping

from jobs.methods import Parameter
from jobs.methods._sql import number, quotient
from schemas import DeclarationError

INPUTS = dict.fromkeys(("so2", "no2", "pm10", "pm25", "co", "o3"), "number")
EDITIONS = ("GB 3095-2012", "GB 3095-2026 transitional", "GB 3095-2026")
LIMITS = {
    "GB 3095-2012": {"so2": 60, "no2": 40, "pm10": 70, "pm25": 35, "co": 4000, "o3": 160},
    "GB 3095-2026 transitional": {"so2": 60, "no2": 40, "pm10": 60, "pm25": 30, "co": 4000, "o3": 160},
    "GB 3095-2026": {"so2": 20, "no2": 30, "pm10": 50, "pm25": 25, "co": 4000, "o3": 160},
}
PARAMETERS = {"limits": Parameter("limits in µg/m³ other than the edition's, by input", default={}, verified=True)}


def sql(inputs: Mapping[str, str], parameters: Mapping[str, object], edition: str, output: str) -> str:
    """The index as DOUBLE; NULL where a pollutant is unknown. Raises DeclarationError for a limit of no input."""
    own = parameters["limits"]
    if not isinstance(own, Mapping) or set(own) - set(INPUTS):
        raise DeclarationError(f"limits {own!r}: expected limits of {', '.join(INPUTS)}")
    limits = {**LIMITS[edition], **own}
    return " + ".join(quotient(inputs[name], number(limits[name], name)) for name in INPUTS)
