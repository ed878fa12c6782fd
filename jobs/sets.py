"""Set rules on the touched days of silver: which fail, and on which days. All tables of a night are asked together."""

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from jobs.core import engine
from jobs.core.lake import Lake
from jobs.core.work import Session, described
from jobs.settle import columns
from jobs.shared import rowsql
from quality.suites import MATCH_SET, ROW_COUNT, Batch, Judge, Known, Outcome, SetRule, set_rules
from schemas import City
from schemas.declared import ExpressionError

if TYPE_CHECKING:
    import duckdb
    from pyspark.sql import DataFrame, SparkSession

Listed = Sequence[Mapping[str, Any]]
Files = Mapping[str, Listed]
Found = list[tuple[Outcome, list[str]]]

ROWS_THROUGH_ARROW, OF_ONE_TABLE = 500_000, 50_000
"""How many rows of a night Spark is handed, and how many of one table."""
COUNTED_HERE = 50_000_000
"""How many rows of a table one machine counts; more are counted faster by many."""
# With few rows planning costs more than running: nothing is compiled for them, planned anew, merged or told at length.
FEW_ROWS = {
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.optimizer.excludedRules": "org.apache.spark.sql.catalyst.optimizer.MergeSubplans",
    "spark.sql.ui.explainMode": "simple",
}


@dataclass(frozen=True)
class Question:
    """Rules asked of the rows of some days of a table."""

    key: str
    rules: Sequence[SetRule]
    days: Sequence[str]


Frame = Callable[[str, Listed, Mapping[str, str]], "DataFrame | duckdb.DuckDBPyRelation"]
"""A table's rows in some data files, with columns of these Spark types."""
Asked = Mapping[int, Question]
"""Questions by their place among all that are asked."""


@dataclass(frozen=True)
class Court:
    """Who judges, and the silver it judges: `files` are the data files of each table's touched days.

    `columns` are what each table's log says it has, `row_counts` the rows of all its days, touched or not.
    """

    session: Session
    judge: Judge
    city: City
    lake: Lake
    files: Files
    columns: Mapping[str, Mapping[str, str]]
    row_counts: Mapping[str, Mapping[str, int]]

    def can_judge(self, rule: SetRule) -> bool:
        """Whether the city has the table that a rule compares with, if it does."""
        return not rule.other or rule.other in self.city.tables

    def outcomes(self, questions: Sequence[Question]) -> list[list[Outcome]]:
        """What great-expectations says to each question.

        What is counted needs no Spark. Few rows are handed to it through Arrow; what is more, it reads from the files.
        """
        counted, few, many = self._parted(questions)
        with ThreadPoolExecutor(1) as beside:
            said = beside.submit(self._counted, counted)
            answers = self._said_of_few(few) if few else {}
            answers |= self._said(many, self._from_files) | said.result()
        return [[answers[at, rule.id] for rule in one.rules] for at, one in enumerate(questions)]

    def _said_of_few(self, asked: Asked) -> dict[tuple[int, str], Outcome]:
        with _set(self.session(), FEW_ROWS):
            return self._said(asked, self._in_memory)

    def _counted(self, asked: Asked) -> dict[tuple[int, str], Outcome]:
        """The answers to questions about what is counted."""
        with engine.cursor(threads=2) as connection:
            return self._said(asked, partial(_relation, connection), is_spark=False)

    def _said(self, asked: Asked, frame: Frame, is_spark: bool = True) -> dict[tuple[int, str], Outcome]:
        """The answers to questions, by their place and the rule: one suite."""
        if not asked:
            return {}
        if is_spark:
            self.session().sparkContext.setJobDescription(described("quality", (one.key for one in asked.values())))
        looks = [(at, look) for at, one in asked.items() for look in self._looks(one)]
        batches = [self._batch(asked[at], frame, rules, kinds, is_spark) for at, (rules, kinds) in looks]
        said = self.judge.validate(batches, is_spark)
        return {(at, one.rule.id): one for (at, _), outcomes in zip(looks, said, strict=True) for one in outcomes}

    def _batch(
        self, question: Question, frame: Frame, rules: Sequence[SetRule], kinds: Mapping[str, str], is_spark: bool
    ) -> Batch:
        key, rows = question.key, frame(question.key, self._of(question), kinds)
        known = Known(question.days, self.row_counts.get(key, {}), _ends(self.city, question.days))
        tables = sorted({rule.other for rule in rules if rule.other})
        others = {other: self._other(other, question.days, None if is_spark else frame) for other in tables}
        carried = {} if is_spark else {rule.id: _carried(self.city, key, rule) or {} for rule in rules}
        return Batch(key, rows, rules, list(self._meant(question)), known, others, carried)

    def _other(self, key: str, days: Sequence[str], frame: Frame | None) -> "DataFrame | duckdb.DuckDBPyRelation":
        """The same days of another table: no rows of a table that is not there yet. Spark's without `frame`."""
        files, kinds = self.lake.files(key, "_day", days), columns(self.city, self.city.tables[key])
        is_few = sum(file["rows"] for file in files) <= ROWS_THROUGH_ARROW
        return (frame or (self._in_memory if is_few else self._from_files))(key, files, kinds)

    def _looks(self, question: Question) -> list[tuple[Sequence[SetRule], Mapping[str, str]]]:
        """The rules, each with the columns it looks at: those the table has.

        A column that the table lacks is NULL to the rules on it; what is said of the columns themselves sees none.
        """
        have, meant = self.columns[question.key], self._meant(question)
        if not set(meant) - set(have):
            return [(question.rules, have)]
        on_columns = [rule for rule in question.rules if rule.expectation == MATCH_SET]
        others = [rule for rule in question.rules if rule.expectation != MATCH_SET]
        return [(rules, kinds) for rules, kinds in ((on_columns, have), (others, {**meant, **have})) if rules]

    def _parted(self, questions: Sequence[Question]) -> tuple[Asked, Asked, Asked]:
        """The questions by their place: what is counted, and the rest, of few rows and of many.

        Few are as many as fit into memory together. A question whose rules differ is in two parts.
        """
        rows = {at: sum(file["rows"] for file in self._of(one)) for at, one in enumerate(questions) if one.rules}
        parts: tuple[dict[int, Question], ...] = ({}, {}, {})
        total = 0
        for at in sorted(rows, key=lambda at: (rows[at], at)):
            total += rows[at]
            counted = [rule for rule in questions[at].rules if self._is_counted(questions[at], rule, rows[at])]
            others = [rule for rule in questions[at].rules if rule not in counted]
            is_few = rows[at] <= OF_ONE_TABLE and total <= ROWS_THROUGH_ARROW
            for part, rules in ((parts[0], counted), (parts[1 if is_few else 2], others)):
                if rules:
                    part[at] = replace(questions[at], rules=rules)
        return parts[0], parts[1], parts[2]

    def _is_counted(self, question: Question, rule: SetRule, rows: int) -> bool:
        """Whether the row engine answers, and not Spark."""
        return rule.is_counted and rows <= COUNTED_HERE and _carried(self.city, question.key, rule) is not None

    def _of(self, question: Question) -> Listed:
        days = set(question.days)
        return [file for file in self.files[question.key] if file["partition._day"] in days]

    def _meant(self, question: Question) -> dict[str, str]:
        return columns(self.city, self.city.tables[question.key])

    def _in_memory(self, _: str, files: Listed, kinds: Mapping[str, str]) -> "DataFrame":
        return self.session().createDataFrame(self.lake.rows(files, kinds)).coalesce(1)

    def _from_files(self, key: str, files: Listed, kinds: Mapping[str, str]) -> "DataFrame":
        schema = ", ".join(f"`{name}` {kind}" for name, kind in kinds.items())
        reader = self.session().read.schema(schema).option("basePath", str(self.lake.folder(key)))
        return reader.parquet(*(file["path"] for file in files))


def _carried(city: City, key: str, rule: SetRule) -> dict[str, str] | None:
    """A rule's conditions on rows of its table and of the other, in SQL of the row engine; None where that has none."""
    asked = {"where": key, "other_where": rule.other}
    try:
        return {
            name: rowsql.to_duckdb(str(rule.arguments[name]), columns(city, city.tables[table]))
            for name, table in asked.items()
            if rule.arguments.get(name)
        }
    except ExpressionError:
        return None


def _relation(
    connection: "duckdb.DuckDBPyConnection", _: str, files: Listed, kinds: Mapping[str, str]
) -> "duckdb.DuckDBPyRelation":
    """Rows of data files; a column that none of them has is NULL."""
    empty = {name: f"NULL::{engine.sql_type(kind)} AS {engine.quoted(name)}" for name, kind in kinds.items()}
    if not files:
        return connection.sql(f"SELECT {', '.join(empty.values())} WHERE false")
    rows = connection.sql(f"FROM {engine.parquet([file['path'] for file in files], ['_day'])}")
    there = {name: engine.quoted(name) for name in rows.columns}
    return rows.select(", ".join((empty | there)[name] for name in kinds))


def _ends(city: City, days: Sequence[str]) -> dict[str, str]:
    """The instants at which days end where the city is, in UTC."""
    next_days = {day: date.fromisoformat(day) + timedelta(days=1) for day in days if day[0] != "_"}
    midnights = {day: datetime.combine(one, time(), city.zone) for day, one in next_days.items()}
    return {day: str(one.astimezone(UTC).replace(tzinfo=None)) for day, one in midnights.items()}


@contextlib.contextmanager
def _set(spark: "SparkSession", settings: Mapping[str, str]) -> Iterator[None]:
    """A session's settings for a while."""
    before = {name: spark.conf.get(name, None) for name in settings}
    for name, value in settings.items():
        spark.conf.set(name, value)
    try:
        yield
    finally:
        for name, was in before.items():
            spark.conf.set(name, was) if was is not None else spark.conf.unset(name)


def judged(
    court: Court, touched: Mapping[str, Sequence[str]], rows: Mapping[str, Mapping[str, int]]
) -> dict[str, Found]:
    """Each set rule's outcome and the days it fails on, by table. `rows`: how many each touched day has, if any.

    A row count is a rule on each day: judged on the thinnest and the fullest, which decide for all between. Every other
    rule is asked of all days together, and day by day only where it fails.
    """
    whole, counts = {}, {}
    for key, days in touched.items():
        rules = [one for one in set_rules(court.city.tables[key], court.city.rules.get(key)) if court.can_judge(one)]
        is_one_day = list(rows[key]) == list(days) and len(days) == 1
        daily = [rule for rule in rules if rule.expectation == ROW_COUNT and not is_one_day]
        whole[key] = Question(key, [rule for rule in rules if rule not in daily], days)
        counts[key] = (daily, [Question(key, daily, [day]) for day in _extremes(rows[key])])
    said = iter(court.outcomes([*whole.values(), *(one for _, asked in counts.values() for one in asked)]))
    answers = {key: next(said) for key in whole}
    failing = _failing(court, whole, answers)
    found = {key: list(zip(answers[key], failing[key], strict=True)) for key in whole}
    for key, (daily, asked) in counts.items():
        thin_and_full = [next(said) for _ in asked]
        found[key] += [_row_count(rule, [one[at] for one in thin_and_full], rows[key]) for at, rule in enumerate(daily)]
    return found


def _extremes(rows: Mapping[str, int]) -> list[str]:
    """The thinnest and the fullest day."""
    ordered = sorted(rows, key=lambda day: (rows[day], day))
    return sorted({*ordered[:1], *ordered[-1:]})


def _row_count(rule: SetRule, said: Sequence[Outcome], rows: Mapping[str, int]) -> tuple[Outcome, list[str]]:
    """A row count's outcome on the extreme days, and every day outside its limits."""
    if not said:
        return Outcome(rule, True, "0 days with rows", None), []
    worst = next((one for one in said if not one.success), said[0])
    low, high = rule.arguments.get("min_value"), rule.arguments.get("max_value")
    failing = [
        day for day, n in sorted(rows.items()) if (low is not None and n < low) or (high is not None and n > high)
    ]
    return worst, failing if not worst.success else []


def _failing(
    court: Court, whole: Mapping[str, Question], answers: Mapping[str, Sequence[Outcome]]
) -> dict[str, list[list[str]]]:
    """The days on which each rule fails by itself: all, for one about the table or that fails on no single one.

    An expectation may say them itself.
    """
    broken = [(key, at) for key, outcomes in answers.items() for at, one in enumerate(outcomes) if not one.success]
    asked = [(key, at) for key, at in broken if answers[key][at].rule.expectation.startswith("expect_column")]
    suspects = [replace(whole[key], rules=[answers[key][at].rule]) for key, at in asked]
    single = dict(zip(asked, _narrowed(court, suspects), strict=True))
    return {
        key: [
            [] if one.success else list(one.days or single.get((key, at)) or whole[key].days)
            for at, one in enumerate(outcomes)
        ]
        for key, outcomes in answers.items()
    }


def _narrowed(court: Court, suspects: Sequence[Question]) -> list[list[str]]:
    """The failing days of questions that fail on all their days together, by halves: few days fail, of many."""
    found: list[list[str]] = [[] for _ in suspects]
    failing = list(enumerate(suspects))
    while failing:
        for at, one in failing:
            found[at] += one.days if len(one.days) == 1 else []
        halves = [
            (at, replace(one, days=half)) for at, one in failing if len(one.days) > 1 for half in _halves(one.days)
        ]
        said = court.outcomes([one for _, one in halves])
        failing = [half for half, (outcome,) in zip(halves, said, strict=True) if not outcome.success]
    return [sorted(days) for days in found]


def _halves(days: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    return days[: len(days) // 2], days[len(days) // 2 :]
