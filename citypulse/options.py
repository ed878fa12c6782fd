"""What commands have in common: options, and how a city, a lake and a date are understood."""

from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from jobs.core.errors import Problem
from schemas import load_city

if TYPE_CHECKING:
    from jobs.core.lake import Lake
    from schemas import City

CityName = Annotated[str, typer.Option("--city", help="a folder of conf/cities")]
Day = Annotated[str, typer.Option("--biz-date", help="the night's business date, as 2020-06-30")]


def lake_of(city: str) -> "tuple[City, Lake]":
    """The city and its lake. Raises Problem when there is none yet."""
    from jobs.core.lake import Lake

    one, lake = load_city(city), Lake.of(city)
    if not lake.root.is_dir():
        raise Problem(f"{lake.root}: there is no lake of {city} yet")
    return one, lake


def date_of(text: str, option: str) -> date:
    """A date that was typed. Raises Problem."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Problem(f"{option} {text!r}: expected a date, as 2020-06-30") from None
