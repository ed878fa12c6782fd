"""Changed definitions: which indicators say something else than they did, and the days to compute again for that.

`ops.definitions` keeps a digest of every indicator's definition and how far back it has been applied. A changed one is
applied to every day since the first that any of its versions concerns, the newest days first, at most DAYS_A_NIGHT a
night; days not reached yet keep their values, with the reason `pending`.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from jobs import grid, members
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger
from jobs.mapping import REGISTER
from schemas import City, Indicator

DAYS_A_NIGHT = 400
PENDING = "pending"
"""The reason of a value whose definition has changed, and that is not computed by the new one yet."""
TEXTS = {
    "name", "owner", "element", "face", "domains", "fields", "question", "does_not_say", "rounding", "direction",
    "headline", "target", "levels", "known_issues", "standard", "oracles", "earlier",
}  # fmt: skip
"""What a definition says to people; another wording changes no value."""


NEWER = {"fields"}
"""Keys of terms that definitions got later."""


@dataclass(frozen=True)
class Backlog:
    """The days of an indicator that a changed definition still has to be applied to."""

    indicator: str
    digest: str
    now: tuple[str, ...]
    """The days of this night."""
    later: tuple[str, ...]
    """The days of the nights after it."""


def digest(city: City, one: Indicator) -> str:
    """SHA-256 of what makes an indicator's values: its versions, what it rests on, and the city's part in it."""
    said: dict[str, object] = {"versions": [_said(version) for version in one.versions]}
    said["rests_on"] = [
        digest(city, city.indicators[look.table])
        for version in one.versions
        for look in version.looks
        if look.table != one.id
    ]
    if any(version.segments for version in one.versions):
        said["peak_hours"] = city.file.peak_hours
        said["calendar"] = sorted(
            map(str, (*city.file.calendar.holidays, "worked", *city.file.calendar.working_weekends))
        )
    if any(version.method for version in one.versions):
        said["standards"] = {key: [str(e) for e in listed] for key, listed in sorted(city.file.standards.items())}
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()


def _said(one: Indicator) -> object:
    """Keys that a term does without are left out where they were not always there: its digest stays what it was."""
    said = one.model_dump(mode="json", exclude=TEXTS)
    terms = {name: {key: x for key, x in term.items() if x or key not in NEWER} for name, term in said["terms"].items()}
    return {**said, "terms": terms, "parameters": {name: [p.value, p.unit] for name, p in one.parameters.items()}}


def backlogs(city: City, ledger: Ledger, biz_date: date) -> list[Backlog]:
    """What changed definitions have to be applied to. A lake's first night knows every definition as it is.

    Some days a night; all at once where the night says every day anew, because the register has other places.
    """
    known = {
        row["indicator"]: row
        for row in ledger.query(
            f"""SELECT * FROM definitions WHERE biz_date < DATE '{biz_date}'
            QUALIFY row_number() OVER (PARTITION BY indicator ORDER BY biz_date DESC) = 1""",
            "definitions",
        )
    }
    waiting = [one for one in city.indicators.values() if known and _waits(known.get(one.id), digest(city, one))]
    if not waiting:
        return []
    delivered = grid.delivered_days(city, ledger)
    most = None if members.is_regrouped(members.changes(ledger, biz_date)) else DAYS_A_NIGHT
    out = []
    for one in waiting:
        row, now = known.get(one.id), digest(city, one)
        until = row["pending_until"] if row is not None and row["digest"] == now else None
        first = min(version.effective_from for version in one.versions).isoformat()
        days = {day for key in tables(city, one) for day in delivered[key] if day >= first}
        rest = sorted(day for day in days if until is None or day <= until)
        at = max(0, len(rest) - (most or len(rest)))
        out.append(Backlog(one.id, now, tuple(rest[at:]), tuple(rest[:at])))
    return out


def _waits(row: Mapping[str, object] | None, now: str) -> bool:
    """Whether a definition is another than the one last applied, or that one has days left."""
    return row is None or row["digest"] != now or row["pending_until"] is not None


def tables(city: City, one: Indicator) -> list[str]:
    """Every silver table that any version of the indicator rests on, through other indicators too."""
    found = {key for version in one.versions for key in version.tables}
    for version in one.versions:
        for look in version.looks:
            if look.table != one.id:
                found |= set(tables(city, city.indicators[look.table]))
    return sorted(found)


def days_of_tables(city: City, lake: Lake, ledger: Ledger, biz_date: date) -> dict[str, list[str]]:
    """The silver days of each table that changed definitions look at tonight: their terms may be new."""
    out: dict[str, set[str]] = {}
    for one in backlogs(city, ledger, biz_date):
        for key in tables(city, city.indicators[one.indicator]):
            found = {REGISTER} if city.tables[key].kind == "register" else set(one.now)
            out.setdefault(key, set()).update(found)
    there = {key: _kept(lake, key) for key in out}
    return {key: sorted(found & there[key]) for key, found in out.items() if found & there[key]}


def _kept(lake: Lake, key: str) -> set[str]:
    return {str(part["_day"]) for part in lake.delta(key).partitions()} if lake.exists(key) else set()


def note(city: City, ledger: Ledger, biz_date: date) -> None:
    """Keep what the night applied."""
    pending = {one.indicator: one.later for one in backlogs(city, ledger, biz_date)}
    rows: list[Mapping[str, object]] = [
        {
            "biz_date": biz_date,
            "indicator": one.id,
            "version": one.version,
            "digest": digest(city, one),
            "pending_until": max(pending.get(one.id, ()), default=None),
        }
        for one in city.indicators.values()
    ]
    ledger.put("definitions", _news(ledger, biz_date, rows), biz_date=[biz_date])


def _news(ledger: Ledger, biz_date: date, rows: Sequence[Mapping[str, object]]) -> list[Mapping[str, object]]:
    """The rows that differ from what is known: most nights add none."""
    columns = ("indicator", "version", "digest", "pending_until")
    known = {
        tuple(row[name] for name in columns)
        for row in ledger.query(
            f"""SELECT * FROM definitions WHERE biz_date < DATE '{biz_date}'
            QUALIFY row_number() OVER (PARTITION BY indicator ORDER BY biz_date DESC) = 1""",
            "definitions",
        )
    }
    return [row for row in rows if tuple(row[name] for name in columns) not in known]
