"""A stand-in for a Spark session that runs tasks where it stands: for tests of what the layers say, not of Spark."""

from collections.abc import Callable, Sequence
from typing import Any, Generic, Self, TypeVar, cast

from pyspark.sql import SparkSession

Item = TypeVar("Item")
Result = TypeVar("Result")


class Spread(Generic[Item]):
    """A list that is mapped and collected, as an RDD is."""

    def __init__(self, items: Sequence[Item]) -> None:
        self.items = items

    def map(self, function: Callable[[Item], Result]) -> "Spread[Result]":
        return Spread([function(item) for item in self.items])

    def collect(self) -> list[Item]:
        return list(self.items)


class Inline:
    """What jobs.core.work asks of a session, and nothing else."""

    @property
    def sparkContext(self) -> Self:  # noqa: N802  # Spark's name
        return self

    def setJobDescription(self, text: str | None) -> None:  # noqa: N802  # Spark's name
        """Nobody looks."""

    def parallelize(self, items: Sequence[Any], slices: int) -> Spread[Any]:
        return Spread(items)


def session() -> SparkSession:
    """A session without Spark, for steps that only spread tasks: bronze, silver and fused."""
    return cast(SparkSession, Inline())
