"""The town's sealed nights, made once for every test of a file that looks at a lake."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from jobs import sections
from jobs.core.lake import Lake
from schemas import City
from tests.seal import town


@dataclass(frozen=True)
class Town:
    """The city, its lake, and the root of each edition."""

    city: City
    lake: Lake
    roots: list[str]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Ten sealed nights."""
    with _nights(tmp_path_factory.mktemp("seal"), town.NIGHTS) as one:
        yield one


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """The first three of them."""
    with _nights(tmp_path_factory.mktemp("three"), 3) as one:
        yield one


@contextmanager
def _nights(root: Path, nights: int) -> Iterator[Town]:
    """Sealed nights. The code they rest on is few files here: every edition lists them, and is read very often."""
    few = sections.code()[:3]
    with pytest.MonkeyPatch.context() as patch, town.declared(root) as city:
        patch.setattr(sections, "code", lambda: few)
        patch.setattr(sections, "ROOT", root / "conf")
        lake = Lake(root / "lake", city.id)
        yield Town(city, lake, town.sealed(city, lake, root / "in", nights))
