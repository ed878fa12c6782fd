"""Work items on Spark, run by DuckDB and Arrow in its tasks; the driver gets small results back."""

import atexit
import gc
import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, TypeVar, cast

from jobs.core import cost

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

Session = Callable[[], "SparkSession"]
"""The session, which starts when something first asks for it: a night with nothing to do needs none."""
Item = TypeVar("Item")
Result = TypeVar("Result")
TASKS_PER_CORE = 16
"""A task costs some 10 ms beside its work: many small items are dealt to fewer tasks, each still a small part."""
COMMITS_AT_ONCE = 4
NAMED = 4
"""How many tables a job's description names."""
OURS = "CITYPULSE_"


def run(
    session: Session, label: str, function: Callable[[Item], Result], items: Sequence[Item],
    about: Callable[[Item], str],
) -> list[Result]:  # fmt: skip
    """`function` of every item, in the order of `items`; the largest should stand first.

    `about` names the table that an item is work for. An item's exception ends the step: a task that can name its
    failure returns it instead.
    """
    if not items:
        return []
    context = session().sparkContext
    context.setJobDescription(described(label, map(about, items)))
    tasks = min(len(items), TASKS_PER_CORE * context.defaultParallelism)
    spread = context.parallelize([items[task::tasks] for task in range(tasks)], tasks)
    settings = {name: _absolute(text) for name, text in os.environ.items() if name.startswith(OURS)}
    dealt = spread.map(lambda hand: [_metered(settings, function, item) for item in hand]).collect()
    context.setJobDescription(None)  # type: ignore[arg-type]  # None clears it; the stub says str
    done = [dealt[number % tasks][number // tasks] for number in range(len(items))]
    for item, (_, spent) in zip(items, done, strict=True):
        cost.in_task(about(item), spent)
    return [result for result, _ in done]


class _Spread:
    """A list that is mapped and collected, as an RDD is."""

    def __init__(self, items: Sequence[Any]) -> None:
        self.items = items

    def map(self, function: Callable[[Any], Any]) -> "_Spread":
        """Every item, at once."""
        return _Spread([function(item) for item in self.items])

    def collect(self) -> list[Any]:
        """What was made."""
        return list(self.items)


def here() -> "SparkSession":
    """In place of a session: tasks run one after the other in this process. It has what `run` asks for, no more."""
    context = SimpleNamespace(
        setJobDescription=lambda text: None, parallelize=lambda items, slices: _Spread(items), defaultParallelism=2
    )  # fmt: skip
    return cast("SparkSession", SimpleNamespace(sparkContext=context))


def described(step: str, tables: Iterable[str]) -> str:
    """What Spark is told that a job is for: the step, and the tables it works on."""
    names = sorted(set(tables))
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"{step}: {', '.join(names[:NAMED])}{more}"


def together(commit: Callable[[str], None], keys: Iterable[str]) -> None:
    """Commits of several tables, a few at once in this process: they wait for delta-rs and the disk, not for Python."""

    def timed(key: str) -> tuple[str, float]:
        started = time.perf_counter()
        commit(key)
        return key, time.perf_counter() - started

    with ThreadPoolExecutor(COMMITS_AT_ONCE) as pool:
        for key, seconds in pool.map(timed, keys):
            cost.on_driver(key, seconds)


def _metered(settings: Mapping[str, str], function: Callable[[Item], Result], item: Item) -> tuple[Result, cost.Cost]:
    meter = cost.Meter()
    result = _with(settings, function, item)
    _keep(os.getpid())
    return result, meter.read()


@cache
def _keep(process: int) -> None:
    """What a process has after its first item is no garbage: a worker of Spark's looks for some after every task, and
    going through all that was imported takes it longer than most tasks."""
    gc.collect()
    gc.freeze()
    atexit.register(gc.unfreeze)  # or extensions say at the end that what was kept has leaked


def _with(settings: Mapping[str, str], function: Callable[[Item], Result], item: Item) -> Result:
    """The function, knowing the driver's settings and no others: a worker's own environment may be as old as itself."""
    for name in [name for name in os.environ if name.startswith(OURS) and name not in settings]:
        del os.environ[name]
    os.environ.update(settings)
    return function(item)


def _absolute(text: str) -> str:
    return str(Path(text).absolute()) if "/" in text and "://" not in text else text
