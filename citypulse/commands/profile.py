"""`citypulse profile`: where each second of a night went."""

import json
from typing import Annotated

import typer

from citypulse.options import CityName, Day, date_of, lake_of
from jobs.core.errors import Problem


def add(app: typer.Typer) -> None:
    """The command."""
    app.command()(profile)


def profile(
    city: CityName, biz_date: Day, format_: Annotated[str, typer.Option("--format", help="table or json")] = "table"
) -> None:
    """Where each second of a night went, by step and table: from the ledger and Spark's event logs."""
    from citypulse import profile as profiles
    from citypulse import profile_text

    if format_ not in ("table", "json"):
        raise Problem(f"--format {format_!r}: expected table or json")
    found = profiles.of(city, lake_of(city)[1], date_of(biz_date, "--biz-date"))
    print(json.dumps(profile_text.plain(found)) if format_ == "json" else "\n".join(profile_text.lines(found)))
