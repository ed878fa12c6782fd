"""Spark's own word on an expression: the shared session, with the settings that make many small queries quick."""

import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

QUICK = {"spark.sql.subexpressionElimination.enabled": "false", "spark.sql.adaptive.enabled": "false"}


@pytest.fixture(scope="module")
def quick_spark(spark: "SparkSession") -> "Iterator[SparkSession]":
    """The one Spark session; its settings are as before when the module's tests are done."""
    logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)
    before = {name: str(spark.conf.get(name)) for name in QUICK}
    for name, value in QUICK.items():
        spark.conf.set(name, value)
    spark.sparkContext.setLogLevel("OFF")
    yield spark
    spark.sparkContext.setLogLevel("ERROR")
    for name, value in before.items():
        spark.conf.set(name, value)
