"""Tables, published values and queries for analysts: as Arrow, Polars, pandas, or a DuckDB relation.

Types stay what they are in the lake: decimals, dates, and instants in UTC. What cannot be met is a Problem of
jobs.core.errors, in one line.
"""

import difflib
import importlib
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb

    from jobs.core.lake import Lake

INSTALLS = {"pandas": "pip install 'pandas>=2.2,<3'", "polars": "pip install polars"}


def read(
    table: str, city: str, columns: Sequence[str] | None = None, where: str | None = None, as_: str = "arrow"
) -> Any:
    """A table of the city's lake, such as `silver.air_quality`.

    `columns` are those to read, `where` is a condition as in `citypulse sql`: `"_day >= '2025-03-04'"`; what it leaves
    out is not read where files say that they hold none of it. `as_` is `arrow`, `polars`, `pandas` (with Arrow's types,
    so that nothing is rounded) or `duckdb`: a relation that reads nothing before it is asked.
    """
    from jobs.core import engine, meter

    give = _form(as_)
    lake = _lake(city)
    data = lake.dataset(_known(table, _tables(lake), f"table {table!r} is not in {lake.root}"))
    missing = [name for name in columns or () if name not in data.schema.names]
    if missing:
        raise _near(missing[0], data.schema.names, f"{table} has no column {missing[0]!r}")
    relation = _selected(engine.connect(threads=2, memory="4GB").from_arrow(data), table, columns, where)
    if as_ == "duckdb":
        meter.note(lake, "read", {table: 0})  # how many rows it will be asked for nobody knows yet
        return relation
    kept = data.schema if columns is None else _schema(data.schema, columns)
    rows = relation.to_arrow_table().cast(kept)
    meter.note(lake, "read", {table: rows.num_rows})
    return give(rows)


def values(
    city: str, indicator: str | None = None, place: str | None = None, level: str | None = None,
    period: str | None = None, segment: str | None = None, as_of: str | None = None, as_: str = "arrow",
) -> Any:  # fmt: skip
    """Published values with their trust, as `citypulse values` gives them: `period` may be a range of days."""
    from citypulse import asking
    from jobs.core import meter
    from schemas import load_city

    give, lake = _form(as_), _lake(city)
    rows = asking.values(load_city(city), lake, indicator, place, level, period, segment, as_of)
    meter.note(lake, "values", asking.counted(rows))
    return give(rows)


def sql(query: str, city: str, as_: str = "arrow") -> Any:
    """The result of one SELECT over the city's tables, as `citypulse sql` gives it."""
    from citypulse import asking
    from jobs.core import meter
    from schemas import load_city

    give, lake = _form(as_), _lake(city)
    rows = asking.sql(lake, query)
    meter.note(lake, "sql", dict.fromkeys(asking.named(load_city(city), lake, query), rows.num_rows))
    return give(rows)


def _selected(
    rows: "duckdb.DuckDBPyRelation", table: str, columns: Sequence[str] | None, where: str | None
) -> "duckdb.DuckDBPyRelation":
    import duckdb

    from jobs.core.engine import quoted
    from jobs.core.errors import Problem

    try:
        found = rows.filter(where) if where else rows
        return found.project(", ".join(map(quoted, columns))) if columns else found
    except duckdb.Error as error:
        raise Problem(f"{table}: where {where!r}: {str(error).splitlines()[0]}") from None


def _schema(schema: Any, columns: Sequence[str]) -> Any:
    import pyarrow as pa

    return pa.schema([schema.field(name) for name in columns])


def _lake(city: str) -> "Lake":
    from citypulse.options import lake_of
    from schemas import cities

    _known(city, cities(), f"city {city!r} is not configured")
    return lake_of(city)[1]


def _tables(lake: "Lake") -> list[str]:
    from jobs.core.catalog import keys

    return keys(lake)


def _known(name: str, names: Iterable[str], lacking: str) -> str:
    known = list(names)
    if name not in known:
        raise _near(name, known, lacking)
    return name


def _near(name: str, known: Sequence[str], lacking: str) -> Exception:
    """The Problem, with what is spelled alike, or what there is."""
    from jobs.core.errors import Problem

    alike = difflib.get_close_matches(name, known, 5, 0.5) or [one for one in known if name.split(".")[-1] in one][:5]
    listed = ", ".join(alike or known[:8]) + ("" if alike or len(known) <= 8 else " …")
    return Problem(f"{lacking}; there is: {listed}" if listed else f"{lacking}; there is none yet")


def _form(as_: str) -> "Callable[[Any], Any]":
    """What gives rows in the form asked for."""
    forms: dict[str, Callable[[], Callable[[Any], Any]]] = {
        "arrow": lambda: lambda rows: rows,
        "polars": lambda: _library("polars").from_arrow,
        "pandas": _pandas,
        "duckdb": _duckdb,
    }
    return forms[_known(as_, forms, f"as_={as_!r} is unknown")]()


def _pandas() -> Callable[[Any], Any]:
    kept = _library("pandas").ArrowDtype
    return lambda rows: rows.to_pandas(types_mapper=kept)


def _duckdb() -> Callable[[Any], Any]:
    from jobs.core import engine

    return engine.connect(threads=2, memory="4GB").from_arrow


def _library(name: str) -> Any:
    from jobs.core.errors import Problem

    try:
        return importlib.import_module(name)
    except ModuleNotFoundError:
        raise Problem(f"as_={name!r}: {name} is not installed: {INSTALLS[name]}") from None
