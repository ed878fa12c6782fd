"""Whether one edition is what was sealed, from what lies in its folder alone: the first thing that is not, and where.

Of everything there are several witnesses: a row, its hash in `leaves.bin`, the head of its section, and the root. The
one that differs from the others is named.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from jobs import seal
from jobs.core.errors import CriticalFailure
from jobs.seal import Row
from jobs.shared import merkle

CHAIN = "the editions before it"
VALUES = "values.json"
CELL = ("indicator", "level", "place", "period_kind", "period", "segment")
NAMED: Mapping[str, tuple[str, ...]] = {
    "edition": ("city", "biz_date"),
    "earlier": ("biz_date", "root"),
    "values": CELL,
    "history": CELL,
    "deliveries": ("delivery_id", "source", "file"),
    "tables": ("table",),
    "days": ("table", "day"),
    "declarations": ("file",),
    "code": ("file",),
    "files": ("file",),
}
"""What names a row of a section."""
SHOWN = 400
"""How much of a row is told."""


class Altered(CriticalFailure):
    """Something is not what was sealed: of which edition, where, and what was found; the row and its sealed hash."""

    def __init__(self, edition: str, where: str, what: str, row: Any = None, sealed: bytes | None = None) -> None:
        super().__init__(f"edition {edition}: {where}: {what}")
        self.edition, self.where, self.what, self.row, self.sealed = edition, where, what, row, sealed


class Link(NamedTuple):
    """An edition in the chain."""

    biz_date: str
    root: str


@dataclass(frozen=True)
class Kept:
    """An edition's folder: its files by name with their SHA-256, and the content of those that its seal is read from.

    Content is None where there is no such file; without `leaves` an edition is published, and not sealed.
    """

    name: str
    manifest: bytes | None
    leaves: bytes | None
    values: bytes | None
    files: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Checked:
    """An edition that agrees with itself: its rows are those that were sealed if its root is the one that was."""

    link: Link
    rows: Mapping[str, Sequence[Row]]
    leaves: Mapping[str, Sequence[bytes]]


class There(NamedTuple):
    """The rows of a section as they lie there: in which file, and their hashes."""

    where: str
    rows: Sequence[Any]
    hashes: list[bytes]


def edition(kept: Kept, earlier: tuple[Link, ...]) -> Checked:
    """One edition behind those before it. Raises Altered."""
    made = manifest(kept)
    heads = made["sections"]
    is_whole = seal.root(heads) == made["root"]
    there = _there(kept, made, earlier)
    hashes = _hashes(kept, heads, is_whole, there)
    for head in heads:
        name = head["section"]
        _section(kept.name, head, hashes[name], there.get(name), is_whole)
        if name == "edition":
            _header(kept, made["edition"], earlier)
    if not is_whole:
        raise Altered(kept.name, seal.MANIFEST, f"gives its root as {made['root']}; its sections give another")
    _files(kept, made["files"])
    return Checked(Link(kept.name, made["root"]), {name: made[name] for name in seal.LISTED}, hashes)


def manifest(kept: Kept) -> dict[str, Any]:
    """The manifest of a sealed edition. Raises Altered when no seal wrote it."""
    for what, content in ((seal.MANIFEST, kept.manifest), (seal.LEAVES, kept.leaves)):
        if content is None:
            raise Altered(kept.name, what, "is not there")
    try:
        return seal.read(kept.manifest or b"")
    except seal.Unreadable as error:
        raise Altered(kept.name, seal.MANIFEST, str(error)) from None


def differs(
    edition: str, where: str, section: str, sealed: Sequence[bytes], found: Sequence[bytes], rows: Sequence[Any]
) -> Altered:
    """Where hashes of leaves first differ from sealed ones; `rows` are what was found."""
    pairs = zip(sealed, found, strict=False)
    at = next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(sealed), len(found)))
    is_new = at < len(found) and found[at] not in set(sealed)
    is_gone = at < len(sealed) and sealed[at] not in set(found)
    of = f"{at + 1} of {len(sealed)} of {section}"
    if at == len(found) or (len(found) < len(sealed) and is_gone):
        after = f"after {name(section, rows[at - 1])}" if at else "at the beginning"
        return Altered(edition, where, f"{of} is missing, {after}", None, sealed[at])
    what = f"{section}: {name(section, rows[at])}"
    if at == len(sealed) or (len(found) > len(sealed) and (is_new or not is_gone)):
        return Altered(edition, where, f"{what} was added: {len(found)} where {len(sealed)} were sealed")
    if not is_new and not is_gone:
        return Altered(edition, where, f"{what} stands at {of}, in another order than was sealed")
    hashed = f"its hash is {_short(found[at])}, sealed was {_short(sealed[at])}"
    return Altered(edition, where, f"{what} is not what was sealed: {hashed}", rows[at], sealed[at])


def name(section: str, row: Any) -> str:
    """What a row is about."""
    if not isinstance(row, Mapping):
        return f"{str(row)[:SHOWN]!r}, which is no row"
    return " ".join(str(row[column]) for column in NAMED[section] if row.get(column) not in (None, ""))


def shown(data: bytes) -> tuple[list[Any], list[bytes]]:
    """The rows of `values.json`, one to a line, and their hashes; a line that is no row stands as it is."""
    rows: list[Any] = []
    hashes = []
    for line in data.decode(errors="replace").split("\n")[1:-2]:
        try:
            row = json.loads(line.removesuffix(","))
            text = seal.text(row).encode()
        except (ValueError, RecursionError):
            row, text = line, line.encode()
        if line:
            rows.append(row)
            hashes.append(merkle.leaf(text))
    return rows, hashes


def _short(hashed: bytes) -> str:
    return hashed.hex()[:16]


def _there(kept: Kept, made: Mapping[str, Any], earlier: tuple[Link, ...]) -> dict[str, There]:
    """The rows of every section but history, which is in the lake alone."""
    chained = [link._asdict() for link in earlier]
    found = {
        "earlier": There(CHAIN, chained, seal.leaves(chained)),
        "values": There(VALUES, *shown(kept.values or b"")),
    }
    return found | {one: There(seal.MANIFEST, made[one], seal.leaves(made[one])) for one in seal.LISTED}


def _hashes(kept: Kept, heads: Sequence[Row], is_whole: bool, there: Mapping[str, There]) -> dict[str, list[bytes]]:
    """The hashes of `leaves.bin` by section. Raises Altered when they are not as many as the sections say."""
    data, wanted = kept.leaves or b"", sum(one["size"] for one in heads)
    if len(data) == merkle.WIDTH * wanted:
        return seal.slices(heads, data)
    if is_whole:
        what = f"has {len(data)} bytes; {wanted} leaves were sealed, {merkle.WIDTH} bytes each"
        raise Altered(kept.name, seal.LEAVES, what)
    off = [one for one in heads if one["section"] in there and len(there[one["section"]].rows) != one["size"]]
    wrong = off[0] if off else next(one for one in heads if one["section"] not in there)
    what = f"the head of {wrong['section']} tells {wrong['size']} leaves, {seal.LEAVES} and the rows another number"
    raise Altered(kept.name, seal.MANIFEST, what)


def _section(edition: str, head: Row, kept: list[bytes], there: There | None, is_whole: bool) -> None:
    """A section's head, the hashes in `leaves.bin` and the rows say the same, or the odd one out is named."""
    section = head["section"]
    by_hashes = seal.head(section, kept)
    if by_hashes == head and (there is None or there.hashes == kept):
        return
    if (there is None and not is_whole) or (there is not None and there.hashes == kept):
        what = f"gives the head of {section} as {head['size']} {head['root']}, its leaves give {by_hashes['root']}"
        raise Altered(edition, seal.MANIFEST, what)
    if there is None:
        raise Altered(edition, seal.LEAVES, f"the hashes of {section} do not give its root {head['root']}")
    if by_hashes != head and seal.head(section, there.hashes) == head:
        raise differs(edition, seal.LEAVES, section, there.hashes, kept, there.rows)
    raise differs(edition, there.where, section, kept, there.hashes, there.rows)


def _header(kept: Kept, rows: Sequence[Row], earlier: tuple[Link, ...]) -> None:
    said = rows[0] if len(rows) == 1 else {}
    if said.get("form") != seal.FORM:
        raise Altered(kept.name, seal.MANIFEST, f"is sealed as {said.get('form')!r}; this code knows {seal.FORM!r}")
    if said.get("biz_date") != kept.name:
        raise Altered(kept.name, f"editions/{kept.name}", f"holds edition {said.get('biz_date')}")
    before = earlier[-1]._asdict() if earlier else None
    if said.get("previous") != before:
        what = f"it was sealed behind {_edition(said.get('previous'))}; there is {_edition(before)} before it"
        raise Altered(kept.name, CHAIN, what)


def _edition(link: Any) -> str:
    return f"{link['biz_date']} with root {link['root']}" if link else "none"


def _files(kept: Kept, rows: Iterable[Row]) -> None:
    """The files are those that were sealed."""
    sealed, found = {row["file"]: row["sha256"] for row in rows}, dict(kept.files)
    for one in sorted(sealed.keys() | found.keys()):
        if one not in found:
            raise Altered(kept.name, one, f"is gone; it was sealed with SHA-256 {sealed[one]}")
        if one not in sealed:
            raise Altered(kept.name, one, "was added: the edition was sealed without it")
        if found[one] != sealed[one]:
            raise Altered(kept.name, one, f"has SHA-256 {found[one]}, sealed was {sealed[one]}")
