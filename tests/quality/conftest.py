"""One judge: it is slow to make."""

import pytest

from quality.suites import Judge


@pytest.fixture(scope="session")
def judge() -> Judge:
    """great-expectations, ready to judge."""
    return Judge()
