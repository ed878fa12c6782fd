"""`citypulse shell`: Spark SQL over the lake's tables, read-only."""

import contextlib
import importlib
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from citypulse.options import CityName, lake_of
from citypulse.shown import show
from jobs.core.errors import Problem

if TYPE_CHECKING:
    from pyspark.sql import SparkSession
    from sqlglot import Token

PROMPT, MORE = "spark> ", "    -> "
END = re.compile(r"\s*(quit|exit)\s*;?\s*", re.IGNORECASE)


def add(app: typer.Typer) -> None:
    """Put it on the command line."""
    app.command()(shell)


def shell(
    city: CityName,
    execute: Annotated[str | None, typer.Option("--execute", "-e", help="statements; without, from the input")] = None,
    format_: Annotated[str, typer.Option("--format", help="table, csv or json")] = "table",
) -> None:
    """Spark SQL over every table of the lake (silver.taxi_trips), read-only; statements end with a semicolon."""
    from jobs.core import catalog

    if format_ not in ("table", "csv", "json"):
        raise Problem(f"--format {format_!r}: expected table, csv or json")
    _, lake = lake_of(city)
    with tempfile.TemporaryDirectory() as folder, catalog.serving(lake, Path(folder)) as spark:
        if execute is None and sys.stdin.isatty():
            _converse(spark, city, format_)
            return
        for statement in statements(execute if execute is not None else sys.stdin.read()):
            _answer(spark, statement, format_)


def statements(text: str) -> list[str]:
    """The statements of a text, as semicolons outside quotes and comments end them."""
    from sqlglot import TokenType
    from sqlglot.errors import TokenError

    try:
        ends = [one.start for one in _tokens(text) if one.token_type is TokenType.SEMICOLON]
    except TokenError:
        raise Problem("shell: a quote or comment is not closed") from None
    starts = [0, *(end + 1 for end in ends)]
    cut = [text[start:end].strip() for start, end in zip(starts, [*ends, len(text)], strict=True)]
    return [one for one in cut if one and _tokens(one)]


def _converse(spark: "SparkSession", city: str, format_: str) -> None:
    """Ask for statements until there is no more input; a statement that fails says why, and the next is asked for."""
    print(f"{city}: SHOW TABLES IN silver; DESCRIBE silver.places; … · end it with quit or ctrl-d", flush=True)
    for text in typed(_reader()):
        try:
            for statement in statements(text):
                _answer(spark, statement, format_)
        except Problem as problem:
            print(problem, file=sys.stderr, flush=True)


def typed(ask: Callable[[str], str]) -> Iterator[str]:
    """What was typed, each time as far as a line that ends with a semicolon; a line interrupted begins anew."""
    lines: list[str] = []
    while True:
        try:
            lines.append(ask(MORE if lines else PROMPT))
        except KeyboardInterrupt:
            lines = []
            print()
            continue
        except EOFError:
            print()
            return
        if len(lines) == 1 and END.fullmatch(lines[0]):
            return
        if lines[-1].rstrip().endswith(";"):
            yield "\n".join(lines)
            lines = []


def _reader() -> Callable[[str], str]:
    """The terminal, with a history of this conversation where Python has one."""
    with contextlib.suppress(ImportError):
        importlib.import_module("readline")  # input() takes it once it is imported
    return input


def _answer(spark: "SparkSession", statement: str, format_: str) -> None:
    from jobs.core import catalog

    try:
        rows = spark.sql(statement).toArrow()
    except catalog.failures() as error:
        raise Problem(f"shell: {catalog.said(error)}") from None
    if rows.num_columns:
        show(rows, format_, None)
        sys.stdout.flush()


def _tokens(text: str) -> list["Token"]:
    import sqlglot

    return list(sqlglot.tokenize(text, read="spark"))
