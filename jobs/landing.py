"""Landing: delivered files, byte for byte, each registered once in `ops.deliveries`.

A delivery is (source, business date, sha256). The same again is registered as a repeat and not ingested. The business
date is what the file's path says it covers, else the delivery date its path carries, else nothing. What is landed when
the edition of its night is sealed already says so (`after`): a rebuild takes it in the night that took it here.
"""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any, NamedTuple

from jobs import replayed
from jobs.core import attempt, disk, vault
from jobs.core.errors import Problem
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger
from schemas import City, Source, nights
from schemas.source import Found

SIDECAR = "delivery.json"
ENCRYPTED = ".aessiv"
REPEAT = "repeat-"
CHUNK = 1 << 20
Event = tuple[str, datetime]
"""A delivery's file and instant: with its identity, what makes one row of `ops.deliveries`."""


class How(NamedTuple):
    """The instant a delivery was made; of what comes from another landing also what it said there."""

    moment: datetime
    amends: "Amends | None" = None
    after: date | None = None
    """The newest edition that was sealed when it was landed, if it was due in that one or in one before it."""


class Amends(NamedTuple):
    """Which delivery's records come back corrected, into which table, and the local date that one was delivered."""

    delivery: str
    table: str
    dated: str


@dataclass
class Landed:
    """What `land` did: new and repeated deliveries by source, and files no source declares."""

    new: Counter[str] = field(default_factory=Counter)
    repeats: Counter[str] = field(default_factory=Counter)
    unmatched: list[str] = field(default_factory=list)


def delivered_at(text: str, city: City) -> datetime:
    """`2020-06-30` (12:00 local that day) or `2020-06-30T05:10[:00]` (local), as a UTC instant. Raises Problem."""
    try:
        day = date.fromisoformat(text)
        local = datetime.combine(day, time(12))
    except ValueError:
        try:
            local = datetime.fromisoformat(text)
        except ValueError:
            expected = "expected a date or a local time, as 2020-06-30 or 2020-06-30T05:10"
            raise Problem(f"--delivered-at {text!r}: {expected}") from None
    aware = local if local.tzinfo else local.replace(tzinfo=city.zone)
    return aware.astimezone(UTC)


def cut_off(city: City, biz_date: date) -> datetime:
    """The instant before which a delivery belongs to the night of `biz_date`: the declared time on the day after."""
    return nights.starts(city, biz_date.isoformat()).astimezone(UTC)


def land(city: City, lake: Lake, folder: Path, when: datetime) -> Landed:
    """Take the files below `folder` (or a landing folder of another lake) into landing.

    A file is copied, then registered: what was cut short is not registered and is made again. A delivery that is
    registered, of the same file and instant, is not registered twice. Raises Problem.
    """
    if not folder.is_dir():
        raise Problem(f"--from {folder}: no such folder")
    with attempt.hold(lake.root, "land", f"landing {folder} for {city.id}") as held:
        return _land(city, lake.by(held), folder, when)


def _land(city: City, lake: Lake, folder: Path, when: datetime) -> Landed:
    ledger = Ledger(lake)
    told, sealed = told_of(ledger), newest(ledger)
    result, rows = Landed(), []
    for source, found, path, relative, how in _delivered(city, folder, when, result):
        row = register(city, lake, source, found, path, relative, late(city, sealed, how), told)
        events = told[row["delivery_id"]]
        row["is_repeat"] = bool(events)
        (result.repeats if row["is_repeat"] else result.new)[source.name] += 1
        if (relative, how.moment) not in events:
            events.add((relative, how.moment))
            rows.append(row)
    if not result.new and not result.repeats:
        listed = ", ".join(result.unmatched[:3]) or "nothing"
        seen = f"no file matches a source of {city.id} (found {listed})"
        raise Problem(f"--from {folder}: {seen}; see conf/cities/{city.id}/sources")
    take(city, lake, ledger, rows)
    return result


def take(city: City, lake: Lake, ledger: Ledger, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep registered deliveries in the ledger: first which records come back in them, then that they are there."""
    new = [row for row in rows if row["replays"] and not row["is_repeat"]]
    corrected = [
        {"delivery_id": row["delivery_id"], "replays": row["replays"], "table": row["replays_table"],
         "record": line.record, "digest": line.digest}
        for row in new for line in replayed.decode(replayed.content(city.id, lake, row))
    ]  # fmt: skip
    if new:
        ledger.put("corrected", corrected, delivery_id=[row["delivery_id"] for row in new])
    ledger.add("deliveries", sorted(rows, key=lambda row: (row["delivered_at"], row["source"], row["file"])))


def told_of(ledger: Ledger) -> dict[str, set[Event]]:
    """What is registered of every delivery."""
    told: dict[str, set[Event]] = defaultdict(set)
    for row in ledger.rows("deliveries"):
        told[row["delivery_id"]].add((row["file"], row["delivered_at"]))
    return told


def newest(ledger: Ledger) -> date | None:
    """The newest sealed edition."""
    found: date | None = ledger.query("SELECT max(biz_date) AS night FROM editions", "editions")[0]["night"]
    return found


def late(city: City, sealed: date | None, how: How) -> How:
    """The same, with `after` where it comes after the edition it was due in."""
    if sealed is None or how.moment >= cut_off(city, sealed):
        return how
    return how._replace(after=max(sealed, how.after or sealed))


def _delivered(
    city: City, folder: Path, when: datetime, result: Landed
) -> Iterator[tuple[Source, Found, Path, str, How]]:
    """The files of the folder with the source that declares each, and how each was delivered."""
    companions = {suffix for source in city.sources.values() for suffix in source.companions}
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        relative = path.relative_to(folder).as_posix()
        is_landed = (path.parent / SIDECAR).exists()
        if is_landed and (path.name == SIDECAR or path.name.startswith(REPEAT)):
            yield _again(city, path)
            continue
        if is_landed:
            continue
        hits = [(source, found) for source in city.sources.values() if (found := source.match(relative))]
        if len(hits) > 1:
            names = ", ".join(source.name for source, _ in hits)
            raise Problem(f"{path}: matches several sources ({names}); make their files: patterns disjoint")
        if not hits:
            if path.suffix not in companions and not path.name.startswith("."):
                result.unmatched.append(relative)
            continue
        source, found = hits[0]
        moment = delivered_at(found.delivered.isoformat(), city) if found.delivered else when
        yield source, found, path, relative, How(moment)


def _again(city: City, sidecar: Path) -> tuple[Source, Found, Path, str, How]:
    """A delivery of another lake's landing, as it was delivered there."""
    said = json.loads(sidecar.read_text())
    source = city.sources.get(said["source"])
    if source is None:
        raise Problem(f"{sidecar}: source {said['source']!r} is not declared in conf/cities/{city.id}/sources")
    found = Found(delivered=date.fromisoformat(said["delivered"]) if said["delivered"] else None, scope=said["scope"])
    amends, after = said.get("amends"), said.get("after")
    how = How(
        datetime.fromisoformat(said["delivered_at"]), Amends(**amends) if amends else None,
        date.fromisoformat(after) if after else None,
    )  # fmt: skip
    return source, found, sidecar.parent / said["name"], said["file"], how


def register(
    city: City, lake: Lake, source: Source, found: Found, path: Path, relative: str, how: How,
    told: Mapping[str, set[Event]],
) -> dict[str, Any]:  # fmt: skip
    """Copy one delivery into landing and describe it."""
    moment, amends, after = how
    files, content = _content(city, source, path)
    is_private = bool(source.personal)
    sha, erased = _identified(path, _sha256_of_all(content))
    business = found.scope or (found.delivered.isoformat() if found.delivered else "")
    identity = hashlib.sha256(f"{source.name}|{business}|{sha}".encode()).hexdigest()[:16]
    place = Path("landing") / source.name / identity
    target = lake.root / place
    _forget(target, told.get(identity, set()))
    name = _name(path, is_private)
    if (target / SIDECAR).exists():  # the same bytes under another name are kept under the first
        name = json.loads((target / SIDECAR).read_text())["name"]
    else:
        _copy(city, content, files, target, is_private)
    said: dict[str, Any] = {
        "source": source.name,
        "scope": found.scope,
        "file": relative,
        "sha256": sha,
        "name": name,
        "delivered": found.delivered.isoformat() if found.delivered else None,
        "delivered_at": moment.isoformat(),
    }
    said |= ({"amends": amends._asdict()} if amends else {}) | ({"erased": erased} if erased else {})
    said |= {"after": after.isoformat()} if after else {}
    if (relative, moment) not in told.get(identity, ()):
        _describe(target, json.dumps(said, ensure_ascii=False, indent=1, sort_keys=True).encode())
    return {
        "delivery_id": identity,
        "source": source.name,
        "business_date": business,
        "scope": found.scope,
        "file": relative,
        "sha256": sha,
        "size": sum(len(one) if isinstance(one, bytes) else one.stat().st_size for one in content),
        "delivered_at": moment,
        "delivered_date": date.fromisoformat(amends.dated) if amends else moment.astimezone(city.zone).date(),
        "path": (place / name).as_posix(),
        "key_id": vault.key_id(city.id) if is_private else None,
        "replays": amends.delivery if amends else None,
        "replays_table": amends.table if amends else None,
        "erased": _erased_here(target),
        "after": after,
    }


def digest(city: City, lake: Lake, row: Mapping[str, Any]) -> str:
    """A registered delivery's digest by the bytes that lie in landing. Raises Problem when it cannot be decrypted."""
    return _sha256_of_all(_content(city, city.sources.get(row["source"]), lake.root / row["path"])[1])


def _content(city: City, source: Source | None, path: Path) -> tuple[list[Path], list[bytes | Path]]:
    """A file with its companions, and what was delivered: the bytes of encrypted ones, else where they are."""
    plain, end = Path(path.name.removesuffix(ENCRYPTED)), ENCRYPTED if path.suffix == ENCRYPTED else ""
    beside = [path.with_name(plain.with_suffix(one).name + end) for one in (source.companions if source else ())]
    files = [path, *(one for one in beside if one.exists())]
    return files, [vault.decrypt(city.id, one.read_bytes(), str(one)) if end else one for one in files]


def _identified(path: Path, sha: str) -> tuple[str, str | None]:
    """The digest a delivery came with, and that of what remains of it after an erasure. Raises Problem."""
    sidecar = path.parent / SIDECAR
    said = json.loads(sidecar.read_text()) if path.suffix == ENCRYPTED and sidecar.exists() else {}
    if "erased" not in said:
        return sha, None
    if said["erased"] != sha:
        raise Problem(f"{path}: not what remained after the erasure; the file was altered")
    return said["sha256"], sha


def _erased_here(target: Path) -> str | None:
    found: str | None = json.loads((target / SIDECAR).read_text()).get("erased")
    return found


def _forget(target: Path, told: set[Event]) -> None:
    """Take away what a landing that was killed said of deliveries that it did not come to register."""
    for path in [target / SIDECAR, *target.glob(f"{REPEAT}*.json")]:
        if path.exists():
            said = json.loads(path.read_text())
            if (said["file"], datetime.fromisoformat(said["delivered_at"])) not in told:
                path.unlink()


def _describe(target: Path, said: bytes) -> None:
    """Say beside the file how it was delivered; the same bytes delivered again are said beside that."""
    first = target / SIDECAR
    if not first.exists():
        disk.write(first, said)
    elif first.read_bytes() != said:
        disk.write(target / f"{REPEAT}{hashlib.sha256(said).hexdigest()[:8]}.json", said)


def _copy(city: City, content: list[bytes | Path], files: list[Path], target: Path, is_private: bool) -> None:
    target.mkdir(parents=True, exist_ok=True)
    if is_private:
        vault.ensure_key(city.id)
    for one, path in zip(content, files, strict=True):
        goal = target / _name(path, is_private)
        if is_private:
            disk.write(goal, vault.encrypt(city.id, one if isinstance(one, bytes) else one.read_bytes()))
        elif isinstance(one, Path):
            disk.copy(one, goal)
        else:
            disk.write(goal, one)


def _name(path: Path, is_private: bool) -> str:
    plain = path.name.removesuffix(ENCRYPTED)
    return plain + ENCRYPTED if is_private else plain


def _sha256_of_all(content: list[bytes | Path]) -> str:
    """The file's own digest; with companions the digest of all theirs, in order."""
    digests = [_sha256(one) for one in content]
    return digests[0] if len(digests) == 1 else hashlib.sha256("".join(digests).encode()).hexdigest()


def _sha256(content: bytes | Path) -> str:
    digest = hashlib.sha256()
    if isinstance(content, bytes):
        digest.update(content)
        return digest.hexdigest()
    with content.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
