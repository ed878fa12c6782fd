"""What an edition is sealed in: a Merkle tree over sections of leaves, the manifest and the file of leaves' hashes.

A leaf is a row in its canonical text, hashed as RFC 9162 does (`jobs/shared/merkle.py`). A section is a tree over its
leaves in their order; its head, `{"root", "section", "size"}`, is itself a row, and the tree over the sections' heads
in the order of `SECTIONS` has the edition's root. docs/decisions/0021-the-seal.md says what is a leaf of which section.

Canonical text is JSON (RFC 8259) in UTF-8 without spaces. Keys stand in the order of their code points, each once. Of
characters only `"`, `\\` and those below U+0020 are escaped, as \\b \\f \\n \\r \\t, else as \\u and four lower-case
digits. A whole number is its decimal digits; a DOUBLE the fewest digits that read back to the same double, with a point
or an exponent (`3.0`, `0.0001`; an exponent of two digits or more below 1e-4 and from 1e16 on, `1e-05`, `1e+16`).
Unknown is null. Dates are 2025-03-04, instants 2025-03-04T22:30:00+00:00 in UTC, with six decimals of the second where
it is not whole. NaN and infinities have no text.

`manifest.json` has the root, the sections' heads and the rows of the sections in `LISTED`, one to a line, each line the
canonical text itself. `leaves.bin` has the hashes of all leaves, 32 bytes each, section after section.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Any, NoReturn

from jobs.shared import merkle

FORM = "citypulse seal 1"
MANIFEST, LEAVES, HEAD = "manifest.json", "leaves.bin", "head.json"
SECTIONS = (
    "edition", "earlier", "values", "history", "deliveries", "tables", "days", "declarations", "code", "files",
)  # fmt: skip
LISTED = tuple(name for name in SECTIONS if name not in ("earlier", "values", "history"))
"""Sections whose rows are in the manifest. The others' rows are the chain, `values.json` and the lake's history."""
Row = Mapping[str, Any]
_encode = json.JSONEncoder(sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


class Unreadable(ValueError):
    """A manifest that no seal wrote; where in it."""


@dataclass(frozen=True)
class Sealed:
    """An edition's tree: the hashes of every section's leaves, and the rows of those that the manifest lists."""

    leaves: Mapping[str, Sequence[bytes]]
    rows: Mapping[str, Sequence[Row]]

    @cached_property
    def heads(self) -> list[dict[str, Any]]:
        """The head of each section."""
        return [head(name, self.leaves[name]) for name in SECTIONS]

    @cached_property
    def root(self) -> str:
        """The edition's root."""
        return root(self.heads)

    @property
    def manifest(self) -> bytes:
        """What `manifest.json` holds."""
        return render({"root": self.root, "sections": self.heads} | {name: self.rows[name] for name in LISTED})

    @property
    def hashes(self) -> bytes:
        """What `leaves.bin` holds."""
        return b"".join(one for name in SECTIONS for one in self.leaves[name])


def text(said: object) -> str:
    """The canonical text. Raises ValueError for what has none."""
    return _encode(said)


def leaves(rows: Iterable[Row]) -> list[bytes]:
    """The hash of each row."""
    return hashed(map(text, rows))


def hashed(texts: Iterable[str]) -> list[bytes]:
    """The hash of each leaf's text."""
    return [merkle.leaf(one.encode()) for one in texts]


def head(section: str, hashes: Sequence[bytes]) -> dict[str, Any]:
    """The head of a section."""
    return {"section": section, "size": len(hashes), "root": merkle.root(hashes).hex()}


def root(heads: Sequence[Row]) -> str:
    """The root over the heads of sections."""
    return merkle.root(leaves(heads)).hex()


def slices(heads: Sequence[Row], hashes: bytes) -> dict[str, list[bytes]]:
    """The hashes of `leaves.bin` by section."""
    each = [hashes[at : at + merkle.WIDTH] for at in range(0, len(hashes), merkle.WIDTH)]
    ends = list(accumulate(int(one["size"]) for one in heads))
    return {one["section"]: each[end - one["size"] : end] for one, end in zip(heads, ends, strict=True)}


def render(manifest: Mapping[str, Any]) -> bytes:
    """A manifest's bytes."""
    lists = (f"{text(name)}:[\n" + ",\n".join(map(text, manifest[name])) + "\n]" for name in ("sections", *LISTED))
    return ("{\n" + ",\n".join([f'"root":{text(manifest["root"])}', *lists]) + "\n}\n").encode()


def read(data: bytes) -> dict[str, Any]:
    """A manifest from its bytes. Raises Unreadable when they are not exactly what `render` would write."""
    try:
        found = json.loads(data.decode(), parse_constant=_no_number)
    except UnicodeDecodeError as error:
        raise Unreadable(f"line {_line(data, error.start)} is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise Unreadable(f"line {error.lineno} is not JSON: {error.msg}") from None
    except (ValueError, RecursionError):
        raise Unreadable("a number in it has no canonical text") from None
    _shaped(found)
    try:
        again = render(found)
    except ValueError as error:
        raise Unreadable(f"something in it has no canonical text: {error}") from None
    if again != data:
        at = next(
            (at for at, (a, b) in enumerate(zip(again, data, strict=False)) if a != b), min(len(again), len(data))
        )
        raise Unreadable(f"line {_line(data, at)} is not in canonical form")
    return dict(found)


def _shaped(found: object) -> None:
    if not isinstance(found, dict) or set(found) != {"root", "sections", *LISTED}:
        raise Unreadable(f"its keys are not root, sections, {', '.join(LISTED)}")
    if not all(isinstance(found[name], list) for name in ("sections", *LISTED)) or not _is_hash(found["root"]):
        raise Unreadable("its root is not a hash, or a section no list")
    for name in LISTED:
        if not all(isinstance(row, dict) for row in found[name]):
            raise Unreadable(f"{name}: a row is no object")
    if len(found["sections"]) != len(SECTIONS):
        raise Unreadable(f"sections: {len(found['sections'])} of {len(SECTIONS)}")
    for name, one in zip(SECTIONS, found["sections"], strict=True):
        if not _is_head(name, one):
            raise Unreadable(f"sections: what stands for {name} is no head of it")


def _is_head(name: str, one: object) -> bool:
    if not isinstance(one, dict) or set(one) != {"section", "size", "root"}:
        return False
    is_size = type(one["size"]) is int and 0 <= one["size"] < 1 << 40
    return one["section"] == name and is_size and _is_hash(one["root"])


def _is_hash(one: object) -> bool:
    return isinstance(one, str) and len(one) == 2 * merkle.WIDTH and set(one) <= set("0123456789abcdef")


def _line(data: bytes, at: int) -> int:
    return data.count(b"\n", 0, at) + 1


def _no_number(word: str) -> NoReturn:
    raise ValueError(word)
