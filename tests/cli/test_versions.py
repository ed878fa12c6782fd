"""`citypulse values --definition`: versions of a definition beside each other, in force or not."""

import json
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from citypulse import asking
from jobs import versions
from jobs.core.errors import Problem
from jobs.core.lake import Lake
from schemas import City, load_city
from tests import inline
from tests.commands import citypulse
from tests.engine import toy
from tests.engine.toy import TABLE, Trip

DAYS = [date(2024, 10, 1) + timedelta(days=n) for n in range(10)]
OLD, NEW = DAYS[0].isoformat(), DAYS[6].isoformat()
TRIPS = {"terms": {"n": {"count": TABLE}}, "value": "n", "unit": "trip", "periods": ["day", "month"]}
SOME = {"terms": {"n": {"count": TABLE, "where": "kind = 'x'"}}}
BOTH = TRIPS | SOME | {"effective_from": DAYS[6], "earlier": [{"effective_from": DAYS[0], "terms": TRIPS["terms"]}]}
TRIPLE = {"terms": {"n": {"indicator": "transport.trips"}}, "value": "n", "unit": "trip", "periods": ["day"]}
NAME = "transport.trips"
Made = tuple[Path, City, Lake, list[Trip]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One night of a city whose indicator has two versions."""
    folder = tmp_path_factory.mktemp("versions")
    with pytest.MonkeyPatch.context() as patch:
        city, lake = toy.city(folder / "conf", patch, {"trips": BOTH, "again": TRIPLE}), Lake(folder / "lake", "toy")
        rows = toy.trips(Random(41), DAYS, 200)
        toy.deliver(lake, city, rows, DAYS, DAYS[-1])
        inline.fused_of(city, lake, DAYS[-1])
        inline.indicators_of(city, lake, DAYS[-1])
        yield folder, city, lake, rows


def by(made: Made, *asked: str, indicator: str = NAME, period: str | None = None) -> list[dict[str, Any]]:
    _, city, lake, _ = made
    table = asking.values(city, lake, indicator, None, "city", period, "all", None, asked)
    rows: list[dict[str, Any]] = table.to_pylist()
    return rows


def counts(made: Made, kinds: str) -> dict[str, int]:
    return {day.isoformat(): len([one for one in made[3] if one.day == day and one.kind in kinds]) for day in DAYS}


def test_every_period_is_shown_by_the_version_asked_for(made: Made) -> None:
    days = f"{DAYS[0]}..{DAYS[-1]}"
    for version, kinds in ((OLD, "xyz"), (NEW, "x")):
        rows = by(made, version, period=days)
        assert {row["period"]: row["value"] for row in rows} == counts(made, kinds)
        assert {row["definition_version"] for row in rows} == {version}


def test_versions_stand_under_one_another(made: Made) -> None:
    first = [(row["definition_version"], row["value"]) for row in by(made, OLD, NEW, period=OLD)]
    assert first == [(OLD, counts(made, "xyz")[OLD]), (NEW, counts(made, "x")[OLD])]
    assert by(made, "all") == by(made, OLD, NEW)
    assert len({row["value"] for row in by(made, "all", period="2024-10")}) == 2


def test_what_is_not_in_force_says_so_and_is_never_final(made: Made) -> None:
    for row in by(made, "all", period=f"{DAYS[0]}..{DAYS[-1]}"):
        in_force = row["definition_version"] == (NEW if row["period"] >= NEW else OLD)
        assert (versions.NOT_IN_FORCE in (row["reasons"] or "")) is not in_force
        assert in_force or row["status"] == "provisional"


def test_what_is_published_stays_as_it_is(made: Made) -> None:
    published = made[2].version("indicators.values")
    usual = [row for row in by(made, "all") if versions.NOT_IN_FORCE not in (row["reasons"] or "")]
    assert usual == by(made)
    assert made[2].version("indicators.values") == published


def test_what_only_one_version_says_is_shown_by_that_one(made: Made) -> None:
    only = load_city("toy").indicators["transport.again"].version
    assert by(made, only, indicator="transport.again") == by(made, indicator="transport.again")


def test_a_version_that_was_published_and_is_gone_is_still_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake, rows = Lake(tmp_path / "lake", "toy"), toy.trips(Random(42), DAYS, 100)
    for number, version in enumerate((TRIPS | {"effective_from": DAYS[0]}, TRIPS | SOME | {"effective_from": DAYS[1]})):
        city = toy.city(tmp_path / "conf", monkeypatch, {"trips": version})
        night = DAYS[-1] + timedelta(days=number)
        toy.deliver(lake, city, rows, DAYS, night, version=number)
        inline.fused_of(city, lake, night)
        inline.indicators_of(city, lake, night)
    made = (tmp_path, city, lake, rows)
    last = DAYS[-1].isoformat()
    found = {row["definition_version"]: row["value"] for row in by(made, "all", period=last)}
    assert found == {OLD: counts(made, "xyz")[last], DAYS[1].isoformat(): counts(made, "x")[last]}
    then = versions.side_by_side(city, lake, city.indicators[NAME], [f"period = '{last}'"], DAYS[-1], ["all"])
    assert set(then["definition_version"].to_pylist()) == {OLD}


def test_an_indicator_that_no_night_has_made_is_worked_out_of_terms_that_are_there_and_of_no_others(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A term that was never made would count nothing, and nothing is not zero."""
    few, other = TRIPS | SOME | {"effective_from": DAYS[0]}, {"terms": {"n": {"count": TABLE, "where": "kind = 'y'"}}}
    city = toy.city(tmp_path, monkeypatch, {"trips": BOTH, "few": few, "other": few | other})
    days = f"{DAYS[0]}..{DAYS[-1]}"
    rows = by((made[0], city, made[2], made[3]), "all", indicator="transport.few", period=days)
    assert {row["period"]: row["value"] for row in rows} == counts(made, "x")
    assert {row["status"] for row in rows} == {"provisional"}
    assert all(row["reasons"].endswith(versions.NOT_IN_FORCE) for row in rows)
    with pytest.raises(Problem, match="no night has made the term .* where kind = 'y'. yet"):
        by((made[0], city, made[2], made[3]), "all", indicator="transport.other", period=days)


@pytest.mark.parametrize(
    ("indicator", "said"),
    [
        (NAME, f"--definition 2020-02-02: no version of transport.trips; there is: {OLD}, {NEW}"),
        (None, "--definition goes with --indicator"),
    ],
)
def test_a_version_that_there_is_not_is_refused(made: Made, indicator: str | None, said: str) -> None:
    with pytest.raises(Problem, match=said):
        asking.values(made[1], made[2], indicator, None, None, None, None, None, ["2020-02-02"])


def test_the_command_takes_the_option_more_than_once(made: Made) -> None:
    folder, _, lake, _ = made
    words = ["values", "--city", "toy", "--indicator", NAME, "--level", "city", "--segment", "all", "--period", OLD,
             "--format", "json", "--definition", OLD, "--definition", NEW]  # fmt: skip
    code, out, error = citypulse(lake.root.parent, *words, CITYPULSE_CONF=str(folder / "conf"))
    assert (code, error) == (0, "")
    assert json.loads(out) == by(made, OLD, NEW, period=OLD)
