"""Whether what is a part of something is no more than the whole, as PM2.5 of PM10."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, ClassVar

from great_expectations.expectations.expectation import BatchExpectation

from quality.expectations import by_day

METRIC = by_day.Pairs.metric_name


class ExpectOneKindToBeAtMostAnother(BatchExpectation):
    """Of each day's pairs of rows that agree in `columns_same`, the share `mostly` has `column` in order.

    A pair is one row whose `column_kind` is `lower` and one whose is `upper`, with both values known; it is in order
    where the first is not above the second. A day without pairs is not judged.
    """

    column: str
    column_kind: str
    columns_same: list[str]
    lower: str
    upper: str
    mostly: float = 1

    metric_dependencies: ClassVar[tuple[str, ...]] = (METRIC,)
    domain_keys: ClassVar[tuple[str, ...]] = ("batch_id",)
    success_keys: ClassVar[tuple[str, ...]] = ("column", "column_kind", "columns_same", "lower", "upper", "mostly")

    def _validate(self, metrics: Mapping[str, Any], *_: Any, **__: Any) -> dict[str, Any]:
        found: Mapping[str, tuple[int, int]] = metrics[METRIC]
        least = Fraction(str(self.mostly))
        odd = {day: wrong for day, (pairs, wrong) in sorted(found.items()) if pairs - wrong < least * pairs}
        pairs, wrong = (sum(one[at] for one in found.values()) for at in (0, 1))
        said = "; ".join(f"{day}: {n} of {found[day][0]} pairs with {self.lower} above" for day, n in odd.items())
        return {
            "success": not odd,
            "result": {
                "observed_value": said or f"{wrong} of {pairs} pairs with {self.lower} above {self.upper}",
                "details": {"days": list(odd)},
            },
        }  # fmt: skip
