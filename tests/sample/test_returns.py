"""Returns and registers of the elements: who may be missing, what is damaged, and what they let be said."""

import json
from collections import defaultdict
from pathlib import Path

import pytest

from jobs.sample import elements
from schemas import load_city

CITY = load_city("lanhai")
DONE = ("sanitation", "greenery", "facilities", "housing")


def test_a_reporter_is_missed_only_once_it_is_known(faulty: Path) -> None:
    planted = json.loads((faulty / "answers" / "faults.json").read_text("utf-8"))
    sources = {one.source for one in elements.returns()}
    nights = {one["night"] for one in planted if one["kind"] == "missing_reporters" and one["source"] in sources}
    assert nights == {2, 3}


def test_a_register_arrives_once_and_undamaged(faulty: Path) -> None:
    planted = json.loads((faulty / "answers" / "faults.json").read_text("utf-8"))
    assert [one for one in planted if one["source"] in elements.registers()] == []
    for one in (one for one in elements.returns() if one.once):
        found = [path.relative_to(faulty).parts[0] for path in faulty.rglob(one.path.format("*"))]
        assert found == ["night-1"]


@pytest.mark.parametrize("element", DONE)
def test_an_element_shows_its_three_faces(element: str) -> None:
    faces = {one.face for one in CITY.indicators.values() if one.element == element}
    assert faces == {"product", "service", "regulation"}


@pytest.mark.parametrize("element", DONE)
def test_no_indicator_of_an_element_says_the_same_everywhere(element: str, clean: Path) -> None:
    said, cells = defaultdict[str, set[str]](set), defaultdict[str, set[tuple[str, str]]](set)
    for line in (clean / "answers" / "values.ndjson").read_text("utf-8").splitlines():
        row = json.loads(line)
        if row["indicator"].startswith(f"{element}."):
            said[row["indicator"]].add(row["value"])
            cells[row["indicator"]].add((row["place"], row["period"]))
    assert {name for name, values in said.items() if len(values) < min(4, len(cells[name]))} == set()
