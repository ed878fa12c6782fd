"""Who may see what: a table's level is the highest of its columns', an indicator's the highest of its inputs'.

Records that name persons are restricted whatever column is read. What the city's release threshold has gone over is
lowered to internal, and says so; nothing else lowers a level (GB/T 43697: 就高从严).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from schemas.indicator import Indicator
from schemas.table import LEVELS, Classification, Table
from schemas.term import Term

if TYPE_CHECKING:
    from schemas.city import City

RELEASED: Classification = "internal"
RULE = "release_threshold"


@dataclass(frozen=True)
class Classified:
    """A level, the inputs it comes from, and the rule that lowered it."""

    level: Classification
    inherited: Classification
    inputs: tuple[str, ...]
    lowered_by: str | None = None


def of_table(table: Table) -> Classification:
    """The highest level of its columns."""
    return highest(column.classification for column in table.columns.values())


def guarded(city: "City", key: str) -> Classification:
    """The level at which the catalogue of resources lists a table or an indicator of the city: personal data, direct
    or not, stand at the highest, whatever their columns'."""
    if key in city.tables:
        table = city.tables[key]
        return LEVELS[-1] if any(column.personal for column in table.columns.values()) else of_table(table)
    one = city.indicators[key]
    return one.classification or of_indicator(city, one).level


def of_indicator(city: "City", one: Indicator) -> Classified:
    """The level of an indicator's values in a city."""
    found = dict(sorted(_inputs(city, one, {one.id})))
    inherited = highest(iter(found.values()))
    why = tuple(name for name, level in found.items() if level == inherited)
    named = {name for name, level in found.items() if name in city.named}
    rest = highest(level for name, level in found.items() if name not in named)
    if named and city.file.release is not None and LEVELS.index(rest) < LEVELS.index(inherited):
        return Classified(highest(iter((rest, RELEASED))), inherited, why, f"{RULE} {city.file.release.k}")
    return Classified(inherited, inherited, why)


def highest(levels: Iterator[Classification]) -> Classification:
    """The highest of some levels; of none, the lowest there is."""
    return max(levels, key=LEVELS.index, default=LEVELS[0])


def _inputs(city: "City", one: Indicator, seen: set[str]) -> Iterator[tuple[str, Classification]]:
    """The columns its terms read, through other indicators too, and the tables whose records name persons."""
    for term in (term for version in one.versions for term in version.terms.values()):
        if not term.looks:
            yield from _read(city, one, term)
        for name in {look.table for look in term.looks} - seen:
            seen.add(name)
            yield from _inputs(city, city.declared[name], seen)


def _read(city: "City", one: Indicator, term: Term) -> Iterator[tuple[str, Classification]]:
    table = city.contracts[term.table]
    if any(column.personal == "direct" for column in table.columns.values()):
        yield term.table, LEVELS[-1]
        return
    from schemas.expressions import columns as columns_of  # its grammar takes a tenth of a second to import

    said = [
        term.of,
        term.weight,
        term.at or table.date,
        term.place,
        term.entity,
        one.entity.column if one.entity else None,
    ]
    read = {name for name in said if name} | {*term.columns} | (columns_of(term.where) if term.where else set())
    for name, column in table.columns.items():
        if name in read or (table.is_time(name) and any(other.startswith(f"{name}_") for other in read)):
            yield f"{term.table}.{name}", column.classification
