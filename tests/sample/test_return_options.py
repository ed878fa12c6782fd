"""Returns: rows for sorts of things, works at their places, the days of the month, shares of what others leave."""

import csv
from datetime import date
from pathlib import Path

import numpy as np

from jobs.sample import draw, numbers, returns
from jobs.sample.numbers import Number
from jobs.sample.returns import Kinds, Returns
from jobs.sample.world import World

DAY = date(2025, 3, 3)


def filed(one: Returns, folder: Path) -> tuple[World, list[dict[str, str]]]:
    """A world after the return's first night, and the rows it wrote."""
    world = World(7, 0.1, 1, DAY, frozenset(), folder)
    returns.write(world, 1, one)
    (path,) = (file for file in folder.rglob("*") if file.is_file())
    with path.open(encoding="utf-8") as file:
        return world, list(csv.DictReader(file))


def test_a_reporter_files_a_row_for_each_kind_and_each_kind_has_its_own_sum(tmp_path: Path) -> None:
    stock = Number("stock", "stock", 1_000)
    goods = Returns(
        "goods", "g_{}.csv", (stock,), works=3, prefix="D", kinds=Kinds("sort", ("mask", "gown"), (1.0, 0.1))
    )
    world, rows = filed(goods, tmp_path)
    assert [(row["编号"], row["sort"]) for row in rows] == [(f"D0{n}", s) for n in (1, 2, 3) for s in ("mask", "gown")]
    sums = world.truth.connection.sql(
        "SELECT measure, sum(n)::INTEGER, sum(total)::BIGINT FROM sums WHERE kind = 'true' GROUP BY ALL"
    ).fetchall()
    for n, sort in enumerate(("mask", "gown"), start=1):
        assert (f"stock_{n}", 3, sum(int(row["stock"]) for row in rows if row["sort"] == sort)) in sums


def test_an_entry_of_a_register_is_a_reporter_and_a_kind(tmp_path: Path) -> None:
    areas = Returns(
        "areas", "a_{}.csv", (Number("km2", "km2", 20),), once=True, kinds=Kinds("which", ("all", "built"), (1.0, 0.4))
    )
    world, rows = filed(areas, tmp_path)
    entries = world.truth.connection.sql("SELECT DISTINCT entity FROM sums").fetchall()
    assert len(rows) == len(entries) == 32


def test_works_stand_where_they_are_said_to(tmp_path: Path) -> None:
    hospitals = Returns("h", "h_{}.csv", (Number("beds", "beds", 20),), works=2, prefix="H", sites=(3, 5))
    _, rows = filed(hospitals, tmp_path)
    assert [row["街道代码"] for row in rows] == ["339901004", "339902002"]


def test_a_monthly_return_says_how_many_days_its_month_has(tmp_path: Path) -> None:
    monthly = Returns("m", "m_{}.csv", (Number("n", "n", 20),), monthly=True, month_days=("days", "days"))
    _, rows = filed(monthly, tmp_path)
    assert {(row["日期"], row["days"]) for row in rows} == {("2025-02-01", "28")}


def test_what_is_a_share_of_the_rest_adds_up_to_the_whole() -> None:
    people = (
        Number("all", "all", 1_000),
        Number("young", "young", of="all", share=(0.1, 0.2)),
        Number("old", "old", of="all", share=(0.1, 0.3)),
        Number("between", "between", of="all", less=("young", "old"), share=(1.0, 1.0)),
    )
    drawn = numbers.draw(draw.stream(1, "people"), people, 50, 0)
    assert np.array_equal(drawn["young"] + drawn["between"] + drawn["old"], drawn["all"])
