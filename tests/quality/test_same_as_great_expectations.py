"""Rules on rows (compiled, in DuckDB) and on sets (great-expectations in few jobs) beside stock great-expectations."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
import sqlalchemy

from jobs.core import engine
from jobs.sets import FEW_ROWS, _set
from jobs.shared import rowsql
from jobs.shared.rowsql.spark_types import parse_type
from quality.rowwise import KINDS, predicate
from quality.suites import (
    BY_DAY,
    COUNTED,
    LIKE_DAYS,
    MATCH_SET,
    RESULT,
    Batch,
    Judge,
    Known,
    Outcome,
    SetRule,
    _exceptions,
)
from tests.quality import same
from tests.quality.same import TYPES, Case

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

Said = tuple[bool, int | None, int | None]
"""Success, rows looked at, rows that break the rule."""
ROWS, PATTERNS, SETS = tuple(same.on_one_row()), tuple(same.of_patterns()), tuple(same.on_sets())
FEW, FEW_SETS = tuple(same.few_of(ROWS)), tuple(same.few_of(SETS))
"""What is asked of other rows than the mixed: those hold every row already, the others show how few are counted."""


def on_rows(table: str) -> Sequence[Case]:
    """The rules on rows that are asked of a table."""
    return ROWS if table == "mixed" else FEW


def on_sets(table: str) -> Sequence[Case]:
    """The rules on sets that are asked of it."""
    return SETS if table == "mixed" else FEW_SETS


def test_there_are_as_many_cases_as_promised_and_none_twice() -> None:
    named = [same.name(case) for case in (*ROWS, *PATTERNS, *SETS)]
    assert len(set(named)) == len(named)
    assert sum(len((*on_rows(table), *PATTERNS)) for table in same.tables()) >= 300
    assert {expectation for expectation, _ in (*ROWS, *PATTERNS)} == set(KINDS)
    assert {expectation for expectation, _ in FEW} == {expectation for expectation, _ in ROWS}


@pytest.fixture(scope="module")
def stock(spark: "SparkSession", judge: Judge) -> Iterator[dict[str, list[Any]]]:
    """What great-expectations says by itself: one validation a table."""
    source = judge.context.data_sources.add_spark("stock")
    with _set(spark, FEW_ROWS):
        said = {}
        for table, rows in same.tables().items():
            batch = source.add_dataframe_asset(table).add_batch_definition_whole_dataframe("all")
            frame = spark.createDataFrame(rows).coalesce(1)
            said[table] = _stock(judge, batch.get_batch({"dataframe": frame}), (*on_rows(table), *on_sets(table)))
        yield said


@pytest.mark.parametrize("table", same.tables())
def test_rules_on_rows_say_what_stock_says_on_spark(stock: dict[str, list[Any]], table: str) -> None:
    ours = _compiled(same.tables()[table], on_rows(table))
    theirs = [(success, total, failed or 0) for success, total, failed in map(_counted, stock[table])]
    assert _unlike(on_rows(table), ours, theirs) == []  # of no rows stock counts None


def test_a_bound_beyond_what_a_double_holds_is_exact() -> None:
    """Stock great-expectations makes every bound a double, to which 2⁵³ + 1 is 2⁵³."""
    above = ("expect_column_values_to_be_between", {"column": "long", "min_value": 2**53, "strict_min": True})
    rows = pa.table({"long": [2**53, 2**53 + 1, None]})
    assert _compiled(rows, [above]) == [(False, 3, 1)]


def test_a_flag_in_one_regular_expression_is_none_in_the_others() -> None:
    """Stock great-expectations joins the list by `|` on Spark."""
    either = ("expect_column_values_to_match_regex_list", {"column": "text", "regex_list": ["(?i)a", "b"]})
    assert _compiled(pa.table({"text": ["A", "b", "B"]}), [either]) == [(False, 3, 1)]


@pytest.fixture
def heeds_case() -> Iterator[None]:
    """LIKE heeds upper and lower case, as in SQL; SQLite folds them unless told."""

    def told(connection: Any, _: object) -> None:
        connection.execute("PRAGMA case_sensitive_like = true")

    sqlalchemy.event.listen(sqlalchemy.Engine, "connect", told)
    yield
    sqlalchemy.event.remove(sqlalchemy.Engine, "connect", told)


@pytest.mark.usefixtures("heeds_case")
@pytest.mark.parametrize("table", same.tables())
def test_rules_on_patterns_say_what_stock_says_on_a_database(judge: Judge, tmp_path: Path, table: str) -> None:
    rows = same.tables()[table].select(["text", "word"])
    file = tmp_path / f"{table}.db"
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE rows (text TEXT, word TEXT)")
        connection.executemany("INSERT INTO rows VALUES (?, ?)", [tuple(row.values()) for row in rows.to_pylist()])
    source = judge.context.data_sources.add_sqlite(f"like {table}", connection_string=f"sqlite:///{file}")
    batch = source.add_table_asset("rows", table_name="rows").add_batch_definition_whole_table("all").get_batch()
    theirs = [(success, total, failed or 0) for success, total, failed in map(_counted, _stock(judge, batch, PATTERNS))]
    assert _unlike(PATTERNS, _compiled(rows, PATTERNS), theirs) == []  # a database's sum over no rows is NULL


def test_rules_on_sets_say_what_stock_says(spark: "SparkSession", judge: Judge, stock: dict[str, list[Any]]) -> None:
    """Rules on rows too may be asked of many: each expectation on its columns once, however many rules have it."""
    tables = same.tables()
    with _set(spark, FEW_ROWS):
        frames = [spark.createDataFrame(rows).coalesce(1) for rows in tables.values()]
        batches = [
            Batch(table, frame, list(map(_ruled, (*FEW, *on_sets(table)))), list(TYPES))
            for table, frame in zip(tables, frames, strict=True)
        ]
        said = judge.validate(batches)
    for table, outcomes in zip(tables, said, strict=True):
        cases = (*FEW, *on_sets(table))
        ours = [(one.success, one.observed, one.failed) for one in outcomes]
        asked = map(same.name, (*on_rows(table), *on_sets(table)))
        theirs = dict(zip(asked, map(_outcome, stock[table]), strict=True))
        assert _unlike(cases, ours, [theirs[same.name(case)] for case in cases]) == [], table


def test_without_spark_the_same_is_counted(spark: "SparkSession", judge: Judge) -> None:
    """Every kind that is counted, on every column, and of columns that are not as they should be."""
    others = [["whole", "other", "strange"], []]
    rules = [rule for rule in map(_ruled, (*FEW, *SETS)) if rule.is_counted]
    rules.append(SetRule("columns", MATCH_SET, {"exact_match": True}, "critical", "", ""))
    assert {rule.expectation for rule in rules} == COUNTED - {LIKE_DAYS, *BY_DAY}
    rules += [SetRule(f"like {at}", LIKE_DAYS, asked, "warning", "", "") for at, asked in enumerate(SHARES)]
    of_tables = [rule for rule in rules if "column" not in rule.arguments]
    tables = {table: _with_days(rows) for table, rows in same.tables().items()}

    def judged(frames: Sequence[Any], is_spark: bool) -> list[list[Outcome]]:
        batches = []
        for table, frame in zip(tables, frames, strict=True):
            batches.append(Batch(table, frame, rules, list(TYPES), DAYS))
            batches += [Batch(table, frame, of_tables, meant, DAYS) for meant in others]
        return judge.validate(batches, is_spark)

    with _set(spark, FEW_ROWS):
        with_spark = judged([spark.createDataFrame(rows).coalesce(1) for rows in tables.values()], is_spark=True)
    with engine.connect() as connection:
        without = judged([connection.from_arrow(rows) for rows in tables.values()], is_spark=False)
    assert [one for pair in zip(without, with_spark, strict=True) for one in _differing(*pair)] == []
    assert {one.success for outcomes in without for one in outcomes} == {True, False}
    assert {type(one.failed) for outcomes in without for one in outcomes} == {int, type(None)}


SHARES: tuple[dict[str, Any], ...] = (
    {"min_share": 0.5, "max_share": 2},
    {"min_share": 2, "max_share": 3},
    {"min_share": 0.01, "max_share": 0.5},
)
DAYS = Known(("2025-03-15", "2025-03-16"), {"2025-03-01": 3, "2025-03-08": 4, "2025-03-02": 5, "2025-03-09": 6})


def _with_days(rows: pa.Table) -> pa.Table:
    """Rows of two days, and of none."""
    days = [("2025-03-15", "2025-03-16", "_undated")[at % 5 % 3] for at in range(rows.num_rows)]
    return rows.append_column("_day", pa.array(days, pa.string()))


def _differing(ours: Sequence[Outcome], theirs: Sequence[Outcome]) -> list[str]:
    return [f"{mine}, with Spark {other}" for mine, other in zip(ours, theirs, strict=True) if mine != other]


def _ruled(case: Case) -> SetRule:
    return SetRule(same.name(case), *case, "warning", "", "")


def _stock(judge: Judge, batch: Any, cases: Sequence[Case]) -> list[Any]:
    """Results in the order asked; every one without an exception."""
    suite = judge.gx.ExpectationSuite("stock", [_expectation(judge, at, case) for at, case in enumerate(cases)])
    results = sorted(
        batch.validate(suite, result_format=RESULT).results, key=lambda one: one.expectation_config.meta["at"]
    )
    raised = [any(said.get("raised_exception") for said in _exceptions(one)) for one in results]
    failed = [same.name(case) for case, is_raised in zip(cases, raised, strict=True) if is_raised]
    assert failed == [], [one.exception_info for one, is_raised in zip(results, raised, strict=True) if is_raised][:1]
    return results


def _expectation(judge: Judge, at: int, case: Case) -> Any:
    kind = getattr(judge.gx.expectations, "".join(word.capitalize() for word in case[0].split("_")))
    return kind(**case[1], meta={"at": at})


def _counted(result: Any) -> Said:
    return bool(result.success), result.result.get("element_count"), result.result.get("unexpected_count")


def _outcome(result: Any) -> tuple[bool, str | None, int | None]:
    observed = result.result.get("observed_value")
    return (
        bool(result.success),
        None if observed is None else str(observed),
        result.result.get("unexpected_count"),
    )


def _compiled(rows: pa.Table, cases: Iterable[Case]) -> list[Said]:
    """What the night's one pass counts of each rule."""
    tests = [rowsql.to_duckdb(predicate(*case, TYPES), TYPES) for case in cases]
    counts = ", ".join(f"count(*) FILTER (WHERE ({test}) IS FALSE)" for test in tests)
    with engine.connect() as connection:
        columns = ", ".join(f'CAST("{n}" AS {parse_type(TYPES[n]).duckdb}) AS "{n}"' for n in rows.column_names)
        connection.register("given", rows)
        found = connection.execute(f"SELECT count(*), {counts} FROM (SELECT {columns} FROM given)").fetchone()
    assert found is not None
    total, *failed = found
    return [(one == 0, total, one) for one in failed]


def _unlike(cases: Sequence[Case], ours: Sequence[Any], theirs: Sequence[Any]) -> list[str]:
    return [
        f"{same.name(case)}: {mine}, stock {other}"
        for case, mine, other in zip(cases, ours, theirs[: len(cases)], strict=True)
        if mine != other
    ]
