"""A seeded sample of the soak: `make soak` runs two hundred nights of it."""

from pathlib import Path

import pytest

from jobs import bounds, indicators
from jobs.bounds import Interval
from jobs.core.lake import Lake
from schemas import load_city
from tests.soak import city as soak
from tests.soak import measure, nights

pytestmark = pytest.mark.slow
SEED, DAMAGED = 11, 3


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("soak")


@pytest.fixture(scope="module")
def soaked(folder: Path) -> measure.Soaked:
    return nights.run(folder, DAMAGED, SEED)


def test_the_truth_lies_between_low_and_high(soaked: measure.Soaked) -> None:
    assert soaked.all.cells > 1000
    assert soaked.all.inside >= 0.99, {name: one.inside for name, one in measure.lines(soaked)}


def test_bounds_are_no_wider_than_what_is_missing_allows(soaked: measure.Soaked) -> None:
    assert soaked.all.width <= 2


def test_at_full_coverage_a_value_is_the_truth_and_has_no_width(soaked: measure.Soaked) -> None:
    assert soaked.complete > 1000
    assert (soaked.complete_wrong, soaked.complete_wide) == ([], [])


def test_nothing_below_its_minimum_coverage_is_final(soaked: measure.Soaked) -> None:
    assert soaked.final_below == []


@pytest.mark.usefixtures("soaked")
def test_damage_to_a_source_changes_the_trust_of_what_rests_on_it_and_of_nothing_else(
    folder: Path, tmp_path: Path
) -> None:
    sources = ["water_pressure", "hotline_cases"]
    for source, changed, resting in nights.downstream(tmp_path, folder / "delivered", sources, SEED):
        assert changed == resting, source


@pytest.mark.usefixtures("soaked")
def test_bounds_that_forget_the_silent_are_found_out(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forgetful(inner: Interval, *_: object) -> Interval:
        return inner

    monkeypatch.setattr(bounds, "shared", forgetful)
    truths, again = measure.answers(folder / "delivered"), measure.Soaked()
    with monkeypatch.context() as patch:
        patch.setenv("CITYPULSE_CONF", str(folder / "conf"))
        city, lake, day = load_city(soak.CITY), Lake(folder / "lake" / "all", soak.CITY), soak.day(DAMAGED + 1)
        indicators.run(city, lake, day)
        measure.add(again, city, measure.published(lake, day), truths[str(day)])
    assert again.all.inside < 0.99
