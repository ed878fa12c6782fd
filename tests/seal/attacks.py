"""What may happen to a chain of editions: each kind takes a chain, and says where the damage must be found.

A kind with `anew` in its name is an attacker who knows how editions are sealed and seals again what was changed.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from hashlib import sha256
from random import Random
from typing import Any

from jobs import chain, intact, seal
from jobs.chain import LEDGER, STEPS, Books
from jobs.intact import Kept, Link
from tests.seal import invented
from tests.seal.invented import Row, Written, put


@dataclass(frozen=True)
class Scene:
    """A chain that is whole, and what it was made from."""

    rng: Random
    written: Sequence[Written]
    books: Books

    def some(self, without_last: bool = False) -> int:
        return self.rng.randrange(len(self.written) - without_last)

    def kept(self, at: int) -> Kept:
        return self.books.editions[self.written[at].biz_date]


@dataclass(frozen=True)
class Damaged:
    """A chain that is not whole: in which editions, and where. Nowhere: only a root that was told before shows it."""

    books: Books
    editions: tuple[str, ...]
    where: tuple[str, ...]
    named: str = ""
    """What else must be told."""


def _bytes(rng: Random, data: bytes) -> bytes:
    """One byte other, more or fewer, or the end cut off."""
    at = rng.randrange(len(data))
    match rng.randrange(4):
        case 0:
            return data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1 :]
        case 1:
            return data[:at] + data[at + 1 :]
        case 2:
            return data[:at] + rng.randbytes(1) + data[at:]
    return data[:at]


def _rows(rng: Random, rows: Sequence[Any]) -> list[Any]:
    """A row other, gone, there twice or made up, or two in another order."""
    out, at = list(rows), rng.randrange(len(rows))
    kind = rng.randrange(5)
    if kind == 0 or len(out) == 1:
        out[at] = _row(rng, out[at])
    elif kind == 1:
        del out[at]
    elif kind == 2:
        out.insert(rng.randrange(len(out) + 1), out[at])
    elif kind == 3:
        out.insert(at, _row(rng, out[at]))
    else:
        other = (at + rng.randrange(1, len(out))) % len(out)
        out[at], out[other] = out[other], out[at]
    return out


def _row(rng: Random, row: Row) -> Row:
    """A field with another value, gone, or one more."""
    name = rng.choice(sorted(row))
    was = row[name]
    if rng.random() < 0.1:
        return {key: value for key, value in row.items() if key != name} if rng.random() < 0.5 else row | {"more": 1}
    if isinstance(was, float | int):
        return row | {name: was + rng.choice((1, -1, 0.5, 1000))}
    return row | {name: was + "1" if isinstance(was, str) else "1"}


def a_byte_of_a_manifest(s: Scene) -> Damaged:
    at, kept = _kept(s)
    return _one(s, at, replace(kept, manifest=_bytes(s.rng, kept.manifest or b"")), seal.MANIFEST)


def a_byte_of_the_hashes(s: Scene) -> Damaged:
    at, kept = _kept(s)
    return _one(s, at, replace(kept, leaves=_bytes(s.rng, kept.leaves or b"")), seal.LEAVES)


def a_byte_of_the_values(s: Scene) -> Damaged:
    at, kept = _kept(s)
    data = _bytes(s.rng, kept.values or b"")
    files = {**dict(kept.files), intact.VALUES: sha256(data).hexdigest()}
    return _one(s, at, replace(kept, values=data, files=tuple(sorted(files.items()))), intact.VALUES)


def a_row_of_the_values(s: Scene) -> Damaged:
    at, kept = _kept(s)
    was = s.written[at].values
    now = _rows(s.rng, was)
    return _one(s, at, replace(kept, values=invented.values_json(now)), intact.VALUES, _named("values", was, now))


def a_row_of_a_manifest(s: Scene) -> Damaged:
    at, kept = _kept(s)
    found = json.loads(kept.manifest or b"")
    name = s.rng.choice(seal.LISTED)
    now = _rows(s.rng, found[name])
    manifest = seal.render(found | {name: now})
    return _one(s, at, replace(kept, manifest=manifest), seal.MANIFEST, _named(name, found[name], now))


def a_head_of_a_section(s: Scene) -> Damaged:
    at, kept = _kept(s)
    found = json.loads(kept.manifest or b"")
    head = s.rng.choice(found["sections"])
    head.update(size=head["size"] + s.rng.choice((1, -1, 7))) if s.rng.random() < 0.5 else head.update(root=_hex(s.rng))
    return _one(s, at, replace(kept, manifest=seal.render(found)), seal.MANIFEST)


def a_root_in_a_manifest(s: Scene) -> Damaged:
    at, kept = _kept(s)
    found = json.loads(kept.manifest or b"") | {"root": _hex(s.rng)}
    return _one(s, at, replace(kept, manifest=seal.render(found)), seal.MANIFEST)


def another_file(s: Scene) -> Damaged:
    at, kept = _kept(s)
    files, name = dict(kept.files), s.rng.choice([name for name, _ in kept.files])
    match s.rng.randrange(3):
        case 0:
            files[name] = _hex(s.rng)
        case 1:
            del files[name]
        case 2:
            name = f"more-{s.rng.randrange(99)}.html"
            files[name] = _hex(s.rng)
    return _one(s, at, replace(kept, files=tuple(sorted(files.items()))), name)


def a_seal_without_a_part(s: Scene) -> Damaged:
    at, kept = _kept(s)
    if s.rng.random() < 0.5:
        return _one(s, at, replace(kept, manifest=None), seal.MANIFEST)
    return _one(s, at, replace(kept, leaves=None), seal.LEAVES)


def the_head_of_the_chain(s: Scene) -> Damaged:
    head = _bytes(s.rng, s.books.head or b"") if s.rng.random() < 0.9 else None
    return Damaged(replace(s.books, head=head), (), (seal.HEAD,))


def a_root_in_the_ledger(s: Scene) -> Damaged:
    told, at = list(s.books.told), s.some()
    told[at] = Link(told[at].biz_date, _hex(s.rng))
    return Damaged(replace(s.books, told=tuple(told)), (told[at].biz_date,), (LEDGER,))


def a_date_in_the_ledger(s: Scene) -> Damaged:
    told, at = list(s.books.told), s.some()
    was = told[at].biz_date
    told[at] = Link(_other_day(s), told[at].root)
    return Damaged(replace(s.books, told=tuple(sorted(told))), (was,), (LEDGER,))


def a_row_of_the_ledger(s: Scene) -> Damaged:
    told, at = list(s.books.told), s.some()
    was = told[at].biz_date
    told[at:at] = [told[at]] if s.rng.random() < 0.5 else []
    if len(told) == len(s.books.told):
        del told[at]
    return Damaged(replace(s.books, told=tuple(told)), (was,), (LEDGER,))


def two_roots_in_the_ledger(s: Scene) -> Damaged:
    told, at = list(s.books.told), s.some()
    other = (at + s.rng.randrange(1, len(told))) % len(told)
    told[at], told[other] = Link(told[at].biz_date, told[other].root), Link(told[other].biz_date, told[at].root)
    return Damaged(replace(s.books, told=tuple(told)), (min(told[at], told[other]).biz_date,), (LEDGER,))


def an_edition_gone(s: Scene) -> Damaged:
    name = s.written[s.some()].biz_date
    return Damaged(_without(s.books, [name]), (name,), (f"editions/{name}",))


def an_edition_in_another_folder(s: Scene) -> Damaged:
    at, kept = _kept(s)
    name, day = s.written[at].biz_date, _other_day(s)
    moved = put(_without(s.books, [name]), day, replace(kept, name=day))
    return Damaged(moved, (name,), (f"editions/{day}",))


def an_edition_twice(s: Scene) -> Damaged:
    _, kept = _kept(s)
    day = _other_day(s)
    return Damaged(put(s.books, day, replace(kept, name=day)), (day,), (LEDGER,))


def two_editions_in_each_others_folder(s: Scene) -> Damaged:
    at = s.some()
    other = (at + s.rng.randrange(1, len(s.written))) % len(s.written)
    a, b = s.written[at].biz_date, s.written[other].biz_date
    books = put(put(s.books, a, replace(s.kept(other), name=a)), b, replace(s.kept(at), name=b))
    return Damaged(books, (min(a, b),), (f"editions/{min(a, b)}",), f"holds edition {max(a, b)}")


def something_beside_the_editions(s: Scene) -> Damaged:
    stray = f"2031-03-{s.rng.randrange(10, 30)}-copy"
    return Damaged(replace(s.books, strays=(stray,)), (stray,), (f"editions/{stray}",))


def the_newest_editions_gone(s: Scene) -> Damaged:
    """Taken away with all traces but one, which tells."""
    left = s.rng.randrange(1, len(s.written))
    gone = [one.biz_date for one in s.written[left:]]
    cut = replace(
        s.books, told=s.books.told[:left], noted=s.books.noted[:left], head=chain.written(s.books.told[left - 1])
    )
    match s.rng.randrange(4):
        case 0:
            return Damaged(cut, tuple(gone), (LEDGER,))
        case 1:
            return Damaged(_without(replace(cut, told=s.books.told), gone), tuple(gone), (f"editions/{gone[0]}",))
        case 2:
            return Damaged(_without(replace(cut, head=s.books.head), gone), tuple(gone), (seal.HEAD,))
    return Damaged(_without(replace(cut, noted=s.books.noted), gone), tuple(gone), (STEPS,))


def the_newest_editions_gone_without_a_trace(s: Scene) -> Damaged:
    left = s.rng.randrange(1, len(s.written))
    gone = [one.biz_date for one in s.written[left:]]
    cut = replace(
        s.books, told=s.books.told[:left], noted=s.books.noted[:left], head=chain.written(s.books.told[left - 1])
    )
    return Damaged(_without(cut, gone), (), ())


def an_edition_sealed_anew(s: Scene) -> Damaged:
    at = s.some()
    kept = invented.sealed(_rewritten(s, at), s.books.told[:at])
    return _one(s, at, kept, f"editions/{kept.name}")


def an_edition_sealed_anew_and_its_row_in_the_ledger(s: Scene) -> Damaged:
    """The next edition knows better, or the head of the chain."""
    at = s.some()
    kept = invented.sealed(_rewritten(s, at), s.books.told[:at])
    told = list(s.books.told)
    told[at] = Link(kept.name, invented.root_of(kept))
    after = s.written[min(at + 1, len(s.written) - 1)].biz_date
    books = replace(put(s.books, kept.name, kept), told=tuple(told))
    where = intact.CHAIN if after != kept.name else STEPS
    return Damaged(books, (after,), (where,), f"{kept.name} with root {told[at].root}" if after != kept.name else "")


def an_edition_back_dated_anew(s: Scene) -> Damaged:
    """Its header says an earlier day, its folder and the ledger too."""
    at, day = s.some(), _other_day(s)
    was = s.written[at].biz_date
    told = sorted([*(link for link in s.books.told if link.biz_date != was), Link(day, "")])
    place = [link.biz_date for link in told].index(day)
    kept = invented.sealed(s.written[at], told[:place], day)
    told[place] = Link(day, invented.root_of(kept))
    books = replace(put(_without(s.books, [was]), day, kept), told=tuple(told))
    after = told[min(place + 1, len(told) - 1)].biz_date
    following = s.written[min(at + 1, len(s.written) - 1)].biz_date
    return Damaged(books, (was, day, after, following), (intact.CHAIN, STEPS))


def a_chain_sealed_anew(s: Scene) -> Damaged:
    """From one edition on, with the ledger and the head; the nights noted other roots."""
    at = s.some()
    return Damaged(_anew(s, at, noted=False), (s.written[at].biz_date,), (STEPS,))


def a_chain_sealed_anew_without_a_trace(s: Scene) -> Damaged:
    return Damaged(_anew(s, s.some(), noted=True), (), ())


SIMPLE: tuple[Callable[[Scene], Damaged], ...] = (
    a_byte_of_a_manifest, a_byte_of_the_hashes, a_byte_of_the_values, a_row_of_the_values, a_row_of_a_manifest,
    a_head_of_a_section, a_root_in_a_manifest, another_file, a_seal_without_a_part, the_head_of_the_chain,
    a_root_in_the_ledger, a_date_in_the_ledger, a_row_of_the_ledger, two_roots_in_the_ledger, an_edition_gone,
    an_edition_in_another_folder, an_edition_twice, two_editions_in_each_others_folder, something_beside_the_editions,
    the_newest_editions_gone, the_newest_editions_gone_without_a_trace, an_edition_sealed_anew,
    an_edition_sealed_anew_and_its_row_in_the_ledger,
)  # fmt: skip
SLOW = (an_edition_back_dated_anew, a_chain_sealed_anew, a_chain_sealed_anew_without_a_trace)
"""Kinds that seal several editions again."""
KINDS = (*SIMPLE, *SIMPLE, *SIMPLE, *SLOW)


def _kept(s: Scene) -> tuple[int, Kept]:
    at = s.some()
    return at, s.kept(at)


def _one(s: Scene, at: int, kept: Kept, where: str, named: str = "") -> Damaged:
    name = s.written[at].biz_date
    return Damaged(put(s.books, name, kept), (name,), (where,), named)


def _named(section: str, was: Sequence[Row], now: Sequence[Row]) -> str:
    """The first row that is not what it was; where rows are gone, the one before them."""
    at = next((at for at, (a, b) in enumerate(zip(was, now, strict=False)) if a != b), min(len(was), len(now)))
    if len(now) < len(was):
        return f"is missing, after {intact.name(section, now[at - 1])}" if at else "is missing, at the beginning"
    return f"{section}: {intact.name(section, now[at])} " if at < len(now) else ""


def _without(books: Books, names: Sequence[str]) -> Books:
    return replace(books, editions={name: kept for name, kept in books.editions.items() if name not in names})


def _other_day(s: Scene) -> str:
    """A day that no edition is of: mostly before one of them."""
    return (date.fromisoformat(s.written[0].biz_date) - timedelta(days=s.rng.randrange(1, 400))).isoformat()


def _rewritten(s: Scene, at: int) -> Written:
    """An edition with something else in it: a delivery back-dated, a value, a file, a row of the history."""
    one = s.written[at]
    match s.rng.randrange(4):
        case 0:
            sent = [dict(row) for row in one.listed["deliveries"]]
            row = s.rng.choice(sent)
            row["delivered_at"] = row["delivered_at"].replace("2031-03", "2031-02")
            return replace(one, listed={**one.listed, "deliveries": sent})
        case 1:
            return replace(one, values=_rows(s.rng, one.values))
        case 2:
            return replace(one, others={**one.others, "index.html": _hex(s.rng)})
    return replace(one, history=_rows(s.rng, one.history))


def _anew(s: Scene, at: int, *, noted: bool) -> Books:
    editions, told = dict(s.books.editions), list(s.books.told[:at])
    for one in [_rewritten(s, at), *s.written[at + 1 :]]:
        editions[one.biz_date] = invented.sealed(one, told)
        told.append(Link(one.biz_date, invented.root_of(editions[one.biz_date])))
    return Books(editions, (), tuple(told), tuple(told) if noted else s.books.noted, chain.written(told[-1]))


def _hex(rng: Random) -> str:
    return rng.randbytes(32).hex()
