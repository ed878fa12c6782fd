"""`citypulse catalogue` and `citypulse usage`: which information resources there are, and who uses them how much."""

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from citypulse.options import CityName, lake_of
from citypulse.shown import show
from jobs.core.errors import Problem

if TYPE_CHECKING:
    from jobs.core.lake import Lake
    from jobs.publish import Resource
    from schemas import City

Form = Annotated[str, typer.Option("--format", help="table, csv or json")]
FORMS = ("table", "csv", "json")


def add(app: typer.Typer) -> None:
    """Put both on the command line."""
    app.command()(catalogue)
    app.command()(usage)


def catalogue(
    city: CityName,
    resource: Annotated[str | None, typer.Argument(help="a table as silver.air_quality, or an indicator")] = None,
    as_of: Annotated[str | None, typer.Option("--as-of", help="as edition D had it; without it, the newest")] = None,
    format_: Form = "table",
) -> None:
    """The catalogue of information resources (政务信息资源目录) as a night made it; of one, its whole entry."""
    from jobs.publish import catalogue as published

    _form(format_)
    one, lake = lake_of(city)
    found = _entries(one, lake, as_of)
    if resource is not None:
        found = [each for each in found if each["id"] == resource] or _missing(city, resource, found)
    if format_ == "json":
        print(json.dumps(found if resource is None else found[0], ensure_ascii=False))
    elif format_ == "csv":
        sys.stdout.write(published.table(found))
    elif resource is None:
        _show([_line(each) for each in found], format_)
    else:
        _print(found[0])


def usage(
    city: CityName,
    unused: Annotated[bool, typer.Option("--unused", help="what nobody uses")] = False,
    daily: Annotated[bool, typer.Option("--daily", help="calls and rows (条次) by day and interface")] = False,
    days: Annotated[int, typer.Option("--days", help="over so many of the newest nights")] = 30,
    format_: Form = "table",
) -> None:  # fmt: skip
    """How often each table and indicator was asked for, shown and exported; with --unused what nobody uses."""
    from jobs import usage as uses

    _form(format_)
    if days < 1:
        raise Problem(f"--days {days}: expected one night or more")
    if unused and daily:
        raise Problem("--unused and --daily: one at a time")
    one, lake = lake_of(city)
    nights = uses.nights(lake, days)
    rows = uses.counted(one, lake, nights[0])
    if format_ == "table":
        print(f"{city}: since {nights[0]}, {len(nights)} night{'s' if len(nights) > 1 else ''}")
    if daily:
        _show(uses.daily(rows), format_)
    elif unused:
        _show([_idle(one, key) for key in uses.unused(one, rows)], format_)
    else:
        _show(uses.by_resource(one, rows), format_)


def _form(form: str) -> None:
    if form not in FORMS:
        raise Problem(f"--format {form!r}: expected {', '.join(FORMS)}")


def _entries(city: "City", lake: "Lake", as_of: str | None) -> "list[Resource]":
    """The entries of an edition's catalogue. Raises Problem when there is none."""
    from jobs import edition, said
    from jobs.publish import catalogue as published

    known = [said.edition(city, lake, as_of)] if as_of else said.sealed(lake)[-1:]
    if not known:
        raise Problem(f"{lake.root}: no edition of {city.id} yet; `citypulse night --city {city.id}` makes one")
    path = edition.folder(lake, known[0]) / published.FILE
    if not path.is_file():
        raise Problem(f"{path}: the edition has no catalogue: it was made before there was one, or is damaged")
    found: list[Resource] = json.loads(path.read_text("utf-8"))["resources"]
    return found


def _missing(city: str, resource: str, found: "Sequence[Resource]") -> "list[Resource]":
    near = [each["id"] for each in found if resource.split(".")[-1] in each["id"]] or [each["id"] for each in found]
    raise Problem(f"resource {resource!r}: {city} has no such; there is: {', '.join(near[:8])}")


def _line(one: "Resource") -> dict[str, Any]:
    judged = one["quality"]
    return {
        "resource": one["id"],
        "name": one["name"]["zh"],
        "provider": one["provider"]["zh"],
        "sharing": one["sharing"]["type"],
        "open": one["opening"]["open"],
        "cycle": one["cycle"],
        "rows": one["rows"],
        "newest": one["newest"],
        "state": one["state"],
        "rules": f"{judged['passed']}/{judged['rules']}" if judged["rules"] else None,
        "held": len(judged["held"]) or None,
    }


def _idle(city: "City", key: str) -> dict[str, Any]:
    one = city.tables.get(key) or city.indicators[key]
    kind = "table" if key in city.tables else "indicator"
    return {"resource": key, "kind": kind, "department": one.owner, "name": _named(city, key)}


def _named(city: "City", key: str) -> str:
    return city.tables[key].description.zh if key in city.tables else city.indicators[key].name.zh


def _show(rows: Sequence[Mapping[str, Any]], form: str) -> None:
    import pyarrow as pa

    if not rows and form == "table":
        print("nothing")
        return
    if form == "json":
        print(json.dumps([dict(row) for row in rows], ensure_ascii=False, default=_plain))
    else:
        show(pa.Table.from_pylist([dict(row) for row in rows]), form, None)


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _print(one: "Resource") -> None:
    """An entry as `catalogue.csv` says it, a line a column, and its columns a line each."""
    from citypulse.shown import width
    from jobs.publish import catalogue as published

    heads = {head: of(one) for head, of in published.COLUMNS.items() if head != published.HEADINGS["items"]}
    wide = max(map(width, heads))
    for head, said in heads.items():
        print(f"{head}{' ' * (wide - width(head))}  {said}".rstrip())
    print()
    for item in one["items"]:
        print(f"  {published.item(item)}")
