"""Corrected records back from the desk: each becomes part of a delivery of its source, and goes through the same rules.

What comes back is read as the original was: the same file name, delivery date and scope stand behind its expressions.
It arrives when it is replayed, and enters the next night like anything else that arrives.
"""

import tempfile
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from jobs import desk, landing, replayed, workbook
from jobs.core import attempt, vault
from jobs.core.errors import Problem
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger
from jobs.desk import Entry
from jobs.replayed import Line
from jobs.workbook import Row
from schemas import City, Source
from schemas.source import Found

NAME = "replayed.jsonl"


@dataclass(frozen=True)
class Replayed:
    """What came of a workbook: records that came back, in how many deliveries, and why others did not."""

    deliveries: int
    records: int
    why_not: Mapping[str, int]


def replay(city: City, lake: Lake, path: Path, when: datetime) -> Replayed:
    """Take corrected records of a workbook back. The same workbook again changes nothing. Raises Problem.

    A workbook with a row that no export has made is refused as a whole.
    """
    with attempt.hold(lake.root, "land", f"taking back {path.name} for {city.id}") as held:
        return _replay(city, lake.by(held), path, when)


def _replay(city: City, lake: Lake, path: Path, when: datetime) -> Replayed:
    ledger = Ledger(lake)
    known = {one.id: one for one in desk.entries(city, lake, ledger)}
    before = {
        (row["replays"], row["table"], row["record"], row["digest"])
        for row in ledger.query("SELECT c.* FROM corrected AS c JOIN deliveries USING (delivery_id)", *USED)
    }
    why_not: Counter[str] = Counter()
    back: dict[tuple[str, str, str], list[Line]] = defaultdict(list)
    seen: dict[str, Row] = {}
    for row in workbook.read(path):
        entry = _entry(path, known, seen, row)
        line = _line(city, path, entry, row)
        if line is None:
            why_not["unchanged"] += 1
        elif entry.state == "outdated":
            why_not["replaced by a later delivery"] += 1
        elif entry.state == "corrected":
            if (entry.root, entry.table, entry.record, line.digest) not in before:
                raise Problem(
                    f"--replay {path}: {row.where} came back before, with other words; export the desk again after "
                    "the next night, and correct what is still on it"
                )
            why_not["come back already"] += 1
        else:
            back[entry.source, entry.root, entry.table].append(line)
    _deliver(city, lake, ledger, path, when, back)
    return Replayed(len(back), sum(map(len, back.values())), dict(why_not))


def _entry(path: Path, known: Mapping[str, Entry], seen: dict[str, Row], row: Row) -> Entry:
    """The record a row is about. Raises Problem for one that is not known, or stands in the workbook twice."""
    if row.id not in known:
        raise Problem(f"--replay {path}: {row.where}: id {row.id!r} is unknown in this lake; export the desk again")
    if row.id in seen:
        raise Problem(f"--replay {path}: {row.where} is {seen[row.id].where} again; a record comes back once")
    seen[row.id] = row
    return known[row.id]


def _line(city: City, path: Path, entry: Entry, row: Row) -> Line | None:
    """The corrected record; None where nothing was changed. A cell that says what was exported is as delivered."""
    source = city.sources[entry.source]
    exported = entry.fields(source)
    called = dict(desk.headings(source, list(exported)))
    given = {name: value for name, value in row.cells.items() if name != workbook.AS_DELIVERED}
    unknown = [name for name in given if name not in called]
    if any(given[name] for name in unknown):
        raise Problem(
            f"--replay {path}: {row.where}: {entry.source} has no field {unknown[0]!r}; there is: {', '.join(called)}"
        )
    cells = {called[name]: value for name, value in given.items() if name in called}
    changed = {
        name: value for name, value in cells.items() if (value or None) != workbook.shown(exported.get(name))
    }  # fmt: skip
    if not changed:
        return None
    delivered = entry.delivered(city, source)
    base = dict.fromkeys(cells) if isinstance(delivered, str) else dict(delivered)
    salt = vault.encrypt(city.id, entry.id.encode()).hex()[:32] if source.personal else None
    return Line(entry.record, base | changed, entry.only, salt)


def _deliver(
    city: City, lake: Lake, ledger: Ledger, path: Path, when: datetime,
    back: Mapping[tuple[str, str, str], Sequence[Line]],
) -> None:  # fmt: skip
    """Land what came back, a delivery for each that the records were rejected from. Raises Problem."""
    originals = {row["delivery_id"]: row for row in ledger.query(desk.TAKEN, "deliveries", "ingests")}
    for _, root, _ in back:
        if when < originals[root]["delivered_at"]:
            raise Problem(
                f"--replay {path}: nothing comes back before it was delivered; {originals[root]['file']} arrived at "
                f"{originals[root]['delivered_at']:%Y-%m-%d %H:%M} UTC"
            )
    known, told = {row["delivery_id"]: row["reason"] for row in ledger.rows("ingests")}, landing.told_of(ledger)
    late = landing.late(city, landing.newest(ledger), landing.How(when))
    rows = [
        _landed(city, lake, city.sources[source], originals[root], key, lines, late, told)
        for (source, root, key), lines in sorted(back.items())
    ]
    for row in rows:
        if row["delivery_id"] in known:
            raise Problem(
                f"--replay {path}: the same records came back as {row['delivery_id']} and were refused: "
                f"{known[row['delivery_id']]}"
            )
    if rows:
        landing.take(city, lake, ledger, rows)


def _landed(
    city: City, lake: Lake, source: Source, original: Mapping[str, Any], key: str, lines: Sequence[Line],
    late: landing.How, told: Mapping[str, set[landing.Event]],
) -> dict[str, Any]:  # fmt: skip
    """One delivery of corrected records, registered as its original was."""
    business, scope = original["business_date"], original["scope"]
    found = Found(delivered=date.fromisoformat(business) if business and not scope else None, scope=scope)
    amends = landing.Amends(original["delivery_id"], key, original["delivered_date"].isoformat())
    with tempfile.TemporaryDirectory(prefix="citypulse-") as folder:
        made = Path(folder) / NAME
        made.write_bytes(replayed.encode(lines))
        how = late._replace(amends=amends)
        row = landing.register(city, lake, source, found, made, original["file"], how, told)
    return row | {"is_repeat": False}


USED = ("corrected", "deliveries")
