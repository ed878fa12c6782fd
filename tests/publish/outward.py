"""What an exporter is given, invented: a city of any name, editions that say some thousand values, hostile texts.

What a process does that is to be killed is here as well: it is a process of its own, and ends itself at a chosen point.
"""

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from random import Random
from typing import Any

import psycopg
import pyarrow as pa

from jobs.core.lake import arrow_schema
from jobs.exporting import Edition, Outward
from jobs.publish import postgres
from jobs.vintages import KEY, VALUES
from schemas import City, load_city

FIRST = date(2031, 3, 1)
PERIODS = 40
HOSTILE = ['it\'s "quoted"', "a\\b", "line\nbreak", "{NULL,}", "逗号，;", "\t", "'; DROP TABLE x --", "NULL"]
DOUBLES = [0.1 + 0.2, 5e-324, -1.7976931348623157e308, 1e16, 1 / 3, -0.0, 123456789.123456789, 0.0]
Said = dict[str, Any]


def city(name: str) -> City:
    """A city of that name; what else it is comes from the demo's declarations."""
    known = _known()
    return replace(known, file=known.file.model_copy(update={"id": name, "exports": {"postgres": "WHERE_TO"}}))


@cache
def _known() -> City:
    return load_city("lanhai")


def editions(nights: Sequence[int]) -> list[Edition]:
    """Sealed editions of some nights; those between two came to none."""
    days = [FIRST + timedelta(days=night) for night in nights]
    return [Edition(day, f"{day:%d}" * 32, after) for day, after in zip(days, [date.min, *days], strict=False)]


def said(name: str, night: int) -> list[Said]:
    """What a night says: its own day's values anew, some corrections of the days before, a value that is withdrawn."""
    rng = Random(f"{name} {night}")
    days = [night, *rng.sample(range(night), min(night, 2))]
    return [_row(name, day, night, place, rng) for day in days for place in range(PERIODS)]


def _row(name: str, day: int, night: int, place: int, rng: Random) -> Said:
    on, gone = FIRST + timedelta(days=day), night > day and place == 3
    value = None if gone else rng.choice([*DOUBLES, rng.random() * 1e6])
    return {
        "indicator": f"transport.{name}", "level": "street", "place": f"{place} {HOSTILE[place % len(HOSTILE)]}",
        "period_kind": "day", "period": on.isoformat(), "segment": "all", "period_start": on, "period_end": on,
        "value": value, "unit": "1", "coverage": None if gone else rng.random(), "low": value, "high": value,
        "grade": None if gone else "A", "status": "withheld" if gone else "final",
        "reasons": "; ".join(["below_release_threshold"] * gone + rng.sample(HOSTILE[:4], place % 3)),
        "n_records": None if gone else rng.randrange(1 << 40), "definition_version": "2030-01-01",
        "edition": (FIRST + timedelta(days=night)).isoformat(),
    }  # fmt: skip


def outward(target: str, name: str = "qingzhou", nights: Sequence[int] = (0, 1, 2)) -> Outward:
    """What the exporter is given for some sealed nights."""
    places = [
        {"level": "street", "place": "1", "name_zh": "北", "name_en": None, "parent": "d1", "geometry": '{"a": 1}'}
    ]
    return Outward(city(name), target, editions(nights), {"places": places, "sources": [], "indicators": []},
                   lambda one: batches(name, one))  # fmt: skip


def batches(name: str, one: Edition) -> Iterator[pa.RecordBatch]:
    """An edition's rows, in pieces."""
    for row in [row for night in nights_of(one) for row in said(name, night)]:
        yield pa.RecordBatch.from_pylist([row], schema=arrow_schema(VALUES))


def nights_of(one: Edition) -> range:
    """The nights that a sealed edition speaks for."""
    return range(max((one.after - FIRST).days + 1, 0), (one.biz_date - FIRST).days + 1)


def expected(name: str, nights: Sequence[int]) -> tuple[list[Said], list[Said]]:
    """All rows up to the last of some nights, and the newest of each value, as PostgreSQL is to have them."""
    rows = [_there(name, row) for night in range(nights[-1] + 1) for row in said(name, night)]
    newest = {tuple(row[column] for column in KEY): row for row in rows}
    return rows, list(newest.values())


def _there(name: str, row: Said) -> Said:
    reasons = row["reasons"].split("; ") if row["reasons"] else []
    return row | {"city": name, "reasons": reasons, "edition": date.fromisoformat(row["edition"])}


def kill_at(target: str, point: str) -> None:
    """Export three nights in this process, which kills itself at a point of the second one's transaction."""
    given = outward(target)
    if point.startswith("row "):
        given = replace(given, history=lambda one: _deadly(one, int(point.split()[1])))
    else:
        function = getattr(postgres, point)
        setattr(postgres, point, lambda *words: _die(function, words))
    postgres.export(given)


def _deadly(one: Edition, last: int) -> Iterator[pa.RecordBatch]:
    for number, batch in enumerate(batches("qingzhou", one)):
        if one.biz_date > FIRST and number == last:
            os.kill(os.getpid(), signal.SIGKILL)
        yield batch


def _die(function: Callable[..., Any], words: Sequence[Any]) -> Any:
    """Do it, and end at once when it was the second night's."""
    done = function(*words)
    if any(isinstance(word, Edition) and word.biz_date > FIRST for word in words):
        os.kill(os.getpid(), signal.SIGKILL)
    return done


def dump(target: str, name: str) -> dict[str, list[Said]]:
    """Every row of a city, by table, each in a fixed order."""
    named = ("cities", "editions", "values_history", "values_current", "places")
    with psycopg.connect(target, row_factory=psycopg.rows.dict_row) as db:
        asked = {one: f"SELECT * FROM citypulse.{one} WHERE city = %s ORDER BY 1, 2, 3, 4" for one in named}
        return {one: db.execute(sql.encode(), (name,)).fetchall() for one, sql in asked.items()}
