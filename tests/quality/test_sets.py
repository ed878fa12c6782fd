"""Which touched days a set rule fails on."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from jobs import sets
from jobs.core.lake import Lake, Layout, arrow_schema
from jobs.sets import Court, judged
from jobs.settle import columns
from quality.suites import Judge
from schemas import City, Rules, load_city

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

Rows = Mapping[str, Sequence[tuple[str | None, int | None]]]

BEDS = "silver.hospital_beds"
WHY = {"zh": "-", "en": "-"}
RULES = {
    "table": "hospital_beds",
    "sets": [
        {"rule": "some", "expect_table_row_count_to_be_between": {"min_value": 2}, "severity": "critical", "why": WHY},
        {
            "rule": "known",
            "expect_column_values_to_not_be_null": {"column": "occupied_beds", "mostly": 0.9},
            "severity": "warning",
            "why": WHY,
        },
        {
            "rule": "once",
            "expect_column_values_to_be_unique": {"column": "hospital_id"},
            "severity": "warning",
            "why": WHY,
        },
    ],
}


@pytest.fixture(scope="module")
def city() -> City:
    lanhai = load_city("lanhai")
    return replace(lanhai, rules={**lanhai.rules, BEDS: Rules.model_validate(RULES)})


def court(
    spark: "SparkSession", judge: Judge, city: City, root: Path, days: Rows, have: Mapping[str, str] | None = None
) -> Court:
    """`have`: the columns the table has, where they are not the contract's."""
    lake, kinds = Lake(root, "lanhai"), have or columns(city, city.tables[BEDS])
    rows: list[dict[str, Any]] = [
        {"_day": day, "hospital_id": hospital, "occupied_beds": beds}
        for day, of in days.items()
        for hospital, beds in of
    ]
    rows = [{name: value for name, value in row.items() if name in kinds} for row in rows]
    table = pa.Table.from_pylist(rows, schema=arrow_schema(kinds))
    lake.put(BEDS, Layout(kinds, ("_day",)), table, list(days))
    counts = {day: len(of) for day, of in days.items()}
    files = {BEDS: lake.files(BEDS, "_day", list(days))}
    return Court(lambda: spark, judge, city, lake, files, {BEDS: lake.columns(BEDS)}, {BEDS: counts})


def said(court: Court, *days: str) -> dict[str, tuple[bool, list[str]]]:
    files = court.files[BEDS]
    rows = {
        day: n
        for day in days
        if (n := sum(file["rows"] for file in files if file["partition._day"] == day)) and day[0] != "_"
    }
    found = judged(court, {BEDS: days}, {BEDS: rows})[BEDS]
    return {one.rule.id: (one.success, failing) for one, failing in found}


@pytest.fixture(params=[(99, 99), (99, -1), (-1, -1)], ids=["in memory", "from files", "by Spark alone"])
def where(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who counts, and where Spark has rows from."""
    here, through_arrow = request.param
    monkeypatch.setattr(sets, "COUNTED_HERE", here)
    monkeypatch.setattr(sets, "OF_ONE_TABLE", through_arrow)


@pytest.mark.usefixtures("where")
def test_a_rule_that_fails_on_some_days_names_those(
    spark: "SparkSession", judge: Judge, city: City, tmp_path: Path
) -> None:
    full = [("a", 1), ("b", 2)]
    days: Rows = {
        "2025-03-01": full,
        "2025-03-02": [("c", None), ("d", None)],
        "2025-03-03": [("e", 1)],
        "2025-03-04": [("f", 1), ("g", 1)],
        "2025-03-05": [(None, 1), ("h", None)],
        "_undated": [("i", 1)],
    }
    found = said(court(spark, judge, city, tmp_path, days), *days)
    assert found["contract:columns"] == (True, [])
    assert found["contract:not_null:hospital_id"] == (False, ["2025-03-05"])
    assert found["contract:not_null:report_date"] == (False, list(days))
    assert found["known"] == (False, ["2025-03-02", "2025-03-05"])
    assert found["some"] == (False, ["2025-03-03"])
    assert found["once"] == (True, [])


@pytest.mark.usefixtures("where")
def test_a_rule_that_fails_on_no_single_day_fails_on_all(
    spark: "SparkSession", judge: Judge, city: City, tmp_path: Path
) -> None:
    days = {day: [("a", 1), ("b", 2)] for day in ("2025-03-01", "2025-03-02", "2025-03-03")}
    found = said(court(spark, judge, city, tmp_path, days), *days)
    assert found["once"] == (False, list(days))
    assert (found["known"], found["some"]) == ((True, []), (True, []))


def test_one_day_is_judged_as_it_is(spark: "SparkSession", judge: Judge, city: City, tmp_path: Path) -> None:
    found = said(court(spark, judge, city, tmp_path, {"2025-03-01": [("a", None)]}), "2025-03-01")
    assert (found["known"], found["some"]) == ((False, ["2025-03-01"]), (False, ["2025-03-01"]))


def test_a_day_that_was_withdrawn_has_no_row_count(
    spark: "SparkSession", judge: Judge, city: City, tmp_path: Path
) -> None:
    found = said(court(spark, judge, city, tmp_path, {"2025-03-01": [("a", 1)]}), "2025-03-02")
    assert (found["known"], found["some"]) == ((True, []), (True, []))


def test_a_day_is_judged_by_the_days_like_it(spark: "SparkSession", judge: Judge, city: City, tmp_path: Path) -> None:
    near = {"min_share": 0.5, "max_share": 1.5, "weeks": 3}
    rule = {"rule": "near", "expect_row_count_to_be_near_like_days": near, "severity": "critical", "why": WHY}
    other = replace(city, rules={BEDS: Rules.model_validate({"table": "hospital_beds", "sets": [rule]})})
    wednesdays, thursdays = ("2025-03-05", "2025-03-12", "2025-03-19", "2025-03-26"), ("2025-03-06", "2025-03-13")
    rows: Rows = {
        **{day: [("a", 1)] * n for day, n in zip(wednesdays, (9, 2, 4, 7), strict=True)},  # mean 3, 5.5, 5
        **{day: [("a", 1)] * n for day, n in zip(thursdays, (1, 50), strict=True)},  # one like day, at most
        "_undated": [("a", 1)],
    }
    found = judged(court(spark, judge, other, tmp_path, rows), {BEDS: list(rows)}, {BEDS: {}})[BEDS]
    ((outcome, days),) = [(one, days) for one, days in found if one.rule.id == "near"]
    assert (outcome.success, days) == (True, [])
    assert outcome.observed == "2 days judged"
    rows = {**rows, "2025-03-26": [("a", 1)] * 8, "2025-03-19": [("a", 1)]}  # of 4, of 5.5
    found = judged(court(spark, judge, other, tmp_path / "other", rows), {BEDS: list(rows)}, {BEDS: {}})[BEDS]
    ((outcome, days),) = [(one, days) for one, days in found if one.rule.id == "near"]
    assert (outcome.success, days) == (False, ["2025-03-19", "2025-03-26"])
    assert outcome.observed == "2025-03-19: 1 rows, usual 5.5; 2025-03-26: 8 rows, usual 4.0"
    found = judged(court(spark, judge, other, tmp_path / "other", rows), {BEDS: ["2025-04-02"]}, {BEDS: {}})[BEDS]
    ((outcome, days),) = [(one, days) for one, days in found if one.rule.id == "near"]
    assert (outcome.success, outcome.observed) == (False, "2025-04-02: 0 rows, usual 3.7")


@pytest.mark.usefixtures("where")
def test_a_table_that_lacks_a_column_fails_and_the_column_is_null(
    spark: "SparkSession", judge: Judge, city: City, tmp_path: Path
) -> None:
    have = {name: kind for name, kind in columns(city, city.tables[BEDS]).items() if name != "occupied_beds"}
    days = {"2025-03-01": [("a", 1), ("b", 2)], "2025-03-02": [("c", 1), ("d", 1)]}
    found = said(court(spark, judge, city, tmp_path, days, have), *days)
    assert found["contract:columns"] == (False, list(days))
    assert (found["known"], found["some"], found["once"]) == ((False, list(days)), (True, []), (True, []))


@pytest.mark.usefixtures("where")
def test_a_table_with_a_column_that_its_contract_does_not_have_fails(
    spark: "SparkSession", judge: Judge, city: City, tmp_path: Path
) -> None:
    have = columns(city, city.tables[BEDS]) | {"broken_beds": "int"}
    days = {"2025-03-01": [("a", 1), ("b", 2)]}
    found = said(court(spark, judge, city, tmp_path, days, have), *days)
    assert found["contract:columns"] == (False, list(days))
    assert (found["known"], found["some"], found["once"]) == ((True, []), (True, []), (True, []))
