"""What expectations of this folder ask about a table's rows day by day: metrics of great-expectations, a query each, of
Spark and of DuckDB (`quality.engine.Counting`)."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from great_expectations.execution_engine.pandas_execution_engine import PandasExecutionEngine
from great_expectations.execution_engine.sparkdf_execution_engine import SparkDFExecutionEngine
from great_expectations.expectations.metrics.metric_provider import metric_value
from great_expectations.expectations.metrics.table_metric_provider import TableMetricProvider
from pyspark.sql import DataFrame, functions

from quality.engine import quoted, text

if TYPE_CHECKING:
    import duckdb

DAY = "_day"
Given = Mapping[str, Any]


class Newest(TableMetricProvider):
    """{day: the newest instant of a column}."""

    metric_name = "table.newest_by_day"
    value_keys = ("column",)

    @metric_value(engine=SparkDFExecutionEngine)
    def _spark(cls, execution_engine: Any, metric_domain_kwargs: Given, metric_value_kwargs: Given, **_: Any) -> Any:
        newest = functions.date_format(functions.max(metric_value_kwargs["column"]), "yyyy-MM-dd HH:mm:ss")
        rows = _rows(execution_engine, metric_domain_kwargs).groupBy(DAY).agg(newest)
        return dict(tuple(row) for row in rows.collect())

    @metric_value(engine=PandasExecutionEngine)
    def _duckdb(cls, execution_engine: Any, metric_domain_kwargs: Given, metric_value_kwargs: Given, **_: Any) -> Any:
        newest = f"strftime(max({quoted(metric_value_kwargs['column'])}), '%Y-%m-%d %H:%M:%S')"
        return dict(_relation(execution_engine, metric_domain_kwargs).aggregate(f"{DAY}, {newest}", DAY).fetchall())


class Sums(TableMetricProvider):
    """{(day, *others): the sum of a column}, which is None where one of its values is unknown."""

    metric_name = "table.sums_by_day"
    value_keys = ("column", "columns_by", "where")

    @metric_value(engine=SparkDFExecutionEngine)
    def _spark(cls, execution_engine: Any, metric_domain_kwargs: Given, metric_value_kwargs: Given, **_: Any) -> Any:
        rows = _rows(execution_engine, metric_domain_kwargs, metric_value_kwargs["where"])
        column, by = functions.col(metric_value_kwargs["column"]), [DAY, *metric_value_kwargs["columns_by"]]
        known = functions.count(column) == functions.count(functions.lit(1))
        found = rows.groupBy(*by).agg(functions.when(known, functions.sum(column)))
        return {tuple(row)[:-1]: row[-1] for row in found.collect()}

    @metric_value(engine=PandasExecutionEngine)
    def _duckdb(cls, execution_engine: Any, metric_domain_kwargs: Given, metric_value_kwargs: Given, **_: Any) -> Any:
        rows = _relation(execution_engine, metric_domain_kwargs, metric_value_kwargs["where"])
        column, by = quoted(metric_value_kwargs["column"]), _listed(DAY, *metric_value_kwargs["columns_by"])
        found = rows.aggregate(f"{by}, CASE WHEN count({column}) = count(*) THEN sum({column}) END", by)
        return {row[:-1]: row[-1] for row in found.fetchall()}


class Pairs(TableMetricProvider):
    """{day: (pairs, those in which the value of `lower` is above that of `upper`)}.

    A pair are the rows of the two kinds that agree in `columns_same`; of several of a kind the highest `lower` and the
    lowest `upper` are compared.
    """

    metric_name = "table.pairs_by_day"
    value_keys = ("column", "column_kind", "columns_same", "lower", "upper")

    @metric_value(engine=SparkDFExecutionEngine)
    def _spark(cls, execution_engine: Any, metric_domain_kwargs: Given, metric_value_kwargs: Given, **_: Any) -> Any:
        said = metric_value_kwargs
        kind, value = functions.col(said["column_kind"]), functions.col(said["column"])
        low = functions.max(functions.when(kind == said["lower"], value)).alias("low")
        high = functions.min(functions.when(kind == said["upper"], value)).alias("high")
        rows = _rows(execution_engine, metric_domain_kwargs)
        pairs = rows.groupBy(DAY, *said["columns_same"]).agg(low, high).where("low is not null and high is not null")
        found = pairs.groupBy(DAY).agg(functions.count("*"), functions.count_if(functions.expr("low > high")))
        return {row[0]: (row[1], row[2]) for row in found.collect()}

    @metric_value(engine=PandasExecutionEngine)
    def _duckdb(cls, execution_engine: Any, metric_domain_kwargs: Given, metric_value_kwargs: Given, **_: Any) -> Any:
        said = metric_value_kwargs
        kind, value, by = quoted(said["column_kind"]), quoted(said["column"]), _listed(DAY, *said["columns_same"])
        low = f"max({value}) FILTER (WHERE {kind} = {text(said['lower'])}) AS low"
        high = f"min({value}) FILTER (WHERE {kind} = {text(said['upper'])}) AS high"
        pairs = _relation(execution_engine, metric_domain_kwargs).aggregate(f"{by}, {low}, {high}", by)
        found = pairs.filter("low IS NOT NULL AND high IS NOT NULL")
        counted = found.aggregate(f"{DAY}, count(*), count(*) FILTER (WHERE low > high)", DAY)
        return {day: (pairs_, wrong) for day, pairs_, wrong in counted.fetchall()}


def _relation(engine: Any, domain: Given, where: str | None = None) -> "duckdb.DuckDBPyRelation":
    """The same of a batch of `quality.engine.Counting`, whose condition is DuckDB's."""
    rows: duckdb.DuckDBPyRelation = engine.batch_manager.batch_data_cache[domain["batch_id"]]
    return rows.filter(f"{DAY}[1] <> '_'").filter(where or "true")


def _listed(*names: str) -> str:
    return ", ".join(map(quoted, names))


def _rows(engine: Any, domain: Given, where: str | None = None) -> DataFrame:
    """The rows of real days."""
    rows: DataFrame = engine.get_domain_records(dict(domain))
    return rows.where(functions.substring(DAY, 1, 1) != "_").where(where or "true")
