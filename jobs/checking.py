"""`citypulse check`: every declaration of a city against every other, without Spark and without data."""

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from zoneinfo import available_timezones

from pydantic import BaseModel, ValidationError

from jobs import formula, readers
from quality.predicates import row_rules
from quality.suites import set_rules
from schemas import City, DeclarationError, Indicator, Into, Source, Table
from schemas.city import ROOT
from schemas.expressions import ExpressionError, columns
from schemas.table import TECHNICAL

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
        yield _at(
            path,
            "department",
            f"{source.department!r} is not a department of {city.id}; there is: {', '.join(city.departments)}",
        )
    if source.timezone not in available_timezones():
        yield _at(path, "timezone", f"{source.timezone!r} is not an IANA zone")
    try:
        module = readers.find(source.reader.format)
        options: type[BaseModel] = module.Options
        options(**source.reader.options)
    except (ImportError, KeyError, LookupError, ValueError) as error:
        said = error.errors()[0] if isinstance(error, ValidationError) else None
        yield _at(
            path,
            "reader",
            f"{said['loc'][0]}: {said['msg']}; allowed: {', '.join(options.model_fields)}"
            if said
            else f"format {source.reader.format!r}: {error}",
        )
    for key, into in source.into.items():
        yield from _into(city, source, path, key, into)


def _into(city: City, source: Source, path: Path, key: str, into: Into) -> Iterator[str]:
    table = city.tables.get(key)
    if table is None:
        yield _at(path, key, f"there is no schemas/silver/{key.removeprefix('silver.')}.yaml")
        return
    for name, text in into.columns.items():
        if name not in table.columns:
            yield _at(path, name, f"column {name!r} does not exist in {key}; it has: {', '.join(table.columns)}")
        yield from _expression(source, path, name, text, into)
    located = into.place is not None and into.place.point is not None
    filled = {"lon_deg", "lat_deg"} if located else set()
    for name, column in table.columns.items():
        if column.required and name not in into.columns and name not in filled:
            yield _at(path, "columns", f"{key} requires {name!r}, which columns: does not give")
    if into.where:
        yield from _expression(source, path, "where", into.where, into)
    if into.place:
        for level in set(into.place.level) - {"city", *city.file.levels}:
            yield _at(
                path, "place", f"level {level!r} is not one of {city.id}; there is: city, {', '.join(city.file.levels)}"
            )
        texts = [into.place.id] if into.place.id else []
        texts += [into.place.point.lon, into.place.point.lat] if into.place.point else []
        for text in texts:
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
    path = _first(
        city.folder / "schemas" / "silver" / f"{table.name}.yaml", ROOT / "schemas" / "silver" / f"{table.name}.yaml"
    )
    if table.owner not in city.departments:
        yield _at(
            path, "owner", f"{table.owner!r} is not a department of {city.id}; every table has an accountable one"
        )
    rules = city.rules.get(table.key_id)
    where = _first(
        city.folder / "quality" / "silver" / f"{table.name}.yaml", ROOT / "quality" / "silver" / f"{table.name}.yaml"
    )
    known = {*table.stored, *TECHNICAL, *CONTEXT}
    try:
        for rule in row_rules(table, rules):
            for missing in sorted(columns(rule.predicate) - known):
                yield _at(
                    where,
                    rule.id,
                    f"column {missing!r} does not exist in {table.key_id}; it has: {', '.join(table.stored)}",
                )
        set_rules(table, rules)
    except (ExpressionError, DeclarationError) as error:
        yield f"{where}: {error}"


def _indicator(city: City, one: Indicator) -> Iterator[str]:
    element, name = one.id.split(".")
    path = _first(
        city.folder / "indicators" / element / f"{name}.yaml",
        ROOT / "schemas" / "indicators" / element / f"{name}.yaml",
    )
    if one.owner not in city.departments:
        yield _at(
            path, "owner", f"{one.owner!r} is not a department of {city.id}; every indicator has an accountable one"
        )
    for label, term in one.terms.items():
        if term.kind == "indicator":
            continue
        table = city.tables[term.table]
        if term.of and term.of not in table.columns:
            yield _at(
                path, label, f"column {term.of!r} does not exist in {term.table}; it has: {', '.join(table.columns)}"
            )
        elif term.of and not table.columns[term.of].is_number:
            yield _at(path, label, f"{term.kind} of {term.of!r}: it is {table.columns[term.of].type}, not a number")
        try:
            missing = sorted(columns(term.where) - {*table.stored, *TECHNICAL}) if term.where else []
        except ExpressionError as error:
            yield _at(path, label, f"where {term.where!r}: {error}")
            continue
        for column in missing:
            yield _at(
                path,
                label,
                f"where: column {column!r} does not exist in {term.table}; it has: {', '.join(table.stored)}",
            )
    if one.entity and any(one.entity.column not in city.tables[key].columns for key in one.tables):
        yield _at(path, "entity", f"column {one.entity.column!r} does not exist in {', '.join(one.tables)}")
    if one.method and find_spec(f"jobs.methods.{one.method}") is None:
        yield _at(path, "method", f"there is no jobs/methods/{one.method}.py")
    if one.value and not list(_missing(city, one)):
        try:
            exact = {n: formula.Ratio("1") for n, t in one.terms.items() if t.kind != "indicator"} | {
                "days": formula.Ratio("1"),
                "valid_days": formula.Ratio("1"),
            }
            formula.to_sql(one.value, exact, {n: "1" for n, t in one.terms.items() if t.kind == "indicator"})
        except ValueError as error:
            yield _at(path, "value", str(error))


def _missing(city: City, one: Indicator) -> Iterator[str]:
    yield from (t.table for t in one.terms.values() if t.kind != "indicator" and t.table not in city.tables)


def _first(*paths: Path) -> Path:
    return next((path for path in paths if path.exists()), paths[-1])


def _at(path: Path, key: str, text: str) -> str:
    """`file:line: key: text`; the line where the key first stands."""
    plain = key.split(":")[-1]
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    line = next(
        (
            n
            for n, one in enumerate(lines, 1)
            if plain in one.split("#")[0].split(":")[0].split("{")[0] or f"rule: {plain}" in one
        ),
        1,
    )
    return f"{path}:{line}: {key}: {text}"
