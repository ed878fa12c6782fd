"""Every allowed function, cast and operator gives in DuckDB what it gives in Spark: type by type, value by value."""

from collections.abc import Callable

import pytest
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from jobs.shared.rowsql import compiled
from schemas.expressions import FUNCTIONS, parse
from tests.expressions import cases_casts, cases_numbers, cases_text, cases_time
from tests.expressions.same import Answers, Topic, differences

TOPICS = (*cases_casts.TOPICS, *cases_time.TOPICS, *cases_numbers.TOPICS, *cases_text.TOPICS)


@pytest.fixture(scope="module")
def spark_sql(quick_spark: SparkSession) -> Callable[[str], Answers | None]:
    def run(query: str) -> Answers | None:
        try:
            return [tuple(row) for row in quick_spark.sql(query).collect()]
        except PySparkException:
            return None

    return run


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: str(topic.name))
def test_duckdb_says_what_spark_says(topic: Topic, spark_sql: Callable[[str], Answers | None]) -> None:
    assert differences(topic, spark_sql) == []


def test_every_allowed_function_is_compared() -> None:
    texts = [expression for topic in TOPICS for expression in topic.expressions]
    assert [name for name in FUNCTIONS if not any(f"{name}(" in text for text in texts)] == []


def test_the_corpus_is_large_and_all_of_it_is_allowed() -> None:
    assert sum(len(topic.expressions) for topic in TOPICS) >= 400
    for topic in TOPICS:
        for expression in topic.expressions:
            assert parse(expression).columns <= set(topic.columns)
            compiled(expression, topic.columns)


def test_a_wrong_translation_is_found(
    spark_sql: Callable[[str], Answers | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    topic = Topic("numbers", ("try_cast(a as int)",), (("12.7",), ("1_000",), ("5",)))
    assert differences(topic, spark_sql) == []
    monkeypatch.setattr(
        "jobs.shared.rowsql.casts._FROM_TEXT", {"int": lambda sql, _, __: f"TRY_CAST({sql} AS INTEGER)"}
    )
    assert differences(topic, spark_sql) == [
        "try_cast(a as int) on ('12.7',): '13', Spark None",
        "try_cast(a as int) on ('1_000',): '1000', Spark None",
    ]
