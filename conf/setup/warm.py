"""One short Spark session that leaves the classes it loaded in an archive (JEP 350) for every later session.

It does what a night does: reads text, maps Arrow batches, and writes and reads a Delta table.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
from pyspark.sql import SparkSession

from schemas import profiles


def same(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Every batch as it came."""
    yield from batches


def warm(archive: Path) -> None:
    """Runs the session and writes the archive."""
    profile = profiles.load("local")
    builder = SparkSession.builder.master(profile.master).appName("warm")
    for key, value in profile.spark.items():
        builder = builder.config(key, value)
    options = " ".join(
        part for part in profile.spark["spark.driver.extraJavaOptions"].split() if "SharedArchiveFile" not in part
    )
    builder = builder.config("spark.driver.extraJavaOptions", f"{options} -XX:ArchiveClassesAtExit={archive}")
    with tempfile.TemporaryDirectory() as folder:
        spark = builder.getOrCreate()
        rows = spark.createDataFrame(pa.table({"n": list(range(10)), "day": ["2020-01-01"] * 10}))
        rows.mapInArrow(same, rows.schema).write.format("delta").partitionBy("day").save(f"{folder}/table")
        table = spark.read.format("delta").load(f"{folder}/table")
        table.groupBy("day").agg({"n": "sum"}).toArrow()
        spark.read.text(f"{folder}/table/_delta_log").count()
        gateway = spark.sparkContext._gateway
        spark.stop()
    # The archive is written while the JVM ends, which is later than the session does: it ends when its input closes.
    assert gateway is not None
    gateway.proc.stdin.close()
    gateway.proc.wait()


if __name__ == "__main__":
    os.environ["PYSPARK_PYTHON"] = sys.executable
    warm(Path(sys.argv[1]).resolve())
