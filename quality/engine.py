"""Engines for great-expectations: Spark's in few jobs, and one without Spark for what is only counted."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import reduce
from typing import Any

import duckdb
from great_expectations.core.id_dict import IDDict
from great_expectations.exceptions.exceptions import MetricResolutionError
from great_expectations.execution_engine.execution_engine import ExecutionEngine
from great_expectations.execution_engine.pandas_execution_engine import PandasExecutionEngine
from great_expectations.execution_engine.sparkdf_execution_engine import SparkDFExecutionEngine
from great_expectations.expectations.registry import get_metric_provider
from pyspark.sql import DataFrame, functions

EXAMPLES, CONDITION = ".unexpected_values", ".condition"
COUNT = "count"
COUNTED = "metric_partial_fn"


class FewJobs(SparkDFExecutionEngine):
    """The engine of great-expectations with the same metrics, asked of Spark together and never for examples."""

    def resolve_metrics(
        self, metrics_to_resolve: Iterable[Any], metrics: Any = None, runtime_configuration: Any = None
    ) -> dict[Any, Any]:
        """As the engine's own, but what Spark has to count waits until nothing else can be answered.

        Examples of failing rows are none, without a query for each rule that says so.
        """
        asked = list(metrics_to_resolve)
        examples: dict[Any, Any] = {one.id: [] for one in asked if one.metric_name.endswith(EXAMPLES)}
        others = [one for one in asked if one.id not in examples]
        at_once = [one for one in others if COUNTED not in one.metric_dependencies]
        if not others:
            return examples
        return examples | super().resolve_metrics(at_once or others, metrics, runtime_configuration)

    def resolve_metric_bundle(self, metric_fn_bundle: Iterable[Any]) -> dict[Any, Any]:
        """As the engine's own, with one job for the counts of every set of rows instead of one for each set.

        What is no count (a mean, a greatest text) has a type of its own and stays with the engine.
        """
        metrics = list(metric_fn_bundle)
        counts: dict[Any, list[Any]] = defaultdict(list)
        others = []
        for one in metrics:
            if one.metric_configuration.metric_name.endswith(COUNT):
                counts[IDDict(one.compute_domain_kwargs or {}).to_id()].append(one)
            else:
                others.append(one)
        out: dict[Any, Any] = super().resolve_metric_bundle(others) if others else {}
        for group, values in zip(counts.values(), self._counted(list(counts.values())), strict=True):
            out |= {one.metric_configuration.id: value for one, value in zip(group, values, strict=True)}
        return out

    def _counted(self, groups: list[list[Any]]) -> list[list[int]]:
        """The counts of each group, which all look at the same rows, by one job."""
        if not groups:
            return []
        found = []
        for place, group in enumerate(groups):
            rows = self.get_domain_records(dict(group[0].compute_domain_kwargs or {}))
            found.append(rows.agg(functions.lit(place), functions.array(*(one.metric_fn for one in group))))
        while len(found) > 1:  # by pairs: each union looks at all that is in it
            found = [reduce(DataFrame.union, found[at : at + 2]) for at in range(0, len(found), 2)]
        said: dict[int, list[int]] = dict(tuple(row) for row in found[0].coalesce(1).collect())
        return [said[place] for place in range(len(groups))]


class Counting(PandasExecutionEngine):
    """An engine for great-expectations of what is only counted: DuckDB counts, of few rows or of more than memory has.

    Its metrics are those that `suites.is_counted` names, with their meaning on Spark, whose examples are none here too.
    """

    def load_batch_data(self, batch_id: str, batch_data: Any) -> None:
        """A batch's rows: a relation of DuckDB."""
        ExecutionEngine.load_batch_data(self, batch_id=batch_id, batch_data=batch_data)

    def resolve_metrics(
        self, metrics_to_resolve: Iterable[Any], metrics: Any = None, runtime_configuration: Any = None
    ) -> dict[Any, Any]:
        """The metrics: what is counted of a batch's rows at a time is one query.

        Raises MetricResolutionError naming those that cannot be answered.
        """
        out: dict[Any, Any] = {}
        counts: dict[str, list[tuple[Any, str]]] = defaultdict(list)
        of: Mapping[str, Any] = self.batch_manager.batch_data_cache
        for one in metrics_to_resolve:
            batch, name, column = one.metric_domain_kwargs["batch_id"], one.metric_name, _column(one, of)
            if name in COUNTS:
                counts[batch].append((one, COUNTS[name](column, one.metric_value_kwargs)))
            elif name == DISTINCT:
                out |= _counted(of[batch].select(column).distinct(), [(one, f"count({column})")])
            elif name in SAID:
                out[one.id] = SAID[name](of[batch])
            elif name.endswith((CONDITION, EXAMPLES)):
                out[one.id] = [] if name.endswith(EXAMPLES) else None
            else:
                out[one.id] = self._own(one)
        for batch, asked in counts.items():
            out |= _counted(of[batch], asked)
        return out

    def _own(self, one: Any) -> Any:
        """A metric of `quality.expectations`. Raises MetricResolutionError."""
        provider, metric = get_metric_provider(one.metric_name, self)
        given = {"metric_domain_kwargs": one.metric_domain_kwargs, "metric_value_kwargs": one.metric_value_kwargs}
        try:
            return metric(provider, execution_engine=self, **given)
        except duckdb.Error as error:
            raise MetricResolutionError(str(error), (one,)) from error


def _column(one: Any, of: Mapping[str, Any]) -> str:
    """The column that a metric looks at, quoted, or none. Raises MetricResolutionError where it is not there."""
    name = one.metric_domain_kwargs.get("column")
    if name is not None and name not in of[one.metric_domain_kwargs["batch_id"]].columns:
        raise MetricResolutionError(f"there is no column {name}", (one,))
    return quoted(name) if name is not None else ""


def _counted(rows: Any, asked: Sequence[tuple[Any, str]]) -> dict[Any, Any]:
    """What is asked of rows: metrics, each with its SQL. Raises MetricResolutionError for all of them."""
    metrics, sql = zip(*asked, strict=True)
    try:
        (found,) = rows.aggregate(", ".join(sql)).fetchall()
    except duckdb.Error as error:
        raise MetricResolutionError(str(error), metrics) from error
    return {one.id: value for one, value in zip(metrics, found, strict=True)}


def quoted(name: str) -> str:
    """A DuckDB identifier."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """A DuckDB text literal."""
    return "'" + value.replace("'", "''") + "'"


def _unless(holds: str) -> str:
    """How many rows a condition does not hold of; of no rows unknown, as on Spark."""
    return f"sum(CASE WHEN {holds} THEN 0 ELSE 1 END)::BIGINT"


def _listed(column: str, texts: Sequence[str]) -> str:
    """A text that is listed, or none."""
    return f"{column} IS NULL OR {column} IN ({', '.join(map(text, texts))})"


def _within(column: str, said: Mapping[str, Any]) -> str:
    """A number between two numbers, or none."""
    tests = [
        f"{column} {sign}{'' if said[f'strict_{end}'] else '='} {said[f'{end}_value']!r}"
        for sign, end in ((">", "min"), ("<", "max"))
        if said[f"{end}_value"] is not None
    ]
    return f"{column} IS NULL OR ({' AND '.join(tests)})"


DISTINCT = "column.distinct_values.count"
COUNTS: Mapping[str, Callable[[str, Mapping[str, Any]], str]] = {
    "table.row_count": lambda _, __: "count(*)",
    "column_values.nonnull.unexpected_count": lambda column, _: _unless(f"{column} IS NOT NULL"),
    "column_values.in_set.unexpected_count": lambda column, said: _unless(_listed(column, said["value_set"])),
    "column_values.between.unexpected_count": lambda column, said: _unless(_within(column, said)),
}
SAID: Mapping[str, Callable[[Any], Any]] = {
    "table.columns": lambda rows: list(rows.columns),
    "table.column_types": lambda rows: [
        {"name": name, "type": str(kind)} for name, kind in zip(rows.columns, rows.types, strict=True)
    ],
}
"""What is said of rows that are not counted."""
