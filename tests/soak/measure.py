"""What the soak measures: whether the truth lies inside, how wide the bounds are, and what is called final."""

import json
import statistics
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

from jobs import said
from jobs.core import engine
from jobs.core.lake import Lake
from schemas import City
from tests.agreement import agree

Key = tuple[str, str, str, str, str]


class Truth(NamedTuple):
    """The true value of a cell, and whether the published one is it but for rounding."""

    value: float
    is_near: bool


Row = dict[str, Any]
CELL = ("indicator", "level", "place", "period_kind", "period")
ROUNDING = 1e-9
"""A bound is a DOUBLE: what it may be off by, as a share of the valid range."""


@dataclass
class Figures:
    """Of one indicator, or of all: cells short of full coverage, those whose truth lies outside, their widths."""

    cells: int = 0
    outside: int = 0
    widths: list[float] = field(default_factory=list)
    """(high - low) / ((1 - coverage) x valid range)."""

    @property
    def inside(self) -> float:
        return 1 - self.outside / self.cells if self.cells else 1.0

    @property
    def width(self) -> float:
        return statistics.median(self.widths) if self.widths else 0.0


@dataclass
class Soaked:
    """Figures by indicator, and what must never be."""

    by_indicator: dict[str, Figures] = field(default_factory=lambda: defaultdict(Figures))
    complete: int = 0
    complete_wrong: list[Key] = field(default_factory=list)
    complete_wide: list[Key] = field(default_factory=list)
    final_below: list[Key] = field(default_factory=list)

    @property
    def all(self) -> Figures:
        found = self.by_indicator.values()
        widths = [width for one in found for width in one.widths]
        return Figures(sum(one.cells for one in found), sum(one.outside for one in found), widths)


def answers(delivered: Path) -> dict[str, dict[Key, Truth]]:
    """By edition: the true value of each cell that has one."""
    out: dict[str, dict[Key, Truth]] = defaultdict(dict)
    with (delivered / "answers" / "values.ndjson").open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if row["value"] is not None:
                out[row["edition"]][tuple(row[name] for name in CELL)] = Truth(
                    float(Fraction(row["value"])), "near" in row
                )
    return out


def published(lake: Lake, biz_date: date) -> dict[Key, Row]:
    """What an edition says."""
    with said.by(lake, biz_date) as connection:
        rows: list[Row] = engine.table(connection, "SELECT * FROM said").to_pylist()
    return {tuple(row[name] for name in CELL): row for row in rows}


def add(soaked: Soaked, city: City, rows: Mapping[Key, Row], truths: Mapping[Key, Truth]) -> None:
    """Compare one edition with the truth of it."""
    for key, row in rows.items():
        one = city.indicators[row["indicator"]]
        if row["status"] == "final" and row["coverage"] < one.minimum_coverage:
            soaked.final_below.append(key)
        if row["coverage"] >= 1 and not (row["low"] == row["value"] == row["high"]):
            soaked.complete_wide.append(key)
    for key, truth in truths.items():
        valid = _range(city, key[0])
        if key not in rows or valid is None:
            continue
        row = rows[key]
        if row["coverage"] >= 1:
            soaked.complete += 1
            if not agree(row["value"], *truth):
                soaked.complete_wrong.append(key)
            continue
        figures, span = soaked.by_indicator[key[0]], valid[1] - valid[0]
        slack = ROUNDING * span
        figures.cells += 1
        figures.outside += not row["low"] - slack <= truth.value <= row["high"] + slack
        figures.widths.append((row["high"] - row["low"]) / ((1 - row["coverage"]) * span))


def _range(city: City, indicator: str) -> tuple[float, float] | None:
    one = city.indicators.get(indicator)
    return one.valid_range if one else None


def trust(rows: Mapping[Key, Row]) -> dict[Key, tuple[object, ...]]:
    """How far each value is to be relied on."""
    names = ("coverage", "low", "high", "grade", "status", "reasons")
    return {key: tuple(row[name] for name in names) for key, row in rows.items()}


def changed(before: Mapping[Key, Row], after: Mapping[Key, Row]) -> set[str]:
    """The indicators of which the trust of any cell differs."""
    one, other = trust(before), trust(after)
    return {key[0] for key in {*one, *other} if one.get(key) != other.get(key)}


def lines(soaked: Soaked) -> Iterator[tuple[str, Figures]]:
    """Figures by indicator in name order."""
    yield from sorted(soaked.by_indicator.items())


def merged(parts: Iterable[Soaked]) -> Soaked:
    """Several soaks as one."""
    out = Soaked()
    for part in parts:
        for name, figures in part.by_indicator.items():
            mine = out.by_indicator[name]
            mine.cells, mine.outside = mine.cells + figures.cells, mine.outside + figures.outside
            mine.widths += figures.widths
        out.complete += part.complete
        out.complete_wrong += part.complete_wrong
        out.complete_wide += part.complete_wide
        out.final_below += part.final_below
    return out
