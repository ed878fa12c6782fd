"""A lake as it stood at an instant, as far as its tables keep what they have replaced. Only read."""

import json
from collections.abc import Sequence
from datetime import datetime

import pyarrow as pa
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from jobs.core.engine import parquet
from jobs.core.errors import Problem
from jobs.core.lake import RETENTION_DAYS, VERSION_DIGITS, Lake

PINNED = ("silver", "fused", "indicators")
"""The layers that are read as they stood; of other tables the newest version is meant, whenever one looks."""


class Pinned(Lake):
    """The lake as it stood at an instant; each version of a table is opened once."""

    def __init__(self, lake: Lake, until: datetime) -> None:
        super().__init__(lake.root.parent, lake.city)
        self.until = until
        self._versions: dict[str, int | None] = {}
        self._opened: dict[tuple[str, int | None], DeltaTable] = {}
        self._actions: dict[tuple[str, int | None], pa.Table] = {}

    def version(self, key: str) -> int | None:
        """The newest version up to the instant. Raises Problem where the log begins later."""
        if key.split(".")[0] not in PINNED:
            return super().version(key)
        if key not in self._versions:
            self._versions[key] = self._then(key)
        return self._versions[key]

    def _then(self, key: str) -> int | None:
        logs = sorted((self.folder(key) / "_delta_log").glob("[0-9]*.json"), reverse=True)
        for log in logs:
            if _committed(log.read_bytes()) <= self.until.timestamp() * 1000:
                return int(log.name[:VERSION_DIGITS])
        if logs and int(logs[-1].name[:VERSION_DIGITS]) > 0:
            raise swept(key, f"as of {self.until:%Y-%m-%d %H:%M}")
        return None

    def exists(self, key: str) -> bool:
        """Whether the table was there."""
        return self.version(key) is not None

    def delta(self, key: str) -> DeltaTable:
        """The table as it stood. Raises Problem where the lake no longer keeps that."""
        at = (key, self.version(key))
        if at not in self._opened:
            try:
                self._opened[at] = DeltaTable(str(self.folder(key)), version=at[1])
            except DeltaError as error:
                raise swept(key, f"at version {at[1]}") from error
        return self._opened[at]

    def actions(self, key: str, table: DeltaTable) -> pa.Table:
        """What the log says of each data file."""
        at = (key, table.version())
        if at not in self._actions:
            self._actions[at] = super().actions(key, table)
        return self._actions[at]

    def read(self, key: str, column: str, values: Sequence[str]) -> str | None:
        """SQL that reads the rows of some partitions; None where there are none. A column older files lack is NULL."""
        paths = [file["path"] for file in self.files(key, column, values)]
        return parquet(paths, list(self.delta(key).metadata().partition_columns)) if paths else None


def swept(key: str, which: str) -> Problem:
    """What to say of a table that can no longer be read as it stood."""
    kept = f"what a table has replaced is kept {RETENTION_DAYS} days, values for ever"
    return Problem(f"{key}: can no longer be read {which}; {kept}")


def _committed(log: bytes) -> int:
    """When a commit was made, in milliseconds, as its writer says."""
    lines = (json.loads(line) for line in log.splitlines() if b'"commitInfo"' in line)
    return int(next(line["commitInfo"]["timestamp"] for line in lines if "commitInfo" in line))
