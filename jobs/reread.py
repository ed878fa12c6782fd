"""Landing and silver read again, byte for byte and row for row, and compared with what was sealed of them."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from jobs import intact, landing, seal, work_days
from jobs.core import engine
from jobs.core.errors import Problem
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger
from jobs.intact import Altered
from jobs.seal import Row
from jobs.settle import columns, content
from schemas import City

Day = tuple[int, str]
"""Rows and digest."""
EMPTY: Day = (0, "0")


def landed(city: City, lake: Lake, edition: str, row: Row, known: Mapping[str, Any], *, whole: bool) -> None:
    """A sealed delivery lies in landing with what was said beside it; with `whole` its bytes are those delivered.

    Of a delivery from which a person was erased, the bytes are those the ledger knows. Raises Altered.
    """
    place = Path("landing") / row["source"] / row["delivery_id"]
    named = f"delivery {intact.name('deliveries', row)}"
    if Path(known["path"]).parent != place or not (lake.root / known["path"]).is_file():
        raise Altered(edition, known["path"], f"{named} is gone")
    beside = (place / landing.SIDECAR).as_posix()
    told = _sidecar(lake.root / beside)
    if told is None:
        raise Altered(edition, beside, f"{named}: is not there, or not as landing writes it")
    for name, now in told.items():
        if now != row[name]:
            raise Altered(edition, beside, f"{named}: {name} is {seal.text(now)}, sealed was {seal.text(row[name])}")
    if whole:
        _bytes(city, lake, edition, named, known)


def unregistered(lake: Lake, ledger: Ledger, last: str) -> None:
    """Nothing lies in landing that the ledger does not know: a rebuild would take it as delivered. Raises Altered."""
    known = {row["delivery_id"] for row in ledger.rows("deliveries")}
    for sidecar in sorted((lake.root / "landing").glob(f"*/*/{landing.SIDECAR}")):
        if sidecar.parent.name not in known:
            what = "was added, or a landing was killed: landing the same again finishes it"
            raise Altered(last, sidecar.parent.relative_to(lake.root).as_posix(), what)


def tables(city: City, lake: Lake, ledger: Ledger, last: str) -> tuple[int, int]:
    """Silver's days read again: how many are what the ledger says, and how many wait for the next night.

    The ledger's word on days is what editions sealed (`jobs.beside.compare`). Raises Altered.
    """
    after = work_days.last_done(ledger, date.max)
    waiting = {(row["table"], row["day"]) for row in ledger.rows("migrated", f"after >= DATE '{after}'")}
    made: dict[str, dict[str, Day]] = {key: {} for key in lake.keys("silver")}
    for row in work_days.made(ledger, date.max):
        made.setdefault(row["table"], {})[row["day"]] = (row["rows"], row["digest"])
    same = 0
    for key in sorted(made.keys() & city.tables.keys()):
        found = dict(_days(city, lake, key))
        for day in sorted(made[key].keys() | found.keys()):
            if (key, day) in waiting:
                continue
            now, was = found.get(day, EMPTY), made[key].get(day, EMPTY)
            if now != was:
                what = f"day {day} has {now[0]} rows with digest {now[1]}, made were {was[0]} with {was[1]}"
                raise Altered(last, key, what)
            same += 1
    return same, len(waiting)


def _bytes(city: City, lake: Lake, edition: str, named: str, known: Mapping[str, Any]) -> None:
    was = known["erased"] or known["sha256"]
    try:
        now = landing.digest(city, lake, known)
    except Problem as error:
        raise Altered(edition, known["path"], f"{named}: {error}") from None
    if now != was:
        raise Altered(edition, known["path"], f"{named} has SHA-256 {now}, delivered was {was}")


def _sidecar(path: Path) -> dict[str, Any] | None:
    """What stands beside a delivery, in the words of a sealed row."""
    try:
        found = json.loads(path.read_text("utf-8"))
        moment = datetime.fromisoformat(found["delivered_at"]).astimezone(UTC).isoformat()
        told = {name: found[name] for name in ("source", "scope", "file", "sha256")}
        return told | {"delivered_at": moment, "business_date": found["scope"] or found["delivered"] or ""}
    except (OSError, ValueError, LookupError, TypeError):
        return None


def _days(city: City, lake: Lake, key: str) -> Iterator[tuple[str, Day]]:
    """Each day of a silver table, by the columns its files were written with: those added since have no digest."""
    if not lake.exists(key):
        return
    stored = content(columns(city, city.tables[key]))
    days = [str(one["_day"]) for one in lake.delta(key).partitions()]
    paths: dict[str, list[str]] = {day: [] for day in days}
    for file in lake.files(key, "_day", days):
        paths[file["partition._day"]].append(file["path"])
    with engine.cursor(threads=2, memory="3GB") as connection:
        for day, listed in sorted(paths.items()):
            read = f"read_parquet([{engine.listed(listed)}], hive_partitioning=false, union_by_name=true)"
            there = {row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {read}").fetchall()} | {"_day"}
            digest = engine.digest_of(engine.row_text([engine.quoted(name) for name in stored if name in there]))
            rows = f"SELECT count(*), {digest} FROM (SELECT *, {engine.literal(day)} AS _day FROM {read})"
            ((count, sum_),) = connection.execute(rows).fetchall()
            yield day, (int(count), str(sum_))
