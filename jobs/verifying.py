"""Verification of sealed editions: their folders, the chain, and what the lake has kept of what they sealed.

The first thing that is not what was sealed is raised, with the edition, the place and what was found.
"""

import contextlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
from deltalake.exceptions import DeltaError

from jobs import beside, chain, intact, reread, seal, sections
from jobs.chain import Books
from jobs.core import disk
from jobs.core.errors import CriticalFailure, Problem
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger
from jobs.edition import MAKING, OLD
from jobs.intact import Altered, Checked, Kept, Link
from schemas import City

NOTED = re.compile(r'"root": "([0-9a-f]{64})"')
"""In what a night notes of its edition: the root, where it was sealed."""
BROKEN = (pa.ArrowException, DeltaError, duckdb.Error, OSError)
"""What readers of tables raise when a file is damaged or gone."""


@dataclass
class Found:
    """What was verified."""

    editions: list[Link] = field(default_factory=list)
    leaves: int = 0
    erased: int = 0
    """Deliveries of which a person was erased: what is left of them was not sealed."""
    told: Link | None = None
    """The edition whose root somebody outside was told."""
    after: int = 0
    """How many editions follow it."""
    days: int = 0
    """Days of silver tables that were read again."""
    waiting: int = 0
    """Days that a migration or an erasure has made anew, of which the next edition will speak."""


class Folders(Mapping[str, Kept]):
    """The editions of a lake by the names of their folders, each read when it is asked for."""

    def __init__(self, place: Path) -> None:
        self.place = place
        found = sorted(place.iterdir()) if place.is_dir() else []
        self.names = [path.name for path in found if path.is_dir() and _is_date(path.name)]
        others = {path.name for path in found} - {*self.names, seal.HEAD}
        self.strays = tuple(sorted(one for one in others if not one.endswith((MAKING, OLD, disk.PARTIAL))))

    def __getitem__(self, name: str) -> Kept:
        if name not in self.names:
            raise KeyError(name)
        place = self.place / name
        manifest, leaves, values = (_content(place / one) for one in (seal.MANIFEST, seal.LEAVES, intact.VALUES))
        return Kept(name, manifest, leaves, values, tuple(sections.files(place)))

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)


def books(lake: Lake, ledger: Ledger) -> Books:
    """The chain as it lies there."""
    folders = Folders(lake.folder("editions"))
    told = tuple(Link(row["biz_date"].isoformat(), row["digest"]) for row in ledger.rows("editions"))
    return Books(folders, folders.strays, told, _noted(ledger), _content(folders.place / seal.HEAD))


def chained(city: City, lake: Lake, *, landing: bool = False, tables: bool = False) -> Found:
    """Every edition and the chain; with `landing` the delivered bytes too, with `tables` every day of silver.

    Raises CriticalFailure, mostly Altered, and Problem when there is no edition.
    """
    with _readable(lake):
        ledger, out = Ledger(lake), Found()
        _take(city, lake, ledger, chain.walk(books(lake, ledger)), out, landing=landing)
        if not out.editions:
            raise Problem(f"{lake.root}: no edition of {city.id} is sealed yet")
        last = out.editions[-1].biz_date
        beside.current(lake, date.fromisoformat(last))
        if landing:
            reread.unregistered(lake, ledger, last)
        if tables:
            out.days, out.waiting = reread.tables(city, lake, ledger, last)
        return out


def edition(city: City, lake: Lake, biz_date: date, *, landing: bool = False) -> Found:
    """One edition, by the roots that the ledger has of those before it. Raises as `chained` does."""
    with _readable(lake):
        ledger, out = Ledger(lake), Found()
        known = books(lake, ledger)
        dates = [link.biz_date for link in known.told]
        if biz_date.isoformat() not in dates:
            chain.listed(known)
            there = f"there is {dates[0]} to {dates[-1]}" if dates else "there is none yet"
            raise Problem(f"edition {biz_date}: {city.id} has no such sealed edition; {there}")
        at = dates.index(biz_date.isoformat())
        _take(city, lake, ledger, (chain.one(known, at) for _ in (0,)), out, landing=landing)
        return out


def witnessed(found: Found, head: str) -> None:
    """Find the root that somebody outside was told. Raises Problem, and Altered when no edition has it."""
    said = head.strip().lower()
    if len(said) != 64 or not set(said) <= set("0123456789abcdef"):
        raise Problem(f"--head {head!r}: expected the 64 hexadecimal digits of an edition's root")
    for at, link in enumerate(found.editions):
        if link.root == said:
            found.told, found.after = link, len(found.editions) - at - 1
            return
    last = found.editions[-1]
    what = f"no edition has root {said}, the last one has {last.root}: editions were taken away or sealed anew"
    raise Altered(last.biz_date, "--head", what)


@contextlib.contextmanager
def _readable(lake: Lake) -> Iterator[None]:
    """What makes a table unreadable is an alteration, in one line."""
    try:
        yield
    except BROKEN as error:
        line = str(error).strip().splitlines()[0][:300] if str(error).strip() else type(error).__name__
        raise CriticalFailure(f"{lake.root}: a table or a file cannot be read any more: {line}") from error


def _take(city: City, lake: Lake, ledger: Ledger, found: Iterator[Checked], out: Found, *, landing: bool) -> None:
    """Editions that agree with themselves and the chain, each compared with the lake. Raises Altered."""
    try:
        for one in found:
            rows = beside.compare(lake, ledger, one)
            for row in one.rows["deliveries"]:
                reread.landed(city, lake, one.link.biz_date, row, rows[row["delivery_id"]], whole=landing)
            out.erased += sum(row["erased"] is not None for row in rows.values())
            out.editions.append(one.link)
            out.leaves += sum(map(len, one.leaves.values()))
    except Altered as error:
        raise beside.explained(lake, error) from None


def _noted(ledger: Ledger) -> tuple[Link, ...]:
    """The roots that nights noted when they had sealed."""
    rows = ledger.query(
        """SELECT biz_date, detail FROM steps WHERE step = 'edition' AND outcome = 'done' AND "table" IS NULL
        ORDER BY biz_date, started_at""",
        "steps",
    )
    found = (NOTED.search(row["detail"] or "") for row in rows)
    return tuple(Link(row["biz_date"].isoformat(), hit[1]) for row, hit in zip(rows, found, strict=True) if hit)


def _content(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _is_date(name: str) -> bool:
    try:
        return date.fromisoformat(name).isoformat() == name
    except ValueError:
        return False
