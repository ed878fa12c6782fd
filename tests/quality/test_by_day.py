"""Rules that look at each day by itself: to its end, what is part of what, and what another table says."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from jobs import sets
from jobs.core import engine
from jobs.core.lake import Lake, Layout, arrow_schema
from jobs.sets import Court, Question, judged
from jobs.settle import columns
from quality.suites import Batch, Judge, Known, Outcome, SetRule
from schemas import Rules, load_city

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

ENDS = {"2025-03-01": "2025-03-01 16:00:00", "2025-03-02": "2025-03-02 16:00:00", "2025-03-03": "2025-03-03 16:00:00"}
SUMS = "expect_sums_to_agree_with_another_table"
LINES, NETWORK = "silver.transit_ridership", "silver.network_ridership"


def outcome(judge: Judge, frame: Any, expectation: str, known: Known, others: Any = None, **arguments: Any) -> Outcome:
    """What both engines say, which is the same."""
    rule = SetRule("rule", expectation, arguments, "warning", "", "")
    ((one,),) = judge.validate([Batch("silver.toy", frame, [rule], frame.columns, known, others or {})])
    assert rule.is_counted
    with engine.connect() as connection:
        counted = connection.from_arrow(frame.toArrow())
        beside = {key: connection.from_arrow(rows.toArrow()) for key, rows in (others or {}).items()}
        batch = Batch("silver.toy", counted, [rule], frame.columns, known, beside)
        assert judge.validate([batch], is_spark=False) == [[one]]
    return one


def test_a_day_is_reported_to_its_end_where_the_city_is(spark: "SparkSession", judge: Judge) -> None:
    rows = [
        ("2025-03-01", "2025-03-01 13:00:00"), ("2025-03-01", "2025-02-28 17:00:00"),  # at the limit
        ("2025-03-02", "2025-03-02 12:59:59"), ("2025-03-02", None),
        ("2025-03-03", None), ("_undated", "2020-01-01 00:00:00"),
    ]  # fmt: skip
    frame = spark.createDataFrame(rows, "_day string, t string").selectExpr("_day", "cast(t as timestamp) as seen_utc")
    asked = {"column": "seen_utc", "hours": 3}
    one = outcome(judge, frame, "expect_newest_record_to_be_near_day_end", Known(list(ENDS), {}, ENDS), **asked)
    assert (one.success, one.days) == (False, ("2025-03-02", "2025-03-03"))
    assert one.observed == "2025-03-02: newest 2025-03-02 12:59:59 UTC; 2025-03-03: newest None UTC"
    first = frame.where("_day = '2025-03-01'")
    one = outcome(judge, first, "expect_newest_record_to_be_near_day_end", Known([], {}, ENDS), **asked)
    assert (one.success, one.observed) == (True, "1 days reported to their end")


def test_a_part_is_no_more_than_the_whole(spark: "SparkSession", judge: Judge) -> None:
    rows = [
        ("2025-03-01", "a", 1, "fine", 10), ("2025-03-01", "a", 1, "coarse", 10),  # equal is in order
        ("2025-03-01", "a", 2, "fine", 11), ("2025-03-01", "a", 2, "coarse", 10),
        ("2025-03-01", "b", 1, "fine", 99), ("2025-03-01", "c", 1, "coarse", 1),  # not of one station
        ("2025-03-01", "b", None, "fine", 1), ("2025-03-01", "b", None, "coarse", 2),  # the whole day's
        ("2025-03-02", "a", 1, "fine", 3), ("2025-03-02", "a", 1, "coarse", None),  # no pair
        ("2025-03-03", "a", 1, "fine", 3), ("2025-03-03", "a", 1, "coarse", 2), ("2025-03-03", "a", 1, "other", 0),
    ]  # fmt: skip
    frame = spark.createDataFrame(rows, "_day string, station string, hour int, kind string, ugm3 int")
    asked: dict[str, Any] = {"column": "ugm3", "column_kind": "kind", "columns_same": ["station", "hour"]}
    asked |= {"lower": "fine", "upper": "coarse", "mostly": 0.6}
    one = outcome(judge, frame, "expect_one_kind_to_be_at_most_another", Known(), **asked)
    assert (one.success, one.days) == (False, ("2025-03-03",))
    assert one.observed == "2025-03-03: 1 of 1 pairs with fine above"
    one = outcome(judge, frame, "expect_one_kind_to_be_at_most_another", Known(), **asked | {"mostly": 0.7})
    assert one.days == ("2025-03-01", "2025-03-03")


def test_sums_agree_where_both_tables_speak(spark: "SparkSession", judge: Judge) -> None:
    schema = "_day string, line string, system string, riders decimal(9,1)"
    lines = [
        ("2025-03-01", "1", "metro", 60), ("2025-03-01", "2", "metro", 39), ("2025-03-01", None, "metro", 99),
        ("2025-03-01", "1", "tram", 5), ("2025-03-01", "1", "ferry", 7),
        ("2025-03-02", "1", "metro", 60), ("2025-03-02", "2", "metro", None),
        ("2025-03-03", "1", "metro", 97),
    ]  # fmt: skip
    totals = [
        ("2025-03-01", None, "metro", 100), ("2025-03-01", None, "tram", 5), ("2025-03-02", None, "metro", 100),
        ("2025-03-03", None, "metro", 100), ("2025-03-04", None, "metro", 1),
    ]  # fmt: skip
    as_decimals = [
        spark.createDataFrame(rows, schema.replace("decimal(9,1)", "int")).selectExpr(
            "_day", "line", "system", "cast(riders as decimal(9,1)) as riders"
        )
        for rows in (lines, totals)
    ]
    asked: dict[str, Any] = {
        "column": "riders",
        "where": "line is not null",
        "table": NETWORK,
        "other_column": "riders",
    }
    asked |= {"other_column": "riders", "columns_by": ["system"], "tolerance": 0.01}
    one = outcome(judge, as_decimals[0], SUMS, Known(), {NETWORK: as_decimals[1]}, **asked)
    assert (one.success, one.days) == (False, ("2025-03-03",))
    assert one.observed == f"2025-03-03 metro: 97.0 here, 100.0 in {NETWORK}"
    one = outcome(judge, as_decimals[0], SUMS, Known(), {NETWORK: as_decimals[1]}, **asked | {"tolerance": 0.009})
    assert one.days == ("2025-03-01", "2025-03-03")


@pytest.mark.parametrize(("in_memory", "counted"), [(500_000, 0), (0, 0), (0, 500_000)])
def test_the_other_table_is_read_from_the_lake(
    spark: "SparkSession", judge: Judge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_memory: int, counted: int
) -> None:
    monkeypatch.setattr(sets, "ROWS_THROUGH_ARROW", in_memory)
    monkeypatch.setattr(sets, "COUNTED_HERE", counted)
    lanhai, lake = load_city("lanhai"), Lake(tmp_path, "lanhai")
    rule = {
        SUMS: {
            "column": "boardings", "table": NETWORK, "other_column": "boardings", "columns_by": ["system"],
            "where": "system == 'metro'", "other_where": "if(boardings > 0, true, false)",
        },
        "rule": "agree", "severity": "critical", "why": {"zh": "-", "en": "-"},
    }  # fmt: skip
    city = replace(lanhai, rules={LINES: Rules.model_validate({"table": "transit_ridership", "sets": [rule]})})
    days = {"2025-03-01": (3, 4), "2025-03-02": (3, 5)}
    for key, parts in ((LINES, lambda n: (n - 1, 1)), (NETWORK, lambda n: (n,))):
        kinds = columns(city, city.tables[key])
        rows = [
            {"_day": day, "system": "metro", "boardings": part}
            for day, counts in days.items() for part in parts(counts[key == NETWORK])
        ]  # fmt: skip
        if key == NETWORK and not in_memory:
            rows = [row for row in rows if row["_day"] != "2025-03-01"]
        lake.put(key, Layout(kinds, ("_day",)), pa.Table.from_pylist(rows, schema=arrow_schema(kinds)), list(days))
    court = Court(
        lambda: spark,
        judge,
        city,
        lake,
        {LINES: lake.files(LINES, "_day", list(days))},
        {LINES: lake.columns(LINES)},
        {},
    )
    found = judged(court, {LINES: list(days)}, {LINES: {}})[LINES]
    ((one, failing),) = [(one, days) for one, days in found if one.rule.id == "agree"]
    assert (one.success, failing) == (False, ["2025-03-01", "2025-03-02"] if in_memory else ["2025-03-02"])
    without = replace(court, city=replace(city, tables={LINES: city.tables[LINES]}))
    assert "agree" not in {one.rule.id for one, _ in judged(without, {LINES: list(days)}, {LINES: {}})[LINES]}


def _no_spark() -> "SparkSession":
    raise AssertionError("Spark was asked")


def test_a_condition_that_only_spark_can_tell_is_left_to_it(judge: Judge, tmp_path: Path) -> None:
    lanhai = load_city("lanhai")
    said: dict[str, Any] = {"column": "boardings", "table": NETWORK, "other_column": "boardings"}
    court = Court(_no_spark, judge, lanhai, Lake(tmp_path, "lanhai"), {LINES: []}, {LINES: {}}, {})
    for where, is_counted in (("system = 'metro'", True), ("soundex(system) = 'M360'", False)):
        rule = SetRule("agree", SUMS, said | {"where": where}, "warning", "", "")
        counted, few, _ = court._parted([Question(LINES, [rule], ["2025-03-01"])])
        assert (bool(counted), bool(few)) == (is_counted, not is_counted)
