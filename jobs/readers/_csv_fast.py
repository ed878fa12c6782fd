"""The fast way through delimited text that holds no quote and no escape: pyarrow's parser, positions by numpy."""

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

Lines = npt.NDArray[np.int64]
LINE_FEED, CARRIAGE_RETURN = 10, 13


class Parsed(NamedTuple):
    """Records of a text: their columns, the line (from 0) on which each stands, malformed texts, how many lines."""

    columns: list[pa.Array]
    lines: Lines
    malformed: pa.Array | None
    height: int


def parse(text: str, names: Sequence[str], delimiter: str, comment: str | None) -> Parsed:
    """Records of a text of whole lines. The delimiter is one ASCII character."""
    if comment and comment in text:
        text = _blanked(text, comment)
    data = text.encode()
    starts = line_starts(data)
    octets = np.frombuffer(data, np.uint8)
    first = octets[starts]
    filled = np.flatnonzero((first != LINE_FEED) & (first != CARRIAGE_RETURN))
    columns = _columns(data, names, delimiter) if len(filled) else [pa.array([], pa.string()) for _ in names]
    if not names or len(columns[0]) == len(filled):
        return Parsed(columns, filled, None, len(starts))
    good = _fields(octets, starts, delimiter)[filled] == len(names)
    places = pa.array(np.cumsum(good) - 1, mask=~good)
    stops = np.append(starts[1:], len(data))
    whole = pa.array([_line(data[starts[at] : stops[at]]) for at in filled[~good]], pa.string())
    malformed = pc.take(whole, pa.array(np.cumsum(~good) - 1, mask=good))
    return Parsed([pc.take(c, places) for c in columns], filled, malformed, len(starts))


def _blanked(text: str, comment: str) -> str:
    """Comments as blank lines. Their line feed becomes CR LF, or it would join a carriage return before them."""
    lines = re.compile(rf"(?:\A|(?<=[\r\n])){re.escape(comment)}[^\r\n]*(\r?\n)?")
    return lines.sub(lambda found: "\r\n" if found[1] else "", text)


def line_starts(data: bytes) -> Lines:
    """Offsets at which lines begin: after a line feed, a carriage return, or the two together."""
    octets = np.frombuffer(data, np.uint8)
    ends = np.flatnonzero(octets == LINE_FEED)
    if b"\r" in data:
        returns = np.flatnonzero(octets == CARRIAGE_RETURN)
        alone = returns[octets[np.minimum(returns + 1, len(data) - 1)] != LINE_FEED]
        ends = np.sort(np.concatenate([ends, alone]))
    starts = np.concatenate([[0], ends + 1])
    return starts[starts < len(data)]


def _columns(data: bytes, names: Sequence[str], delimiter: str) -> list[pa.Array]:
    table = csv.read_csv(
        pa.BufferReader(data),
        csv.ReadOptions(column_names=names, block_size=len(data) + 1, use_threads=False),
        csv.ParseOptions(
            delimiter=delimiter,
            quote_char=False,
            double_quote=False,
            escape_char=False,
            newlines_in_values=False,
            ignore_empty_lines=True,
            invalid_row_handler=lambda row: "skip",
        ),
        csv.ConvertOptions(
            column_types={name: pa.string() for name in names}, strings_can_be_null=False, check_utf8=False
        ),
    )
    return [column.combine_chunks() for column in table.columns]


def _fields(octets: npt.NDArray[np.uint8], starts: Lines, delimiter: str) -> Lines:
    """How many fields each line has."""
    delimiters = np.flatnonzero(octets == ord(delimiter))
    before = np.searchsorted(delimiters, np.append(starts, len(octets)))
    return np.diff(before) + 1


def _line(data: bytes) -> str:
    return data.decode().removesuffix("\n").removesuffix("\r")
