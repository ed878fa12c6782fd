"""What great-expectations says of a set of rows stands beside the rule that was asked."""

from typing import TYPE_CHECKING, Any

import pytest

from jobs.core import engine
from quality.suites import MATCH_SET, NOT_NULL, ROW_COUNT, Batch, Judge, NotJudged, SetRule

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

COLUMNS = ("station_id", "wind_ms")


def rule(name: str, expectation: str, severity: str = "warning", **arguments: Any) -> SetRule:
    return SetRule(name, expectation, arguments, severity, "", "")


def test_an_outcome_belongs_to_its_rule_wherever_the_rule_is_declared(spark: "SparkSession", judge: Judge) -> None:
    frame = spark.createDataFrame([("a", 1), ("b", None), ("c", None)], "station_id string, wind_ms int")
    rules = [
        rule("columns", MATCH_SET, exact_match=False),
        rule("station", NOT_NULL, "critical", column="station_id"),
        rule("most_wind", NOT_NULL, column="wind_ms", mostly=0.5),
        rule("three", ROW_COUNT, "critical", min_value=3),
        rule("winds", "expect_column_unique_value_count_to_be_between", column="wind_ms", min_value=2),
        rule("stations", "expect_column_unique_value_count_to_be_between", column="station_id", min_value=2),
        rule("no_station_missing", NOT_NULL, column="station_id", mostly=0.9),
    ]
    (said,) = judge.validate([Batch("silver.winds", frame, rules, COLUMNS)])
    assert [(one.rule.id, one.success, one.observed, one.failed) for one in said] == [
        ("columns", True, "2 columns", None),
        ("station", True, None, 0),
        ("most_wind", False, None, 2),
        ("three", True, "3", None),
        ("winds", False, "1", None),
        ("stations", True, "3", None),
        ("no_station_missing", True, None, 0),
    ]


def test_what_is_no_count_keeps_its_type(spark: "SparkSession", judge: Judge) -> None:
    frame = spark.createDataFrame([("a", 1), ("b", 4)], "station_id string, wind_ms int")
    frame = frame.selectExpr("*", "date '2025-03-01' + wind_ms AS day")
    rules = [
        rule("strongest", "expect_column_max_to_be_between", column="wind_ms", max_value=3),
        rule("mean", "expect_column_mean_to_be_between", column="wind_ms", min_value=2.5, max_value=2.5),
        rule("last", "expect_column_max_to_be_between", column="day", min_value="2025-03-05"),
        rule("once", "expect_column_values_to_be_unique", column="station_id"),
    ]
    (said,) = judge.validate([Batch("silver.winds", frame, rules, COLUMNS)])
    assert [(one.success, one.observed, one.failed) for one in said] == [
        (False, "4", None),
        (True, "2.5", None),
        (True, "2025-03-05", None),
        (True, None, 0),
    ]


def test_batches_are_counted_apart_in_two_jobs(spark: "SparkSession", judge: Judge) -> None:
    rules = [rule("some", ROW_COUNT, min_value=2), rule("wind", NOT_NULL, column="wind_ms")]
    frames = [
        spark.createDataFrame([("a", 1)] * rows + [("b", None)], "station_id string, wind_ms int").coalesce(1)
        for rows in range(6)
    ]
    before = jobs_of(spark)
    said = judge.validate([Batch(f"silver.winds_{at}", frame, rules, COLUMNS) for at, frame in enumerate(frames)])
    assert jobs_of(spark) - before == 2
    assert [[(one.success, one.observed, one.failed) for one in of] for of in said] == [
        [(rows >= 1, str(rows + 1), None), (False, None, 1)] for rows in range(6)
    ]


def jobs_of(spark: "SparkSession") -> int:
    return max(spark.sparkContext._jsc.sc().statusTracker().getJobIdsForGroup(None), default=-1)


def test_a_rule_that_cannot_be_evaluated_is_named_with_its_table(spark: "SparkSession", judge: Judge) -> None:
    frame = spark.createDataFrame([("a", 1)], "station_id string, wind_ms int")
    rules = [rule("station", NOT_NULL, column="station_id"), rule("gust", NOT_NULL, column="gust_ms")]
    with pytest.raises(NotJudged, match="silver.winds: rule gust"):
        judge.validate([Batch("silver.winds", frame, rules, COLUMNS)])


def test_what_cannot_be_counted_is_named_with_its_table_and_why(judge: Judge) -> None:
    with engine.connect() as connection:
        rows = connection.sql("SELECT 'a' AS station_id, 1 AS wind_ms")
        broken = connection.sql(
            "SELECT 'a' AS station_id, CAST(one AS INTEGER) AS wind_ms FROM (VALUES ('x')) AS t(one)"
        )
        calm = Batch("silver.calms", rows, [rule("station", NOT_NULL, column="station_id")], COLUMNS)
        gust = Batch("silver.winds", rows, [*calm.rules, rule("gust", NOT_NULL, column="gust_ms")], COLUMNS)
        with pytest.raises(NotJudged, match="silver.winds: rule gust .* there is no column gust_ms"):
            judge.validate([calm, gust], is_spark=False)
        wind = Batch("silver.winds", broken, [rule("wind", NOT_NULL, column="wind_ms")], COLUMNS)
        with pytest.raises(NotJudged, match="silver.winds: rule wind .* Could not convert string 'x'"):
            judge.validate([calm, wind], is_spark=False)
