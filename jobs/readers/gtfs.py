"""A GTFS feed: one member of its zip, UTF-8 CSV with or without byte order mark.

Source: GTFS Schedule Reference, "File requirements". Members in a folder of the zip are found too.
"""

import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pyarrow as pa
from pydantic import BaseModel

from jobs.readers import Span, Unreadable, csv
from jobs.readers._text import Encoding, pieces, stream_blocks

RECORD = "row number in the member: the header is 0; blank lines count"


class Options(BaseModel, extra="forbid", frozen=True):
    """The member, such as stops.txt."""

    member: str
    encoding: Encoding = "utf-8"


def read(path: Path, options: Options, span: Span | None = None) -> Iterator[pa.RecordBatch]:
    """Batches of the member. Raises Unreadable when the file is no whole zip, or has no such member."""
    try:
        with zipfile.ZipFile(path) as feed, _open(feed, options.member) as stream:
            yield from csv.table(pieces(stream_blocks(stream), options.encoding), csv.Options())
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise Unreadable(f"a damaged zip ({error})", "a GTFS zip") from error


def _open(feed: zipfile.ZipFile, name: str) -> IO[bytes]:
    members = [member for member in feed.namelist() if member == name or member.endswith(f"/{name}")]
    if name not in members and len(members) != 1:
        raise Unreadable(f"a zip of {', '.join(sorted(feed.namelist())[:20])}", f"one member {name}")
    try:
        return feed.open(name if name in members else members[0])
    except RuntimeError as error:
        raise Unreadable(f"a member that cannot be opened ({error})", "a zip without password") from error
