"""Set rules as great-expectations suites: names and arguments are great-expectations' own."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from quality import expectations
from schemas import DeclarationError, Rule, Rules, Table

if TYPE_CHECKING:
    import duckdb
    from pyspark.sql import DataFrame

ROW_COUNT = "expect_table_row_count_to_be_between"
MATCH_SET = "expect_table_columns_to_match_set"
NOT_NULL = "expect_column_values_to_not_be_null"
UNIQUE_COUNT = "expect_column_unique_value_count_to_be_between"
LIKE_DAYS = "expect_row_count_to_be_near_like_days"
BETWEEN = "expect_column_values_to_be_between"
BY_DAY = frozenset({
    "expect_newest_record_to_be_near_day_end", "expect_one_kind_to_be_at_most_another",
    "expect_sums_to_agree_with_another_table",
})  # fmt: skip
COUNTED = frozenset({ROW_COUNT, MATCH_SET, NOT_NULL, UNIQUE_COUNT, LIKE_DAYS, BETWEEN, *BY_DAY})
"""Expectations on all rows that `quality.engine.Counting` has the metrics of."""
RESULT = {"result_format": "BASIC", "partial_unexpected_count": 0}


@dataclass(frozen=True)
class SetRule:
    """One expectation on a set of rows."""

    id: str
    expectation: str
    arguments: dict[str, Any]
    severity: str
    why_zh: str
    why_en: str

    @property
    def is_counted(self) -> bool:
        """Whether it asks for nothing that has to be counted with Spark."""
        ends = [self.arguments.get(name) for name in ("min_value", "max_value")]
        is_of_numbers = self.expectation != BETWEEN or all(end is None or isinstance(end, int | float) for end in ends)
        return self.expectation in COUNTED and is_of_numbers and "row_condition" not in self.arguments

    @property
    def other(self) -> str:
        """The other table that it compares with; empty when there is none."""
        return str(self.arguments.get("table", ""))


@dataclass(frozen=True)
class Outcome:
    """What great-expectations said of one rule; `evaluated` rows and `failed` ones where it counts them."""

    rule: SetRule
    success: bool
    observed: str | None
    failed: int | None
    evaluated: int | None = None
    days: tuple[str, ...] | None = None
    """The days it fails on, where the expectation itself says so."""


class NotJudged(Exception):
    """A rule that great-expectations could not evaluate: nobody knows whether the day may be believed."""


def set_rules(table: Table, rules: Rules | None) -> list[SetRule]:
    """What the contract says of the whole table, then what its quality file declares. Raises DeclarationError."""
    return [*_contract(table), *(_declared(table, rule) for rule in (rules.sets if rules else ()))]


def _contract(table: Table) -> Iterator[SetRule]:
    why = ("列与契约一致", "columns as in the contract")
    yield SetRule("contract:columns", MATCH_SET, {"exact_match": True}, "critical", *why)
    why = ("必填列不为空", "a required column is never empty")
    for name, column in table.columns.items():
        if column.required:
            arguments = {"column": f"{name}_utc" if column.type == "event_time" else name}
            yield SetRule(f"contract:not_null:{name}", NOT_NULL, arguments, "critical", *why)


def _declared(table: Table, rule: Rule) -> SetRule:
    if rule.expectation is None or not expectations.exists(rule.expectation):
        where, said = f"quality/silver/{table.name}.yaml: rule {rule.rule}", rule.expectation or rule.expression
        raise DeclarationError(f"{where}: a set rule is an expect_… of great-expectations, found {said}")
    return SetRule(rule.rule, rule.expectation, rule.stored(table), rule.severity, rule.why.zh, rule.why.en)


@dataclass(frozen=True)
class Known:
    """What a night knows of a table beside its rows: the days that are judged, and the rows that every day has.

    `day_ends` are the instants, in UTC, at which the days end where the city is; `others` the batches with the same
    days of the other tables that its rules look at.
    """

    days: Sequence[str] = ()
    row_counts: Mapping[str, int] = field(default_factory=dict)
    day_ends: Mapping[str, str] = field(default_factory=dict)
    others: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Batch:
    """Rows of a table to be judged, the rules asked of them, the columns they should have, and what else is known.

    `others` are the rows of other tables that the rules look at, `carried` arguments of rules (by their id) as DuckDB
    says them.
    """

    table: str
    frame: "DataFrame | duckdb.DuckDBPyRelation"
    rules: Sequence[SetRule]
    columns: Sequence[str]
    known: Known = Known()
    others: "Mapping[str, DataFrame | duckdb.DuckDBPyRelation]" = field(default_factory=dict)
    carried: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


class Judge:
    """great-expectations on DataFrames of Spark or relations of DuckDB; slow to import, so one is made in a process."""

    def __init__(self) -> None:
        os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
        import great_expectations as gx  # slow to import: some ten seconds
        from great_expectations.validator.validator import Validator

        from quality.engine import Counting, FewJobs

        self.gx, self.validator, self.counting = gx, Validator, Counting
        self.spark = partial(FewJobs, persist=False)
        self.context = gx.get_context(mode="ephemeral")
        self.context.variables.progress_bars = {"globally": False, "metric_calculations": False}  # type: ignore[assignment]  # accepts a mapping

    def validate(self, batches: Sequence[Batch], is_spark: bool = True) -> list[list[Outcome]]:
        """Every rule's outcome on each batch, in the order given: one suite, evaluated once over all of them.

        The batches' rows are all with Spark, or none (then the rules are of COUNTED).

        Raises NotJudged naming a rule that could not be evaluated.
        """
        batches = [replace(batch, known=_with_others(at, batch)) for at, batch in enumerate(batches)]
        asked = [(at, rule) for at, batch in enumerate(batches) for rule in batch.rules]
        expectations = [
            self._expectation(rule, batches[at], meta={"place": place}, batch_id=str(at))
            for place, (at, rule) in enumerate(asked)
        ]
        suite = self.gx.ExpectationSuite("night", expectations)
        frames = {str(at): batch.frame for at, batch in enumerate(batches)}
        for batch in batches:
            frames |= {batch.known.others[key]: frame for key, frame in batch.others.items()}
        engine = self.spark if is_spark else self.counting
        validator = self.validator(engine(batch_data_dict=frames), data_context=self.context)
        results = validator.graph_validate(suite.expectation_configurations, {"result_format": RESULT})
        said = {_place(one): one for one in results}
        outcomes: list[list[Outcome]] = [[] for _ in batches]
        for place, (at, rule) in enumerate(asked):
            outcomes[at].append(_outcome(batches[at].table, rule, said[place]))
        return outcomes

    def _expectation(self, rule: SetRule, batch: Batch, **of: Any) -> Any:
        kind, given = expectations.kind(rule.expectation)
        arguments = rule.arguments | {name: getattr(batch.known, name) for name in given}
        arguments |= batch.carried.get(rule.id, {})
        if rule.expectation == MATCH_SET:
            arguments["column_set"] = list(batch.columns)
        return kind(**arguments, **of)


def _with_others(at: int, batch: Batch) -> Known:
    return replace(batch.known, others={key: f"{at} {key}" for key in batch.others})


def _place(result: Any) -> int:
    """Which rule a result answers: great-expectations does not give them in the order asked."""
    place: int = result.expectation_config.meta["place"]
    return place


def _outcome(table: str, rule: SetRule, result: Any) -> Outcome:
    said = dict(result.result or {})
    problem = next((str(v.get("exception_message")) for v in _exceptions(result) if v.get("raised_exception")), None)
    if problem is not None:
        raise NotJudged(f"{table}: rule {rule.id} ({rule.expectation}) could not be evaluated: {problem}")
    observed = said.get("observed_value")
    if isinstance(observed, list):  # a table's columns: how many there are, or which are not as they should be
        observed = dict(said.get("details") or {}).get("mismatched") or f"{len(observed)} columns"
    shown = None if observed is None else str(observed)
    days = dict(said.get("details") or {}).get("days")
    counts = (said.get("unexpected_count"), said.get("element_count"))
    return Outcome(rule, bool(result.success), shown, *counts, None if days is None else tuple(days))


def _exceptions(result: Any) -> list[dict[str, Any]]:
    info = result.exception_info or {}
    return [info] if "raised_exception" in info else [v for v in info.values() if isinstance(v, dict)]
