"""Killed nights, full and read-only disks, two nights at once: a seeded sample; `make soak` kills two hundred."""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from jobs import fused, landing, maintenance, said
from jobs.core import attempt, events, vault
from jobs.core import disk as files
from jobs.core.errors import CriticalFailure, Problem
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger
from jobs.night import STEPS, Night, run
from schemas import load_city
from tests.commands import citypulse
from tests.soak import processes, town
from tests.soak.__main__ import put
from tests.soak.crashes import Trials

pytestmark = pytest.mark.slow
KILLS, SEED = 8, 7
MEGABYTE = 1 << 20
NIGHT = ("night", "--city", town.CITY, "--biz-date", str(town.NIGHTS[2]))
Disk = Callable[[str], None]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("town")
    town.declare(folder / "conf")
    town.deliver(folder / "delivered")
    return folder


@pytest.fixture(scope="module")
def settled(root: Path) -> Iterator[Path]:
    with town.settings(root):
        yield root


@pytest.fixture(scope="module")
def first(settled: Path) -> Lake:
    """The town after its first night."""
    lake = Lake(settled / "first", town.CITY)
    town.run(lake, settled / "delivered", 1)
    return lake


@pytest.fixture(scope="module")
def both(settled: Path, first: Lake) -> dict[str, str]:
    """Every table after both nights, undisturbed."""
    lake = _copied(first, settled / "both")
    town.run(lake, settled / "delivered", 2)
    return town.digests(lake)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """A disk of its own at `<tmp_path>/disk`, and how to mount it otherwise."""
    place = tmp_path / "disk"
    place.mkdir()

    def mount(*words: str) -> None:
        said = subprocess.run(["mount", *words, str(place)], capture_output=True, text=True, check=False)
        if said.returncode != 0:
            pytest.skip(f"a small disk needs the right to mount one (run as root): {said.stderr.strip()}")

    mount("-t", "tmpfs", "-o", "size=64m", "tmpfs")
    yield lambda options: mount("-o", f"remount,{options}")
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def _copied(lake: Lake, to: Path) -> Lake:
    shutil.copytree(lake.root, to / town.CITY)
    return Lake(to, town.CITY)


def test_a_killed_night_is_healed_by_a_plain_rerun(tmp_path: Path) -> None:
    crashed = Trials(tmp_path).run(KILLS, SEED, print)
    assert crashed.differ == []
    assert crashed.kills == KILLS
    assert len(crashed.killed) >= 4


@pytest.mark.parametrize("free", [0, 40_000, 150_000, 300_000, 450_000])
def test_a_full_disk_is_one_line_and_a_rerun_with_space_heals(
    tmp_path: Path, settled: Path, first: Lake, both: dict[str, str], disk: Disk, free: int
) -> None:
    lake = _copied(first, tmp_path / "disk")
    used = shutil.disk_usage(tmp_path / "disk").used
    disk(f"size={used + free}")
    with pytest.raises(Problem) as refusal:
        town.run(lake, settled / "delivered", 2)
    assert "there is no space left on the device; nothing is damaged: free some" in str(refusal.value)
    assert str(lake.root) in str(refusal.value)
    assert "\n" not in str(refusal.value)
    disk("size=64m")
    town.run(lake, settled / "delivered", 2)
    assert town.digests(lake) == both


def test_a_full_disk_ends_a_command_with_exit_code_2(tmp_path: Path, settled: Path, disk: Disk) -> None:
    (tmp_path / "disk" / "filler").write_bytes(b"0" * MEGABYTE)
    disk("size=1m")
    code, _, error = citypulse(tmp_path / "disk", "land", "--city", town.CITY, "--from", str(settled / "delivered"))
    assert code == 2
    assert "there is no space left on the device" in error
    assert len(error.splitlines()) == 1


@pytest.mark.parametrize("words", [("land", "--city", town.CITY, "--from", "delivered"), NIGHT])
def test_a_read_only_lake_is_one_line_and_nothing_is_changed(
    tmp_path: Path, settled: Path, first: Lake, disk: Disk, words: tuple[str, ...]
) -> None:
    lake = _copied(first, tmp_path / "disk")
    landing.land(load_city(town.CITY), lake, settled / "delivered" / "night-2", datetime(2025, 5, 13, 18, tzinfo=UTC))
    shutil.copytree(settled / "delivered", tmp_path / "disk" / "delivered")
    before = town.digests(lake)
    disk("ro")
    code, out, error = citypulse(tmp_path / "disk", *words)
    assert (code, out) == (2, "")
    assert error == (
        f"citypulse: {lake.root}: the file system is read-only; nothing is damaged: "
        "mount it writable, then run the same again\n"
    )
    assert town.digests(lake) == before


def test_a_second_night_is_told_of_the_first_in_one_line(tmp_path: Path, settled: Path, first: Lake) -> None:
    lake = _copied(first, tmp_path)
    landing.land(load_city(town.CITY), lake, settled / "delivered" / "night-2", datetime(2025, 5, 13, 18, tzinfo=UTC))
    with attempt.hold(lake.root, "night", "the night of jingyuan"):
        code, _, error = citypulse(tmp_path, *NIGHT)
    assert code == 2
    assert f"{lake.root}: the night of jingyuan, process " in error
    assert "is at work here; wait for it or end it" in error
    assert len(error.splitlines()) == 1


def test_a_night_begun_again_and_killed_is_not_complete(tmp_path: Path, settled: Path, first: Lake) -> None:
    """Or what was delivered in between would be in no edition, and no later night would look at it."""
    from jobs import work_days

    ledger = Ledger(_copied(first, tmp_path))
    night = town.NIGHTS[1]
    assert work_days.is_complete(ledger, night)
    begun = {"attempt": "late", "step": "silver", "started_at": datetime.now(UTC), "outcome": work_days.STARTED}
    ledger.add("steps", [begun | {"biz_date": night, "table": None, "seconds": 0.0, "detail": ""}])
    assert not work_days.is_complete(ledger, night)
    assert work_days.last_done(ledger, town.NIGHTS[2]) < night


@pytest.mark.parametrize("ended", ["failed", "never began"])
def test_no_submit_of_a_night_goes_on_after_a_layer_that_was_not_done_and_a_rerun_heals(
    tmp_path: Path, settled: Path, first: Lake, both: dict[str, str], monkeypatch: pytest.MonkeyPatch, ended: str
) -> None:
    """A profile may cut the night into submits, of which one may not even start: what rests on it is not sealed."""
    lake, number = _copied(first, tmp_path), 2
    city, day = load_city(town.CITY), town.NIGHTS[number]
    at = landing.delivered_at(town.LANDED[number], city)
    landing.land(city, lake, settled / "delivered" / f"night-{number}", at)
    one = Night(city, lake, day)
    with town.without_spark(), monkeypatch.context() as broken:
        for step in ("bronze", "silver", "quality"):
            run(one, [step])
        if ended == "failed":
            broken.setattr(fused, "run", lambda *_: [][0])
            with pytest.raises(CriticalFailure, match="fused failed: IndexError"):
                run(one, ["fused"])
        with pytest.raises(CriticalFailure, match="indicators skipped: fused was not done"):
            run(one, ["indicators"])
        run(one, ["edition"])
    assert not one.is_sealed
    town.run(lake, settled / "delivered", number)
    assert town.digests(lake) == both


def test_what_a_landing_that_was_killed_said_is_forgotten(
    tmp_path: Path, settled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rebuild from landing would take the file as delivered when nobody registered it."""
    city, lake, at = load_city(town.CITY), Lake(tmp_path, town.CITY), datetime(2025, 5, 12, 18, tzinfo=UTC)
    folder = settled / "delivered" / "night-1"

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "add", killed)
        with pytest.raises(KeyboardInterrupt):
            landing.land(city, lake, folder, at)
    landing.land(city, lake, folder, at + timedelta(hours=1))
    again = Lake(tmp_path / "again", town.CITY)
    landing.land(city, again, lake.root / "landing", at + timedelta(days=9))
    assert again.arrow("ops.deliveries").sort_by("delivery_id") == lake.arrow("ops.deliveries").sort_by("delivery_id")


def test_a_delivery_is_registered_once_however_often_it_is_landed(tmp_path: Path, settled: Path) -> None:
    city, lake, at = load_city(town.CITY), Lake(tmp_path, town.CITY), datetime(2025, 5, 12, 18, tzinfo=UTC)
    for _ in range(2):
        landing.land(city, lake, settled / "delivered" / "night-1", at)
    assert [row["is_repeat"] for row in Ledger(lake).rows("deliveries")] == [False] * 3
    landing.land(city, lake, settled / "delivered" / "night-1", at + timedelta(hours=1))
    assert [row["is_repeat"] for row in Ledger(lake).rows("deliveries")].count(True) == 3


def test_a_key_is_whole_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITYPULSE_KEYS", str(tmp_path))

    def killed(path: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(files, "settle", killed)
        with pytest.raises(KeyboardInterrupt):
            vault.ensure_key("here")
    assert not vault.key_file("here").exists()
    assert len(vault.ensure_key("here")) == 8


def test_a_night_in_which_nothing_arrived_starts_no_spark_and_has_an_edition(
    tmp_path: Path, settled: Path, first: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextlib.contextmanager
    def unasked(*_: object) -> Iterator[Callable[[], None]]:
        yield lambda: pytest.fail("a session was asked for")

    lake, next_day = _copied(first, tmp_path), town.NIGHTS[1] + timedelta(days=1)
    monkeypatch.setattr("jobs.night._session", unasked)
    run(Night(load_city(town.CITY), lake, next_day), STEPS)
    assert said.sealed(lake) == [town.NIGHTS[1], next_day]


def test_maintenance_sweeps_what_nobody_needs_and_changes_no_row(
    tmp_path: Path, settled: Path, first: Lake, both: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lake, city = _copied(first, tmp_path), load_city(town.CITY)
    before = town.digests(lake)
    left = lake.folder("silver.air_quality") / "_day=2025-05-12" / "part-0.parquet"
    left.write_bytes(b"half")
    half = lake.folder("ops.steps") / "_delta_log" / "_commit_0.json.tmp"
    half.write_text("{")
    (lake.root / "landing" / "air" / "x.partial").write_text("")
    (lake.root / "editions" / "2025-05-12.making").mkdir()
    logs = events.folder(lake.root, town.NIGHTS[1])
    logs.mkdir(parents=True)
    (logs / "local-1").write_text("{}")
    young = maintenance.run(city, lake)
    assert left.exists()
    os.utime(logs / "local-1", (0, 0))
    assert young["compacted"] > 0
    monkeypatch.setattr(maintenance, "ORPHAN_HOURS", 0)
    assert maintenance.run(city, lake) == {"tables": young["tables"], "compacted": 0, "orphans": 2, "expired": 1}
    assert not left.exists()
    assert not logs.exists()
    assert not half.exists()
    assert town.left(lake) == []
    assert town.digests(lake) == before
    town.run(lake, settled / "delivered", 2)
    assert town.digests(lake) == both


def test_maintenance_is_refused_beside_a_night(tmp_path: Path, first: Lake) -> None:
    lake = _copied(first, tmp_path)
    with attempt.hold(lake.root, "night", "the night of jingyuan"):
        code, _, error = citypulse(tmp_path, "maintain", "--city", town.CITY)
    assert code == 2
    assert "the night of jingyuan, process " in error


@pytest.mark.usefixtures("spark")
def test_a_killed_jvm_is_one_line_and_a_rerun_heals(tmp_path: Path) -> None:
    """Killed as quality begins, before fused needs it. Nights that nobody disturbs run in this process."""

    def undisturbed(lake: Lake, number: int) -> int:
        try:
            run(Night(load_city(town.CITY), lake, town.NIGHTS[number]), STEPS)
        except CriticalFailure:
            return 1
        return 0

    town_ = processes.Town(tmp_path, undisturbed)
    ((whom, step, ended, wrong),) = town_.tried(1, SEED, whom=[processes.WHOM[1]], longest=0)
    assert (whom, step, ended.code, wrong) == ("the JVM", "quality", 1, [])
    assert len(ended.error.splitlines()) == 1, ended.error


def test_a_section_takes_the_place_of_the_one_before() -> None:
    page = put(put("# one\n", "crashes", "two"), "nights", "three")
    assert put(page, "crashes", r"four \1") == page.replace("two", r"four \1")
