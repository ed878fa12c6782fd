"""Layers without Spark: a stand-in that runs a step's tasks one after the other in this process.

Only `jobs.core.work.run` speaks to a session, and only to spread items and collect results. Quality, which hands tables
to great-expectations, needs the real one: a night run here writes no holds.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from jobs import bronze, fused, indicators, silver
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger
from schemas import City

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


class Spread:
    """A list that is mapped and collected, as an RDD is."""

    def __init__(self, items: Sequence[Any]) -> None:
        self.items = items

    def map(self, function: Callable[[Any], Any]) -> "Spread":
        """Every item, at once."""
        return Spread([function(item) for item in self.items])

    def collect(self) -> list[Any]:
        """What was made."""
        return list(self.items)


def session() -> "SparkSession":
    """What `jobs.core.work.run` asks of a session, and nothing else."""
    context = SimpleNamespace(
        setJobDescription=lambda text: None, parallelize=lambda items, slices: Spread(items), defaultParallelism=2
    )  # fmt: skip
    return cast("SparkSession", SimpleNamespace(sparkContext=context))


def night(city: City, lake: Lake, biz_date: date) -> dict[str, int]:
    """The layers of a night but quality; what `indicators` says of itself."""
    for step in (bronze, silver, fused):
        step.run(session, city, lake, biz_date)
    return indicators_of(city, lake, biz_date)


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
