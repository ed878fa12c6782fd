"""The edition: the night's values, manifest and pages, sealed. A sealed edition is verified, never rewritten."""

import hashlib
import json
import shutil
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from jobs import arrivals, publish, said, showing, work_days
from jobs.core import disk
from jobs.core.errors import CriticalFailure
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger
from jobs.landing import cut_off
from schemas import City
from schemas.city import ROOT

MANIFEST = "manifest.json"
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
    made = manifest(city, lake, ledger, biz_date, making)
    _json(making / MANIFEST, made)
    _replace(lake, making, final)
    complete = work_days.is_complete(ledger, biz_date)
    if complete:
        ledger.put("editions", [{"biz_date": biz_date, "digest": seal(made)}], biz_date=[biz_date])
    return {
        "values": made["counts"]["values"],
        "changes": len(data.changes),
        "sealed": "yes" if complete else "no",
    }


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


def verify(city: City, lake: Lake, biz_date: date) -> None:
    """Raise CriticalFailure naming what differs from what was sealed: the manifest, a file, a value or a delivery."""
    rows = Ledger(lake).rows("editions", f"biz_date = DATE '{biz_date}'")
    place = folder(lake, biz_date)
    if not rows or not (place / MANIFEST).exists():
        raise CriticalFailure(f"edition {biz_date}: {place / MANIFEST} is not there")
    made = json.loads((place / MANIFEST).read_text("utf-8"))
    if seal(made) != rows[0]["digest"]:
        raise CriticalFailure(f"edition {biz_date}: the manifest is not the one that was sealed")
    for name, digest in made["files"].items():
        if not (place / name).exists() or sha256(place / name) != digest:
            raise CriticalFailure(f"edition {biz_date}: {name} is not what was sealed")
    with said.by(lake, biz_date) as connection:
        _, digest = said.digest(connection)
    if digest != made["digests"]["indicators.values"]:
        raise CriticalFailure(f"edition {biz_date}: the values in the lake are not those that were sealed")


def manifest(city: City, lake: Lake, ledger: Ledger, biz_date: date, place: Path) -> dict[str, Any]:
    """What the edition rests on. Nothing in it depends on when, where or in how many attempts the night ran."""
    deliveries = ledger.query(
        f"""SELECT d.delivery_id, d.source, d.business_date, d.file, d.sha256, d.size, i.outcome, i.reason, i.records
        FROM deliveries AS d JOIN ingests AS i USING (delivery_id)
        WHERE NOT d.is_repeat AND i.biz_date <= DATE '{biz_date}' ORDER BY d.delivery_id""",
        "deliveries",
        "ingests",
    )
    with said.by(lake, biz_date) as connection:
        count, digest = said.digest(connection)
    previous = said.before(lake, biz_date)
    return {
        "city": city.id,
        "biz_date": biz_date.isoformat(),
        "cut_off": cut_off(city, biz_date).isoformat(),
        "previous": previous.isoformat() if previous else None,
        "deliveries": deliveries,
        "digests": digests(ledger, biz_date) | {"indicators.values": digest},
        "tables": {key: lake.version(key) for layer in ("silver", "fused", "indicators") for key in lake.keys(layer)},
        "counts": {"values": count, "deliveries": len(deliveries)},
        "declarations": declarations(city),
        "code": code(),
        "files": {p.relative_to(place).as_posix(): sha256(p) for p in sorted(place.rglob("*")) if p.is_file()},
    }


def digests(ledger: Ledger, biz_date: date) -> dict[str, str]:
    """Each silver table's digest: SHA-256 over its days' canonical digests, the newest word on each day."""
    texts: dict[str, list[str]] = {}
    for row in work_days.made(ledger, biz_date):
        if row["rows"]:
            texts.setdefault(row["table"], []).append(f"{row['day']} {row['rows']} {row['digest']}")
    return {key: hashlib.sha256("\n".join(lines).encode()).hexdigest() for key, lines in texts.items()}


def seal(made: Mapping[str, Any]) -> str:
    """The manifest's digest, over its canonical JSON without the table versions (a rebuild may commit more often)."""
    kept = {key: value for key, value in made.items() if key != "tables"}
    return hashlib.sha256(json.dumps(kept, sort_keys=True, ensure_ascii=False, default=str).encode()).hexdigest()


def declarations(city: City) -> str:
    """A digest of every declaration that applies to the city."""
    files = sorted(city.folder.rglob("*.yaml"))
    files += [path for name in ("schemas", "quality") for path in sorted((ROOT / name).rglob("*.yaml"))]
    return hashlib.sha256("\n".join(sha256(path) for path in files).encode()).hexdigest()


def code() -> str:
    """A digest of the code that made the edition."""
    files = [path for package in ("jobs", "schemas", "quality") for path in sorted((ROOT / package).rglob("*.py"))]
    lines = [f"{path.relative_to(ROOT)} {sha256(path)}" for path in files]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def sha256(path: Path) -> str:
    """A file's SHA-256."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _json(path: Path, data: object) -> None:
    path.write_text(json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True, default=str), "utf-8")
