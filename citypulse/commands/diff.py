"""`citypulse diff`: which published values edited declarations would change, and by how much: before merging."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from citypulse.options import lake_of
from citypulse.shown import show
from jobs.core.errors import CriticalFailure, Problem

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from jobs.diff import Answer, Period

FORMATS = ("table", "csv", "json")


def add(app: typer.Typer) -> None:
    """Put it on the command line."""
    app.command()(diff)


def diff(
    git_ref: Annotated[str, typer.Argument(metavar="GIT_REF", help="a branch, tag or commit, as main")],
    city: Annotated[str | None, typer.Option("--city", help="one; else each with an edition")] = None,
    period: Annotated[str | None, typer.Option("--period", help="one, or days as 2020-04-01..2020-04-30")] = None,
    limit: Annotated[int, typer.Option("--limit", help="so many values, the most changed first; 0 is all")] = 20,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="exit with 1 where values differ")] = False,
    format_: Annotated[str, typer.Option("--format", help="table, csv or json")] = "table",
) -> None:  # fmt: skip
    """Which published values the declarations here would change that GIT_REF has otherwise, and by how much."""
    from jobs import diff as differing

    if format_ not in FORMATS:
        raise Problem(f"--format {format_!r}: expected {', '.join(FORMATS)}")
    if limit < 0:
        raise Problem(f"--limit {limit}: expected 0 (all) or more")
    asked, differs = _period(period), 0
    with _session() as session:
        for name in [city] if city else _with_editions():
            found = differing.answer(*lake_of(name), git_ref, asked, session)
            _print(name, found, limit or found.differs, format_)
            differs += found.differs
    if exit_code and differs:
        raise CriticalFailure(f"diff: {differs} values differ")


def _with_editions() -> list[str]:
    """The cities of which something is published. Raises Problem when there is none."""
    from jobs import said
    from jobs.core.lake import Lake
    from schemas import cities

    known = [name for name in cities() if Lake.of(name).root.is_dir() and said.sealed(Lake.of(name))]
    if not known:
        raise Problem(f"{Lake.of('').root}: no edition of any city yet, so nothing is published")
    return known


def _period(text: str | None) -> "Period | None":
    """The periods asked for. Raises Problem."""
    from citypulse.asking import period_sql, starts
    from jobs.diff import Period

    return None if text is None else Period(period_sql(text), *starts(text))


@contextmanager
def _session() -> "Iterator[Callable[[], SparkSession]]":
    """A session that starts when it is first asked for, and is stopped in any case."""
    held: list[SparkSession] = []

    def started() -> "SparkSession":
        if not held:
            from jobs import quality
            from jobs.core import session

            quality.warm()
            held.append(session.start("citypulse diff"))
        return held[0]

    try:
        yield started
    finally:
        for one in held:
            one.stop()


def _print(city: str, found: "Answer", limit: int, form: str) -> None:
    """An answer; as JSON a city a line, as CSV its values alone: what is said of them goes to stderr."""
    import pyarrow as pa

    indicators, values = found.found.indicators, found.found.values.slice(0, limit)
    if form == "json":
        listed = {"indicators": indicators.to_pylist(), "values": values.to_pylist()}
        said = {"city": city, "lines": list(found.lines), "differs": found.differs, **listed}
        print(json.dumps(said, ensure_ascii=False, default=str))
        return
    for line in found.lines:
        print(line, file=sys.stderr if form == "csv" else sys.stdout, flush=True)
    if form == "csv":
        show(values.add_column(0, "city", pa.array([city] * len(values), pa.string())), form, None)
    elif not len(indicators):
        print("no published value changes")
    elif not found.differs:
        print(f"{sum(indicators['compared'].to_pylist())} values of {len(indicators)} indicators: none differs")
    else:
        print()
        show(indicators, form, None)
        print()
        show(values, form, None)
        if found.differs > limit:
            print(f"{found.differs - limit} more values differ; --limit 0 shows all")
