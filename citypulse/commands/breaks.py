"""`citypulse breaks`: from which days on the values of an indicator are not quite what they were before."""

from typing import Annotated

import typer

from citypulse.options import CityName, lake_of
from citypulse.shown import show
from jobs.core.errors import Problem

COLUMNS = ("day", "kind", "level", "place", "detail")


def add(app: typer.Typer) -> None:
    """Put it on the command line."""
    app.command()(breaks)


def breaks(
    city: CityName, indicator: str,
    place: Annotated[str | None, typer.Argument(help="its id, or a name of it; every place unless told")] = None,
    format_: Annotated[str, typer.Option("--format", help="table, csv, json or parquet")] = "table",
) -> None:  # fmt: skip
    """Breaks in a series: another definition, standard, source or boundary, from declarations and registers."""
    import pyarrow as pa

    from jobs import breaks as found_by
    from jobs import placing, said
    from jobs.core.ledger import Ledger

    one, lake = lake_of(city)
    if indicator not in one.indicators:
        near = [key for key in one.indicators if indicator.split(".")[-1] in key] or list(one.indicators)[:8]
        raise Problem(f"{indicator!r} does not apply to {city}; there is: {', '.join(near)}")
    known = said.sealed(lake)
    if not known:
        raise Problem(f"{lake.root}: no edition of {city} yet; `citypulse night --city {city} --biz-date D` makes one")
    found = [each for each in found_by.of(one, lake, Ledger(lake), known[-1]) if each.indicator in (None, indicator)]
    if place is not None:
        levels = dict.fromkeys(level for chain in one.file.hierarchies for level in chain)
        meant = placing.spelled(placing.load(one, lake), [(level, place) for level in levels])
        if not meant.num_rows:
            raise Problem(f"{place!r}: no place of {city} is called so; levels are: {', '.join(levels)}")
        at = {(row["level"], row["id"]) for row in meant.to_pylist()}
        found = [each for each in found if each.place is None or (each.level, each.place) in at]
    rows = {name: pa.array([str(getattr(each, name) or "") for each in found], pa.string()) for name in COLUMNS}
    show(pa.table(rows), format_, None)
