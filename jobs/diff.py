"""Which published values edited declarations would change, and by how much: `citypulse diff`.

Published is what the last edition says. Beside it stands what it would say by the declarations of the working tree,
had they always been those; nothing in the lake or in the repository changes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from jobs import checking, said
from jobs.core import work
from jobs.core.errors import Problem
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger
from jobs.edits import compared, differences, made, nights, ref
from jobs.edits.compared import Edit
from jobs.edits.differences import Differences
from jobs.edits.ref import Ref
from schemas import City
from schemas.city import ROOT


@dataclass(frozen=True)
class Period:
    """Periods to look at: SQL over `period_kind` and `period`, and the days between which they begin."""

    sql: str
    first: date
    last: date


@dataclass(frozen=True)
class Answer:
    """What would change."""

    lines: tuple[str, ...]
    """What is compared with what, what was edited, and what nights make of it."""
    found: Differences

    @property
    def differs(self) -> int:
        """How many values are others."""
        return int(self.found.values.num_rows)


def answer(city: City, lake: Lake, name: str, period: Period | None, session: work.Session) -> Answer:
    """What the working tree's declarations of a city would change of its last edition. Raises Problem.

    `session` is asked for where records have to be judged again, or the terms of a large table made.
    """
    wrong = checking.faults(city)
    if wrong:
        more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
        raise Problem(f"{wrong[0]}{more}; `citypulse check --city {city.id}` lists what is wrong")
    there = ref.at(city.id, name)
    night = _night(city, lake)
    edits = compared.edits(there.city, city)
    ledger = Ledger(lake)
    unsure = nights.unsure(there.city, ledger, sorted(city.indicators))
    reach = compared.reach(there.city, city, edits, unsure)
    lines = [f"{city.id}: {there.line} beside the working tree, by edition {night}"]
    lines += _notes(there, edits, sorted(unsure & reach.indicators), _migrated(ledger, night))
    lines += nights.lines(there.city, city, lake, night, edits)
    between = (period.first, period.last) if period else None
    values = made.values(city, lake, night, reach, between, session)
    if _night(city, lake) != night:
        raise Problem(f"{lake.root}: a night ran meanwhile; ask again")
    where = [period.sql] if period else []
    ids = sorted(reach.indicators | reach.gone)
    return Answer(tuple(lines), differences.of(lake, night, values, ids, where))


def _night(city: City, lake: Lake) -> date:
    """The night of the last edition. Raises Problem when there is none, or when another has begun since."""
    known = said.sealed(lake)
    if not known:
        raise Problem(
            f"{lake.root}: no edition of {city.id} yet, so nothing is published; `citypulse night --city {city.id} "
            "--biz-date D` makes one"
        )
    begun = Ledger(lake).query("SELECT max(biz_date) AS night FROM steps", "steps")[0]["night"]
    if begun > known[-1]:
        raise Problem(
            f"{lake.root}: the night of {begun} has begun, and edition {known[-1]} is the last: `citypulse night "
            f"--city {city.id} --biz-date {begun}` finishes it"
        )
    return known[-1]


def _migrated(ledger: Ledger, night: date) -> list[str]:
    rows = ledger.query(f"SELECT DISTINCT \"table\" FROM migrated WHERE after >= DATE '{night}' ORDER BY 1", "migrated")
    return [row["table"] for row in rows]


def _notes(there: Ref, edits: Sequence[Edit], unsure: Sequence[str], migrated: Sequence[str]) -> list[str]:
    """What else than the edits may be behind a difference."""
    out = []
    if there.code:
        out.append(f"code differs too ({_some(there.code)}): its effect on the values shown is in them")
    if not there.has_common:
        out.append(f"{ROOT}: schemas/ and quality/ are not of the same repository: taken as they are")
    if unsure:
        out.append(
            f"the edition does not rest on {there.name}'s definition of {_some(unsure)}: differences may be older"
        )
    if migrated:
        out.append(
            f"{_some(migrated)}: migrated since the edition, which is in the values that rest on terms made again"
        )
    return out if edits else [*out, "no declaration differs"]


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if names[3:] else "")
