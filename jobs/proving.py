"""A short proof that an edition said a value, for a receiver who has nothing of ours but `citypulse/verifier.py`.

A proof is made of branches. A branch has two steps: a leaf of a section, and the section's head; each with its place
in its tree and the hashes it is joined with on the way up. The first ends in the section's root, which the head names,
the second in the root of the edition. `value` is the branch of the value, `edition` that of the edition's header, and
where it is not the newest one, `later` has two branches of the newest edition: one of the root that it has of this
edition, and one of its own header. So any root that was told since then is enough to check the value by.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow.compute as pc

from jobs import intact, seal, sections
from jobs.core.errors import CriticalFailure, Problem
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger
from jobs.intact import Kept
from jobs.seal import Row
from jobs.segments import ALL
from jobs.shared import merkle
from jobs.verifying import Folders
from schemas import City

FORM = "citypulse proof 1"


@dataclass(frozen=True)
class Asked:
    """A value: what of, where, when; `level` where a place's id is one at several levels."""

    indicator: str
    place: str
    period: str
    segment: str = ALL
    level: str | None = None

    def is_in(self, row: Row) -> bool:
        """Whether a row is of this value."""
        named = (row["indicator"], row["place"], row["period"], row["segment"])
        is_mine = named == (self.indicator, self.place, self.period, self.segment)
        return is_mine and self.level in (None, row["level"])

    def __str__(self) -> str:
        return " ".join(filter(None, (self.indicator, self.level, self.place, self.period, self.segment)))


@dataclass(frozen=True)
class Edition:
    """A sealed edition, as far as proofs need it."""

    heads: Sequence[Row]
    leaves: Mapping[str, Sequence[bytes]]
    rows: Mapping[str, Sequence[Row]]
    values: bytes

    @property
    def root(self) -> str:
        return seal.root(self.heads)

    def branch(self, section: str, row: Row, index: int) -> list[dict[str, Any]]:
        """From a row of a section to the edition's root. Raises CriticalFailure when the row is not what was sealed."""
        hashes = self.leaves[section]
        if index >= len(hashes) or seal.leaves([row]) != [hashes[index]]:
            biz_date = self.rows["edition"][0]["biz_date"]
            what = f"{section}: {intact.name(section, row)} is not what was sealed; `citypulse verify` says more"
            raise CriticalFailure(f"edition {biz_date}: {what}")
        at = seal.SECTIONS.index(section)
        return [_step(row, index, hashes), _step(self.heads[at], at, seal.leaves(self.heads))]


def prove(city: City, lake: Lake, asked: Asked, biz_date: date | None) -> dict[str, Any]:
    """A proof of what an edition said of a value: as it showed it, else as the history has it.

    Raises Problem for a request that cannot be met, CriticalFailure when what lies there is not what was sealed.
    """
    dates = [date.fromisoformat(row["biz_date"]) for row in sections.earlier(Ledger(lake), date.max)]
    if not dates or (biz_date is not None and biz_date not in dates):
        there = f"there is {dates[0]} to {dates[-1]}" if dates else "there is none yet"
        raise Problem(f"--edition {biz_date or ''}: {city.id} has no such sealed edition; {there}")
    chosen = biz_date or dates[-1]
    edition = _edition(lake, chosen)
    found = _shown(edition, asked)
    if found is None:
        chosen, found = _first(lake, asked, dates, chosen)
        edition = _edition(lake, chosen)
    section, row, index = found
    return {
        "form": FORM,
        "value": edition.branch(section, row, index),
        "edition": edition.branch("edition", edition.rows["edition"][0], 0),
        "root": edition.root,
        "later": _later(lake, dates, chosen, edition.root),
    }


def _shown(edition: Edition, asked: Asked) -> tuple[str, Row, int] | None:
    """The value among those that the edition showed."""
    rows, _ = intact.shown(edition.values)
    found = [at for at, row in enumerate(rows) if isinstance(row, Mapping) and asked.is_in(row)]
    _single(asked, [rows[at]["level"] for at in found])
    return ("values", rows[found[0]], found[0]) if found else None


def _first(lake: Lake, asked: Asked, dates: Sequence[date], until: date) -> tuple[date, tuple[str, Row, int]]:
    """The value among those that editions said first: by the newest up to one. Raises Problem when there is none."""
    mine = pc.field("indicator") == asked.indicator
    rows = lake.arrow_where("indicators.values", mine & (pc.field("place") == asked.place))
    known = [row for row in rows.to_pylist() if asked.is_in(row)] if rows is not None else []
    known = [row for row in known if row["edition"] <= until.isoformat()]
    _single(asked, [row["level"] for row in known])
    if not known:
        raise Problem(
            f"{asked}: no value of it up to edition {until}; `citypulse values --city {lake.city}` lists them"
        )
    newest = max(row["edition"] for row in known)
    at = next(at for at, one in enumerate(dates) if one.isoformat() >= newest)
    told = sections.plain(sections.history(lake, dates[at - 1] if at else sections.FIRST, dates[at]))
    index = next(i for i, row in enumerate(told) if asked.is_in(row) and row["edition"] == newest)
    return dates[at], ("history", told[index], index)


def _single(asked: Asked, levels: Sequence[str]) -> None:
    if len(set(levels)) > 1:
        raise Problem(
            f"{asked}: there is one at each of several levels; add --level {' or '.join(sorted(set(levels)))}"
        )


def _later(lake: Lake, dates: Sequence[date], chosen: date, root: str) -> dict[str, Any] | None:
    """Where the newest edition has the root of an earlier one."""
    if chosen == dates[-1]:
        return None
    newest = _edition(lake, dates[-1])
    link = {"biz_date": chosen.isoformat(), "root": root}
    return {
        "earlier": newest.branch("earlier", link, dates.index(chosen)),
        "edition": newest.branch("edition", newest.rows["edition"][0], 0),
        "root": newest.root,
    }


def _edition(lake: Lake, biz_date: date) -> Edition:
    """Raises Altered when its seal cannot be read."""
    name = biz_date.isoformat()
    kept = Folders(lake.folder("editions")).get(name, Kept(name, None, None, None, ()))
    made = intact.manifest(kept)
    leaves = seal.slices(made["sections"], kept.leaves or b"")
    return Edition(made["sections"], leaves, {one: made[one] for one in seal.LISTED}, kept.values or b"")


def _step(row: Row, index: int, hashes: Sequence[bytes]) -> dict[str, Any]:
    path = [one.hex() for one in merkle.path(hashes, index)]
    return {"leaf": seal.text(row), "index": index, "size": len(hashes), "path": path}
