"""How many days what is on hand lasts at the mean daily use of a window: the CDC's burn-rate calculator."""

from collections.abc import Mapping

from jobs.methods._sql import quotient

INPUTS = {"on_hand": "number", "used": "number", "over_days": "number"}
OUTPUTS = ("days", "burn_rate")


def sql(inputs: Mapping[str, str], parameters: Mapping[str, object], edition: str, output: str) -> str:
    """`days`, NULL where nothing was used; `burn_rate`, units a day. Both DOUBLE."""
    on_hand, used, days = (inputs[name] for name in INPUTS)
    if output == "burn_rate":
        return quotient(used, days)
    return f"CASE WHEN {days} > 0 THEN {quotient(f'{on_hand} * {days}', used)} END"
