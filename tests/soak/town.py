"""A town of three tables and two nights, of which the second corrects, repeats, is refused and lifts a hold.

Everything is delivered at declared instants, so that a night is the same whenever it runs.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from shutil import copytree
from types import SimpleNamespace
from typing import Any

import pytest

from jobs import edition, landing, night, quality, sets
from jobs.core import disk, engine
from jobs.core.lake import Lake
from jobs.night import Night
from quality.suites import Outcome, SetRule
from schemas import City, load_city
from tests import inline
from tests.cities.conftest import Delivered
from tests.cities.test_jingyuan import gcj, shifted

CITY = "jingyuan"
FIXTURE = Path(__file__).parents[1] / "fixtures" / "cities" / CITY
KEPT = ("districts", "air", "hotline")
NIGHTS = {1: date(2025, 5, 12), 2: date(2025, 5, 13)}
LANDED = {1: "2025-05-13T02:30", 2: "2025-05-14T02:30"}
KINDS = ("供水", "噪声", "噪声")
NEVER_THE_SAME = "ops.steps"
"""A row for every attempt, with its times."""
ENOUGH = SetRule("enough", "expect_table_row_count_to_be_between", {}, "critical", "记录太少", "too few records")


def declare(to: Path) -> Path:
    """The town's declarations."""
    copytree(FIXTURE, to / "cities" / CITY)
    for path in (to / "cities" / CITY / "sources").iterdir():
        if path.stem not in KEPT:
            path.unlink()
    return to


def deliver(to: Path) -> Path:
    """What departments deliver for each night."""
    for number, write in ((1, _first), (2, _second)):
        write(Delivered(SimpleNamespace(), SimpleNamespace(), to / f"night-{number}"))  # type: ignore[arg-type]  # only its folder
    return to


def _first(town: Delivered) -> None:
    town.areas("规划/行政区.geojson", [
        ({"code": "110101", "name": "东苑区"}, [shifted(116.30, 39.85, 116.40, 39.95)]),
        ({"code": "110102", "name": "西苑区"}, [shifted(116.40, 39.85, 116.50, 39.95)]),
    ])  # fmt: skip
    town.write("环保/all_20250512.csv", _air("20250512", 19))
    town.write("热线/工单_20250512.csv", _cases(12, 30), "gb18030")


def _second(town: Delivered) -> None:
    town.write("环保/all_20250513.csv", _air("20250513", 24))
    town.write("环保/all_20250512.csv", _air("20250512", 24, more=5))
    town.write("热线/工单_20250512.csv", _cases(12, 30), "gb18030")
    town.write("热线/工单_20250513.csv", [*_cases(13, 20), *_cases(12, 3, start=30)[1:], '坏行,"'], "gb18030")
    town.write("热线/工单_20250511.csv", ["编号,时间", "1,2"], "gb18030")


def _air(day: str, hours: int, more: int = 0) -> list[str]:
    rows = [f"{day},{hour},PM2.5,{hour + more},{40 + hour},{60 - hour}" for hour in range(1, hours + 1)]
    return ["date,hour,type,古观象台,天坛,西苑官园", *rows, f"{day},1,CO,0.8,0.9,"]


def _cases(day: int, count: int, start: int = 0) -> list[str]:
    points = [gcj(116.32 + 0.005 * n, 39.86 + 0.002 * n) for n in range(count)]
    return ["工单编号,登记时间,来电号码,诉求类别,经度(gcj),纬度(gcj)"] + [
        f"D{day}-{start + n},2025/5/{day} {8 + n % 12}:{n:02d},138000000{n:02d},{KINDS[n % 3]},{lon:.7f},{lat:.7f}"
        for n, (lon, lat) in enumerate(points)
    ]


@contextmanager
def settings(root: Path) -> Iterator[None]:
    """The town's declarations and keys, as long as the context lasts."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment(root).items():
            patch.setenv(name, value)
        yield


def environment(root: Path) -> dict[str, str]:
    """What a process of the town has in its environment."""
    return {"CITYPULSE_CONF": str(root / "conf"), "CITYPULSE_KEYS": str(root / "keys")}


def land(lake: Lake, delivered: Path, number: int) -> City:
    """Land what departments deliver for a night, as `citypulse land` does."""
    city = load_city(CITY)
    landing.land(city, lake, delivered / f"night-{number}", landing.delivered_at(LANDED[number], city))
    return city


def run(lake: Lake, delivered: Path, number: int) -> None:
    """Land and run one night to its end, as `citypulse land` and `citypulse night` do, without Spark."""
    city = land(lake, delivered, number)
    with without_spark():
        night.run(Night(city, lake, NIGHTS[number]), night.STEPS[:-1])


@contextmanager
def without_spark() -> Iterator[None]:
    """Steps run in this process; the first night's air is held, and with the second night's correction no more."""

    @contextmanager
    def session(*_: object) -> Iterator[Any]:
        yield inline.session

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(night, "_session", session)
        patch.setitem(quality._WARM, "judge", SimpleNamespace())
        patch.setattr(sets, "judged", _judged)
        yield


def _judged(
    court: sets.Court, touched: Mapping[str, Sequence[str]], rows: Mapping[str, Mapping[str, int]]
) -> dict[str, Any]:
    def few(key: str) -> list[str]:
        first = str(NIGHTS[1])
        return [first] if key == "silver.air_quality" and rows[key].get(first, 62) < 62 else []

    return {key: [(Outcome(ENOUGH, not few(key), None, len(few(key))), few(key))] for key in touched}


def digests(lake: Lake) -> dict[str, str]:
    """Each table's rows and digest: columns by name, rows in any order."""
    found = {}
    for layer in sorted(path.name for path in lake.root.iterdir() if path.is_dir()):
        for key in lake.keys(layer):
            if key == NEVER_THE_SAME:
                continue
            with engine.cursor() as connection:
                rows = lake.arrow(key)
                connection.register("rows", rows)
                text = engine.row_text([engine.quoted(name) for name in sorted(rows.column_names)])
                ((count, digest),) = connection.sql(f"SELECT count(*), {engine.digest_of(text)} FROM rows").fetchall()
            found[key] = f"{count} {digest}"
    return found


def left(lake: Lake) -> list[str]:
    """Files of a lake that a finished run has no use for."""
    ends = (disk.PARTIAL, edition.MAKING, edition.OLD)
    return [str(path.relative_to(lake.root)) for path in lake.root.rglob("*") if path.name.endswith(ends)]
