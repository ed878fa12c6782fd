"""`citypulse verify` and `citypulse prove`: editions are what was sealed, and a receiver can check it."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from citypulse.options import CityName, date_of, lake_of
from jobs.core.errors import CriticalFailure, Problem

if TYPE_CHECKING:
    from jobs.verifying import Found


def add(app: typer.Typer) -> None:
    """Put both on the command line."""
    app.command()(verify)
    app.command()(prove)


def verify(
    city: CityName,
    edition: Annotated[str | None, typer.Argument(metavar="EDITION", help="its date; without it, all")] = None,
    head: Annotated[str | None, typer.Option("--head", help="a root as it was told: some edition must have it")] = None,
    landing: Annotated[bool, typer.Option("--landing", help="read every delivered file again")] = False,
    tables: Annotated[bool, typer.Option("--tables", help="read every day of silver again")] = False,
    proof: Annotated[Path | None, typer.Option("--proof", help="a proof: its root must be in the chain")] = None,
) -> None:  # fmt: skip
    """Editions and their chain are what was sealed, in their folders and in the lake; else where they are not."""
    from jobs import verifying

    one, lake = lake_of(city)
    if edition is None:
        found = verifying.chained(one, lake, landing=landing, tables=tables)
    elif tables:
        raise Problem("--tables goes with all editions: silver stands as the newest one has it")
    else:
        found = verifying.edition(one, lake, date_of(edition, "EDITION"), landing=landing)
    if head is not None:
        verifying.witnessed(found, head)
    if proof is not None:
        print(_proved(proof, found))
    for line in _told(city, found, landing=landing, tables=tables):
        print(line)


def prove(
    city: CityName, indicator: str, place: str, period: str,
    segment: Annotated[str, typer.Option("--segment", help="a part of the period; the whole, unless told")] = "all",
    level: Annotated[str | None, typer.Option("--level", help="where a place is one at several levels")] = None,
    edition: Annotated[str | None, typer.Option("--edition", help="what that one said; without it, the newest")] = None,
) -> None:  # fmt: skip
    """A proof, as JSON, that an edition said a value: anybody checks it by citypulse/verifier.py alone."""
    from jobs import proving

    one, lake = lake_of(city)
    asked = proving.Asked(indicator, place, period, segment, level)
    made = proving.prove(one, lake, asked, date_of(edition, "--edition") if edition else None)
    json.dump(made, sys.stdout, ensure_ascii=False, indent=1)
    print()


def _proved(path: Path, found: "Found") -> str:
    """What a proof proves. Raises Problem, and CriticalFailure when it does not hold in this chain."""
    from citypulse import verifier

    try:
        said = verifier.check(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError) as error:
        raise Problem(f"--proof {path}: cannot be read as JSON: {error}") from None
    except verifier.Wrong as error:
        raise CriticalFailure(f"--proof {path}: does not hold: {error}") from None
    if said["root"] not in {link.root for link in found.editions}:
        raise CriticalFailure(f"--proof {path}: holds in itself, but no verified edition has root {said['root']}")
    return verifier.said(said)


def _told(city: str, found: "Found", *, landing: bool, tables: bool) -> list[str]:
    first, last = found.editions[0], found.editions[-1]
    count = len(found.editions)
    which = f"{count} editions, {first.biz_date} to {last.biz_date}," if count > 1 else f"edition {last.biz_date}"
    lines = [f"{city}: {which} as sealed: {found.leaves:,} leaves; root of {last.biz_date}: {last.root}"]
    if found.told is not None:
        follow = f"; {found.after} editions follow it" if found.after else ""
        lines.append(f"the root that was told is that of edition {found.told.biz_date}{follow}")
    if landing:
        lines.append("landing: every delivered file has the bytes that were delivered")
    if tables:
        waiting = f"; {found.waiting} wait for the next night" if found.waiting else ""
        lines.append(f"silver: {found.days:,} days of tables are as made{waiting}")
    if found.erased:
        lines.append(f"of {found.erased} deliveries a person was erased: what is left of them was not sealed")
    return lines
