"""`citypulse check`: every declaration of a city against every other, without Spark and without data."""

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple
from zoneinfo import available_timezones

import numpy as np
from pydantic import ValidationError
from pyproj.exceptions import ProjError

from jobs import formula, readers
from jobs.shared import geo
from quality.predicates import row_rules
from quality.suites import set_rules
from schemas import City, DeclarationError, Indicator, Into, Source, Table, Term
from schemas.city import ROOT
from schemas.declared import line_of
from schemas.expressions import ExpressionError, columns
from schemas.table import TECHNICAL

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
    out: list[str] = []
    for source in city.sources.values():
        out += _source(city, source)
    for table in city.tables.values():
        out += _table(city, table)
    for one in city.indicators.values():
        out += _indicator(city, one)
    return out


def _source(city: City, source: Source) -> Iterator[str]:
    path = city.folder / "sources" / f"{source.name}.yaml"
    if source.department not in city.departments:
        there = ", ".join(city.departments)
        yield _at(path, "department", f"{source.department!r} is not a department of {city.id}; there is: {there}")
    if source.timezone not in available_timezones():
        yield _at(path, "timezone", f"{source.timezone!r} is not an IANA zone")
    try:
        geo.to_wgs84(np.zeros(0), np.zeros(0), source.datum or "WGS84")
    except ProjError as error:
        yield _at(path, "datum", f"{source.datum!r} is no coordinate reference system ({error})")
    yield from _reader(source, path)
    for key, into in source.into.items():
        if key in city.tables:
            fed = _Fed(source, path, key, into)
            yield from _columns(city.tables[key], fed)
            yield from _place(city, fed)
        else:
            yield _at(path, key, f"there is no schemas/silver/{key.removeprefix('silver.')}.yaml")


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
        yield _at(path, "reader", f"format {source.reader.format!r}: {error}")


def _columns(table: Table, fed: _Fed) -> Iterator[str]:
    for name, text in fed.into.columns.items():
        if name not in table.columns:
            there = ", ".join(table.columns)
            yield f"{fed.at('columns', name)}: column {name!r} does not exist in {fed.table}; it has: {there}"
        yield from _expression(fed, text, "columns", name)
    given = {*fed.into.columns, *(("lon_deg", "lat_deg") if fed.into.place and fed.into.place.point else ())}
    for name, column in table.columns.items():
        if column.required and name not in given:
            yield f"{fed.at('columns')}: {fed.table} requires {name!r}, which columns: does not give"
    if fed.into.where:
        yield from _expression(fed, fed.into.where, "where")


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
    file = Path("silver") / f"{table.name}.yaml"
    path = _first(city.folder / "schemas" / file, ROOT / "schemas" / file)
    where = _first(city.folder / "quality" / file, ROOT / "quality" / file)
    yield from _owner(city, path, table.owner, "table")
    rules = city.rules.get(table.key_id)
    known = {*table.stored, *TECHNICAL, *CONTEXT}
    there = ", ".join(table.stored)
    try:
        for rule in row_rules(table, rules):
            for missing in sorted(columns(rule.predicate) - known):
                yield _at(where, rule.id, f"column {missing!r} does not exist in {table.key_id}; it has: {there}")
        set_rules(table, rules)
    except (ExpressionError, DeclarationError) as error:
        yield f"{where}: {error}"


def _indicator(city: City, one: Indicator) -> Iterator[str]:
    element, name = one.id.split(".")
    file = Path("indicators") / element / f"{name}.yaml"
    path = _first(city.folder / file, ROOT / "schemas" / file)
    yield from _owner(city, path, one.owner, "indicator")
    for label, term in one.terms.items():
        if term.kind != "indicator":
            yield from _term(city.tables[term.table], path, label, term)
    if one.entity and any(one.entity.column not in city.tables[key].columns for key in one.tables):
        yield _at(path, "entity", f"column {one.entity.column!r} does not exist in {', '.join(one.tables)}")
    if one.method and find_spec(f"jobs.methods.{one.method}") is None:
        yield _at(path, "method", f"there is no jobs/methods/{one.method}.py")
    yield from _value(path, one)


def _term(table: Table, path: Path, label: str, term: Term) -> Iterator[str]:
    if term.of and term.of not in table.columns:
        there = ", ".join(table.columns)
        yield _at(path, label, f"column {term.of!r} does not exist in {term.table}; it has: {there}")
    elif term.of and not table.columns[term.of].is_number:
        yield _at(path, label, f"{term.kind} of {term.of!r}: it is {table.columns[term.of].type}, not a number")
    try:
        missing = sorted(columns(term.where) - {*table.stored, *TECHNICAL}) if term.where else []
    except ExpressionError as error:
        yield _at(path, label, f"where {term.where!r}: {error}")
        return
    there = ", ".join(table.stored)
    for column in missing:
        yield _at(path, label, f"where: column {column!r} does not exist in {term.table}; it has: {there}")


def _value(path: Path, one: Indicator) -> Iterator[str]:
    """The formula's SQL can be made, whatever its terms are."""
    if not one.value:
        return
    others = {name for name, term in one.terms.items() if term.kind == "indicator"}
    exact = {name: formula.Ratio("1") for name in (*(set(one.terms) - others), "days", "valid_days")}
    try:
        formula.to_sql(one.value, exact, dict.fromkeys(others, "1"))
    except ValueError as error:
        yield _at(path, "value", str(error))


def _owner(city: City, path: Path, owner: str, what: str) -> Iterator[str]:
    if owner not in city.departments:
        yield _at(path, "owner", f"{owner!r} is not a department of {city.id}; every {what} has an accountable one")


def _first(*paths: Path) -> Path:
    return next((path for path in paths if path.exists()), paths[-1])


def _at(path: Path, key: str, text: str) -> str:
    """`file:line: key: text`; the line where the key first stands."""
    plain = key.split(":")[-1]
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    line = next((number for number, one in enumerate(lines, 1) if _names(one, plain)), 1)
    return f"{path}:{line}: {key}: {text}"


def _names(line: str, key: str) -> bool:
    return key in line.split("#")[0].split(":")[0].split("{")[0] or f"rule: {key}" in line
