"""Which days a night touches, and which deliveries count.

A delivery touches a day only where its rows differ from what the delivery it replaces says of that day; both are told
by `ops.delivery_dates`.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from jobs import work_days
from jobs.core.ledger import Ledger
from schemas import City

Order = Mapping[str, Mapping[str, Any]]
Words = Mapping[str, Mapping[str, str]]
"""Delivery to day to the digest of what it says of that day."""


def days(city: City, ledger: Ledger, biz_date: date) -> dict[str, list[str]]:
    """The days of each table that the nights since the last complete one change.

    Those that deliveries tell, those from or to which they moved records (`silver` has noted them), and those of which
    another table says something else that a rule compares with them.
    """
    touched = {key: set(listed) for key, listed in told(city, ledger, biz_date).items()}
    for row in ledger.rows("moved", work_days.since(ledger, biz_date)):
        touched.setdefault(row["table"], set()).add(row["day"])
    compared = {key: found for key, others in city.compared.items() if (found := _of(touched, others))}
    for row in work_days.made(ledger, biz_date) if compared else ():
        if row["day"] in compared.get(row["table"], ()):
            touched.setdefault(row["table"], set()).add(row["day"])
    return {key: sorted(found) for key, found in sorted(touched.items())}


def _of(touched: Mapping[str, set[str]], keys: Iterable[str]) -> set[str]:
    return {day for key in keys for day in touched.get(key, ())}


def told(city: City, ledger: Ledger, biz_date: date) -> dict[str, list[str]]:
    """The days of each table that deliveries taken since the last complete night really change, or a migration."""
    touched: dict[str, set[str]] = defaultdict(set)
    for row in ledger.rows("migrated", f"after >= DATE '{work_days.last_done(ledger, biz_date)}'"):
        touched[row["table"]].add(row["day"])
    for key, day, _ in heard(city, ledger, biz_date):
        touched[key].add(day)
    return {key: sorted(found) for key, found in sorted(touched.items()) if key in city.tables}


def heard(city: City, ledger: Ledger, biz_date: date) -> set[tuple[str, str, str]]:
    """(table, day, source): who says something else of which days, by deliveries since the last complete night."""
    taken = ledger.rows("ingests", f"{work_days.since(ledger, biz_date)} AND outcome = 'ingested'")
    order = order_of(ledger) if taken else {}
    said = words(city, ledger, order) if taken else {}
    found = set()
    for row in taken:
        source = city.sources.get(row["source"])
        for key in source.into if source else ():
            mode = city.sources[row["source"]].delivery
            days = _changed(mode, order, said[key, row["source"]], row["delivery_id"])
            found |= {(key, day, row["source"]) for day in days}
    return found


def words(city: City, ledger: Ledger, order: Order) -> Mapping[tuple[str, str], Words]:
    """What every delivery says of the days of each table that its source feeds; an empty one says nothing of any."""
    out: dict[tuple[str, str], dict[str, dict[str, str]]] = defaultdict(dict)
    for delivery, row in order.items():
        source = city.sources.get(row["source"])
        for key in source.into if source else ():
            out[key, row["source"]][delivery] = {}
    for row in ledger.rows("delivery_dates"):
        if row["delivery_id"] in (of := out.get((row["table"], row["source"]), {})):
            of[row["delivery_id"]][row["day"]] = row["digest"]
    return out


def _changed(mode: str, order: Order, said: Words, delivery: str) -> set[str]:
    """The days of which a delivery says something else than what it replaces; of replayed records, all of theirs."""
    if order[delivery]["replays"]:
        return set(said.get(delivery, {}))
    before, now = _before(mode, order, said, delivery), said.get(delivery, {})
    spoken = set(now) | (set(before) if mode == "snapshot" else set())
    return {day for day in spoken if now.get(day) != before.get(day)}


def _before(mode: str, order: Order, said: Words, delivery: str) -> Mapping[str, str]:
    """What the delivery that this one replaces said; nothing for one that only adds."""
    if mode == "append":
        return {}
    mine = order[delivery]
    earlier = sorted((d for d in said if order[d]["rank"] < mine["rank"]), key=lambda d: int(order[d]["rank"]))
    if mode == "snapshot":
        same = [d for d in earlier if order[d]["scope"] == mine["scope"] and not order[d]["replays"]]
        return _amended(said, same[-1], [d for d in said if order[d]["replays"] == same[-1]]) if same else {}
    latest: dict[str, str] = {}
    for one in earlier:
        latest |= said[one]
    return latest


def _amended(said: Words, delivery: str, amendments: Iterable[str]) -> Mapping[str, str]:
    """What a snapshot says with the records of it that came back corrected: digests are sums over rows."""
    out = dict(said[delivery])
    for one in amendments:
        for day, digest in said[one].items():
            out[day] = str(int(out.get(day, "0")) + int(digest))
    return out


def counting(city: City, ledger: Ledger) -> set[tuple[str, str]]:
    """(table, delivery) of every claim that counts."""
    mine = by_table(city, order_of(ledger))
    return {(key, delivery) for key, order in mine.items() for delivery, _ in effective(city, key, order)}


def by_table(city: City, order: Order) -> dict[str, Order]:
    """Of each table, the deliveries of the sources that feed it."""
    of: dict[str, dict[str, Mapping[str, Any]]] = defaultdict(dict)
    for delivery, row in order.items():
        of[row["source"]][delivery] = row
    return {key: {d: row for one in city.feeding(key) for d, row in of[one.name].items()} for key in city.tables}


def effective(city: City, key: str, order: Order) -> list[tuple[str, int]]:
    """The deliveries whose claims on a table count, each with its order: among claims on one key the highest wins.

    A restating delivery overrides earlier ones, one that only adds yields to them, a snapshot replaces those of its
    scope. Records that came back corrected count with the delivery that they were rejected from.
    """
    ranks = ranked(city, order)
    newest: dict[tuple[str, str], str] = {}
    amending: dict[str, list[str]] = defaultdict(list)
    out = []
    for delivery, row in sorted(order.items(), key=lambda item: int(item[1]["rank"])):
        source = city.sources.get(row["source"])
        if source is None or key not in source.into:
            continue
        if source.delivery == "snapshot" and row["replays"]:
            amending[row["replays"]].append(delivery)
        elif source.delivery == "snapshot":
            newest[(source.name, row["scope"])] = delivery
        else:
            out.append(delivery)
    out += [delivery for one in newest.values() for delivery in (one, *amending[one])]
    return [(delivery, ranks[delivery]) for delivery in out]


def ranked(city: City, order: Order) -> dict[str, int]:
    """The order in which deliveries win: of sources that only add, those that came first."""
    ranks = {delivery: int(row["rank"]) for delivery, row in order.items() if row["source"] in city.sources}
    adding = {name for name, source in city.sources.items() if source.delivery == "append"}
    return {delivery: -rank if order[delivery]["source"] in adding else rank for delivery, rank in ranks.items()}


def repeated(
    city: City, key: str, order: Order, said: Mapping[tuple[str, str], Words]
) -> dict[tuple[str, str], tuple[str, ...]]:
    """(delivery, day) of a table where it says what its source had said before: to those that speak in its place.

    Such a delivery touches nothing there and is not settled there, so that a day is the same in whatever order its
    deliveries came in.
    """
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for source in city.feeding(key):
        days = said.get((key, source.name), {})
        ranked = sorted(days, key=lambda delivery: int(order[delivery]["rank"]))
        if source.delivery == "restating":
            found |= _restated(order, days, ranked)
        elif source.delivery == "snapshot":
            found |= _retaken(order, days, ranked)
    return found


def _restated(order: Order, said: Words, ranked: Sequence[str]) -> dict[tuple[str, str], tuple[str, ...]]:
    """Of deliveries that override earlier ones: those speak for the day anyway."""
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    latest: dict[str, str] = {}
    for delivery in ranked:
        if not order[delivery]["replays"]:
            found |= {(delivery, day): () for day, digest in said[delivery].items() if latest.get(day) == digest}
        latest |= said[delivery]
    return found


def _retaken(order: Order, said: Words, ranked: Sequence[str]) -> dict[tuple[str, str], tuple[str, ...]]:
    """Of snapshots, each with what came back corrected of it: the first of its scope that said so speaks again."""
    amending: dict[str, list[str]] = defaultdict(list)
    for delivery in (one for one in ranked if order[one]["replays"]):
        amending[order[delivery]["replays"]].append(delivery)
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    newest: dict[str, dict[str, tuple[str, tuple[str, ...]]]] = {}
    for delivery in (one for one in ranked if not order[one]["replays"]):
        scope, now = str(order[delivery]["scope"]), dict[str, tuple[str, tuple[str, ...]]]()
        before = newest.get(scope, {})
        for day, digest in _amended(said, delivery, amending[delivery]).items():
            speaking = tuple(one for one in (delivery, *amending[delivery]) if day in said[one])
            then, first = before.get(day, ("", ()))
            if then == digest:
                found |= {(one, day): () for one in speaking} | {(speaking[0], day): first}
                speaking = first
            now[day] = (digest, speaking)
        newest[scope] = now
    return found


def order_of(ledger: Ledger) -> Order:
    """Every ingested delivery with its rank: by delivery time, then file, then id.

    Records that came back corrected stand right behind the delivery that they were rejected from: what was delivered
    since then was said later.
    """
    sql = """
        SELECT d.delivery_id, d.source, coalesce(d.scope, '') AS scope, d.replays,
            row_number() OVER (ORDER BY coalesce(o.delivered_at, d.delivered_at), d.file,
                coalesce(d.replays, d.delivery_id), d.replays IS NOT NULL, d.delivered_at, d.delivery_id) AS rank
        FROM deliveries AS d JOIN ingests AS i USING (delivery_id)
        LEFT JOIN (SELECT delivery_id, delivered_at FROM deliveries WHERE NOT is_repeat) AS o
            ON o.delivery_id = d.replays
        WHERE NOT d.is_repeat AND i.outcome = 'ingested'"""
    return {row["delivery_id"]: row for row in ledger.query(sql, "deliveries", "ingests")}
