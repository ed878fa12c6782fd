"""`citypulse check`: every declaration of a city against every other, without Spark and without data."""

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from pydantic import ValidationError
from pyproj.exceptions import ProjError

from jobs import exporting, readers, states, terms
from jobs.methods import _fitting as fitting
from jobs.shared import geo, personal, rowsql
from quality.predicates import row_rules
from quality.suites import set_rules
from schemas import (
    City,
    DeclarationError,
    Indicator,
    Into,
    Rule,
    Source,
    Table,
    Term,
    classification,
    conf,
    definitions,
    units,
)
from schemas.city import ROOT, CityFile, is_zone, unaccounted
from schemas.declared import at, line_of, read
from schemas.expressions import ExpressionError, columns
from schemas.table import LEVELS, TECHNICAL

CONTEXT = {"_delivered_date", "_file_name", "_scope_day"}


class _Fed(NamedTuple):
    """What a source says of one table."""

    source: Source
    path: Path
    table: str
    into: Into

    def at(self, *key: str) -> str:
        """`file:line: key`, whether or not the table's part stands flat."""
        return f"{self.path}:{line_of(self.path, ('into', self.table, *key), key)}: {key[-1]}"


def faults(city: City) -> list[str]:
    """One line a fault: file and line, what was found, what is allowed."""
    out: list[str] = list(_departments(city))
    for source in city.sources.values():
        out += _source(city, source)
    for table in city.tables.values():
        out += _table(city, table)
    for one in city.declared.values():
        out += of_indicator(city, one)
    out += twice(city)
    out += _exports(city)
    return out


def _departments(city: City) -> Iterator[str]:
    for name, one in city.departments.items():
        if one.code and not personal.is_valid(one.code, "credit_code"):
            yield at(city.folder / "city.yaml", name, f"code {one.code} fails the check digit of GB 32100-2015")


def _exports(city: City) -> Iterator[str]:
    known = exporting.exporters() if city.file.exports else {}
    for name in sorted(city.file.exports.keys() - known.keys()):
        line = line_of(city.folder / "city.yaml", ("exports", name))
        yield f"{city.folder / 'city.yaml'}:{line}: exports: no exporter {name!r}; there is: {', '.join(known)}"


def _source(city: City, source: Source) -> Iterator[str]:
    path = city.folder / "sources" / f"{source.name}.yaml"
    if source.department not in city.departments:
        there = ", ".join(city.departments)
        yield at(path, "department", f"{source.department!r} is not a department of {city.id}; there is: {there}")
    if not is_zone(source.timezone):
        yield at(path, "timezone", f"{source.timezone!r} is not an IANA zone")
    try:
        geo.to_wgs84(np.zeros(0), np.zeros(0), source.datum or "WGS84")
    except ProjError as error:
        yield at(path, "datum", f"{source.datum!r} is no coordinate reference system ({error})")
    yield from _reader(source, path)
    for key, into in source.into.items():
        if key in city.tables:
            fed = _Fed(source, path, key, into)
            yield from _columns(city.tables[key], fed)
            yield from _place(city, fed)
        else:
            yield at(path, key, f"there is no schemas/silver/{key.removeprefix('silver.')}.yaml")


def _reader(source: Source, path: Path) -> Iterator[str]:
    try:
        options = readers.find(source.reader.format).Options
        options(**source.reader.options)
    except ValidationError as error:
        for said in error.errors():
            where = ".".join(str(part) for part in said["loc"]) or source.reader.format
            line = line_of(path, ("reader", *(str(part) for part in said["loc"])))
            if said["type"] == "extra_forbidden":
                yield f"{path}:{line}: reader: unknown option {where!r}; allowed: {', '.join(options.model_fields)}"
            else:
                words = "a list is expected, as [a, b]" if said["type"] == "tuple_type" else said["msg"]
                yield f"{path}:{line}: reader: {where}: {words.removeprefix('Value error, ')}"
    except (ImportError, LookupError, ValueError) as error:
        yield at(path, "reader", f"format {source.reader.format!r}: {error}")


def _columns(table: Table, fed: _Fed) -> Iterator[str]:
    for name, text in fed.into.columns.items():
        if name not in table.columns:
            there = ", ".join(table.columns)
            yield f"{fed.at('columns', name)}: column {name!r} does not exist in {fed.table}; it has: {there}"
        yield from _expression(fed, text, "columns", name)
        yield from _named(table, fed, name, text)
    given = {*fed.into.columns, *(("lon_deg", "lat_deg") if fed.into.place and fed.into.place.point else ())}
    for name, column in table.columns.items():
        if column.required and name not in given:
            yield f"{fed.at('columns')}: {fed.table} requires {name!r}, which columns: does not give"
    if fed.into.where:
        yield from _expression(fed, fed.into.where, "where")


def _named(table: Table, fed: _Fed, name: str, text: str) -> Iterator[str]:
    """What names a person reaches a table as a pseudonym, and nothing else does."""
    column = table.columns.get(name)
    if column is None:
        return
    try:
        used = columns(text)
    except ExpressionError:
        return
    kinds = {field: kind for field, kind in fed.source.personal.items() if field in used}
    clear = sorted(used - set(fed.source.personal) - CONTEXT)
    if column.personal == "direct" and clear:
        yield f"{fed.at('columns', name)}: {name} names a person, so personal: must say what {', '.join(clear)} is"
    direct = sorted(field for field, kind in kinds.items() if kind != "text")
    if direct and column.personal != "direct":
        where = f"{fed.table}.{name}"
        yield f"{fed.at('columns', name)}: {', '.join(direct)} names a person; {where} must say personal: direct"
    if "text" in kinds.values() and column.personal is None:
        where = f"{fed.table}.{name}"
        yield f"{fed.at('columns', name)}: free text of persons; {where} must say personal: quasi or direct"


def _place(city: City, fed: _Fed) -> Iterator[str]:
    place = fed.into.place
    if place is None:
        return
    there = {"city": None, **city.file.levels}
    for level in sorted(set(place.level) - set(there)):
        yield f"{fed.at('place', 'level')}: {level!r} is not a level of {city.id}; there is: {', '.join(there)}"
    for text in (place.id, *((place.point.lon, place.point.lat) if place.point else ())):
        if text:
            yield from _expression(fed, text, "place")


def _expression(fed: _Fed, text: str, *key: str) -> Iterator[str]:
    try:
        used = columns(text)
    except ExpressionError as error:
        yield f"{fed.at(*key)}: {error}"
        return
    fields, unpivot = fed.source.fields, fed.into.unpivot
    if fields:
        known = {*fields, *fed.source.optional, *CONTEXT, *((unpivot.name, unpivot.value) if unpivot else ())}
        for missing in sorted(used - known):
            yield f"{fed.at(*key)}: field {missing!r} is not under fields:; there is: {', '.join(fields)}"


def _table(city: City, table: Table) -> Iterator[str]:
    path = city.files[table.key_id]
    where = _first(
        city.folder / "quality" / "silver" / f"{table.name}.yaml", ROOT / "quality" / "silver" / f"{table.name}.yaml"
    )
    yield from of_contract(path, table)
    yield from (at(path, "listed_in", text) for text in _listed(city, table))
    rules = city.rules.get(table.key_id)
    known = {*table.stored, *TECHNICAL, *CONTEXT}
    there = ", ".join(table.stored)
    try:
        for rule in row_rules(table, rules):
            for missing in sorted(columns(rule.predicate) - known):
                yield at(where, rule.id, f"column {missing!r} does not exist in {table.key_id}; it has: {there}")
        set_rules(table, rules)
        for declared in rules.sets if rules else ():
            yield from (at(where, declared.rule, text) for text in _looked_at(city, table, declared))
    except (ExpressionError, DeclarationError) as error:
        yield f"{where}: {error}"


def _looked_at(city: City, table: Table, rule: Rule) -> Iterator[str]:
    """What a set rule looks at that is not there: columns of the table, or of another that it compares with."""
    named = {name for key, said in rule.arguments.items() if key.startswith("column") for name in _listed_names(said)}
    yield from _lacking(table, named)
    if not rule.other:
        return
    other = city.contracts.get(rule.other)
    if other is None:
        yield f"there is no table {rule.other!r} to compare with"
        return
    by = _listed_names(rule.arguments.get("columns_by", []))
    yield from _lacking(other, {*by, *_listed_names(rule.arguments.get("other_column", []))})


def _lacking(table: Table, named: Iterable[str]) -> Iterator[str]:
    for name in sorted(set(named) - {*table.columns, *table.stored, *TECHNICAL}):
        yield f"column {name!r} does not exist in {table.key_id}; it has: {', '.join(table.stored)}"


def _listed_names(said: object) -> list[str]:
    return [one for one in (said if isinstance(said, list) else [said]) if isinstance(one, str)]


def _listed(city: City, table: Table) -> Iterator[str]:
    """What is wrong with the register that lists a table's reporters."""
    one = table.reporters.listed_in if table.reporters else None
    if one is None:
        return
    register = city.contracts.get(one.table)
    if register is None or register.kind != "register":
        there = ", ".join(key for key, each in city.contracts.items() if each.kind == "register")
        yield f"table: {one.table!r} is no register; there is: {there}"
        return
    try:
        used = {one.column} | (columns(one.where) if one.where else set())
    except ExpressionError as error:
        yield f"where: {error}"
        return
    for name in sorted(used - set(register.stored)):
        yield f"column {name!r} does not exist in {one.table}; it has: {', '.join(register.columns)}"


def of_contract(path: Path, table: Table) -> Iterator[str]:
    """What is wrong with a contract's units, which are read by pint."""
    for name, unit in table.units.items():
        try:
            units.parse(unit)
        except units.UnitError as error:
            yield at(path, name, str(error))


def of_indicator(city: City, one: Indicator) -> Iterator[str]:
    """What is wrong with one definition: by itself, beside the others, and, where it applies, in the city."""
    path = city.files[one.id]
    wrong = [(refused.key, str(refused)) for refused in definitions.faults(one, city.contracts, city.declared)]
    wrong = wrong or [*_types(city, one), *fitting.faults(one, city.contracts), *_levels(city, one)]
    if one.id in city.indicators:
        yield from unaccounted(city.file, {one.id: one}, city.files)
        wrong += [*_groups(city, one), *_reach(city, one), *_calendar(city, one)]
        wrong = wrong or [*_widths(city, one), *_classified(city, one)]
    yield from (at(path, key, text) for key, text in wrong)


def _classified(city: City, one: Indicator) -> Iterator[tuple[str, str]]:
    """A declared classification keeps more to itself than the inputs ask for, never less."""
    found = classification.of_indicator(city, one)
    if one.classification and LEVELS.index(one.classification) < LEVELS.index(found.level):
        yield "classification", f"{one.classification} is below {found.level}, that of {', '.join(found.inputs)}"


def _types(city: City, one: Indicator) -> Iterator[tuple[str, str]]:
    """A condition is one, and what it compares goes together; the formula's SQL can be made."""
    for label, term in one.terms.items():
        if term.where and term.table in city.contracts:
            stored = {**city.contracts[term.table].stored, **TECHNICAL}
            try:
                kind = str(rowsql.compiled(term.where, stored).type)
            except ExpressionError as error:
                yield label, f"where: {error}"
                continue
            if kind != "boolean":
                yield label, f"where {term.condition!r} is {kind}; a condition is true or false"


def _levels(city: City, one: Indicator) -> Iterator[tuple[str, str]]:
    """A level that no city has is a typo; one that only others have does not apply here."""
    known = _known_levels(conf()) | _known_levels(ROOT / "conf")
    named = [("places", level) for level in one.places]
    for label, term in one.terms.items():
        named += [(label, level) for level in (*([term.level] if term.level else ()), *_above(term))]
    for key, level in named:
        if level not in known | {"city", *city.file.levels}:
            yield key, f"level {level!r} is unknown; there is: city, {', '.join(city.file.levels)}"


def _above(term: Term) -> list[str]:
    """The levels that fields of rows of places name, to say in which place of theirs each lies."""
    return [name for said in term.fields.values() for name in said if term.level and "." not in name]


@cache
def _known_levels(base: Path) -> frozenset[str]:
    files = (read(path, CityFile, id=path.parent.name) for path in base.glob("cities/*/city.yaml"))
    return frozenset(level for file in files for level in file.levels)


def _reach(city: City, one: Indicator) -> Iterator[tuple[str, str]]:
    """A level that is asked for by name is reached by a source of every term's table."""
    known = [level for chain in city.file.hierarchies for level in chain]
    for level in (level for level in one.places if level in known):
        for label, term in one.terms.items():
            if term.looks or term.place:
                continue
            reached = {up for source in city.feeding(term.table) for up in _upwards(city, source, term.table)}
            if reached and level not in reached:
                there = ", ".join(sorted(reached, key=known.index))
                yield "places", f"level {level!r} is not reached: sources of {term.table} ({label}) reach {there}"
                return


def _groups(city: City, one: Indicator) -> Iterator[tuple[str, str]]:
    """A place lies in those of the levels above its own."""
    for label, term in one.terms.items():
        chains = [chain for chain in city.file.hierarchies if term.level in chain]
        over = {above for chain in chains for above in chain[chain.index(term.level) :]}
        for level in _above(term):
            if over and level in city.file.levels and level not in over:
                yield label, f"a {term.level} lies in no {level}; it lies in: {', '.join(sorted(over))}"


def _upwards(city: City, source: Source, key: str) -> set[str]:
    """The levels a source places its records at, and those above."""
    place = source.into[key].place
    if place is None:
        return {"city"}
    placed = {chain[0] for chain in city.file.hierarchies} if place.point else set(place.level)
    return {
        above
        for chain in city.file.hierarchies
        for level in placed & set(chain)
        for above in chain[chain.index(level) :]
    }


def _calendar(city: City, one: Indicator) -> Iterator[tuple[str, str]]:
    """Peaks are those the city declares, and so are holidays."""
    peaks = sorted({"peak", "off_peak"} & set(one.segments))
    if peaks and not city.file.peak_hours:
        yield "segments", f"{', '.join(peaks)}: {city.id} declares no peak_hours"
    if "holiday" in one.segments and not city.file.calendar.holidays:
        yield "segments", f"holiday: {city.id} declares no calendar: holidays"


def _widths(city: City, one: Indicator) -> Iterator[tuple[str, str]]:
    """Sums that stay exact whatever the table holds."""
    for label, term in one.terms.items():
        if not term.looks:
            table = city.tables[term.table]
            why = states.too_wide(table, terms.aggregate(term, table))
            if why:
                yield label, f"{term.kind} of {term.of}: {why}"


def twice(city: City) -> Iterator[str]:
    """Two files with one meaning."""
    first: dict[str, str] = {}
    for key, one in sorted(city.declared.items()):
        other = first.setdefault(definitions.identity(one), key)
        if other != key:
            yield at(
                city.files[key],
                "terms",
                f"{key} is {other} again ({city.files[other]}): the same terms and formula; keep one of them",
            )


def _first(*paths: Path) -> Path:
    return next((path for path in paths if path.exists()), paths[-1])
