"""`citypulse why` and `citypulse revisions`: what stands behind a published value, and what editions said of it."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from citypulse.options import CityName, lake_of
from citypulse.shown import show
from jobs.core.errors import CriticalFailure, Problem

if TYPE_CHECKING:
    from jobs.behind.vintage import Vintage
    from jobs.why import Answer

Place = Annotated[str, typer.Argument(help="as `citypulse values` prints it, or a name of it")]
Period = Annotated[str, typer.Argument(help="as 2020-04-01, 2020-04-01T08, 2020-W14, 2020-04, 2020-Q2 or 2020")]
Segment = Annotated[str, typer.Option("--segment", help="as peak, workday; the whole period unless told")]
Level = Annotated[str | None, typer.Option("--level", help="where a place is one of several levels")]
AsOf = Annotated[str | None, typer.Option("--as-of", help="what edition D said")]
Row = Mapping[str, Any]


def add(app: typer.Typer) -> None:
    """Put both on the command line."""
    app.command()(why)
    app.command()(revisions)


def why(
    city: CityName, indicator: str, place: Place, period: Period, segment: Segment = "all", level: Level = None,
    as_of: AsOf = None,
    rows: Annotated[bool, typer.Option("--rows", help="file and record of each, used or not")] = False,
    verify: Annotated[bool, typer.Option("--verify", help="read its records again from landing")] = False,
    format_: Annotated[str, typer.Option("--format", help="table or json")] = "table",
) -> None:  # fmt: skip
    """Why a value is what it is: definition, terms, records used and not, deliveries; and whether landing gives it."""
    from jobs import why as reasons
    from jobs.behind import cell
    from jobs.core import meter

    if format_ not in ("table", "json"):
        raise Problem(f"--format {format_!r}: expected table or json")
    known = _vintage(city, as_of)
    found = reasons.answer(known, *cell.find(known, indicator, place, period, segment, level), rows=rows, verify=verify)
    if format_ == "json":
        listed = {"rows": found.rows.to_pylist()} if found.rows is not None else {}
        print(json.dumps(found.data() | listed, ensure_ascii=False, default=str))
    else:
        _print(found)
    sys.stdout.flush()
    meter.note(known.lake, "why", {found.cell.indicator: 1})
    if found.differences:
        more = f" (and {len(found.differences) - 1} more)" if len(found.differences) > 1 else ""
        raise CriticalFailure(f"why --verify: {found.differences[0].line}{more}")
    if found.unverified is not None:
        raise Problem(f"why --verify: {found.unverified}")


def revisions(
    city: CityName, indicator: str, place: Place, period: Period, segment: Segment = "all", level: Level = None,
    as_of: AsOf = None,
    format_: Annotated[str, typer.Option("--format", help="table, csv, json or parquet")] = "table",
) -> None:  # fmt: skip
    """What each edition said of a value, oldest first, and why it said something else than the one before."""
    from jobs import causes
    from jobs.behind import cell
    from jobs.core import meter

    known = _vintage(city, as_of)
    one, _ = cell.find(known, indicator, place, period, segment, level)
    rows = causes.triangle(known.lake, one.sql(), known.night)
    show(rows, format_, None)
    meter.note(known.lake, "revisions", {one.indicator: rows.num_rows})


def _vintage(city: str, as_of: str | None) -> "Vintage":
    """What the edition in force on a day knew; the newest without one."""
    from jobs import said
    from jobs.behind import vintage

    one, lake = lake_of(city)
    return vintage.of(one, lake, said.edition(one, lake, as_of) if as_of else None)


def _print(found: "Answer") -> None:
    for line in _lines(found):
        print(line)
    if found.rows is not None and found.rows.num_rows:
        print()
        show(found.rows, "table", None)


def _lines(found: "Answer") -> Iterator[str]:
    said, one = found.said, found.definition
    at, names = found.cell, " · ".join(dict.fromkeys(found.place_name.values()))
    segment = f" · {at.segment}" if at.segment != "all" else ""
    yield f"{at.indicator} · {names} ({at.level} {at.place}) · {at.period}{segment}"
    yield f"{one['name']['zh']} · {one['name']['en']}"
    yield f"value       {_value(said)}"
    if said["reasons"]:
        yield f"because     {said['reasons']}"
    made = f"value = {one['value']}" if one["value"] else f"method {one['method']}"
    yield f"definition  {one['version']} · {one['owner']} · {made}"
    for name, parameter in one.get("parameters", {}).items():
        yield f"            {name} = {parameter['value']} {parameter['unit'] or ''}".rstrip()
    yield f"edition     {found.edition} (said first by {said['edition']})"
    for term in found.terms:
        yield ""
        yield from _referred(term) if "values" in term else _term(term)
    yield from ("", *found.notes) if found.notes else ()
    yield from _verified(found)


def _value(said: Row) -> str:
    if said["value"] is None:
        return f"unknown · {said['status']}"
    within = "" if said["low"] is None else f", between {said['low']:.10g} and {said['high']:.10g}"
    covered = "" if said["coverage"] is None else f" · coverage {said['coverage']:.4g}"
    unit = "" if said["unit"] == "1" else f" {said['unit']}"
    return f"{said['value']!r}{unit}{within}{covered} · grade {said['grade']} · {said['status']}"


def _referred(term: Row) -> Iterator[str]:
    """A term that takes other values."""
    takes = f", {term['takes']}" if term.get("takes") else ""
    yield f"term {term['name']} · {term.get('indicator', term['kind'])}{takes}: {len(term['values'])} values"
    for one in term["values"]:
        shown = "unknown" if one["value"] is None else repr(one["value"])
        yield f"  {one['period']:<16}{one['level']:<12}{one['place']:<16}{one.get('status') or shown}"


def _term(term: Row) -> Iterator[str]:
    number = term.get("number")
    of = f"{term['kind']} of {term['of']} in {term['table']}" if "of" in term else f"{term['kind']} of {term['table']}"
    yield f"term {term['name']}" + (f" = {_number(number)}" if number is not None else "")
    yield f"  {of}" + (f" where {term['where']}" if "where" in term else "")
    yield f"  used        {_many(term['used'], 'record')}"
    for one in term["not_used"]:
        why = ": ".join(filter(None, (one["part"], one["reason"])))
        yield f"  not used    {_count(one['records'])} {why}{NEAR[one['where']]}"
    if term["days_missing"]:
        yield f"  no delivery {_some(term['days_missing'])}"
    if term["reporters_missing"]:
        silent = [f"{one['reporter']} ({_many(one['missing'], one['of'])})" for one in term["reporters_missing"]]
        yield f"  missing     {_some(silent)}"
    heard = [f"{one['reporter']} ({_count(one['used'])})" for one in term["reporters"]]
    if heard:
        yield f"  most from   {', '.join(heard)}"
    for one in term["deliveries"]:
        yield f"  delivery    {_count(one['used'])} of {one['file']} ({one['source']}, {one['delivered_at']})"
        yield f"              sha256 {one['sha256']}"


NEAR = {"here": "", "day": " (of the same days; whether here is not known)", "delivery": " (in the same deliveries)"}
SHOWN = 20


def _number(number: object) -> str:
    if isinstance(number, dict):
        return ", ".join(f"{name} {text}" for name, text in number.items())
    return str(number)


def _count(count: int | None) -> str:
    """A count; of people too few are not shown."""
    return "some" if count is None else f"{count:,}"


def _many(count: int | None, what: str) -> str:
    return f"{_count(count)} {what}{'' if count == 1 else 's'}"


def _some(texts: Sequence[str]) -> str:
    more = f" … ({len(texts)})" if len(texts) > SHOWN else ""
    return ", ".join(texts[:SHOWN]) + more


def _verified(found: "Answer") -> Iterator[str]:
    if found.differences is None:
        return
    yield ""
    if not found.differences:
        yield "verified    exact: its records, read again from landing, give the stored terms, and those the value"
    for one in found.differences:
        yield f"differs     {one.line}"
