"""Whether a day was reported to its end."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from great_expectations.expectations.expectation import BatchExpectation

from quality.expectations import by_day

GIVEN = ("day_ends",)
METRIC = by_day.Newest.metric_name


class ExpectNewestRecordToBeNearDayEnd(BatchExpectation):
    """The newest instant of `column` on each day lies at most `hours` before the day ends.

    `day_ends` are the ends of days in the city's zone, in UTC. A day on which the column is nowhere known fails.
    """

    column: str
    hours: float
    day_ends: dict[str, str]

    metric_dependencies: ClassVar[tuple[str, ...]] = (METRIC,)
    domain_keys: ClassVar[tuple[str, ...]] = ("batch_id",)
    success_keys: ClassVar[tuple[str, ...]] = ("column", "hours", "day_ends")

    def _validate(self, metrics: Mapping[str, Any], *_: Any, **__: Any) -> dict[str, Any]:
        newest: Mapping[str, str | None] = metrics[METRIC]
        old = {day: at for day, at in sorted(newest.items()) if not at or at < self._since(day)}
        said = "; ".join(f"{day}: newest {at} UTC" for day, at in old.items())
        return {
            "success": not old,
            "result": {
                "observed_value": said or f"{len(newest)} days reported to their end",
                "details": {"days": list(old)},
            },
        }  # fmt: skip

    def _since(self, day: str) -> str:
        return str(datetime.fromisoformat(self.day_ends[day]) - timedelta(hours=self.hours))
