"""What great-expectations says of a set of rows stands beside the rule that was asked."""

from typing import TYPE_CHECKING, Any

import pytest

from quality.suites import MATCH_SET, NOT_NULL, ROW_COUNT, Judge, SetRule

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

COLUMNS = ("station_id", "wind_ms")


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge()


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
    said = judge.validate("silver.winds", frame, rules, COLUMNS)
    assert [(one.rule.id, one.success, one.observed, one.failed) for one in said] == [
        ("columns", True, "2 columns", None),
        ("station", True, None, 0),
        ("most_wind", False, None, 2),
        ("three", True, "3", None),
        ("winds", False, "1", None),
        ("stations", True, "3", None),
        ("no_station_missing", True, None, 0),
    ]
