"""`citypulse check`: every declaration of a city against every other, without Spark and without data."""

from collections.abc import Iterator
from pathlib import Path
from zoneinfo import available_timezones

from pydantic import ValidationError

from jobs import formula, methods, readers
from jobs.core import engine
from quality.predicates import row_rules
from quality.suites import set_rules
from schemas import City, DeclarationError, Indicator, Into, Source, Table, Term
from schemas.city import ROOT
from schemas.expressions import ExpressionError, columns
from schemas.table import TECHNICAL

NUMBERS = ("INTEGER", "BIGINT", "HUGEINT", "DOUBLE", "BOOLEAN")
CONTEXT = {"_delivered_date", "_file_name", "_scope_day"}


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
    yield from _reader(source, path)
    for key, into in source.into.items():
        if key in city.tables:
            yield from _columns(city.tables[key], source, path, key, into)
            yield from _place(city, source, path, into)
        else:
            yield _at(path, key, f"there is no schemas/silver/{key.removeprefix('silver.')}.yaml")


def _reader(source: Source, path: Path) -> Iterator[str]:
    try:
        options = readers.find(source.reader.format).Options
        options(**source.reader.options)
    except ValidationError as error:
        said = error.errors()[0]
        where = said["loc"][0] if said["loc"] else source.reader.format
        yield _at(path, "reader", f"{where}: {said['msg']}; allowed: {', '.join(options.model_fields)}")
    except (ImportError, LookupError, ValueError) as error:
        yield _at(path, "reader", f"format {source.reader.format!r}: {error}")


def _columns(table: Table, source: Source, path: Path, key: str, into: Into) -> Iterator[str]:
    for name, text in into.columns.items():
        if name not in table.columns:
            yield _at(path, name, f"column {name!r} does not exist in {key}; it has: {', '.join(table.columns)}")
        yield from _expression(source, path, name, text, into)
    given = {*into.columns, *(("lon_deg", "lat_deg") if into.place and into.place.point else ())}
    for name, column in table.columns.items():
        if column.required and name not in given:
            yield _at(path, "columns", f"{key} requires {name!r}, which columns: does not give")
    if into.where:
        yield from _expression(source, path, "where", into.where, into)


def _place(city: City, source: Source, path: Path, into: Into) -> Iterator[str]:
    if into.place is None:
        return
    there = ", ".join(city.file.levels)
    for level in sorted(set(into.place.level) - {"city", *city.file.levels}):
        yield _at(path, "place", f"level {level!r} is not one of {city.id}; there is: city, {there}")
    point = into.place.point
    for text in (into.place.id, *((point.lon, point.lat) if point else ())):
        if text:
            yield from _expression(source, path, "place", text, into)


def _expression(source: Source, path: Path, name: str, text: str, into: Into) -> Iterator[str]:
    try:
        used = columns(text)
    except ExpressionError as error:
        yield _at(path, name, f"{text!r}: {error}")
        return
    if source.fields:
        known = {*source.fields, *source.optional, *CONTEXT}
        known |= {into.unpivot.name, into.unpivot.value} if into.unpivot else set()
        for missing in sorted(used - known):
            yield _at(path, name, f"field {missing!r} is not under fields:; there is: {', '.join(source.fields)}")


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
    yield from _method(path, one)
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


def _method(path: Path, one: Indicator) -> Iterator[str]:
    """The method takes the terms and parameters given, and its output is a number."""
    if not one.method:
        return
    try:
        method = methods.find(one.method)
        given = {name: f"NULL::{methods.type_of(method.inputs.get(name, 'number'))}" for name in one.terms}
        made = [
            methods.expression(one.method, given, one.parameters, edition, one.output)
            for edition in method.editions or ("",)
        ]
    except DeclarationError as error:
        yield _at(path, "method", str(error))
        return
    for name, kind in method.inputs.items():
        if name in one.terms and kind != "number":
            yield _at(path, name, f"method {one.method} takes a {kind} here; a term is one number")
    if (type_ := _type(made[0])) not in NUMBERS and not type_.startswith("DECIMAL"):
        said = one.output or method.outputs[0]
        yield _at(path, "method", f"{said} of method {one.method} is a {type_}; a value is a number")


def _type(sql: str) -> str:
    with engine.connect() as connection:
        return str(connection.execute(f"SELECT typeof({sql})").fetchall()[0][0])


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
