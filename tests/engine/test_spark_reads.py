"""Spark reads the terms, their lists included."""

from datetime import date
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest

from jobs.core.lake import Lake
from tests import inline
from tests.engine import toy
from tests.engine.test_values import ASKED

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

DAY = date(2024, 10, 27)


def test_spark_reads_the_lists_that_delta_rs_wrote(
    spark: "SparkSession", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    city = toy.city(tmp_path / "conf", monkeypatch, {name: asked for name, (asked, _) in ASKED.items()})
    lake = Lake(tmp_path / "lake", "toy")
    toy.deliver(lake, city, toy.trips(Random(6), [DAY], 80), [DAY], DAY)
    inline.fused_of(city, lake, DAY)
    rows = spark.read.format("delta").load(str(lake.folder("fused.terms")))
    mine = rows.where("items is not null").selectExpr(
        "sum(aggregate(items, 0L, (a, e) -> a + e.count)) AS n", "sum(n) AS m"
    )
    ((counted, records),) = mine.collect()
    assert counted == records > 0
