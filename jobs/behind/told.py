"""What stands behind a value's terms: their numbers, the records that count and those that do not, who did not report.

Of tables whose records name persons counts are shown only as far as release allows (jobs/behind/masking.py).
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from fractions import Fraction
from typing import Any

import pyarrow as pa

from jobs import merged, missing, parts
from jobs.behind import masking, refers, silent, traced, unused
from jobs.behind.contested import MOST_DAYS
from jobs.behind.taken import Taken
from jobs.behind.takes import Take
from jobs.behind.unused import HERE, Left
from jobs.core import engine
from jobs.core.engine import literal, quoted
from jobs.formula import Ratio

Stopped = Set[tuple[str, str]]
"""Tables and days whose rows are not those that the terms were made of."""
TOP = 10
COUNTED = ("count", "distinct")
"""Kinds of term whose counts release has looked at."""
ROWS = {
    "term": pa.string(), "why": pa.string(), "source": pa.string(), "file": pa.string(), "delivery_id": pa.string(),
    "record": pa.int64(), "day": pa.string(), "level": pa.string(), "place": pa.string(), "said": pa.string(),
}  # fmt: skip
"""`why` a record does not count, empty where it does; `said` is what the term's column says."""


def terms(took: Taken, stopped: Stopped) -> Iterator[Mapping[str, Any]]:
    """Each term of the value, in the order of its definition."""
    yield from refers.terms(took.made)
    for take in (one for one in took.takes if one.is_own):
        yield _term(took, take, stopped)


def _term(took: Taken, take: Take, stopped: Stopped) -> dict[str, Any]:
    city, key = took.made.vintage.city, take.table.key_id
    k = masking.threshold(city, key)
    days = [day for day in took.days(take) if (key, day) not in stopped]
    found = traced.counted(took, take, days)
    left: Counter[Left] = Counter()
    for row in (row for row in found if row["why"]):
        left[_left(row["why"])] += row["records"]
    left += unused.beside_rows(took, take, days)
    shows = not k or take.term.kind in COUNTED
    used = Counter({row["_delivery_id"]: 0 for row in found})
    by: Counter[str] = Counter()
    for row in (row for row in found if row["why"] == traced.USED):
        used[row["_delivery_id"]] += row["records"]
        by[str(row["reporter"])] += row["records"]
    return _declared(take) | _number(took, take) | {
        "used": used.total() if shows else None,
        "not_used": [{**one._asdict(), "records": masking.alone(count, k)} for one, count in sorted(left.items())],
        "days_missing": silent.days(took, take), "reporters_missing": silent.reporters(took, take),
        "deliveries": _deliveries(took, used, k, shows=shows),
        "reporters": _top(by, k) if take.table.reporters and shows else [],
    }  # fmt: skip


def _left(why: str) -> Left:
    """Why a row that is there does not count; of a value that was taken out the rules that did it."""
    if why.startswith(traced.VOIDED):
        return Left("voided", why.removeprefix(traced.VOIDED), HERE)
    return Left(why, "", HERE)


def _declared(take: Take) -> dict[str, Any]:
    term = take.term
    said = {"name": take.name, "kind": term.kind, "table": term.table, "of": term.of, "where": term.condition}
    more = {"at": term.at, "place": term.place, "entity": take.grid.entity, "definition": take.one.version}
    return {name: text for name, text in (said | more).items() if text is not None} | {"term": take.aggregate.id}


def _number(took: Taken, take: Take) -> dict[str, Any]:
    """The term's number at the cell, exactly, and how much of what was due it rests on. Of days and entities none."""
    made = took.made
    if refers.is_of_days(made) or refers.is_of_entities(made):
        return {}
    one, at = made.scope.one, made.cell
    if one.entity is not None and at.level == one.entity.kind:
        source = missing.around_entities(made.scope, take.name, merged.entities(made.scope, take.term))
        where = f"t.entity_id = {literal(at.place)} AND t.period = {literal(at.period)}"
        where += f" AND t.segment = {literal(at.segment)}"
    else:
        source, where = f"SELECT * FROM parts WHERE part = {made.scope.part(take.name)}", made.here
    asked = _exact(took, take)
    ratios = ", ".join(f"({ratio.over})::HUGEINT, ({ratio.under})::HUGEINT" for ratio in asked.values())
    bag = f"len({parts.listed(made.city, take.term, 't')})" if take.term.kind == "rows" else "NULL"
    shown = ", ".join(filter(None, (bag, "t.share, t.lost, t.u_n, t.coverage", ratios)))
    found = made.connection.sql(f"SELECT {shown} FROM ({source}) AS t WHERE {where}").fetchall()
    if not found:
        return {"number": None}
    size, share, lost, unplaced, coverage, *numbers = found[0]
    pairs = zip(asked, zip(numbers[::2], numbers[1::2], strict=True), strict=True)
    made_of = {name: _text(over, under) for name, (over, under) in pairs}
    out: dict[str, Any] = {"number": f"{size} rows" if take.term.kind == "rows" else made_of.get(take.name, made_of)}
    return out | {"heard": share, "records_lost": lost, "records_unplaced": unplaced, "coverage": coverage}


def _exact(took: Taken, take: Take) -> dict[str, Ratio]:
    city, term = took.made.city, take.term
    if term.kind == "moments":
        return parts.moments(city, term, take.name, "t")
    return {} if term.kind == "rows" else {take.name: parts.exact(city, term, "t")}


def _text(over: int | None, under: int | None) -> str | None:
    """An exact number: as a decimal where it has an end, else as a fraction and what it comes to."""
    if over is None or not under:
        return None
    exact = Fraction(over, under)
    rest, digits = exact.denominator, 0
    while rest % 10 == 0 or rest % 5 == 0 or rest % 2 == 0:
        rest, digits = rest // (10 if rest % 10 == 0 else 5 if rest % 5 == 0 else 2), digits + 1
    if rest == 1:
        scaled = exact.numerator * 10**digits // exact.denominator
        text = f"{abs(scaled):0{digits + 1}d}"
        return ("-" if scaled < 0 else "") + (f"{text[:-digits]}.{text[-digits:]}" if digits else text)
    return f"{exact.numerator}/{exact.denominator} = {float(exact)!r}"


def _deliveries(took: Taken, used: Counter[str], k: int, *, shows: bool) -> list[dict[str, Any]]:
    """The deliveries that records are of, with their files; how many of each count."""
    vintage = took.made.vintage
    shown = masking.parts(used, k)
    out = []
    for delivery in sorted(used, key=lambda one: (-used[one], one)) if shows else sorted(used):
        row = vintage.deliveries[delivery]
        at = row["delivered_at"].astimezone(vintage.city.zone).isoformat(timespec="minutes")
        out.append({
            "source": row["source"], "delivery_id": delivery, "file": row["file"], "sha256": row["sha256"],
            "delivered_at": at, "night": row["biz_date"].isoformat(), "used": shown[delivery] if shows else None,
        })  # fmt: skip
    return out


def _top(by: Counter[str], k: int) -> list[dict[str, Any]]:
    """The reporters whose records count most."""
    shown = masking.parts(by, k)
    return [{"reporter": name, "used": shown[name]} for name, count in by.most_common(TOP) if shown[name] is not None]


def rows(took: Taken, stopped: Stopped) -> tuple[pa.Table, list[str]]:
    """Every record that counts and every one here that does not; and of which terms they are not shown."""
    schema = pa.schema(list(ROWS.items()))
    found, notes = [schema.empty_table()], []
    for take in (one for one in took.takes if one.is_own):
        k = masking.threshold(took.made.vintage.city, take.table.key_id)
        if k and take.term.kind not in COUNTED:
            notes.append(
                f"{take.name}: its rows are not shown: they name persons, and release says nothing of their count"
            )
            continue
        days = [day for day in took.days(take) if (take.table.key_id, day) not in stopped]
        if unused.is_counted_only(took, take, days):
            notes.append(f"{take.name}: claims that others beat are on more than {MOST_DAYS} days: counted, not listed")
        found.append(_rows(took, take, days, k).cast(schema))
    return pa.concat_tables(found), notes


def _rows(took: Taken, take: Take, days: Sequence[str], k: int) -> pa.Table:
    connection = took.made.connection
    traced.relation(connection, took, take, days)
    lost = unused.lost_rows(took, take, days)
    of = take.table.columns.get(take.term.of or "")
    said = f"{quoted(take.term.of or '')}::VARCHAR" if of and of.personal is None else "NULL"
    shown = f"_delivery_id, _record, _g_day::VARCHAR AS day, _g_level AS level, _g_place_id AS place, {said} AS said"
    queries = [f"SELECT _why AS why, {shown} FROM ({traced.rows(took, take)})"]
    queries += [f"SELECT _part || ': ' || _reason AS why, {shown} FROM ({lost})"] if lost else []
    rejected = unused.rejected_rows(took, take, days, unused.deliveries(took, take, days))
    if rejected is not None and rejected.num_rows:
        near = pa.array([one == HERE for one in unused.nearness(took, take, rejected)])
        connection.register("rejected", rejected.filter(near))
        queries.append("SELECT 'rejected: ' || rules, _delivery_id, _record, NULL, NULL, NULL, NULL FROM rejected")
    registered = took.made.vintage.deliveries.values()
    about = {name: [row[name] for row in registered] for name in ("delivery_id", "source", "file")}
    connection.register("registered", pa.table({name: pa.array(texts, pa.string()) for name, texts in about.items()}))
    hidden = "" if not k else f"QUALIFY why = '' AND count(*) OVER (PARTITION BY _delivery_id, why) >= {k}"
    plain = ", ".join(f"NULL AS {name}" if k else name for name in ("day", "level", "place", "said"))
    return engine.table(
        connection,
        f"""
        SELECT {literal(take.name)} AS term, why, d.source, d.file, _delivery_id AS delivery_id, _record AS record,
            {plain}
        FROM (SELECT * FROM ({" UNION ALL ".join(queries)}) {hidden}) AS r
        LEFT JOIN registered AS d ON d.delivery_id = r._delivery_id
        ORDER BY why <> '', why, d.source, d.file, record""",
    )
