"""The edition: the night's values, pages and manifest, sealed. A sealed edition is verified, never rewritten."""

import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

from jobs import arrivals, cataloguing, chain, publish, seal, sections, showing, usage, work_days
from jobs.core import disk
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger
from jobs.intact import Link
from schemas import City

MAKING, OLD = ".making", ".old"
"""What the folder of an edition that is being made, and of one that has just been replaced, ends in."""


def folder(lake: Lake, biz_date: date) -> Path:
    """Where an edition is."""
    return lake.root / "editions" / biz_date.isoformat()


def run(city: City, lake: Lake, biz_date: date) -> dict[str, Any]:
    """Publish, and seal what is complete. What was not ready is in the edition as unknown, stale or withheld.

    An edition made after a layer failed is published for the morning but not sealed: the night run again finishes it.
    """
    ledger = Ledger(lake)
    asked = usage.fold(city, lake, ledger)
    arrivals.note(city, ledger, biz_date)
    final = folder(lake, biz_date)
    making = final.with_name(final.name + MAKING)
    if making.exists():
        shutil.rmtree(making)
    making.mkdir(parents=True)
    data = showing.gather(city, lake, ledger, biz_date)
    for publisher in publish.publishers().values():
        publisher(data, making)
    _json(making / "changes.json", data.changes)
    made = sections.of(city, lake, ledger, biz_date, data.values, making)
    complete = work_days.is_complete(ledger, biz_date)
    (making / seal.MANIFEST).write_bytes(made.manifest)
    if complete:
        (making / seal.LEAVES).write_bytes(made.hashes)
    _replace(lake, making, final)
    cataloguing.note(ledger, biz_date, data.resources)
    usage.note(ledger, biz_date, usage.of_edition(data, final))
    if complete:
        _chain(lake, ledger, biz_date, made.root)
    said: dict[str, Any] = {"values": len(made.leaves["values"]), "changes": len(data.changes), "asked": asked}
    said |= {"sealed": "yes" if complete else "no"}
    return said | ({"root": made.root} if complete else {})


def _replace(lake: Lake, making: Path, final: Path) -> None:
    """Put the finished folder in the place of one that was not sealed; each is whole at any moment, and on the disk."""
    for path in [*making.rglob("*"), making]:
        disk.settle(path)
    old = final.with_name(final.name + OLD)
    with lake.writing(final):
        if old.exists():
            shutil.rmtree(old)
        if final.exists():
            final.rename(old)
        making.rename(final)
        disk.settle(final.parent)
    shutil.rmtree(old, ignore_errors=True)


def _chain(lake: Lake, ledger: Ledger, biz_date: date, root: str) -> None:
    """Put a sealed edition at the end of the chain. It is sealed with its row in the ledger, which comes last."""
    head = lake.folder("editions") / seal.HEAD
    with lake.writing(head):
        disk.write(head, chain.written(Link(biz_date.isoformat(), root)))
    ledger.put("editions", [{"biz_date": biz_date, "digest": root}], biz_date=[biz_date])


def _json(path: Path, data: object) -> None:
    path.write_text(json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True, default=str), "utf-8")
