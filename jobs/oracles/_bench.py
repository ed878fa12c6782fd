"""Where a worked example is worked: a method's SQL over literals, or an indicator over tables of records.

An indicator goes the whole way of a night from silver on: the terms of jobs/scan.py, then the values of
jobs/values.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache

import duckdb
import pyarrow as pa

from jobs import methods, missing, needs, scan, segments, values
from jobs.core import engine
from jobs.core.engine import literal, quoted
from jobs.core.errors import Problem
from jobs.mapping import REGISTER
from jobs.periods import KINDS, bounds
from schemas import City, DeclarationError, Table, catalogue
from schemas.table import TECHNICAL

DAY = date(2025, 1, 1)
PLACE = "catalogue"
LISTS = {"texts": "text", "series": "number", "bag": "number"}
Record = Mapping[str, object]


@dataclass
class Bench:
    """One case's bench. It lets the case use what its function says it exercises, and nothing else."""

    where: str
    allowed: tuple[str, ...]

    def method(
        self,
        name: str,
        inputs: Mapping[str, object],
        parameters: Mapping[str, object] | None = None,
        edition: str = "",
        output: str | None = None,
    ) -> object:
        """A method's output for one set of inputs; null is unknown."""
        return self.each(name, [inputs], parameters, edition, output)[0]

    def each(
        self,
        name: str,
        inputs: Sequence[Mapping[str, object]],
        parameters: Mapping[str, object] | None = None,
        edition: str = "",
        output: str | None = None,
    ) -> list[object]:
        """A method's output for several sets of inputs, in their order."""
        self._use(name)
        if not inputs:
            return []
        kinds = methods.find(name).inputs
        given = {key: quoted(key) for key in inputs[0]}
        sql = methods.expression(name, given, parameters or {}, edition, output)
        rows = [
            f"SELECT {i} AS _case, "
            + ", ".join(f"{self._sql(value, kinds[key], key)} AS {quoted(key)}" for key, value in one.items())
            for i, one in enumerate(inputs)
        ]
        found = _shared().execute(f"SELECT {sql} FROM ({' UNION ALL '.join(rows)}) ORDER BY _case").fetchall()
        return [row[0] for row in found]

    def indicator(self, name: str, tables: Mapping[str, Sequence[Record]]) -> object:
        """A published value of the city, made from records of silver tables; null is unknown."""
        return self.entities(name, tables, "city").get(PLACE)

    def entities(self, name: str, tables: Mapping[str, Sequence[Record]], level: str) -> dict[str, object]:
        """Published values by place or entity of a level."""
        self._use(name)
        city = catalogue()
        if name not in city.indicators:
            raise DeclarationError(f"indicator {name!r} is unknown; there is no such file in schemas/indicators")
        one = city.indicators[name]
        city = replace(city, indicators={name: one}, tables={key: city.tables[key] for key in one.tables})
        kind = next(kind for kind in KINDS if kind != "hour" and kind in one.periods)
        needed = needs.closure(city, {name: {kind: {bounds(kind, DAY)[0]}}})
        with engine.connect(threads=2) as connection:
            _relations(connection, city, tables, needs.days(city, needed))
            values.compute(connection, city, needed)
            sql = f"SELECT place, value FROM computed WHERE level = {literal(level)} ORDER BY place"
            return dict(connection.execute(sql).fetchall())

    def _use(self, name: str) -> None:
        if name not in self.allowed:
            raise LookupError(f"{self.where} uses {name}, but says it exercises {', '.join(self.allowed)}")

    def _sql(self, value: object, kind: methods.Kind, name: str) -> str:
        """A value of a case as SQL of an input's kind. Raises Problem for a value of another type."""
        type_ = methods.type_of(kind)
        if value is None:
            return f"NULL::{type_}"
        if isinstance(kind, methods.Rows):
            rows = [self._row(row, kind, f"{name}[{i}]") for i, row in enumerate(_list(value, self.where, name))]
            return f"[{', '.join(rows)}]::{type_}"
        if kind in LISTS:
            parts = _list(value, self.where, name)
            if kind == "bag":
                parts = [one for one in parts if one is not None]
            listed = f"[{', '.join(self._sql(one, LISTS[kind], f'{name}[{i}]') for i, one in enumerate(parts))}]"
            return f"list_sort({listed}::{type_})" if kind == "bag" else f"{listed}::{type_}"
        return self._scalar(value, kind, name)

    def _scalar(self, value: object, kind: str, name: str) -> str:
        is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
        if kind == "number" and is_number:
            return f"CAST('{Decimal(str(value)):f}' AS {methods.TYPES[kind]})"
        if kind == "text" and (is_number or isinstance(value, str | bool)):
            return f"{literal(str(value))}::VARCHAR"
        if kind == "date" and isinstance(value, date):
            return f"DATE '{value}'"
        raise Problem(f"{self.where}: {name}: expected a {kind}, found {value!r}")

    def _row(self, row: object, kind: methods.Rows, name: str) -> str:
        if not isinstance(row, Mapping):
            raise Problem(f"{self.where}: {name}: expected {', '.join(kind.fields)}, found {row!r}")
        given = (f"'{key}': {self._sql(row.get(key), one, f'{name}.{key}')}" for key, one in kind.fields.items())
        return "{" + ", ".join(given) + "}"


@cache
def _shared() -> duckdb.DuckDBPyConnection:
    """One connection for all methods, which leave nothing behind."""
    return engine.connect()


def _list(value: object, where: str, name: str) -> list[object]:
    if not isinstance(value, list | tuple):
        raise Problem(f"{where}: {name}: expected a list, found {value!r}")
    return list(value)


def _relations(
    connection: duckdb.DuckDBPyConnection, city: City, tables: Mapping[str, Sequence[Record]], days: list[str]
) -> None:
    """The relations values are made from, for a city whose one delivery of each table came on DAY."""
    places = {row["district"] for rows in tables.values() for row in rows if "district" in row}
    ups = [("city", PLACE, "city", PLACE, 0)]
    for place in sorted(map(str, places)):
        ups += [("district", place, "district", place, 0), ("district", place, "city", PLACE, 1)]
    texts = dict.fromkeys(("from_level", "from_id", "to_level", "to_id"), pa.string())
    engine.register(connection, "up", texts | {"distance": pa.int64()}, ups)
    connection.execute("CREATE TEMP TABLE spelled(reported TEXT, level TEXT, id TEXT)")
    parts = []
    for key, table in city.tables.items():
        connection.execute(f"CREATE OR REPLACE TEMP VIEW rows AS {_rows(table, tables.get(key, ()))}")
        connection.execute("CREATE OR REPLACE TEMP VIEW with_back AS SELECT * FROM rows")
        parts.append(scan.terms_of_rows(connection, city, key, [DAY.isoformat()]))
    connection.register("terms", pa.concat_tables(parts))
    segments.register(connection, city, days)
    delivered = ", ".join(f"({literal(key)}, DATE '{DAY}')" for key in city.tables)
    connection.execute(f'CREATE TEMP TABLE delivered("table", day) AS VALUES {delivered}')
    connection.execute("""
        CREATE TEMP TABLE known AS
        SELECT d.*, u.level FROM delivered AS d, (SELECT DISTINCT to_level FROM up) AS u(level)""")
    connection.execute('CREATE TEMP TABLE due AS SELECT "table", day FROM delivered WHERE false')
    connection.execute('CREATE TEMP TABLE reach AS SELECT DISTINCT "table", level FROM known')
    connection.execute('CREATE TEMP TABLE short("table" TEXT, day DATE, expected BIGINT, observed BIGINT)')
    listed = '"table" TEXT, entity_id TEXT, level TEXT, place_id TEXT, valid_from DATE, valid_to DATE'
    connection.execute(f"CREATE TEMP TABLE listed({listed})")
    missing.reporters(connection, city)


def _rows(table: Table, records: Sequence[Record]) -> str:
    """The records as a relation with the silver table's columns; those that say no day are of DAY."""
    types = table.stored | TECHNICAL | {"valid_to": "date", "_day": "string"}
    there = REGISTER if table.kind == "register" else DAY.isoformat()
    base: dict[str, object] = {table.day_column: DAY, "_day": there}
    lines = []
    for record in records:
        unknown = sorted(set(record) - set(types) - {"district"})
        if unknown:
            raise LookupError(f"{table.key_id} has no column {', '.join(unknown)}")
        place = {
            "place_level": "district" if "district" in record else "city",
            "place_id": record.get("district", PLACE),
        }
        row = base | place | dict(record)
        lines.append(
            "SELECT " + ", ".join(f"{_cast(row.get(name), type_)} AS {quoted(name)}" for name, type_ in types.items())
        )
    empty = "SELECT " + ", ".join(f"{_cast(None, type_)} AS {quoted(name)}" for name, type_ in types.items())
    return " UNION ALL ".join(lines) if lines else f"SELECT * FROM ({empty}) WHERE false"


def _cast(value: object, type_: str) -> str:
    plain = {"string": "VARCHAR", "timestamp": "TIMESTAMPTZ"}.get(type_, type_)
    if value is None:
        return f"NULL::{plain}"
    text = f"{value:f}" if isinstance(value, Decimal) else str(value)
    return f"CAST({literal(text)} AS {plain})"
