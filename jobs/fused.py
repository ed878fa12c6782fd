"""Fused: every source on one grid of place and time, as mergeable partial aggregates.

One scan per silver table and night computes all its terms for all touched days. A day that quality holds keeps its last
accepted state.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import date, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from jobs import contracts, definitions, states, terms, touched, wide, work_days
from jobs.core import cost, engine, work
from jobs.core.engine import literal
from jobs.core.lake import Lake, Layout, arrow_schema
from jobs.core.ledger import Ledger
from jobs.mapping import REGISTER, UNDATED
from jobs.scan import GRID, Scan, scan_terms
from schemas import City

TERMS = Layout(GRID | states.TYPES, ("_day",), comments=states.WORDS)
FILES_PER_TASK_BYTES = 96_000_000
DAYS_PER_TASK = 100


def run(session: work.Session, city: City, lake: Lake, biz_date: date) -> dict[str, dict[str, int]]:
    """Recompute the terms of every touched day that is not held, in one commit, and the wide tables of those days."""
    ledger = Ledger(lake)
    days = terms_of(session, city, lake, biz_date, changed_days(city, lake, ledger, biz_date))
    wide.write(city, lake, sorted({day for listed in days.values() for day in listed if day != REGISTER}))
    return {key: {"days": len(listed)} for key, listed in days.items()}


def terms_of(
    session: work.Session, city: City, lake: Lake, biz_date: date, changed: Mapping[str, Sequence[str]]
) -> work_days.Days:
    """Recompute the terms of days of tables; which days they were: those that are not held, and that somebody asks."""
    ledger = Ledger(lake)
    days = work_days.accepted(ledger, changed, biz_date)
    days = {key: [day for day in listed if day != UNDATED] for key, listed in days.items()}
    days = {key: listed for key, listed in days.items() if listed and _asked(city, key)}
    new = contracts.unfilled(ledger)
    scans = [scan for key, listed in days.items() for scan in _scans(city, lake, key, listed, new.get(key, ()))]
    parts = work.run(session, "fused", scan_terms, sorted(scans, key=lambda s: -s.size), lambda s: s.table)
    merged = merge(parts)
    lake.create("fused.terms", TERMS)
    if days:
        pairs = " OR ".join(
            f'("table" = {literal(key)} AND _day IN ({", ".join(literal(day) for day in listed)}))'
            for key, listed in sorted(days.items())
        )
        _note_redated(city, lake, ledger, biz_date, days, merged)
        with cost.driving("fused.terms"):
            lake.replace("fused.terms", merged, pairs)
    return days


def changed_days(city: City, lake: Lake, ledger: Ledger, biz_date: date) -> dict[str, list[str]]:
    """The days of each table whose terms the night makes anew.

    Those that deliveries change, the day after one where a state lasts into it, and those that a changed definition
    looks at.
    """
    out: dict[str, set[str]] = {}
    for key, listed in touched.days(city, ledger, biz_date).items():
        out.setdefault(key, set()).update(listed)
        if terms.lasting(city, key):
            out[key].update(following(listed))
    for key, listed in definitions.days_of_tables(city, lake, ledger, biz_date).items():
        out.setdefault(key, set()).update(listed)
    return {key: sorted(listed) for key, listed in sorted(out.items())}


def counting_on(city: City, lake: Lake, days: Set[str]) -> list[str]:
    """The files of terms of registers and of records that count on some days, whatever day they are kept under."""
    key = "fused.terms"
    if not (days and lake.exists(key) and any(terms.redated(city, table) for table in city.tables)):
        return [file["path"] for file in lake.files(key, "_day", [*sorted(days), REGISTER])]
    first, last = date.fromisoformat(min(days)), date.fromisoformat(max(days))
    parts = sorted({str(part["_day"]) for part in lake.delta(key).partitions()})
    found = []
    for file in lake.files(key, "_day", parts):
        low, high = file.get("min.day"), file.get("max.day")
        near = file["partition._day"] in days or file["partition._day"] == REGISTER
        if near or low is None or high is None or (low <= last and high >= first):
            found.append(file["path"])
    return found


def following(days: Iterable[str]) -> list[str]:
    """The day after each day."""
    return [(date.fromisoformat(day) + timedelta(days=1)).isoformat() for day in days if not day.startswith("_")]


def _asked(city: City, key: str) -> bool:
    return city.tables[key].reporters is not None or bool(terms.of_table(city, key))


def _scans(city: City, lake: Lake, key: str, days: Sequence[str], new: Sequence[str]) -> list[Scan]:
    """Whole days in groups of bounded size; where terms need no look at all rows of a day, it may be split by file."""
    table = city.tables[key]
    splits = table.kind != "register" and table.reporters is None and not terms.lasting(city, key)
    files: dict[str, list[tuple[str, int]]] = {}
    for file in lake.files(key, "_day", days):
        files.setdefault(file["partition._day"], []).append((file["path"], file["size_bytes"]))
    units = [
        ((day,), part)
        for day, mine in sorted(files.items())
        for part in ([[one] for one in mine] if splits else [mine])
    ]
    groups: list[tuple[set[str], list[tuple[str, int]]]] = []
    for listed, part in units:
        size = sum(bytes_ for _, bytes_ in part)
        full = groups and (
            sum(b for _, b in groups[-1][1]) + size > FILES_PER_TASK_BYTES or len(groups[-1][0]) >= DAYS_PER_TASK
        )
        if not groups or full:
            groups.append((set(), []))
        groups[-1][0].update(listed)
        groups[-1][1].extend(part)
    return [_scan(city, lake, key, sorted(mine), part, new) for mine, part in groups]


def _scan(
    city: City, lake: Lake, key: str, days: list[str], files: Sequence[tuple[str, int]], new: Sequence[str]
) -> Scan:
    """A scan of some days, with the files of the days before where a state lasts into them."""
    back: list[str] = []
    if terms.lasting(city, key):
        before = {(date.fromisoformat(day) - timedelta(days=1)).isoformat() for day in days} - set(days)
        back = [file["path"] for file in lake.files(key, "_day", sorted(before))]
    paths = tuple(path for path, _ in files)
    size = sum(size for _, size in files)
    return Scan(str(lake.root.parent), city.id, key, tuple(days), paths, tuple(back), size, tuple(new))


def _note_redated(
    city: City, lake: Lake, ledger: Ledger, biz_date: date, days: work_days.Days, merged: pa.Table
) -> None:
    """Keep in the ledger which other days the records of touched days count on, or counted on before this night."""
    keys = [key for key in days if terms.redated(city, key)]
    if not keys:
        return
    rows = {(row["table"], row["day"]) for row in ledger.rows("redated", f"biz_date = DATE '{biz_date}'")}
    for key in keys:
        before = lake.arrow_where(
            "fused.terms", (pc.field("table") == key) & pc.field("_day").isin(days[key]), ["table", "day"]
        )
        now = merged.filter(pc.equal(merged["table"], key)).select(["table", "day"])
        found = pa.concat_tables([now, before] if before is not None else [now]).drop_null().group_by(["table", "day"])
        rows |= {(row["table"], row["day"].isoformat()) for row in found.aggregate([]).to_pylist()}
    made = [{"biz_date": biz_date, "table": key, "day": day} for key, day in sorted(rows)]
    ledger.put("redated", made, biz_date=[biz_date])


def merge(parts: Sequence[pa.Table]) -> pa.Table:
    """Partial aggregates of several tasks as one; the order of the parts makes no difference."""
    schema = arrow_schema(TERMS.columns)
    with engine.cursor(threads=2, memory="2GB") as connection:
        connection.register("parts", pa.concat_tables([schema.empty_table(), *parts]))
        return engine.table(connection, states.merged(list(GRID), "parts")).cast(schema)
