"""Whether two tables that speak of the same thing say the same, as lines and their network's total."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, ClassVar

from great_expectations.expectations.expectation import BatchExpectation
from great_expectations.validator.metric_configuration import MetricConfiguration

from quality.expectations import by_day

GIVEN = ("others",)
METRIC = by_day.Sums.metric_name
OURS, THEIRS = "ours", "theirs"
Sums = Mapping[tuple[str, ...], Decimal | int | None]


class ExpectSumsToAgreeWithAnotherTable(BatchExpectation):
    """Each day's sum of `column` differs from that of `other_column` in `table` by at most `tolerance` of the greater.

    By `columns_by`, which both tables have, and of the rows that `where` and `other_where` choose. Compared is what
    both tables speak of with every value known: what one of them lacks is missing, which its reporters tell.
    `others` names the other tables' batches.
    """

    column: str
    table: str
    other_column: str
    columns_by: list[str] = []
    where: str | None = None
    other_where: str | None = None
    tolerance: float = 0
    others: dict[str, str]

    metric_dependencies: ClassVar[tuple[str, ...]] = ()
    domain_keys: ClassVar[tuple[str, ...]] = ("batch_id",)
    success_keys: ClassVar[tuple[str, ...]] = (
        "column", "table", "other_column", "columns_by", "where", "other_where", "tolerance", "others",
    )  # fmt: skip

    def get_validation_dependencies(self, *asked: Any, **how: Any) -> Any:
        """The sums of both tables."""
        dependencies = super().get_validation_dependencies(*asked, **how)
        sides = {
            OURS: (self.batch_id, self.column, self.where),
            THEIRS: (self.others[self.table], self.other_column, self.other_where),
        }
        for side, (batch, column, where) in sides.items():
            given = {"column": column, "columns_by": self.columns_by, "where": where}
            dependencies.set_metric_configuration(side, MetricConfiguration(METRIC, {"batch_id": batch}, given))
        return dependencies

    def _validate(self, metrics: Mapping[str, Any], *_: Any, **__: Any) -> dict[str, Any]:
        ours: Sums = metrics[OURS]
        theirs: Sums = metrics[THEIRS]
        both = {key: (ours[key], theirs[key]) for key in sorted(ours.keys() & theirs.keys(), key=str)}
        known = {key: (Fraction(a), Fraction(b)) for key, (a, b) in both.items() if a is not None and b is not None}
        most = Fraction(str(self.tolerance))
        odd = [key for key, (a, b) in known.items() if abs(a - b) > most * max(abs(a), abs(b))]
        said = [f"{' '.join(map(str, key))}: {ours[key]} here, {theirs[key]} in {self.table}" for key in odd]
        more = f"; and {len(said) - 3} more" if len(said) > 3 else ""
        return {
            "success": not odd,
            "result": {
                "observed_value": "; ".join(said[:3]) + more if said else f"{len(known)} sums agree",
                "details": {"days": sorted({key[0] for key in odd})},
            },
        }  # fmt: skip
