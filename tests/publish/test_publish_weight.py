"""Three hundred and sixteen indicators over two hundred districts: what the first page loads, and what others do."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from jobs.publish import EditionData, Indicator, Place, Value, bulletin, page
from tests.publish.invented_city import CITY, DAY
from tests.publish.invented_edition import edition

INDICATORS, DISTRICTS = 316, 200
FIRST, MOST = 500_000, 600_000
"""Bytes: of all that the first page opens with, and of any one file of data."""


def big() -> EditionData:
    """An edition of that size: a month of days for the city, a district and an indicator, the last two for the rest."""
    data = edition()
    like = data.indicators["environment.pm25_daily_mean"]
    elements = [element["id"] for element in data.elements]
    names = [f"{elements[n % len(elements)]}.invented_indicator_{n:03}" for n in range(INDICATORS)]
    wards = {f"{339_900_000 + n}": _ward(n) for n in range(DISTRICTS)}
    indicators = {name: _indicator(like, name, n) for n, name in enumerate(names)}
    values = list(_values(data.values[0], names, list(wards)))
    return replace(data, indicators=indicators, places={**data.places, "district": wards}, values=values)


def _ward(n: int) -> Place:
    return Place(name_zh=f"第{n}街区", name_en=f"Ward {n}", parent=CITY)


def _indicator(like: Indicator, name: str, n: int) -> Indicator:
    levels = like["levels"] if n % 10 == 0 else []
    return {**like, "element": name.split(".", maxsplit=1)[0], "headline": n % 8 == 0, "levels": levels}


def _values(like: Value, names: list[str], wards: list[str]) -> Iterator[Value]:
    month = [(DAY - timedelta(days=ago)).isoformat() for ago in range(31)]
    for n, name in enumerate(names):
        for m, place in enumerate([CITY, *wards]):
            level = "city" if place == CITY else "district"
            at: Value = {
                **like,
                "indicator": name,
                "place": place,
                "place_name": place,
                "level": level,
                "n_records": n * m,
            }
            for k, day in enumerate(month if m < 2 or n == 0 else month[:2]):
                value = (n * 7919 + m * 104729 + k * 15485863) % 100_000 / 977
                yield {
                    **at,
                    "period": day,
                    "value": value,
                    "low": value - 1 / 3,
                    "high": value + 1 / 7,
                    "status": "provisional",
                    "coverage": 1 - k / 97,
                    "reasons": ["recent", f"missing_reporters: S{m % 9}"],
                }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("big")
    bulletin.publish(big(), folder)
    return folder


def test_the_first_page_opens_with_few_files_and_little_weight(folder: Path) -> None:
    text = (folder / "index.html").read_text(encoding="utf-8")
    asked = re.findall(r"""<(?:script src|link rel="stylesheet" href)="([^"]+)\"""", text)
    assert len(asked) <= 8
    assert sum((folder / name).stat().st_size for name in asked) + len(text.encode()) < FIRST
    assert page.ECHARTS not in asked


def test_no_other_page_needs_more_than_one_bounded_file_besides(folder: Path) -> None:
    sizes = {path.name: path.stat().st_size for path in (folder / "data").iterdir()}
    assert {name: size for name, size in sizes.items() if size > MOST} == {}
    assert sum(name.startswith("place-") for name in sizes) == DISTRICTS + 1
    heaviest = max(size for name, size in sizes.items() if name.startswith("place-"))
    assert heaviest in (sizes["place-0.js"], sizes["place-1.js"])  # those with a month of every indicator


def test_days_shown_end_with_the_editions_own(folder: Path) -> None:
    assert f'"days":["{date(2031, 2, 7)}"' in (folder / "data" / "city.js").read_text(encoding="utf-8")
