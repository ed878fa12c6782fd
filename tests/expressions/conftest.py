"""One small Spark session, to ask Spark itself what an expression means."""

import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pyspark
import pytest
from pyspark.sql import SparkSession

SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.subexpressionElimination.enabled": "false",
    "spark.sql.adaptive.enabled": "false",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Duser.timezone=UTC",
}


@pytest.fixture(scope="module")
def spark() -> Iterator[SparkSession]:
    """A session of its own; one that other tests started keeps its settings and stays."""
    os.environ.update({"SPARK_HOME": str(Path(pyspark.__file__).parent), "PYSPARK_PYTHON": sys.executable})
    logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)
    there = SparkSession.getActiveSession()
    if there is None:
        builder = SparkSession.builder.appName("expressions").master("local[1]")
        for key, value in SETTINGS.items():
            builder = builder.config(key, value)
        own = builder.getOrCreate()
        own.sparkContext.setLogLevel("OFF")
        yield own
        own.stop()
    else:
        session = there.newSession()
        session.conf.set("spark.sql.session.timeZone", "UTC")
        yield session
