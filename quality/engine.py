"""great-expectations' engines: Spark's in few jobs, where what is counted of many batches is one query, and pandas'."""

from collections import defaultdict
from collections.abc import Iterable
from functools import reduce
from typing import Any

import pandas as pd  # noqa: TID251  # what great-expectations' engine takes
import pyarrow as pa
from great_expectations.core.id_dict import IDDict
from great_expectations.execution_engine.pandas_execution_engine import PandasExecutionEngine
from great_expectations.execution_engine.sparkdf_execution_engine import SparkDFExecutionEngine
from pyspark.sql import DataFrame, functions

EXAMPLES = ".unexpected_values"
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


class InMemory(PandasExecutionEngine):
    """The engine of great-expectations for rows in memory, given Arrow's, which keep their types: NULL is not NaN."""

    def load_batch_data(self, batch_id: str, batch_data: pa.Table) -> None:
        """A batch's rows."""
        super().load_batch_data(batch_id, batch_data.to_pandas(types_mapper=pd.ArrowDtype))
