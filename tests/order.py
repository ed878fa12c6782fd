"""Fast tests first: without Spark, then those that share the session, then whole nights. A plugin, `-p tests.order`.

Where files are shared out between workers the whole nights start first, so that the last worker is not left with them;
first of all the file that makes the demo city's nights, and last of them the others that need those, which would wait.
"""

from collections.abc import Collection

import pytest

MADE = "three_nights"
"""What one file makes and others wait for."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Orders what was collected; within one rank the order of files and functions stays."""
    of_file = {item.path: _fixtures(item) for item in items if MADE in _fixtures(item)}
    first = next(iter(of_file), None)
    ranks = {item: 3.0 if item.path == first else _rank(item, item.path in of_file) for item in items}
    items.sort(key=ranks.__getitem__, reverse=hasattr(config, "workerinput"))


def _rank(item: pytest.Item, is_waiting: bool) -> float:
    if item.get_closest_marker("slow"):
        return 1.5 if is_waiting else 2.0
    return float("spark" in _fixtures(item))


def _fixtures(item: pytest.Item) -> Collection[str]:
    found: Collection[str] = getattr(item, "fixturenames", ())
    return found
