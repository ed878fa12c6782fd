"""What the tests of the readers share: reading a file to rows, and where real files lie."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import BaseModel

from jobs.readers import Reader, find

Row = dict[str, str | int | None]
SHARED = Path(__file__).parents[3] / "shared" / "data"


def options_of(reader: Reader, given: dict[str, object]) -> BaseModel:
    return reader.Options.model_validate(given)


def read_rows(format: str, path: Path, **given: object) -> list[Row]:
    """All rows of a file; `_malformed` is left out where nothing is malformed, so that expected rows stay short."""
    reader = find(format)
    rows = [row for batch in reader.read(path, options_of(reader, given)) for row in batch.to_pylist()]
    for row in rows:
        if row["_malformed"] is None:
            del row["_malformed"]
    return rows


def columns(format: str, path: Path, **given: object) -> list[str]:
    """Column names; the same in every batch."""
    reader = find(format)
    (schema,) = {tuple(batch.schema.names) for batch in reader.read(path, options_of(reader, given))}
    return list(schema)


@pytest.fixture
def write(tmp_path: Path) -> Callable[[bytes | str], Path]:
    def written(content: bytes | str) -> Path:
        path = tmp_path / "delivered"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return written


@pytest.fixture
def shared() -> Callable[[str], Path]:
    def found(name: str) -> Path:
        if not (SHARED / name).exists():
            pytest.skip(f"../shared/data/{name} is not here: real files are kept outside the project")
        return SHARED / name

    return found
