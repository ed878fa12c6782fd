"""Fast tests first: without Spark, then those that share the session, then whole nights. A plugin, `-p tests.order`.

Where files are shared out between workers the whole nights start first, so that the last worker is not left with them;
first of all the file that makes the demo city's nights, and last of them the others that need those, which would wait.
"""

from collections.abc import Sequence
from pathlib import Path

import pytest

MADE = "three_nights"
"""What one file makes and others wait for."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Orders what was collected; within one rank the order of files and functions stays."""
    needing = list(dict.fromkeys(item.path for item in items if _uses(item, MADE)))
    items.sort(key=lambda item: _rank(item, needing), reverse=hasattr(config, "workerinput"))


def _rank(item: pytest.Item, needing: Sequence[Path]) -> int:
    if not item.get_closest_marker("slow"):
        return int(_uses(item, "spark"))
    return 3 if item.path not in needing else 4 if item.path == needing[0] else 2


def _uses(item: pytest.Item, fixture: str) -> bool:
    return fixture in getattr(item, "fixturenames", ())
