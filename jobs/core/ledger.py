"""The operational tables `ops.*`: what arrived, what was made of it, what was held, and how each step ended."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from jobs.core import engine
from jobs.core.lake import Lake, Layout, arrow_schema

TABLES: Mapping[str, Mapping[str, str]] = {
    "deliveries": {
        "delivery_id": "string", "source": "string", "business_date": "string", "scope": "string",
        "file": "string", "sha256": "string",
        "size": "bigint", "delivered_at": "timestamp", "delivered_date": "date", "path": "string", "key_id": "string",
        "is_repeat": "boolean", "replays": "string", "replays_table": "string",
        "erased": "string", "after": "date",
    },
    "corrected": {
        "delivery_id": "string", "replays": "string", "table": "string", "record": "bigint", "digest": "string",
    },
    "ingests": {
        "biz_date": "date", "delivery_id": "string", "source": "string", "outcome": "string", "reason": "string",
        "records": "bigint", "malformed": "bigint",
    },
    "delivery_dates": {
        "delivery_id": "string", "source": "string", "table": "string", "day": "string", "rows": "bigint",
        "digest": "string",
    },
    "accounts": {
        "biz_date": "date", "delivery_id": "string", "source": "string", "table": "string", "part": "string",
        "reason": "string", "rows": "bigint",
    },
    "table_days": {"biz_date": "date", "table": "string", "day": "string", "rows": "bigint", "digest": "string"},
    "settled": {
        "biz_date": "date", "table": "string", "day": "string", "delivery_id": "string", "part": "string",
        "reason": "string", "rows": "bigint",
    },
    "quality": {
        "biz_date": "date", "table": "string", "days": "string", "rule": "string", "kind": "string",
        "severity": "string", "action": "string", "success": "boolean", "evaluated": "bigint", "failed": "bigint",
        "observed": "string", "why_zh": "string", "why_en": "string",
    },
    "holds": {
        "biz_date": "date", "table": "string", "day": "string", "is_held": "boolean", "rule": "string", "why": "string",
    },
    "arrivals": {
        "biz_date": "date", "source": "string", "department": "string", "state": "string", "detail": "string",
        "delivery_id": "string", "file": "string", "scope": "string", "delivered_at": "timestamp", "records": "bigint",
    },
    "reporters": {
        "biz_date": "date", "department": "string", "files_due": "bigint", "files_on_time": "bigint",
        "slots_due": "bigint", "slots_given": "bigint", "timeliness": "double", "completeness": "double",
    },
    "steps": {
        "biz_date": "date", "attempt": "string", "step": "string", "table": "string", "outcome": "string",
        "started_at": "timestamp", "seconds": "double", "detail": "string", "began_at": "timestamp",
        "cpu_s": "double", "driver_s": "double", "bytes_read": "bigint", "bytes_written": "bigint",
        "slack_s": "double",
    },
    "definitions": {
        "biz_date": "date", "indicator": "string", "version": "string", "digest": "string", "pending_until": "string",
    },
    "members": {
        "biz_date": "date", "nth": "int", "level": "string", "place_id": "string", "name_zh": "string",
        "name_en": "string", "parent_id": "string", "outline": "string",
        "west": "double", "south": "double", "east": "double", "north": "double",
    },
    "moved": {"biz_date": "date", "table": "string", "day": "string"},
    "contracts": {"table": "string", "contract": "string", "unfilled": "string"},
    "migrated": {"after": "date", "table": "string", "day": "string"},
    "redated": {"biz_date": "date", "table": "string", "day": "string"},
    "editions": {"biz_date": "date", "digest": "string"},
    "catalogue": {
        "biz_date": "date", "resource": "string", "kind": "string", "state": "string", "digest": "string",
        "entry": "string",
    },
    "usage": {
        "batch": "string", "day": "date", "interface": "string", "resource": "string", "calls": "bigint",
        "rows": "bigint",
    },
}  # fmt: skip


class Ledger:
    """Rows of `ops.*`, appended or replaced through delta-rs in milliseconds, read through DuckDB.

    A night asks the same of it in many places: all ledgers of an attempt's lake have one memory.
    """

    def __init__(self, lake: Lake) -> None:
        self.lake = lake
        memory: dict[str, Any] = {} if lake.memory is None else lake.memory
        self._seen: set[str] = memory.setdefault("seen", set())
        self._read: dict[str, tuple[int | None, pa.Table]] = memory.setdefault("read", {})
        """Each table as it was last read, with its version then."""
        self._answers: dict[str, tuple[tuple[int | None, ...], list[dict[str, Any]]]] = memory.setdefault("answers", {})
        """What each query gave last, with the versions of its tables then."""

    def add(self, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Append rows."""
        if rows:
            self._ready(table)
            self.lake.append(f"ops.{table}", _arrow(table, rows))

    def put(self, table: str, rows: Sequence[Mapping[str, Any]], /, **of: Sequence[str | date]) -> None:
        """Put rows in the place of those whose columns are among the values given; twice changes nothing."""
        self._ready(table)
        if all(of.values()):
            self.lake.replace(f"ops.{table}", _arrow(table, rows), " AND ".join(_among(c, v) for c, v in of.items()))

    def rows(self, table: str, where: str = "true", order: str = "ALL") -> list[dict[str, Any]]:
        """The rows of a table for which `where` (DuckDB SQL) holds."""
        return self.query(f"SELECT * FROM {table} WHERE {where} ORDER BY {order}", table)

    def query(self, sql: str, *tables: str) -> list[dict[str, Any]]:
        """Any DuckDB SQL over the named tables; a table never written is empty. Asked again, it is not made again."""
        versions = tuple(self.lake.version(f"ops.{table}") for table in tables)
        if self._answers.get(sql, (None, []))[0] != versions:
            with engine.cursor(threads=2) as connection:
                for table in tables:
                    connection.register(table, self._held(table))
                self._answers[sql] = versions, engine.table(connection, sql).to_pylist()
        return [dict(row) for row in self._answers[sql][1]]

    def _held(self, table: str) -> pa.Table:
        """The table's rows, read anew when there is a newer version."""
        key = f"ops.{table}"
        version = self.lake.version(key)
        if table not in self._read or self._read[table][0] != version:
            empty = version is None
            rows = arrow_schema(TABLES[table]).empty_table() if empty else self.lake.arrow(key, version=version)
            self._read[table] = (version, _complete(table, rows))
        return self._read[table][1]

    def _ready(self, table: str) -> None:
        """The table is there with its columns; looked at once for each ledger."""
        if table not in self._seen:
            self.lake.create(f"ops.{table}", Layout(TABLES[table]))
            self._seen.add(table)


class LedgerUntil(Ledger):
    """The ledger as a night left it: rows of later nights are not there. Only read."""

    def __init__(self, lake: Lake, night: date) -> None:
        super().__init__(lake)
        self.night = night

    def _held(self, table: str) -> pa.Table:
        rows = super()._held(table)
        return rows.filter(pc.less_equal(rows["biz_date"], self.night)) if "biz_date" in TABLES[table] else rows


def _complete(table: str, rows: pa.Table) -> pa.Table:
    """The rows of a lake that is older than some of the table's columns: those are NULL."""
    for field in arrow_schema(TABLES[table]):
        if field.name not in rows.column_names:
            rows = rows.append_column(field, pa.nulls(len(rows), field.type))
    return rows


def _arrow(table: str, rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist([dict(row) for row in rows], schema=arrow_schema(TABLES[table]))


def _among(column: str, values: Sequence[str | date]) -> str:
    listed = ", ".join(f"'{value}'" for value in values)
    return f'"{column}" IN ({listed})'
