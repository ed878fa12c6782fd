"""`why` on nights of corrections: what it says against a plain model of the deliveries, and what it finds out."""

import json
import re
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pyarrow.compute as pc
import pytest

from citypulse import serving
from citypulse.commands import serve
from citypulse.commands import why as explaining
from jobs import edition, moves, revisions, said, silver, touched, why
from jobs.behind import cell, vintage
from jobs.behind.vintage import Vintage
from jobs.core.errors import CriticalFailure, Problem
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger
from jobs.why import Answer
from schemas import City
from tests import inline
from tests.publish.headless import BINARY, Chromium
from tests.soak import changes
from tests.soak.world import FIRST, ZONE, Delivery, Model, World

pytestmark = pytest.mark.slow
SEED, NIGHTS, EACH, WINDOWS = 5, 3, 2, 15
HELD_IN = 3
"""Nights, the last of which holds a day; how many values of each indicator, and of a week's window, are verified."""
RIDES, RIDERS = "general.mini_rides", "general.mini_rides_per_resident"
MONTH = "2025-03"
BEHIND = """new Promise(done => {
    const told = () => document.querySelector('#behind code') && document.querySelector('#behind').innerText;
    const look = () => (told() ? done(told()) : setTimeout(look, 50));
    look();
})"""


@dataclass
class Town:
    """Nights of the invented city, each with its edition; the last holds a day that says something new."""

    city: City
    lake: Lake
    root: Path
    landed: dict[int, list[Delivery]]
    held: date

    def known(self, night: int = NIGHTS) -> Vintage:
        """What an edition knew."""
        return vintage.of(self.city, self.lake, changes.day(night))

    def why(self, *asked: str, night: int = NIGHTS, verify: bool = False) -> Answer:
        """What stands behind a value."""
        known = self.known(night)
        return why.answer(known, *cell.find(known, *asked), verify=verify)

    def copy(self, to: Path) -> "Town":
        """The same in another lake, to spoil."""
        shutil.copytree(self.lake.root, to / self.lake.city)
        return Town(self.city, Lake(to, self.lake.city), to, self.landed, self.held)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    root = tmp_path_factory.mktemp("why")
    world, landed = World(Random(SEED)), list[Delivery]()
    by_night: dict[int, list[Delivery]] = {}
    with changes.declared(root) as city:
        lake = Lake(root / "lake", changes.CITY)
        for night in range(1, NIGHTS + 1):
            sent = (world.first() if night == 1 else []) + world.night(night)
            sent += [_late(landed)] if night == HELD_IN else []
            for at, one in enumerate(sent):
                changes.land(city, lake, one, root / "in" / f"{night}-{at}")
            landed += sent
            by_night[night] = list(landed)
            if night == HELD_IN:
                hold(lake, changes.day(night), ride_days(by_night[night - 1])[-1])
            inline.night(city, lake, changes.day(night))
            edition.run(city, lake, changes.day(night))
        yield Town(city, lake, root, by_night, ride_days(by_night[HELD_IN - 1])[-1])


def _late(landed: list[Delivery]) -> Delivery:
    """One more ride on the newest day of which there are any."""
    at = changes.day(HELD_IN)
    day = ride_days(landed)[-1]
    ride = ("late", f"{day} 12:00:00", "1000", "5.00", "v1", "s1", "")
    sent = min(one.at for one in landed).replace(day=at.day + 1)
    return Delivery("rides", "rides/late.csv", sent, (ride,))


def hold(lake: Lake, night: date, day: date) -> None:
    row = {"biz_date": night, "table": "silver.rides", "day": str(day), "is_held": True, "rule": "few", "why": "few"}
    Ledger(lake).put("holds", [row], biz_date=[night])


def rides(landed: list[Delivery]) -> list[date]:
    """The local day of every ride there must be."""
    return [row[1].astimezone(ZONE).date() for row in Model(landed).table("rides")]  # type: ignore[attr-defined]  # an instant


def ride_days(landed: list[Delivery]) -> list[date]:
    return sorted(set(rides(landed)))


def offered(landed: list[Delivery]) -> int:
    return sum(count for file, count in Model(landed).offered.items() if file.startswith("rides/"))


@pytest.mark.parametrize("night", range(1, HELD_IN))
def test_what_is_used_and_not_used_is_what_the_files_held_in_every_edition(town: Town, night: int) -> None:
    answer = town.why(RIDES, "mini", MONTH, night=night)
    (term,) = answer.terms
    assert term["used"] == answer.said["n_records"] == len(rides(town.landed[night]))
    assert term["used"] + sum(one["records"] for one in term["not_used"]) == offered(town.landed[night])
    assert all(one["reason"] in WHY.get(one["part"], ("",)) for one in term["not_used"])


WHY = {
    "rejected": ("malformed", "range:fare", "required:ride_id"), "out_of_scope": ("where",),
    "duplicate": ("said_before", "same_delivery", "unchanged_day"), "superseded": ("said_before", "same_delivery"),
}  # fmt: skip


def test_a_window_knows_who_was_due_on_its_first_day(town: Town) -> None:
    """Reporters are due for a week after they were seen, and the window looks back a week."""
    known, wrong = town.known(), []
    rows = town.lake.arrow("indicators.current").to_pylist()
    rows = [row for row in rows if row["indicator"] == "general.mini_water_week" and row["period"] >= "2025-03-21"]
    rows.sort(key=lambda row: [str(row[name]) for name in changes.KEY])
    for row in Random(SEED).sample(rows, WINDOWS):
        asked = [row[name] for name in ("indicator", "place", "period", "segment", "level")]
        answer = why.answer(known, *cell.find(known, *asked), verify=True)
        wrong += [(asked, one.line) for one in answer.differences or ()]
    assert wrong == []


def test_the_records_of_a_value_read_again_from_landing_give_it_exactly(town: Town) -> None:
    known, wrong, kinds = town.known(), [], set()
    rows = town.lake.arrow("indicators.current").to_pylist()
    rows.sort(key=lambda row: [str(row[name]) for name in changes.KEY])
    Random(SEED).shuffle(rows)
    by: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by.setdefault(row["indicator"], []).append(row)
    for row in (one for found in by.values() for one in found[:EACH]):
        asked = [row[name] for name in ("indicator", "place", "period", "segment", "level")]
        answer = why.answer(known, *cell.find(known, *asked), rows=True, verify=True)
        kinds |= {term["kind"] for term in answer.terms}
        wrong += [(asked, one.line) for one in answer.differences or ()]
        if answer.unverified is None and not any(town.held.isoformat() in note for note in answer.notes):
            used = [one for one in answer.rows.to_pylist() if not one["why"]] if answer.rows is not None else []
            assert len(used) == sum(term["used"] for term in answer.terms if "used" in term)
        else:
            assert row["status"] in ("stale", "withheld") or "held" in str(answer.unverified)
    assert wrong == []
    assert kinds == {"count", "sum", "indicator", "distinct", "last", "percentile"}


def test_an_earlier_edition_is_verified_by_its_own_rows(town: Town) -> None:
    history = town.lake.arrow_where("indicators.values", pc.field("edition") < str(changes.day(HELD_IN)))
    assert history is not None
    told: dict[tuple[str, ...], dict[str, float | None]] = {}
    for row in history.to_pylist():
        if row["level"] == "city" and row["period_kind"] == "day" and row["indicator"] in (RIDES, "general.mini_water"):
            told.setdefault((row["indicator"], row["place"], row["period"]), {})[row["edition"]] = row["value"]
    asked, editions = next((one, by) for one, by in sorted(told.items()) if len({*by.values()} - {None}) > 1)
    for day, value in editions.items():
        answer = town.why(*asked, night=1 + (date.fromisoformat(day) - FIRST).days, verify=True)
        assert (answer.differences, answer.said["value"]) == ([], value)
        assert answer.terms[0]["used"] == answer.said["n_records"]


def test_what_counted_on_a_day_is_what_silver_would_take_for_it_now(town: Town) -> None:
    known, compared = town.known(), 0
    for key, spoken in silver.spoken_of(known.ledger).items():
        same = touched.repeated(town.city, key, known.order, known.words)
        moved = moves.of_table(town.lake, town.city.tables[key], [], sorted({one for _, one, _ in spoken}))
        speaking = silver.speakers(town.city, key, known.order, spoken, same, moved.standing)
        for day, by_delivery in speaking.items():
            assert known.settled(key, day).took_part == by_delivery.keys(), (key, day)
            assert {one: rank for one, (rank, _) in by_delivery.items()}.items() <= known.ranks.items()
            compared += 1
    assert compared > 20


def test_a_stale_value_is_explained_by_the_edition_that_made_it(town: Town) -> None:
    answer = town.why(RIDES, "mini", str(town.held), verify=True)
    good = rides(town.landed[HELD_IN - 1]).count(town.held)
    assert (answer.said["status"], answer.said["value"], answer.terms[0]["used"]) == ("stale", good, good)
    assert answer.differences == []
    good_in = answer.said["reasons"].split("last good ")[1][:10]
    assert good_in < str(changes.day(HELD_IN))
    assert f"stale: held by quality; value, terms and rows are those of edition {good_in}" in answer.notes


def test_a_longer_period_with_a_held_day_says_that_it_cannot_be_verified(town: Town) -> None:
    answer = town.why(RIDES, "mini", MONTH, verify=True)
    assert answer.unverified == f"not verified: silver.rides of {town.held} is held by quality"
    assert answer.differences is None


def test_a_flipped_byte_in_landing_is_named_also_where_the_record_says_the_same(town: Town, tmp_path: Path) -> None:
    other = town.copy(tmp_path)
    day = str(ride_days(town.landed[1])[0])
    file = _landed(other, RIDES, day)
    before = file.read_bytes()
    assert other.why(RIDES, "mini", day, verify=True).differences == []
    file.write_bytes(before[:-1] + b" ")
    found = other.why(RIDES, "mini", day, verify=True).differences
    assert found is not None
    assert [one.where for one in found] == [str(file)]
    assert found[0].found.startswith("an altered file: sha256 ")
    file.write_bytes(before)
    assert other.why(RIDES, "mini", day, verify=True).differences == []
    file.unlink()
    (gone,) = other.why(RIDES, "mini", day, verify=True).differences or []
    assert (gone.where, gone.found) == (str(file), "no file")


def _landed(town: Town, *asked: str) -> Path:
    (term,) = town.why(asked[0], "mini", asked[1]).terms
    chosen = next(one for one in term["deliveries"] if one["used"])
    row = town.known().deliveries[chosen["delivery_id"]]
    return town.lake.root / str(row["path"])


def test_a_stored_term_that_is_not_what_landing_says_is_named(town: Town, tmp_path: Path) -> None:
    other = town.copy(tmp_path)
    day = ride_days(town.landed[1])[0]
    mine = (pc.field("table") == "silver.rides") & (pc.field("term") == "silver.rides") & (pc.field("_day") == str(day))
    rows = other.lake.arrow_where("fused.terms", mine)
    assert rows is not None
    more = rows.set_column(rows.column_names.index("n"), "n", pc.add(rows["n"], 1))
    other.lake.replace("fused.terms", more, f"\"table\" = 'silver.rides' AND term = 'silver.rides' AND _day = '{day}'")
    inline.complete(other.lake, changes.day(NIGHTS))
    found = other.why(RIDES, "mini", str(day), verify=True).differences
    assert found is not None
    first = found[0]
    assert first.where.startswith(f"{RIDES}: term n (silver.rides), n at {day}")
    assert int(first.expected) == int(first.found) + 1
    assert {f"{RIDES}: {name} of the terms" for name in ("value", "n_records")} < {one.where for one in found[1:]}


def test_a_row_that_silver_lost_is_missed(town: Town, tmp_path: Path) -> None:
    other = town.copy(tmp_path)
    day = ride_days(town.landed[1])[0]
    rows = other.lake.arrow_where("silver.rides", pc.field("_day") == str(day))
    assert rows is not None
    other.lake.delete("silver.rides", f"_day = '{day}' AND ride_id = '{rows['ride_id'][0]}'")
    inline.complete(other.lake, changes.day(NIGHTS))
    found = other.why(RIDES, "mini", str(day), verify=True).differences
    assert found is not None
    assert all(f"{RIDES}: term n" in one.where for one in found)
    assert found


def test_a_term_of_another_indicator_shows_its_values(town: Town) -> None:
    answer = town.why("general.mini_water_change", "mini", str(FIRST), verify=True)
    assert [term["indicator"] for term in answer.terms] == ["general.mini_water"] * 2
    assert [one["period"] for term in answer.terms for one in term["values"]][:1] == [str(FIRST)]
    assert answer.differences == []


def test_the_triangle_is_what_each_edition_said(town: Town) -> None:
    known = town.known()
    one, _ = cell.find(known, RIDES, "mini", MONTH)
    rows = revisions.triangle(known.lake, one.sql(), known.night).to_pylist()
    told: dict[str, Any] = {row["edition"]: row["value"] for row in rows}
    for night in range(1, NIGHTS + 1):
        with said.by(town.lake, changes.day(night)) as connection:
            ((value,),) = connection.sql(f"SELECT value FROM said WHERE {one.sql()}").fetchall()
        last = max(edition for edition in told if edition <= str(changes.day(night)))
        assert told[last] == value
    first, *others = [row["cause"] for row in rows]
    assert first == "first"
    assert set(others) <= {"running", "hold", "trust"}


def test_a_served_page_is_told_the_same_by_every_edition(town: Town) -> None:
    told, day = serve.behind(town.city, town.lake), str(ride_days(town.landed[1])[0])
    for night in range(1, NIGHTS + 1):
        expected = json.dumps(town.why(RIDES, "mini", day, night=night).data(), default=str)
        assert told(str(changes.day(night)), RIDES, "mini", day) == json.loads(expected)
    refused = told(str(changes.day(1)), RIDES, "atlantis", day)
    assert str(refused["problem"]).startswith(f"{RIDES} has no value of 'atlantis'")


@pytest.mark.skipif(BINARY is None, reason="chromium is not installed (Debian: apt-get install chromium)")
def test_the_page_of_a_value_shows_what_stands_behind_it_where_it_is_served(town: Town, tmp_path: Path) -> None:
    day = str(ride_days(town.landed[1])[0])
    editions = town.lake.root / "editions"
    made = serving.server(editions, "mini", 0, serve.behind(town.city, town.lake))
    page, value = f"{changes.day(NIGHTS)}/indicator.html", f"#id={RIDES}&place=mini&period={day}"
    with made, Chromium(tmp_path / "profile") as browser:
        threading.Thread(target=made.serve_forever, daemon=True).start()
        browser.open(f"http://127.0.0.1:{made.server_port}/{page}", width=1280, query=f"?lang=en{value}")
        shown = browser.run(BEHIND)
        browser.open(editions / page, width=1280, query=f"?lang=en{value}")
        from_disk = browser.run(BEHIND)
        assert browser.errors == []
        made.shutdown()
    (term,) = town.why(RIDES, "mini", day).terms
    assert f"n = {term['number']}" in shown
    assert re.search(rf"Used\s+{term['used']} records?\n", shown)
    assert all(one["sha256"][:12] in shown for one in term["deliveries"])
    command = f"citypulse why --city mini {RIDES} mini {day} --as-of {changes.day(NIGHTS)}"
    assert command in shown
    assert command in from_disk


def test_the_command_prints_the_answer_and_ends_as_the_verification_does(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    other, day = town.copy(tmp_path), str(ride_days(town.landed[1])[0])
    monkeypatch.setenv("CITYPULSE_LAKE", str(tmp_path))
    explaining.why("mini", RIDES, "Mini", day, verify=True, rows=True, format_="json")
    shown = json.loads(capsys.readouterr().out)
    assert (shown["verified"], shown["said"]["value"]) == (
        {"exact": True, "differences": []},
        shown["terms"][0]["used"],
    )
    assert len([row for row in shown["rows"] if not row["why"]]) == shown["terms"][0]["used"]
    with pytest.raises(Problem, match="not verified: silver.rides of .* is held by quality"):
        explaining.why("mini", RIDES, "mini", MONTH, verify=True)
    file = _landed(other, RIDES, day)
    file.write_bytes(file.read_bytes() + b"\n")
    with pytest.raises(CriticalFailure, match=f"why --verify: {file}: found an altered file"):
        explaining.why("mini", RIDES, "mini", day, verify=True)
    assert f"differs     {file}" in capsys.readouterr().out
    explaining.revisions("mini", RIDES, "mini", day, as_of=str(changes.day(3)), format_="csv")
    assert '"first"' in capsys.readouterr().out


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (("general.mini", "mini", MONTH), "'general.mini' does not apply to mini; there is: general.mini_mean_fare"),
        ((RIDES, "mini", "March"), "'March': expected a period, as 2020-04-01"),
        ((RIDES, "atlantis", MONTH), "has no value of 'atlantis' in 2025-03; there is: d1, d2, mini"),
        ((RIDES, "mini", "2031-01"), "has no value of 2031-01; `citypulse values --indicator general.mini_rides`"),
        ((RIDES, "mini", MONTH, "peak"), "for segment 'peak'; there is: all"),
    ],
)
def test_a_value_that_there_is_not_is_refused(town: Town, asked: tuple[str, ...], message: str) -> None:
    with pytest.raises(Problem, match=message):
        cell.find(town.known(), *asked)
