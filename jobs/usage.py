"""Who uses what: how often each resource was asked for, shown and exported, and what nobody uses.

`ops.usage` counts calls and rows (条次) by day, interface and resource, and nothing of who asked. A batch is what a
night took over from the meter, or an edition; each is there once, however often the night is run. Outside of the seal:
what is asked today changes no edition.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from jobs import said
from jobs.core import meter
from jobs.core.errors import Problem
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger
from jobs.publish import EditionData, page
from schemas import City, Indicator

ASKED = ("values", "why", "revisions", "sql", "read")
SHOWN = ("headline", "alert", "element", "district")
"""Pages of the bulletin on which an indicator stands. Of these the first two come to a reader who asked for nothing."""
FRONT = SHOWN[:2]
EXPORTED = ("export",)
Key = tuple[date, str, str]
"""Day, interface, resource."""


def fold(city: City, lake: Lake, ledger: Ledger) -> int:
    """Take the meter's files over into `ops.usage`; how many there were. Each counts once, whenever this is killed."""
    files = 0
    for batch in meter.batches(lake):
        asked = list(meter.read(batch))
        _put(ledger, batch.name, _counted(city, asked))
        meter.taken(lake, batch)
        files += len(asked)
    return files


def of_edition(data: EditionData, folder: Path) -> dict[tuple[str, str], int]:
    """(interface, indicator) → how often an edition's pages and files have it."""
    found: Counter[tuple[str, str]] = Counter()
    for path in (folder / "data").glob("*.js"):
        kind = path.stem.split("-")[0]
        if kind == "city":
            found.update(("headline", one["indicator"]) for one in page.data_of(path)["headlines"])
        elif kind in ("element", "place"):
            told = page.data_of(path)
            shown = "element" if kind == "element" else "district"
            found.update((shown, one["indicator"]) for one in told["readings"])
            found.update(("alert", one["indicator"]) for one in (told["alerts"] if kind == "element" else ()))
    found.update(("export", row["indicator"]) for row in data.values)
    return dict(found)


def note(ledger: Ledger, biz_date: date, found: Mapping[tuple[str, str], int]) -> None:
    """Write what an edition shows and exports; twice changes nothing."""
    counts = {(biz_date, interface, resource): (1, rows) for (interface, resource), rows in found.items()}
    _put(ledger, f"edition {biz_date}", counts)


def nights(lake: Lake, last: int) -> list[date]:
    """The newest editions, as many as were asked for or as there are. Raises Problem when there is none."""
    found = said.sealed(lake)[-last:]
    if not found:
        raise Problem(f"{lake.root}: no edition of {lake.city} yet; `citypulse night --city {lake.city}` makes one")
    return found


def counted(city: City, lake: Lake, since: date) -> list[dict[str, Any]]:
    """Day, interface, resource, calls and rows from a day on: of `ops.usage`, and of what the next night takes over."""
    total: dict[Key, list[int]] = defaultdict(lambda: [0, 0])
    written = Ledger(lake).rows("usage")
    for row in written:
        _add(total, (row["day"], row["interface"], row["resource"]), row["calls"], row["rows"])
    for key, (calls, rows) in _counted(city, meter.waiting(lake, {row["batch"] for row in written})).items():
        _add(total, key, calls, rows)
    names = ("day", "interface", "resource", "calls", "rows")
    return [dict(zip(names, (*key, *sums), strict=True)) for key, sums in sorted(total.items()) if key[0] >= since]


def daily(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """条次 by day and interface: calls, and the rows that were handed over."""
    total: dict[tuple[date, str], list[int]] = defaultdict(lambda: [0, 0])
    for row in rows:
        _add(total, (row["day"], row["interface"]), row["calls"], row["rows"])
    return [
        {"day": day, "interface": interface, "calls": calls, "rows": count}
        for (day, interface), (calls, count) in sorted(total.items())
    ]


def by_resource(city: City, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Of each resource, and of whatever else was asked for: how often asked, with how many rows, shown and exported."""
    calls: Counter[tuple[str, str]] = Counter()
    given: Counter[str] = Counter()
    for row in rows:
        calls[row["resource"], row["interface"]] += row["calls"]
        given[row["resource"]] += row["rows"] if row["interface"] not in (*SHOWN, *EXPORTED) else 0
    others = sorted({resource for resource, _ in calls} - {*city.tables, *city.indicators})
    return [
        {
            "resource": key or meter.UNREADABLE,
            "asked": sum(n for (one, name), n in calls.items() if one == key and name not in (*SHOWN, *EXPORTED)),
            "rows_given": given[key],
            **{name: calls[key, name] for name in (*SHOWN, *EXPORTED)},
        }
        for key in [*sorted(city.tables), *sorted(city.indicators), *others]
    ]


def unused(city: City, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """The resources that nobody asked for, that stood on no front page and in no alert, and that nothing used is made
    of. That an element's page lists an indicator, and an export holds it, is no use: they hold everything."""
    used = {row["resource"] for row in rows if row["interface"] in (*ASKED, *FRONT)}
    rest = list(used)
    while rest:
        one = city.indicators.get(rest.pop())
        parts = set(_parts(one)) - used if one else set()
        used |= parts
        rest += parts
    return [key for key in [*sorted(city.tables), *sorted(city.indicators)] if key not in used]


def _parts(one: Indicator) -> Iterator[str]:
    yield from one.tables
    yield from (look.table for look in one.looks)


def _counted(city: City, asked: Iterable[meter.Asked]) -> dict[Key, tuple[int, int]]:
    total: dict[Key, list[int]] = defaultdict(lambda: [0, 0])
    for one in asked:
        day = one.at.astimezone(city.zone).date()
        for resource, rows in one.rows.items():
            _add(total, (day, one.interface, resource), 1, rows)
    return {key: (calls, rows) for key, (calls, rows) in total.items()}


def _add(total: dict[Any, list[int]], key: tuple[Any, ...], calls: int, rows: int) -> None:
    total[key][0] += calls
    total[key][1] += rows


def _put(ledger: Ledger, batch: str, counts: Mapping[Key, tuple[int, int]]) -> None:
    rows = [
        {"batch": batch, "day": day, "interface": interface, "resource": resource, "calls": calls, "rows": rows}
        for (day, interface, resource), (calls, rows) in sorted(counts.items())
    ]
    ledger.put("usage", rows, batch=[batch])
