"""Work items on Spark, run by DuckDB and Arrow in its tasks; the driver gets small results back."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from pyspark.sql import SparkSession

Item = TypeVar("Item")
Result = TypeVar("Result")
TASKS_PER_CORE = 16
"""A task costs some 10 ms beside its work: many small items are dealt to fewer tasks, each still a small part."""
COMMITS_AT_ONCE = 4
OURS = "CITYPULSE_"


def run(spark: SparkSession, label: str, function: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """`function` of every item, in the order of `items`; the largest should stand first.

    An item's exception ends the step: a task that can name its failure returns it instead.
    """
    if not items:
        return []
    context = spark.sparkContext
    context.setJobDescription(label)
    tasks = min(len(items), TASKS_PER_CORE * context.defaultParallelism)
    spread = context.parallelize([items[task::tasks] for task in range(tasks)], tasks)
    settings = {name: _absolute(text) for name, text in os.environ.items() if name.startswith(OURS)}
    dealt = spread.map(lambda hand: [_with(settings, function, item) for item in hand]).collect()
    context.setJobDescription(None)  # type: ignore[arg-type]  # None clears it; the stub says str
    return [dealt[number % tasks][number // tasks] for number in range(len(items))]


def together(commit: Callable[[Item], None], items: Iterable[Item]) -> None:
    """Commits of several tables, a few at once in this process: they wait for delta-rs and the disk, not for Python."""
    with ThreadPoolExecutor(COMMITS_AT_ONCE) as pool:
        for _ in pool.map(commit, items):
            pass


def _with(settings: Mapping[str, str], function: Callable[[Item], Result], item: Item) -> Result:
    """The function, knowing the driver's settings and no others: a worker's own environment may be as old as itself."""
    for name in [name for name in os.environ if name.startswith(OURS) and name not in settings]:
        del os.environ[name]
    os.environ.update(settings)
    return function(item)


def _absolute(text: str) -> str:
    return str(Path(text).absolute()) if "/" in text and "://" not in text else text
