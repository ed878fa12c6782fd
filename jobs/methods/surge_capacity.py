"""Beds a hospital can free or add, over its staffed beds: free + dischargeable + surge beds (our definition)."""

from collections.abc import Mapping

from jobs.methods._sql import quotient

INPUTS = {"staffed": "number", "occupied": "number", "dischargeable": "number", "surge": "number"}
OUTPUTS = ("ratio", "available_now", "available")


def sql(inputs: Mapping[str, str], parameters: Mapping[str, object], edition: str, output: str) -> str:
    """`ratio` of staffed beds, NULL where there are none; `available_now` free beds; `available` with those added."""
    now = f"({inputs['staffed']} - {inputs['occupied']})"
    added = f"({now} + {inputs['dischargeable']} + {inputs['surge']})"
    return {"available_now": now, "available": added, "ratio": quotient(added, inputs["staffed"])}[output]
