"""Counts of people in what stands behind a published value: none that release would withhold, nor what tells of one.

A value is published when each of its terms counts enough people (jobs/release.py). Its parts by delivery and reporter,
and the rows beside it that do not count, need not: those are shown as far as the same threshold allows.
"""

from collections.abc import Hashable, Mapping
from typing import TypeVar

from schemas import City

Key = TypeVar("Key", bound=Hashable)


def threshold(city: City, table: str) -> int:
    """From how many records on a count of a table is shown; 0 of a table whose records name nobody."""
    return city.file.release.k if city.file.release is not None and table in city.named else 0


def alone(count: int | None, k: int) -> int | None:
    """A count that stands by itself; None where it is too small to be shown."""
    return None if count is not None and 0 < count < k else count


def parts(counts: Mapping[Key, int], k: int) -> dict[Key, int | None]:
    """Counts that add up to a number that is shown: None for those too small, and for so many of the smallest others
    that nobody can tell what a hidden one is."""
    hidden = {key for key, count in counts.items() if 0 < count < k}
    for key, count in sorted(counts.items(), key=lambda one: (one[1], str(one[0]))):
        if not hidden or (len(hidden) > 1 and sum(counts[one] for one in hidden) >= k):
            break
        if count:
            hidden.add(key)
    return {key: None if key in hidden else count for key, count in counts.items()}
