"""Work items on Spark: each item is one task, run by DuckDB and Arrow there; the driver gets small results back."""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from pyspark.sql import SparkSession

Item = TypeVar("Item")
Result = TypeVar("Result")
MOST = 2000
OURS = "CITYPULSE_"


def run(spark: SparkSession, label: str, function: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """`function` of every item, in the order of `items`; the largest should stand first.

    An item's exception ends the step: a task that can name its failure returns it instead.
    """
    if not items:
        return []
    context = spark.sparkContext
    context.setJobDescription(label)
    spread = context.parallelize(list(enumerate(items)), min(len(items), MOST))
    settings = {name: _absolute(text) for name, text in os.environ.items() if name.startswith(OURS)}
    results = spread.map(lambda pair: (pair[0], _with(settings, function, pair[1]))).collect()
    context.setJobDescription(None)  # type: ignore[arg-type]  # None clears it; the stub says str
    return [result for _, result in sorted(results, key=lambda pair: pair[0])]


def _with(settings: Mapping[str, str], function: Callable[[Item], Result], item: Item) -> Result:
    """The function, knowing the driver's settings and no others: a worker's own environment may be as old as itself."""
    for name in [name for name in os.environ if name.startswith(OURS) and name not in settings]:
        del os.environ[name]
    os.environ.update(settings)
    return function(item)


def _absolute(text: str) -> str:
    return str(Path(text).absolute()) if "/" in text and "://" not in text else text
