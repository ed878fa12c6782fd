"""Fast tests first: without Spark, then those that share the session, then whole nights. A plugin, `-p tests.order`."""

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Orders what was collected; within one rank the order of files and functions stays."""
    items.sort(key=_rank)


def _rank(item: pytest.Item) -> int:
    if item.get_closest_marker("slow"):
        return 2
    return int("spark" in getattr(item, "fixturenames", ()))
