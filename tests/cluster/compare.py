"""Two lakes of the same night: what differs between them, by the digests of their rows and by their editions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from jobs import verifying
from jobs.core.errors import CriticalFailure
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger
from jobs.work_days import STARTED
from schemas import load_city
from tests.soak import town


@dataclass(frozen=True)
class Night:
    """What a night has left: each table's rows and digest, the seal of its edition, and files nobody needs."""

    tables: Mapping[str, str]
    seal: str | None
    left: tuple[str, ...] = ()

    @classmethod
    def of(cls, lake: Lake, day: date) -> "Night":
        """A lake after the night of `day`. Raises CriticalFailure when its edition does not verify."""
        sealed = Ledger(lake).rows("editions", f"biz_date = DATE '{day}'")
        if sealed:
            verifying.edition(load_city(lake.city), lake, day)
        return cls(town.digests(lake), sealed[0]["digest"] if sealed else None, tuple(town.left(lake)))


def differing(one: Night, other: Night) -> list[str]:
    """What of `other` is not as in `one`, each in words."""
    found = []
    for key in sorted({*one.tables, *other.tables}):
        here, there = one.tables.get(key, "not there"), other.tables.get(key, "not there")
        if here != there:
            found.append(f"{key}: {_rows(there)}, locally {_rows(here)}")
    if one.seal != other.seal or one.seal is None:
        found.append(f"the edition's seal: {other.seal or 'not sealed'}, locally {one.seal or 'not sealed'}")
    return found + [f"{path}: a file that nobody needs" for path in other.left]


def _rows(said: str) -> str:
    count, _, digest = said.partition(" ")
    return f"{count} rows with digest {digest}" if count.isdigit() else said


def begun_again(lake: Lake, day: date) -> list[str]:
    """The layers that were begun more than once: Spark is to heal a lost worker, not Airflow's next try."""
    sql = (
        f"SELECT step FROM steps WHERE biz_date = DATE '{day}' AND outcome = '{STARTED}' GROUP BY 1 HAVING count(*) > 1"
    )
    return [f"{row['step']} was begun again" for row in Ledger(lake).query(f"{sql} ORDER BY 1", "steps")]


def verified(lake: Lake, day: date) -> tuple[Night | None, list[str]]:
    """The night, or why its edition does not verify."""
    try:
        return Night.of(lake, day), []
    except CriticalFailure as error:
        return None, [str(error)]
