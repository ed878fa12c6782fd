"""Silver: conflicts settled, records placed and dated; a day of a table is a pure function of what was delivered."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cache

from jobs import accounts, contracts, members, moves, placing, touched, work_days
from jobs.core import work
from jobs.core.lake import Lake, Layout, Written
from jobs.core.ledger import Ledger
from jobs.moves import Moves
from jobs.placing import PLACES
from jobs.settle import Settled, Slice, columns, settle
from schemas import City

ROWS_PER_TASK = 2_000_000
DAYS_PER_TASK = 200


def run(session: work.Session, city: City, lake: Lake, biz_date: date) -> dict[str, dict[str, int]]:
    """Make the touched days of every table; places first, because the others are placed by them. Raises Problem."""
    ledger = Ledger(lake)
    contracts.follow(city, lake, ledger)
    days = touched.told(city, ledger, biz_date)
    new = contracts.unfilled(ledger)
    order, spoken = touched.order_of(ledger), spoken_of(ledger)
    mine = touched.by_table(city, order)
    said = touched.words(city, ledger, order)
    repeated = cache(lambda key: touched.repeated(city, key, order, said))

    def made(days: Mapping[str, Sequence[str]], moved: Mapping[str, Moves]) -> dict[str, dict[str, int]]:
        slices: list[Slice] = []
        for key in days:
            speaking = speakers(city, key, mine[key], spoken[key], repeated(key), moved[key].standing)
            slices += slices_of(city, lake, key, days[key], speaking, moved[key].paths, new.get(key, ()))
        results = work.run(session, "silver", settle, sorted(slices, key=lambda s: -s.rows), lambda s: s.table)
        _commit(city, lake, days, results)
        return _record(ledger, biz_date, days, results)

    report = made({PLACES: days[PLACES]}, {PLACES: Moves()}) if days.get(PLACES) else {}
    members.note(city, lake, ledger, biz_date)
    changed = members.changes(ledger, biz_date)
    placed = {
        key: members.days(city, lake, key, changed) for key in sorted(spoken.keys() & city.tables.keys() - {PLACES})
    }
    days = {key: days.get(key, []) for key in sorted({*days, *placed} - {PLACES})}
    moved = _moved(city, lake, ledger, biz_date, days, placed, spoken)
    days = {key: sorted({*days.get(key, ()), *one.days}) for key, one in moved.items()}
    report |= made({key: listed for key, listed in days.items() if listed}, moved)
    accounts.settle(ledger, biz_date, sorted(report), repeated)
    return report


def _moved(
    city: City, lake: Lake, ledger: Ledger, biz_date: date, told: Mapping[str, Sequence[str]],
    placed: Mapping[str, Sequence[str]], spoken: Mapping[str, Sequence[tuple[str, str, int]]],
) -> dict[str, Moves]:  # fmt: skip
    """What moved between days of each table, and the days `placed` anew; the ledger knows them before they are made."""
    taken = {row["delivery_id"] for row in ledger.rows("ingests", work_days.since(ledger, biz_date))}
    found = {}
    for key, listed in told.items():
        days = {*listed, *placed.get(key, ())}
        again = {day for day, one, _ in spoken.get(key, ()) if one in taken}
        if not (days or again):
            continue
        deliveries = sorted({one for _, one, _ in spoken.get(key, ())})
        one = moves.of_table(lake, city.tables[key], sorted(days), deliveries, again)
        found[key] = replace(one, days=tuple(sorted({*one.days, *days} - set(listed))))
    rows = [{"biz_date": biz_date, "table": key, "day": day} for key, one in sorted(found.items()) for day in one.days]
    ledger.put("moved", rows, biz_date=[biz_date])
    return found


def spoken_of(ledger: Ledger) -> Mapping[str, list[tuple[str, str, int]]]:
    """What every delivery says of every table: (day, delivery, rows)."""
    out: dict[str, list[tuple[str, str, int]]] = defaultdict(list)
    for row in ledger.rows("delivery_dates"):
        out[row["table"]].append((row["day"], row["delivery_id"], row["rows"]))
    return out


def speakers(
    city: City, key: str, order: touched.Order, spoken: Sequence[tuple[str, str, int]],
    repeated: Mapping[tuple[str, str], tuple[str, ...]], standing: Collection[str],
) -> dict[str, dict[str, tuple[int, int]]]:  # fmt: skip
    """By day of a table: the deliveries whose claims count there, each with its order and how many they are.

    One that says what was said before does not count there, but on days (`standing`) from or to which records moved: it
    brings them back.
    """
    counting = dict(touched.effective(city, key, order))
    ranks = touched.ranked(city, order)
    claims = {(day, delivery): count for day, delivery, count in spoken}
    out: dict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
    for day, delivery in claims:
        said_by = (delivery,) if day in standing else repeated.get((delivery, day), (delivery,))
        for one in said_by if delivery in counting else ():
            out[day][one] = (ranks[one], claims[day, one])
    return out


def slices_of(
    city: City, lake: Lake, key: str, days: Sequence[str], speaking: Mapping[str, Mapping[str, tuple[int, int]]],
    moving: frozenset[str], new: Sequence[str] = (),
) -> Iterator[Slice]:  # fmt: skip
    """The tasks of a table's days: groups of days of bounded size; a bigger day in ranges of its keys' hashes.

    `moving` are the files of claims on keys that stand on several days, `new` columns that older claims do not have.
    """
    said = {day: speaking.get(day, {}) for day in days}
    rows = {day: sum(count for _, count in by_delivery.values()) for day, by_delivery in said.items()}
    looked_at = speaking if moving else said
    ids = {delivery for by_delivery in looked_at.values() for delivery in by_delivery}
    files = lake.files(f"claims.{city.tables[key].name}", "_delivery_id", sorted(ids))
    for group in _groups(rows):
        wanted = {delivery for day in group for delivery in said[day]}
        paths = tuple(f["path"] for f in files if f["partition._delivery_id"] in wanted and moves.may_hold(f, group))
        others = tuple(f["path"] for f in files if f["path"] in moving)
        deliveries = tuple(
            (delivery, day, rank)
            for day in (speaking if others else group)
            for delivery, (rank, _) in speaking.get(day, {}).items()
        )
        total = sum(rows[day] for day in group)
        buckets = 1 << (-(-total // ROWS_PER_TASK) - 1).bit_length() if total else 1
        for bucket in range(buckets):
            yield Slice(
                str(lake.root.parent), city.id, key, group, bucket, buckets, paths, others, deliveries,
                total // buckets, tuple(new),
            )  # fmt: skip


def _groups(rows: Mapping[str, int]) -> Iterator[tuple[str, ...]]:
    """Days in groups of at most ROWS_PER_TASK rows; a day with more stands alone."""
    group: list[str] = []
    for day, count in rows.items():
        if count > ROWS_PER_TASK:
            yield (day,)
            continue
        if group and (sum(rows[d] for d in group) + count > ROWS_PER_TASK or len(group) >= DAYS_PER_TASK):
            yield tuple(group)
            group = []
        group.append(day)
    if group:
        yield tuple(group)


def _commit(city: City, lake: Lake, days: Mapping[str, Sequence[str]], results: Sequence[Settled]) -> None:
    """One commit a table, each replacing its days."""
    files: dict[str, list[Written]] = {key: [] for key in days}
    for one in results:
        files[one.table] += one.files
    work.together(lambda key: _commit_table(city, lake, key, days[key], files[key]), days)


def _commit_table(city: City, lake: Lake, key: str, days: Sequence[str], files: Sequence[Written]) -> None:
    lake.create(key, layout_of(city, key))
    lake.commit(key, files, ("_day", days))


def layout_of(city: City, key: str) -> Layout:
    """How `silver/<table>` is laid out, in the contract's words."""
    table = city.tables[key]
    return Layout(columns(city, table), ("_day",), table.description.comment(), placing.comments(city) | table.comments)


def _record(
    ledger: Ledger, biz_date: date, days: Mapping[str, Sequence[str]], results: Sequence[Settled]
) -> dict[str, dict[str, int]]:
    """What the ledger says of the tables' days, and each table's summary."""
    totals = {(key, day): (0, 0) for key, listed in days.items() for day in listed}
    parts: Counter[tuple[str, str, str, str, str]] = Counter()
    for one in results:
        parts.update({(one.table, *part): rows for part, rows in one.parts.items()})
        for day, (rows, digest) in one.days.items():
            before = totals.get((one.table, day), (0, 0))
            totals[(one.table, day)] = (before[0] + rows, before[1] + digest)
    made = [
        {"biz_date": biz_date, "table": key, "day": day, "rows": rows, "digest": str(digest)}
        for (key, day), (rows, digest) in sorted(totals.items())
    ]
    settled = [
        {
            "biz_date": biz_date,
            "table": key,
            "day": day,
            "delivery_id": delivery,
            "part": part,
            "reason": reason,
            "rows": rows,
        }
        for (key, day, delivery, part, reason), rows in sorted(parts.items())
    ]
    ledger.put("table_days", made, biz_date=[biz_date], table=sorted(days))
    ledger.put("settled", settled, biz_date=[biz_date], table=sorted(days))
    counted: Counter[str] = Counter()
    for (key, _), (rows, _) in totals.items():
        counted[key] += rows
    return {key: {"days": len(listed), "rows": counted[key]} for key, listed in days.items()}
