"""When alerts are raised and lowered in a city: its margin, its patience, and thresholds of its own."""

from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import Field

from schemas import limits
from schemas.declared import Declared
from schemas.indicator import Indicator
from schemas.limits import COLOURS, Levels, Limit
from schemas.quantities import Refused


class Alerts(Declared):
    """`alerts:` of `city.yaml`.

    A level is lowered after `lowers_after` measured periods in a row that are clear of its bound by `margin`, a share
    of the bound. `levels` are thresholds by indicator, in place of those of its definition.
    """

    margin: Annotated[float, Field(ge=0, lt=1)] = 0.05
    lowers_after: Annotated[int, Field(ge=1, le=30)] = 2
    levels: dict[str, Levels] = {}

    def of(self, one: Indicator) -> list[tuple[str, Limit]]:
        """The thresholds of an indicator in this city, the mildest first."""
        found = self.levels.get(one.id, one.levels)
        return [(colour, found[colour]) for colour in COLOURS if colour in found]

    def faults(self, declared: Mapping[str, Indicator]) -> Iterator[Refused]:
        """What is wrong with the city's thresholds: of nothing, out of order or range, or against the direction."""
        for name, levels in self.levels.items():
            one = declared.get(name)
            if one is None:
                yield Refused(name, "alerts: there is no such indicator")
                continue
            try:
                limits.check(one.valid_range, one.target, levels, one.direction)
            except ValueError as wrong:
                yield Refused(name, f"alerts: {wrong}")
