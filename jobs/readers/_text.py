"""A delivered file's bytes as text: gzip by its magic bytes, any Python codec, whole lines, errors with their byte."""

import codecs
import gzip
import zlib
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import IO, Annotated, AnyStr

from pydantic import AfterValidator

from jobs.readers import Unreadable

BLOCK = 8 << 20
GZIP = b"\x1f\x8b"
BOM = "\ufeff"


def _codec(name: str) -> str:
    """The codec's own name. `utf-8-sig` is utf-8: a byte order mark is taken off in every encoding."""
    try:
        "".encode(name)
        codecs.getincrementaldecoder(name)
    except LookupError as error:
        raise ValueError(f"'{name}' is not a text encoding of Python") from error
    return codecs.lookup(name).name.removesuffix("-sig")


Encoding = Annotated[str, AfterValidator(_codec)]


def blocks(path: Path, size: int = BLOCK) -> Iterator[bytes]:
    """The file's bytes, unpacked when it is gzip whatever its name. Raises Unreadable for a broken gzip."""
    with path.open("rb") as plain:
        if plain.read(2) != GZIP:
            plain.seek(0)
            yield from stream_blocks(plain, size)
            return
        plain.seek(0)
        try:
            yield from stream_blocks(gzip.GzipFile(fileobj=plain), size)
        except EOFError as error:
            raise Unreadable("truncated gzip", "a complete gzip file") from error
        except (gzip.BadGzipFile, zlib.error) as error:
            raise Unreadable(f"damaged gzip ({error})", "a complete gzip file") from error


def stream_blocks(stream: IO[bytes] | gzip.GzipFile, size: int = BLOCK) -> Iterator[bytes]:
    """An open stream's bytes."""
    while block := stream.read(size):
        yield block


def pieces(parts: Iterable[bytes], encoding: str, carriage_return: bool = True) -> Iterator[str]:
    """Text in pieces of whole lines, without the byte order mark; one of UTF-8 is UTF-8, whatever was declared.

    Raises Unreadable with the offset of the first byte that is not of the encoding; of a gzip file, the unpacked byte.
    """
    first, rest = True, iter(parts)
    start = next(rest, b"")
    encoding = "utf-8" if start.startswith(codecs.BOM_UTF8) else encoding
    for piece in whole_lines(_decoded(chain([start], rest), encoding), "\n", "\r" if carriage_return else None):
        piece = piece.removeprefix(BOM) if first else piece
        first = False
        if piece:
            yield piece


def whole_lines(parts: Iterable[AnyStr], line_feed: AnyStr, carriage_return: AnyStr | None) -> Iterator[AnyStr]:
    """The same text cut at line ends; at a carriage return only where a part has no line feed (old files)."""
    nothing = line_feed[:0]
    held: list[AnyStr] = []
    for part in parts:
        cut = part.rfind(line_feed) + 1
        if not cut and carriage_return is not None:
            # Not the part's last character: the line feed that belongs to it may come with the next part.
            cut = part.rfind(carriage_return, 0, len(part) - 1) + 1
        if cut:
            held.append(part[:cut])
            yield nothing.join(held)
            held = []
        held.append(part[cut:])
    if rest := nothing.join(held):
        yield rest


def decoded(data: bytes, encoding: str, offset: int) -> str:
    """The text of bytes that lie at `offset` of a file. Raises Unreadable with the offset of the first wrong byte."""
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise _undecodable(error, offset, encoding) from error


def _decoded(parts: Iterable[bytes], encoding: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    offset = 0
    for part in chain(parts, [b""]):
        held = len(decoder.getstate()[0])
        try:
            yield decoder.decode(part, final=not part)
        except UnicodeDecodeError as error:
            raise _undecodable(error, offset - held, encoding) from error
        except UnicodeError as error:
            raise Unreadable(f"{error} at byte {offset - held}", f"text in {encoding}") from error
        offset += len(part)


def _undecodable(error: UnicodeDecodeError, offset: int, encoding: str) -> Unreadable:
    wrong = error.object[error.start : error.start + 4].hex(" ")
    return Unreadable(f"bytes {wrong} at byte {offset + error.start} ({error.reason})", f"text in {encoding}")
