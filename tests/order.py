"""Fast tests first: without Spark, then those that share the session, then whole nights. A plugin, `-p tests.order`.

Where files are shared out between workers the whole nights start first, so that the last worker is not left with them.
"""

import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Orders what was collected; within one rank the order of files and functions stays."""
    items.sort(key=_rank, reverse=hasattr(config, "workerinput"))


def _rank(item: pytest.Item) -> int:
    if item.get_closest_marker("slow"):
        return 2
    return int("spark" in getattr(item, "fixturenames", ()))
