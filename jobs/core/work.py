"""Work items on Spark: each item is one task, run by DuckDB and Arrow there; the driver gets small results back."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from pyspark.sql import SparkSession

Item = TypeVar("Item")
Result = TypeVar("Result")
MOST = 2000


def run(spark: SparkSession, label: str, function: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """`function` of every item, in the order of `items`; the largest should stand first.

    An item's exception ends the step: a task that can name its failure returns it instead.
    """
    if not items:
        return []
    context = spark.sparkContext
    context.setJobDescription(label)
    spread = context.parallelize(list(enumerate(items)), min(len(items), MOST))
    results = spread.map(lambda pair: (pair[0], function(pair[1]))).collect()
    context.setJobDescription(None)  # type: ignore[arg-type]  # None clears it; the stub says str
    return [result for _, result in sorted(results, key=lambda pair: pair[0])]
