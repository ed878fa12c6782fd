"""The generated city's own deliveries at a scale, with all its sources: one night of them, and the lake they make."""

import hashlib
import json
import shutil
from decimal import Decimal
from pathlib import Path

from jobs import sample
from schemas.city import ROOT
from tests.bench.deliveries import DAY
from tests.bench.home import CITY, CITYPULSE, HOME, prepare, run


def deliver(scale: Decimal) -> Path:
    """The folder with a night's deliveries; those of the same code are kept."""
    folder = prepare(f"city-{scale.quantize(Decimal('0.001'))}") / "deliveries"
    code = b"".join(path.read_bytes() for path in sorted((ROOT / "jobs" / "sample").rglob("*.py")))
    stamp, made_by = folder.parent / "made-by", hashlib.sha256(code).hexdigest()
    if not stamp.exists() or stamp.read_text("utf-8") != made_by:
        stamp.unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)
        sample.write(CITY, 1, scale, frozenset(), 1, DAY, folder)
        stamp.write_text(made_by, "utf-8")
    return folder


def night(scale: Decimal, lake: str, *more: str) -> None:
    """The night in a fresh lake; `more` as `citypulse night` takes it."""
    folder = deliver(scale)
    shutil.rmtree(HOME / lake, ignore_errors=True)
    (planned,) = json.loads((folder / "nights.json").read_text("utf-8"))
    there = ("--from", str(folder / planned["folder"]), "--delivered-at", planned["delivered_at"])
    run("land", *CITYPULSE, "land", "--city", CITY, *there, lake=lake)
    run("night", *CITYPULSE, "night", "--city", CITY, "--biz-date", planned["biz_date"], *more, lake=lake)
