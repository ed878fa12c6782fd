"""The lake: the only reader and writer of tables. Tasks write parquet files, the driver commits them with delta-rs.

One commit per table and step; every table stays at Delta reader version 1, so that any reader can open it.
"""

import contextlib
import copy
import json
import os
import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import reduce
from operator import and_
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from deltalake import DeltaTable, Field, Schema, write_deltalake
from deltalake.schema import ArrayType, PrimitiveType, StructType
from deltalake.transaction import AddAction, RemoveAction

from jobs.core.attempt import Attempt
from jobs.core.engine import FIELD, parquet, quoted, sql_type
from jobs.core.errors import Problem, on_disk
from schemas import words

if TYPE_CHECKING:
    import pyarrow.dataset as ds

ARROW = {
    "string": pa.string(),
    "boolean": pa.bool_(),
    "smallint": pa.int16(),
    "int": pa.int32(),
    "bigint": pa.int64(),
    "double": pa.float64(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us", tz="UTC"),
}
SPOKEN = {"integer": "int", "long": "bigint", "short": "smallint"}
"""What Spark calls what Delta calls otherwise."""
NARROW = 64
VERSION_DIGITS = 20
SKIPS_BY = (pa.string(), pa.int32(), pa.int64(), pa.date32())
"""Types whose ends in a file's statistics are exact, or wide enough: a cut text's end stands beyond it."""
GROUP = 1 << 20
"""Rows of a file that have statistics of their own."""
LOOKED_AT = 4096
"""Rows of a file by which it is told whether a text repeats."""
INDEXED = 32
"""So many columns have statistics in the log, as delta.dataSkippingNumIndexedCols says where nobody says it: of more no
reader of Delta takes notice, but every file of a wide table would lay them there.
"""
RETENTION_DAYS = 30
"""How long files that a later commit took out of a table, and the log that tells of them, are kept."""
HALF = re.compile(r"#\d+$|^_commit_.*\.tmp$")
"""What delta-rs calls a file that is still being written."""
KEPT = {
    f"delta.{name}": f"interval {RETENTION_DAYS} days"
    for name in ("logRetentionDuration", "deletedFileRetentionDuration")
}


def arrow_type(spark_type: str) -> pa.DataType:
    """The Arrow type of a declared Spark type; a struct has plain fields only."""
    if spark_type.startswith("decimal("):
        precision, scale = spark_type[8:-1].split(",")
        return pa.decimal128(int(precision), int(scale))
    if spark_type.startswith("array<"):
        return pa.list_(arrow_type(spark_type[6:-1]))
    if spark_type.startswith("struct<"):
        return pa.struct([pa.field(name, arrow_type(kind)) for name, kind in FIELD.findall(spark_type[7:-1])])
    return ARROW[spark_type]


def arrow_schema(columns: Mapping[str, str]) -> pa.Schema:
    """Columns and Spark types as an Arrow schema."""
    return pa.schema([pa.field(name, arrow_type(type_)) for name, type_ in columns.items()])


@dataclass(frozen=True)
class Layout:
    """A table's columns (Spark types), partition columns, description and column comments.

    Of a file, `group` rows are read or passed over together: fewer where few of many are looked for.
    """

    columns: Mapping[str, str]
    partitions: tuple[str, ...] = ()
    description: str = ""
    comments: Mapping[str, str] = field(default_factory=dict)
    group: int = GROUP


def described(key: str, layout: Layout) -> Layout:
    """The layout with every word on it: what it does not say itself, `schemas/layers/` does."""
    comments = {name: layout.comments.get(name) or words.of_column(key, name) for name in layout.columns}
    return replace(layout, description=layout.description or words.of_table(key), comments=comments)


@dataclass(frozen=True)
class Written:
    """A parquet file that a task has written but nobody has committed."""

    path: str
    size: int
    rows: int
    partitions: Mapping[str, str]
    stats: str


class Lake:
    """A folder of Delta tables: `silver.taxi_trips` is `<root>/silver/taxi_trips`."""

    def __init__(self, root: str | Path, city: str) -> None:
        self.root = Path(root).absolute() / city
        self.city = city
        self.attempt: Attempt | None = None
        self.memory: dict[str, Any] | None = None
        """What ledgers of one at work share of what they have read; None where each keeps its own."""
        self._at_hand: dict[str, DeltaTable] | None = None

    @classmethod
    def of(cls, city: str) -> "Lake":
        """The city's lake where CITYPULSE_LAKE says (default ./lake). Raises Problem for what is no folder."""
        place = os.environ.get("CITYPULSE_LAKE") or "lake"
        if "://" in place:
            raise Problem(
                f"CITYPULSE_LAKE {place}: expected a folder, on a cluster one that every node has at the same path; "
                "docs/cluster.md says what of an object store works and what does not"
            )
        return cls(place, city)

    def by(self, attempt: Attempt) -> "Lake":
        """The same lake, written by an attempt as long as that holds its lock."""
        other = self.remembering()
        other.attempt = attempt
        return other

    def remembering(self) -> "Lake":
        """The same lake for one at work: whoever asks it, or its ledger, finds what others of the work have read."""
        other = copy.copy(self)
        other.memory, other._at_hand = {}, {}
        return other

    @contextlib.contextmanager
    def writing(self, where: Path) -> Iterator[None]:
        """Around every change below `where`. Raises Fenced, and Problem when the disk refuses."""
        with on_disk(where), self.attempt.writing() if self.attempt else contextlib.nullcontext():
            yield

    def folder(self, key: str) -> Path:
        """The folder of a table or of a layer."""
        return self.root.joinpath(*key.split("."))

    def exists(self, key: str) -> bool:
        """Whether the table has ever been committed: its log alone may be there, empty, where that was cut short."""
        return any((self.folder(key) / "_delta_log").glob("[0-9]*.json"))

    def keys(self, layer: str) -> list[str]:
        """The tables of a layer."""
        found = (f"{layer}.{folder.name}" for folder in sorted(self.folder(layer).glob("*")))
        return [key for key in found if self.exists(key)]

    def delta(self, key: str) -> DeltaTable:
        """The table as delta-rs sees it now; for one at work, as it was opened and what was committed since."""
        if self._at_hand is None:
            return DeltaTable(str(self.folder(key)))
        table, newest = self._at_hand.get(key), self.version(key)
        if table is not None and newest is not None and table.version() < newest:
            table.update_incremental()
        if table is None or table.version() != newest:
            table = self._at_hand[key] = DeltaTable(str(self.folder(key)))
        return table

    def version(self, key: str) -> int | None:
        """The newest version, as its log's file names say; None when the table is not there."""
        log = self.folder(key) / "_delta_log"
        return max((int(file.name[:VERSION_DIGITS]) for file in log.glob("[0-9]*.json")), default=None)

    def create(self, key: str, layout: Layout) -> None:
        """Make the table if it is not there; add columns it lacks, and say it in today's words. Else it is refused."""
        layout = described(key, layout)
        if not self.exists(key):
            fields = [_field(name, kind, layout) for name, kind in layout.columns.items()]
            with self.writing(self.folder(key)):
                DeltaTable.create(
                    str(self.folder(key)), Schema(fields), mode="ignore", partition_by=list(layout.partitions),
                    name=key, description=layout.description, configuration=KEPT,
                )  # fmt: skip
            return
        table = self.delta(key)
        have = {f.name: f.type for f in table.schema().fields}
        want = {name: _field(name, kind, layout) for name, kind in layout.columns.items()}
        changed = [name for name in have if name in want and want[name].type != have[name]]
        if changed:
            raise Problem(
                f"{key}: the type of {', '.join(changed)} changed; a lake keeps its types: load into a new lake"
            )
        added = [want[name] for name in want if name not in have]
        if added:
            with self.writing(self.folder(key)):
                table.alter.add_columns(added)
        with self.writing(self.folder(key)):
            for one in table.schema().fields:
                comment = layout.comments.get(one.name)
                if comment and one.metadata.get("comment") != comment:
                    table.alter.set_column_metadata(one.name, {"comment": comment})
            if (table.metadata().description or "") != layout.description:
                table.alter.set_table_description(layout.description)

    def overwrite(self, key: str, layout: Layout, files: Sequence[Written]) -> None:
        """Put written files in the place of the whole table, columns and all, in one commit."""
        if not self.exists(key):
            self.create(key, layout)
        said = described(key, layout)
        schema = Schema([_field(name, kind, said) for name, kind in said.columns.items()])
        adds: list[AddAction | RemoveAction] = [
            AddAction(f.path, f.size, dict(f.partitions), 0, True, f.stats) for f in files if f.rows
        ]
        with self.writing(self.folder(key)):
            self.delta(key).create_write_transaction(
                adds, mode="overwrite", schema=schema, partition_by=list(layout.partitions)
            )

    def columns(self, key: str, table: DeltaTable | None = None) -> dict[str, str]:
        """The table's columns and their Spark types, as it stands in the lake; `table` where it is open already."""
        return {one.name: _spark_type(one.type) for one in (table or self.delta(key)).schema().fields}

    def append(self, key: str, rows: pa.Table) -> None:
        """Append rows in one commit."""
        if rows.num_rows:
            with self.writing(self.folder(key)):
                write_deltalake(self.delta(key), rows, mode="append")

    def replace(self, key: str, rows: pa.Table, predicate: str) -> None:
        """Put `rows` in the place of those for which `predicate` holds, in one commit."""
        with self.writing(self.folder(key)):
            write_deltalake(self.delta(key), rows, mode="overwrite", predicate=predicate)

    def delete(self, key: str, predicate: str) -> None:
        """Take the rows for which `predicate` holds out of the table, in one commit; files stay till vacuum."""
        with self.writing(self.folder(key)):
            self.delta(key).delete(predicate)

    def commit(self, key: str, files: Sequence[Written], replacing: tuple[str, Sequence[str]]) -> None:
        """Put written files in the place of whole partitions (`column`, its values), in one commit."""
        column, values = replacing
        table = self.delta(key)
        adds: list[AddAction | RemoveAction] = [
            AddAction(f.path, f.size, dict(f.partitions), 0, True, f.stats) for f in files if f.rows
        ]
        held = {value for one in table.partitions() if (value := one.get(column)) in set(values)}
        if not adds and not held:
            return
        with self.writing(self.folder(key)):
            table.create_write_transaction(
                adds, mode="overwrite", schema=table.schema(), partition_by=table.metadata().partition_columns,
                partition_filters=[(column, "in", list(values))],
            )  # fmt: skip

    def put(self, key: str, layout: Layout, rows: pa.Table, values: Sequence[str]) -> None:
        """Put rows in the place of whole partitions of a table with one partition column, in one commit."""
        (column,) = layout.partitions
        self.create(key, layout)
        written = []
        for value in values:
            writer = FileWriter(self.folder(key), layout.columns, {column: value}, layout.group)
            writer.write(rows.filter(pc.equal(rows[column], value)))
            written.append(writer.close())
        self.commit(key, written, (column, values))

    def compact(self, key: str) -> int:
        """Put the small files of each partition together, in one commit that changes no row; how many there were."""
        with self.writing(self.folder(key)):
            return int(self.delta(key).optimize.compact()["numFilesRemoved"])

    def sweep(self, key: str, before: datetime) -> int:
        """Delete what writers that were killed have left: files older than an instant that no commit has ever named."""
        table, folder = self.delta(key), self.folder(key)
        unnamed = set(_unneeded(table, full=True)) - set(_unneeded(table, full=False))
        paths = [folder / unquote(name) for name in unnamed]
        paths += [path for path in folder.rglob("*") if HALF.search(path.name)]
        old = [path for path in paths if path.is_file() and path.stat().st_mtime < before.timestamp()]
        for path in old:
            with self.writing(path):
                path.unlink()
        return len(old)

    def vacuum(self, key: str, days: int) -> int:
        """Delete files that commits of more than so many days ago have replaced, and the log before its checkpoint."""
        table = self.delta(key)
        with self.writing(self.folder(key)):
            gone = table.vacuum(days * 24, dry_run=False, enforce_retention_duration=False)
            table.create_checkpoint()
            table.cleanup_metadata()
        return len(gone)

    def forget(self, key: str) -> None:
        """Delete everything the table has replaced, and the log of how it came about: statistics in it are data too."""
        self.sweep(key, datetime.now(UTC))
        self.vacuum(key, 0)
        newest = self.version(key)
        for path in (self.folder(key) / "_delta_log").glob("[0-9]*"):
            if newest is not None and int(path.name[:VERSION_DIGITS]) < newest:
                with self.writing(path):
                    path.unlink()

    def arrow(self, key: str, columns: Sequence[str] | None = None, version: int | None = None) -> pa.Table:
        """The whole of a (small) table."""
        table = self.delta(key)
        if version not in (None, table.version()):
            table = DeltaTable(str(self.folder(key)), version=version)
        return table.to_pyarrow_table(columns=list(columns) if columns else None)

    def arrow_where(self, key: str, condition: Any, columns: Sequence[str] | None = None) -> pa.Table | None:
        """The rows of a table for which a pyarrow expression holds; None when the table is not there."""
        if not self.exists(key):
            return None
        return self.dataset(key).to_table(filter=condition, columns=list(columns) if columns else None)

    def scan(self, key: str, paths: Sequence[str] | None = None) -> str:
        """SQL that reads the table, or some of its files: a column that they lack is NULL."""
        table = self.delta(key)
        columns, partitions = self.columns(key, table), table.metadata().partition_columns
        absent = ", ".join(f"NULL::{sql_type(kind)} AS {quoted(name)}" for name, kind in columns.items())
        if paths is None:
            paths = [str(self.folder(key) / path) for path in self.actions(key, table)["path"].to_pylist()]
        there = f" UNION ALL BY NAME FROM {parquet(paths, partitions)}" if paths else ""
        return f"(SELECT {absent} WHERE false{there})"

    def dataset(self, key: str) -> "ds.FileSystemDataset":
        """The table for whoever filters it: a file is left out only by what is known of it.

        delta-rs takes a lowest or highest value that a file's statistics lack (of decimals, flags and long texts) for
        NULL, by which no row of the file meets any condition on that column.
        """
        import pyarrow.dataset as ds  # looks for pandas, which not every command has to wait for

        table = self.delta(key)
        whole = table.to_pyarrow_dataset()
        known = {action["path"]: action for action in self.actions(key, table).to_pylist()}
        fragments = [
            whole.format.make_fragment(file.path, whole.filesystem, _known(known[file.path], whole.schema))
            for file in whole.get_fragments()
        ]
        return ds.FileSystemDataset(fragments, whole.schema, whole.format, whole.filesystem)

    def actions(self, key: str, table: DeltaTable) -> pa.Table:
        """What the log says of each data file: its path in the table's folder, its partition and its statistics."""
        return pa.RecordBatchReader.from_stream(table.get_add_actions(flatten=True)).read_all()

    def rows(self, files: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> pa.Table:
        """The rows of some data files (as `files` gives them) with their partition values, in the columns' types."""
        schema = arrow_schema(columns)
        parts = [schema.empty_table()]
        for file in files:
            part = pq.read_table(file["path"], partitioning=None)
            for name in set(columns) - set(part.column_names):
                part = part.append_column(name, pa.repeat(pa.scalar(file.get(f"partition.{name}")), part.num_rows))
            parts.append(part.select(schema.names).cast(schema))
        return pa.concat_tables(parts)

    def files(
        self, key: str, column: str, values: Sequence[str], table: DeltaTable | None = None
    ) -> list[dict[str, Any]]:
        """The data files of some partitions: absolute `path`, `rows`, and every partition value and statistic known."""
        if not (table or self.exists(key)):
            return []
        actions, folder = self.actions(key, table or self.delta(key)), self.folder(key)
        of_column = actions[f"partition.{column}"]
        wanted = actions.filter(pc.is_in(of_column, pa.array(values, of_column.type))).sort_by("path")
        return [
            {**action, "path": str(folder / action["path"]), "rows": action["num_records"]}
            for action in wanted.to_pylist()
        ]


class FileWriter:
    """One parquet file of a table, written by a task chunk by chunk and returned as `Written`."""

    def __init__(
        self, folder: Path, columns: Mapping[str, str], partitions: Mapping[str, str], group: int = GROUP
    ) -> None:
        self.partitions, self.group = dict(partitions), group
        self.schema = arrow_schema({name: kind for name, kind in columns.items() if name not in partitions})
        place = "/".join(f"{name}={value}" for name, value in self.partitions.items())
        self.path = (f"{place}/" if place else "") + f"part-{uuid.uuid4().hex}.parquet"
        self.target = folder / self.path
        self.rows = 0
        self._writer: pq.ParquetWriter | None = None

    def write(self, rows: pa.Table) -> None:
        """Add a chunk, cast to the table's types."""
        if rows.num_rows == 0:
            return
        typed = rows.select(self.schema.names).cast(self.schema)
        with on_disk(self.target.parent):
            if self._writer is None:
                self._writer = self._opened(typed.slice(0, LOOKED_AT))
            self._writer.write_table(typed, self.group)
        self.rows += rows.num_rows

    def _opened(self, first: pa.Table) -> pq.ParquetWriter:
        """Texts that repeat among the first rows get a dictionary; of others one costs more than it saves."""
        self.target.parent.mkdir(parents=True, exist_ok=True)
        words = [
            f.name
            for f in self.schema
            if f.type == pa.string() and pc.count_distinct(first[f.name]).as_py() * 4 <= max(len(first), 64)
        ]
        return pq.ParquetWriter(self.target, self.schema, compression="zstd", compression_level=1, use_dictionary=words)

    def close(self) -> Written:
        """Finish the file."""
        if self._writer is None:
            return Written(self.path, 0, 0, self.partitions, "{}")
        with on_disk(self.target.parent):
            self._writer.close()
        stats = _statistics(pq.read_metadata(self.target), self.rows)
        return Written(self.path, self.target.stat().st_size, self.rows, self.partitions, stats)


def _unneeded(table: DeltaTable, *, full: bool) -> list[str]:
    """Files that the newest version does not need; those no version has named only if `full`."""
    return list(table.vacuum(0, dry_run=True, enforce_retention_duration=False, full=full))


def _known(action: Mapping[str, Any], schema: pa.Schema) -> pc.Expression:
    """What holds for every row of a file: its partition, and the ends of columns that are never empty."""
    tests = []
    for field_ in schema:
        here = pc.field(field_.name)
        if f"partition.{field_.name}" in action:
            value = action[f"partition.{field_.name}"]
            tests.append(here.is_null() if value is None else here == pa.scalar(value, field_.type))
        elif field_.type in SKIPS_BY and action.get(f"null_count.{field_.name}") == 0:
            low, high = (action.get(f"{end}.{field_.name}") for end in ("min", "max"))
            tests += [here >= pa.scalar(low, field_.type)] if low is not None else []
            tests += [here <= pa.scalar(high, field_.type)] if high is not None else []
    return reduce(and_, tests, pc.scalar(value=True))


def _spark_type(kind: object) -> str:
    """Spark's name of one of Delta's types."""
    if isinstance(kind, ArrayType):
        return f"array<{_spark_type(kind.element_type)}>"
    if isinstance(kind, StructType):
        return f"struct<{','.join(f'{one.name}:{_spark_type(one.type)}' for one in kind.fields)}>"
    name = kind.type if isinstance(kind, PrimitiveType) else str(kind)
    return SPOKEN.get(name, name)


def _field(name: str, kind: str, layout: Layout) -> Field:
    comment = layout.comments.get(name)
    base = Field.from_arrow(pa.field(name, arrow_type(kind), nullable=name not in layout.partitions))
    return Field(name, base.type, nullable=base.nullable, metadata={"comment": comment} if comment else None)


def _statistics(metadata: pq.FileMetaData, rows: int) -> str:
    """Delta's per-file statistics, from the parquet footer: of the first columns (`INDEXED`)."""
    low: dict[str, Any] = {}
    high: dict[str, Any] = {}
    nulls: dict[str, int] = {}
    for index in range(min(metadata.num_columns, INDEXED)):
        groups = [metadata.row_group(g).column(index) for g in range(metadata.num_row_groups)]
        name = groups[0].path_in_schema
        stats = [g.statistics for g in groups]
        if any(s is None or not s.has_null_count for s in stats):
            continue
        nulls[name] = sum(s.null_count for s in stats)
        ranges = [(s.min, s.max) for s in stats if s.has_min_max]
        if len(ranges) == len(stats) and all(_plain(a) and _plain(b) for a, b in ranges):
            low[name], high[name] = _json(min(a for a, _ in ranges)), _json(max(b for _, b in ranges))
    return json.dumps({"numRecords": rows, "minValues": low, "maxValues": high, "nullCount": nulls})


def _plain(value: object) -> bool:
    return not isinstance(value, bool | bytes | float | Decimal) and (not isinstance(value, str) or len(value) < NARROW)


def _json(value: object) -> object:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return value.isoformat() if isinstance(value, date) else value
