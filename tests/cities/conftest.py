"""What tests of invented cities share: a city is a folder of tests/fixtures/cities, and nothing else knows it."""

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from citypulse import asking
from jobs import landing
from jobs.core.lake import Lake
from schemas import City, load_city
from tests.conftest import RunNight

FIXTURES = Path(__file__).parents[1] / "fixtures"
Ring = Sequence[tuple[float, float]]


class Delivered(NamedTuple):
    """A city, its lake, and the folder into which its departments put files."""

    city: City
    lake: Lake
    folder: Path

    def write(self, name: str, lines: Iterable[str], encoding: str = "utf-8") -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(("\r\n".join(lines) + "\r\n").encode(encoding))

    def areas(self, name: str, areas: Sequence[tuple[dict[str, str], Sequence[Ring]]]) -> None:
        """A GeoJSON file of polygons, each with its properties and its rings."""
        features = [
            {"type": "Feature", "properties": said, "geometry": {"type": "Polygon", "coordinates": rings}}
            for said, rings in areas
        ]
        self.write(name, [json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)])

    def land(self, when: str) -> None:
        landing.land(self.city, self.lake, self.folder, landing.delivered_at(when, self.city))

    def values(self, indicator: str, level: str) -> dict[tuple[str, str], float]:
        """Value by place and day."""
        rows = asking.values(self.city, self.lake, indicator, None, level, None, None, None).to_pylist()
        return {(row["place"], row["period"]): row["value"] for row in rows if row["period_kind"] == "day"}

    def sql(self, query: str) -> list[tuple[object, ...]]:
        return [tuple(row.values()) for row in asking.sql(self.lake, query).to_pylist()]


def square(west: float, south: float, east: float, north: float) -> list[tuple[float, float]]:
    """A closed ring, counter-clockwise."""
    return [(west, south), (east, south), (east, north), (west, north), (west, south)]


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Delivered]:
    """An invented city with an empty lake."""

    def made(name: str) -> Delivered:
        monkeypatch.setenv("CITYPULSE_CONF", str(FIXTURES))
        return Delivered(load_city(name), Lake(tmp_path / "lake", name), tmp_path / "delivered")

    return made


__all__ = ["Delivered", "RunNight", "square"]
