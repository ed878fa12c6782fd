"""Infrastructure leakage index: IWA. CARL over UARL = (18·L_m + 0.8·N_c + 25·L_p)·P litres a day.

The formula for unavoidable losses holds for more than 5000 connections, more than 20 of them per km of mains, and 25
to 100 m of pressure; outside, both outputs are unknown.
"""

from collections.abc import Mapping

from jobs.methods._sql import quotient

INPUTS = {
    "mains_km": "number",
    "connections": "number",
    "service_pipes_km": "number",
    "pressure_m": "number",
    "losses_l_day": "number",
}
OPTIONAL = ("losses_l_day",)
OUTPUTS = ("ili", "unavoidable_l_day")


def sql(inputs: Mapping[str, str], parameters: Mapping[str, object], edition: str, output: str) -> str:
    """The output as DOUBLE; NULL outside the formula's bounds."""
    mains, connections, pipes, pressure = (inputs[name] for name in INPUTS if name != "losses_l_day")
    unavoidable = f"((180 * {mains} + 8 * {connections} + 250 * {pipes}) * {pressure} / 10)::DOUBLE"
    made = unavoidable if output == "unavoidable_l_day" else quotient(inputs.get("losses_l_day", "NULL"), unavoidable)
    holds = f"{connections} > 5000 AND {connections} > 20 * {mains} AND {mains} > 0 AND {pressure} BETWEEN 25 AND 100"
    return f"CASE WHEN {holds} THEN {made} END"
