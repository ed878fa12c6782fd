"""Answering `citypulse values`, `sql` and `oracle` without a Spark session: delta-rs to Arrow to DuckDB."""

import re
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from jobs import members, periods, said
from jobs.core import catalog, engine
from jobs.core.errors import CriticalFailure, Problem
from jobs.core.lake import Lake
from jobs.vintages import KEY
from schemas import City

COLUMNS = (
    "indicator", "place", "place_name", "level", "period_kind", "period", "segment", "value", "unit", "coverage", "low",
    "high", "grade", "status", "reasons", "n_records", "definition_version", "edition",
)  # fmt: skip
RANGE = re.compile(r"(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})")
PERIODS = "2020-04-01, 2020-04-01T08, 2020-W14, 2020-04, 2020-Q2, 2020 or 2020-04-01..2020-04-30"


def period_sql(text: str) -> str:
    """The condition that a period or a range of days means. Raises Problem.

    Files are known by the days on which periods start, so these are named too.
    """
    (kind, first, last), (since, until) = _span(text), starts(text)
    of_kind = f"period_kind = '{kind}' AND period BETWEEN '{first}' AND '{last}'"
    return f"{of_kind} AND period_start BETWEEN DATE '{since}' AND DATE '{until}'"


def starts(text: str) -> tuple[date, date]:
    """The days on which the first and the last period that are meant begin. Raises Problem."""
    _, *ends = _span(text)
    first, last = (found[1] for one in ends if (found := periods.parsed(one)))
    return first, last


def _span(text: str) -> tuple[str, str, str]:
    """The kind and the first and last period that are meant. Raises Problem."""
    if hit := RANGE.fullmatch(text):
        if not (_is_date(hit[1]) and _is_date(hit[2])):
            raise Problem(f"--period {text!r}: not a date; expected {PERIODS}")
        return "day", hit[1], hit[2]
    if found := periods.parsed(text):
        return found[0], text, text
    raise Problem(f"--period {text!r}: expected {PERIODS}")


def values(
    city: City, lake: Lake, indicator: str | None, place: str | None, level: str | None, period: str | None,
    segment: str | None, as_of: str | None, definitions: Sequence[str] | None = None,
) -> pa.Table:  # fmt: skip
    """The values asked for, in the documented column order. Raises Problem for a request that cannot be met.

    `definitions` are versions of the indicator's definition (or `all`), whose values then stand under one another.
    """
    if not lake.exists("indicators.current"):
        raise Problem(
            f"{lake.root}: no edition of {city.id} yet; `citypulse night --city {city.id} --biz-date D` makes one"
        )
    if definitions and not indicator:
        raise Problem("--definition goes with --indicator: a version is one indicator's own")
    until = said.edition(city, lake, as_of) if as_of else None
    if indicator:
        _check(city, lake, indicator, until, definitions)
    where = [period_sql(period)] if period else []
    for column, asked in (("indicator", indicator), ("place", place), ("level", level), ("segment", segment)):
        where += [f"{column} = {engine.literal(asked)}"] if asked else []
    with engine.cursor(threads=2) as connection:
        if definitions and indicator:
            from jobs import versions

            rows = versions.side_by_side(city, lake, city.indicators[indicator], where, until, definitions)
            connection.register("by_version", rows)
            read, cell = "by_version", ", ".join((*KEY, "definition_version"))
        else:
            read, cell = lake.scan("indicators.values" if until else "indicators.current"), ", ".join(KEY)
        where += [f"edition <= '{until}'"] if until else []
        connection.register("members", members.told(city, lake, until) if until else members.now(city, lake))
        named = ", ".join(
            "coalesce(m.name_zh, v.place) AS place_name" if name == "place_name" else f"v.{name}" for name in COLUMNS
        )
        return engine.table(connection, f"""
            SELECT {named} FROM (SELECT * FROM {read} WHERE {' AND '.join(where) or 'true'}
                QUALIFY row_number() OVER (PARTITION BY {cell} ORDER BY edition DESC) = 1) AS v
            LEFT JOIN members AS m ON m.level = v.level AND m.place_id = v.place
            ORDER BY v.indicator, v.period_kind, v.period, v.segment, v.level, v.place,
                v.definition_version""").select(list(COLUMNS))  # fmt: skip


def _check(city: City, lake: Lake, indicator: str, until: date | None, definitions: Sequence[str] | None) -> None:
    """An indicator that is no longer declared is answered for as editions said it. Raises Problem for another one."""
    if indicator in city.indicators:
        return
    edition = pc.field("edition") <= (until or date.max).isoformat()
    rows = lake.arrow_where("indicators.values", (pc.field("indicator") == indicator) & edition, ["edition"])
    if rows is None or not rows.num_rows:
        near = [key for key in city.indicators if indicator.split(".")[-1] in key] or list(city.indicators)[:8]
        raise Problem(f"--indicator {indicator!r} does not apply to {city.id}; there is: {', '.join(near)}")
    if until is None or definitions:
        last = pc.max(rows["edition"]).as_py()
        raise Problem(f"--indicator {indicator!r} is no longer declared; `--as-of {last}` shows what was said last")


def oracle(file: Path, tell: Callable[[str], None]) -> None:
    """A file's worked examples, a line each, and their count. Raises Problem, or CriticalFailure when one fails."""
    from jobs import oracle as examples

    failed = total = 0
    for result in examples.run(file):
        tell(result.line)
        total, failed = total + 1, failed + (result.fault is not None)
    tell(f"{total} cases: {total - failed} passed, {failed} failed")
    if failed:
        raise CriticalFailure(f"oracle: {failed} of {total} cases failed")


def sql(lake: Lake, text: str) -> pa.Table:
    """A read-only query over the lake's tables, as `silver.taxi_trips`. Raises Problem."""
    import duckdb

    with engine.connect(threads=2, memory="4GB") as connection:
        for key in _tables(lake, text):
            layer, name = key.split(".")
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {layer}")
            connection.register(f"_{layer}_{name}", lake.dataset(key))
            connection.execute(f'CREATE VIEW {key} AS SELECT * FROM "_{layer}_{name}"')
        connection.execute("SET enable_external_access=false; SET lock_configuration=true")
        try:
            statements = connection.extract_statements(text)
            if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
                raise Problem("sql: one SELECT, please; the lake is read-only")
            return engine.table(connection, text)
        except duckdb.Error as error:
            raise Problem(f"sql: {str(error).splitlines()[0]}") from None


def named(city: City, lake: Lake, text: str) -> list[str]:
    """The resources that a query names: tables of the lake, and indicators by their id."""
    return [*_tables(lake, text), *(key for key in city.indicators if _names(text, key))]


def counted(rows: pa.Table) -> dict[str, int]:
    """How many rows an answer has of each indicator."""
    found = pc.value_counts(rows["indicator"])
    return dict(zip(found.field("values").to_pylist(), found.field("counts").to_pylist(), strict=True))


def _tables(lake: Lake, text: str) -> list[str]:
    return [key for key in catalog.keys(lake) if _names(text, key)]


def _names(text: str, key: str) -> bool:
    return re.search(rf"\b{re.escape(key)}\b", text) is not None


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
