"""Layers without Spark, a step's tasks one after the other in this process (`jobs.core.work.here`).

Only `jobs.core.work.run` speaks to a session, and only to spread items and collect results. Quality, which hands tables
to great-expectations, needs the real one: a night run here writes no holds.
"""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from jobs import bronze, fused, indicators, silver
from jobs.core import work
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger
from schemas import City

LAYERS = (bronze, silver, fused, indicators)
session = work.here


def night(city: City, lake: Lake, biz_date: date) -> dict[str, int]:
    """The layers of a night but quality; what `indicators` says of itself, if the night gets so far."""
    lake = lake.remembering()
    for step in (bronze, silver, fused):
        if step in LAYERS:
            step.run(session, city, lake, biz_date)
    return indicators_of(city, lake, biz_date) if indicators in LAYERS else {}


def fused_of(city: City, lake: Lake, biz_date: date) -> dict[str, dict[str, int]]:
    """The layer of terms."""
    return fused.run(session, city, lake, biz_date)


def indicators_of(city: City, lake: Lake, biz_date: date) -> dict[str, int]:
    """The last layer, and its row in the ledger."""
    said = indicators.run(city, lake, biz_date)
    note(lake, biz_date, "indicators", said)
    return said


def complete(lake: Lake, biz_date: date) -> None:
    """The ledger's word that a night's layers are made."""
    note(lake, biz_date, "indicators", {})


def note(lake: Lake, biz_date: date, step: str, said: Mapping[str, Any]) -> None:
    """The row of a step that is done."""
    done = {"biz_date": biz_date, "attempt": "inline", "step": step, "table": None, "outcome": "done", "seconds": 0.0}
    Ledger(lake).add("steps", [done | {"started_at": datetime.now(UTC), "detail": json.dumps(said)}])
