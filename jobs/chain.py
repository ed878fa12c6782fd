"""Whether a chain of editions is the one that was sealed: the first edition that is not, and who says so.

The roots of editions are told by the ledger, by the editions after them, by `head.json`, which has the newest, and by
what the nights noted in `ops.steps`. Whoever rewrites all of these from some edition on, with every table that would
betray it, makes another chain that is whole: only a root that somebody outside was told shows that.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from jobs import intact, seal
from jobs.intact import Altered, Checked, Kept, Link

LEDGER = "ops.editions"
STEPS = "ops.steps"


@dataclass(frozen=True)
class Books:
    """A chain as it lies there: folders, what else lies beside them, and who tells of which root."""

    editions: Mapping[str, Kept]
    strays: tuple[str, ...]
    """What lies beside the editions and is none."""
    told: tuple[Link, ...]
    """What the ledger tells, by date."""
    noted: tuple[Link, ...]
    """What the nights themselves noted when they had sealed, by date."""
    head: bytes | None


def walk(books: Books) -> Iterator[Checked]:
    """Every edition, oldest first, each as soon as it is found whole. Raises Altered."""
    listed(books)
    for at in range(len(books.told)):
        yield one(books, at)
    _ends(books)


def one(books: Books, at: int) -> Checked:
    """One edition behind those that the ledger has before it. Raises Altered."""
    link = books.told[at]
    if link.biz_date not in books.editions:
        raise _gone(books, link)
    found = intact.edition(books.editions[link.biz_date], books.told[:at])
    if found.link.root != link.root:
        raise _torn(books, at, found.link.root)
    return found


def written(link: Link) -> bytes:
    """What `head.json` holds."""
    return (seal.text(link._asdict()) + "\n").encode()


def listed(books: Books) -> None:
    """The ledger's editions and the folders are the same."""
    known = {link.biz_date for link in books.told}
    if len(known) < len(books.told):
        twice = next(a for a, b in zip(books.told, books.told[1:], strict=False) if a.biz_date == b.biz_date)
        raise Altered(twice.biz_date, LEDGER, "it is there twice")
    for stray in books.strays:
        raise Altered(stray, f"editions/{stray}", "was added: it is no edition")
    for link in books.told:
        if link.biz_date not in books.editions:
            raise _gone(books, link)
    for folder in books.editions:
        if folder not in known and books.editions[folder].leaves is not None:
            what = f"does not have it, and editions/{folder} has a seal: it was added, or taken from the ledger"
            raise Altered(folder, LEDGER, f"{what} (a night that was killed is finished by running it again)")


def _gone(books: Books, link: Link) -> Altered:
    """An edition of the ledger that has no folder, or that is in another one."""
    known = {other.biz_date for other in books.told}
    for folder in sorted(books.editions.keys() - known):
        said = _manifest(books.editions[folder])
        if said is not None and said["root"] == link.root:
            if said["edition"][0].get("biz_date") == folder:
                return Altered(folder, LEDGER, f"has it as edition {link.biz_date}")
            return Altered(link.biz_date, f"editions/{folder}", f"holds it; it belongs in editions/{link.biz_date}")
    return Altered(link.biz_date, f"editions/{link.biz_date}", f"is gone; {LEDGER} has it with root {link.root}")


def _ends(books: Books) -> None:
    """The chain ends where `head.json` and the nights' own notes say."""
    known = dict(books.told)
    for link in books.noted:
        if link.biz_date not in known:
            raise Altered(link.biz_date, STEPS, f"sealed it with root {link.root}; it was taken away from {LEDGER}")
        if known[link.biz_date] != link.root:
            raise Altered(link.biz_date, STEPS, f"sealed it with root {link.root}, {LEDGER} has {known[link.biz_date]}")
    if books.told or books.head is not None:
        head, last = _head(books), books.told[-1] if books.told else Link("none", "")
        if head.biz_date > last.biz_date or not books.told:
            raise Altered(head.biz_date, seal.HEAD, f"has it, with root {head.root}; it was taken away from {LEDGER}")
        if head != last:
            raise Altered(last.biz_date, seal.HEAD, f"has edition {head.biz_date} with root {head.root} instead")


def _head(books: Books) -> Link:
    try:
        said = json.loads((books.head or b"").decode())
        link = Link(said["biz_date"], said["root"])
        if written(link) == books.head:
            return link
    except (ValueError, LookupError, TypeError):
        pass
    last = books.told[-1].biz_date if books.told else "none"
    raise Altered(last, seal.HEAD, "is not there, or not as a seal writes it")


def _torn(books: Books, at: int, found: str) -> Altered:
    """A whole edition with another root than the ledger tells: whom do the other witnesses agree with?"""
    link = books.told[at]
    others = {STEPS: dict(books.noted).get(link.biz_date)}
    if at + 1 < len(books.told):
        after = books.told[at + 1].biz_date
        others[f"edition {after}"] = _previous(books.editions.get(after))
    else:
        others[seal.HEAD] = _head(books).root
    agree = [who for who, said in others.items() if said == found]
    differ = [who for who, said in others.items() if said == link.root]
    if agree and not differ:
        what = f"has root {link.root}; the edition itself and {', '.join(agree)} have {found}"
        return Altered(link.biz_date, LEDGER, what)
    told = ", ".join([LEDGER, *differ])
    what = f"was sealed anew: its root is {found}; {told} have {link.root}"
    return Altered(link.biz_date, f"editions/{link.biz_date}", what)


def _manifest(kept: Kept | None) -> seal.Row | None:
    """A manifest as far as it can be read."""
    try:
        found = seal.read(kept.manifest or b"") if kept else None
    except seal.Unreadable:
        return None
    return found if found and found["edition"] else None


def _previous(kept: Kept | None) -> str | None:
    """Which root an edition says the one before it has."""
    said = _manifest(kept)
    before = said["edition"][0].get("previous") if said else None
    return before.get("root") if isinstance(before, dict) else None
