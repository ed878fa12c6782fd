"""What departments and persons ask for: rejected records out to a workbook and back, and a person erased."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from jobs import desk, erasing, landing, replaying, workbook
from jobs.core.errors import Problem
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger
from schemas import City


def listed(city: City, lake: Lake, source: str | None) -> pa.Table:
    """How many records lie on the desk, by source, table and rule."""
    return desk.counts(city, desk.on_desk(city, lake, Ledger(lake), source))


def export(city: City, lake: Lake, path: Path, source: str | None) -> str:
    """Write the desk to a workbook. Raises Problem, also when there is nothing on it."""
    found = desk.on_desk(city, lake, Ledger(lake), source)
    if not found:
        raise Problem(f"--export {path}: nothing of {source or city.id} is on the desk")
    sheets = workbook.write(city, found, path)
    return f"{path}: {len(found)} records on {sheets} sheet{'s' if sheets > 1 else ''}"


def replay(city: City, lake: Lake, path: Path, source: str | None, delivered_at: str | None) -> str:
    """Take a workbook back. Raises Problem."""
    if source is not None:
        raise Problem("--source goes with --export or alone: a workbook says itself which sources it is of")
    if not path.is_file():
        raise Problem(f"--replay {path}: no such file")
    when = landing.delivered_at(delivered_at, city) if delivered_at else datetime.now(UTC)
    made = replaying.replay(city, lake, path, when)
    parts = [f"{made.records} records come back in {made.deliveries} deliveries" if made.records else "nothing new"]
    parts += [f"{count} {why}" for why, count in sorted(made.why_not.items())]
    return f"{city.id}: " + ", ".join(parts)


def erase(city: City, lake: Lake, kind: str, value_file: Path, apply: bool) -> Iterator[str]:
    """Erase a person, or say what that would do. Raises Problem; nothing said repeats the identifier."""
    try:
        value = sys.stdin.read() if str(value_file) == "-" else value_file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Problem(f"--value-file {value_file}: {getattr(error, 'strerror', None) or 'not a text file'}") from None
    who = erasing.person(city, kind, value)
    found = erasing.erase(city, lake, who) if apply else erasing.find(city, lake, who)
    records = sum(len(one.records) for one in found)
    done = "erased" if apply else "to erase (nothing is done without --apply)"
    yield f"{city.id}: {records} records of {len(found)} deliveries {done}"
    for key, (days, indicators) in erasing.differs(city, found).items():
        values = ", ".join(indicators) or "no indicator"
        yield f"{key}: the next night makes {', '.join(days)} anew; may differ: {values}"
