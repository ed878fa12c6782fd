"""How many rows a day has, against the days before that are like it."""

from collections.abc import Mapping
from datetime import date, timedelta
from fractions import Fraction
from typing import Any, ClassVar

from great_expectations.expectations.expectation import BatchExpectation
from great_expectations.validator.metric_configuration import MetricConfiguration

GIVEN = ("days", "row_counts")
TOTAL = "table.row_count"
ON_OTHER_DAYS = "column_values.in_set.unexpected_count"


class ExpectRowCountToBeNearLikeDays(BatchExpectation):
    """Each day has `min_share` to `max_share` of the mean rows of the same weekday in the `weeks` before.

    Days without rows are not like any; a day with fewer than `at_least` like days is not judged. `row_counts` are the
    rows of every day of the table as the night's layers made it.
    """

    min_share: float
    max_share: float
    weeks: int = 4
    at_least: int = 2
    days: list[str]
    row_counts: dict[str, int]

    metric_dependencies: ClassVar[tuple[str, ...]] = (TOTAL,)
    domain_keys: ClassVar[tuple[str, ...]] = ("batch_id",)
    success_keys: ClassVar[tuple[str, ...]] = ("min_share", "max_share", "weeks", "at_least", "days", "row_counts")

    def get_validation_dependencies(self, *asked: Any, **how: Any) -> Any:
        """Rows, and for each day that is judged how many are not of it: counts, which are asked all at once."""
        dependencies = super().get_validation_dependencies(*asked, **how)
        domain = dependencies.metric_configurations[TOTAL].metric_domain_kwargs
        for day in self._usual():
            metric = MetricConfiguration(ON_OTHER_DAYS, {**domain, "column": "_day"}, {"value_set": [day]})
            dependencies.set_metric_configuration(f"{ON_OTHER_DAYS} {day}", metric)
        return dependencies

    def _validate(self, metrics: Mapping[str, Any], *_: Any, **__: Any) -> dict[str, Any]:
        usual = self._usual()
        elsewhere = {day: metrics[f"{ON_OTHER_DAYS} {day}"] or 0 for day in usual}  # None where there are no rows
        rows = {day: metrics[TOTAL] - others for day, others in elsewhere.items()}
        low, high = Fraction(str(self.min_share)), Fraction(str(self.max_share))
        odd = [day for day, mean in usual.items() if not low * mean <= rows[day] <= high * mean]
        said = [f"{day}: {rows[day]} rows, usual {float(usual[day]):.1f}" for day in odd]
        return {
            "success": not odd,
            "result": {"observed_value": "; ".join(said) or f"{len(usual)} days judged", "details": {"days": odd}},
        }

    def _usual(self) -> dict[str, Fraction]:
        """The mean rows of the days like each one that has enough of them."""
        out = {}
        for day in (one for one in self.days if one[0] != "_"):
            before = [(date.fromisoformat(day) - timedelta(weeks=n)).isoformat() for n in range(1, self.weeks + 1)]
            like = [self.row_counts[one] for one in before if self.row_counts.get(one)]
            if len(like) >= self.at_least:
                out[day] = Fraction(sum(like), len(like))
        return out
