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
    new = work_days.since(ledger, biz_date)
    taken = ledger.rows("ingests", f"{new} AND outcome = 'ingested'")
    migrated = ledger.rows("migrated", f"after >= DATE '{work_days.last_done(ledger, biz_date)}'")
    if not taken and not migrated:
        return {}
    order = order_of(ledger)
    said: dict[tuple[str, str], dict[str, dict[str, str]]] = defaultdict(lambda: defaultdict(dict))
    for row in ledger.rows("delivery_dates"):
        if row["delivery_id"] in order:
            said[(row["table"], row["source"])][row["delivery_id"]][row["day"]] = row["digest"]
    touched: dict[str, set[str]] = defaultdict(set)
    for row in migrated:
        touched[row["table"]].add(row["day"])
    for row in taken:
        source = city.sources.get(row["source"])
        for key in source.into if source else ():
            mode = city.sources[row["source"]].delivery
            touched[key] |= _changed(mode, order, said[(key, row["source"])], row["delivery_id"])
    return {key: sorted(found) for key, found in sorted(touched.items()) if found and key in city.tables}


def spoken(city: City, ledger: Ledger, biz_date: date) -> dict[str, set[str]]:
    """The days of each table of which deliveries taken since the last complete night say anything, new or not."""
    taken = {row["delivery_id"] for row in ledger.rows("ingests", work_days.since(ledger, biz_date))}
    found: dict[str, set[str]] = defaultdict(set)
    for row in ledger.rows("delivery_dates") if taken else ():
        if row["delivery_id"] in taken and row["table"] in city.tables:
            found[row["table"]].add(row["day"])
    return found


def _changed(mode: str, order: Order, said: Mapping[str, Mapping[str, str]], delivery: str) -> set[str]:
    """The days of which a delivery says something else than what it replaces; of replayed records, all of theirs."""
    if order[delivery]["replays"]:
        return set(said.get(delivery, {}))
    before, now = _before(mode, order, said, delivery), said.get(delivery, {})
    spoken = set(now) | (set(before) if mode == "snapshot" else set())
    return {day for day in spoken if now.get(day) != before.get(day)}


def _before(mode: str, order: Order, said: Mapping[str, Mapping[str, str]], delivery: str) -> Mapping[str, str]:
    """What the delivery that this one replaces said; nothing for one that only adds."""
    if mode == "append":
        return {}
    mine = order[delivery]
    earlier = sorted((d for d in said if order[d]["rank"] < mine["rank"]), key=lambda d: int(order[d]["rank"]))
    if mode == "snapshot":
        same = [d for d in earlier if order[d]["scope"] == mine["scope"] and not order[d]["replays"]]
        return _amended(order, said, same[-1]) if same else {}
    latest: dict[str, str] = {}
    for one in earlier:
        latest |= said[one]
    return latest


def _amended(order: Order, said: Mapping[str, Mapping[str, str]], delivery: str) -> Mapping[str, str]:
    """What a snapshot says with the records of it that came back corrected: digests are sums over rows."""
    out = dict(said[delivery])
    for one in (d for d in said if order[d]["replays"] == delivery):
        for day, digest in said[one].items():
            out[day] = str(int(out.get(day, "0")) + int(digest))
    return out


def counting(city: City, ledger: Ledger) -> set[tuple[str, str]]:
    """(table, delivery) of every claim that counts."""
    order = order_of(ledger)
    return {(key, delivery) for key in city.tables for delivery, _ in effective(city, ledger, key, order)}


def effective(city: City, ledger: Ledger, key: str, known: Order | None = None) -> list[tuple[str, int]]:
    """The deliveries whose claims on a table count, each with its order: among claims on one key the highest wins.

    A restating delivery overrides earlier ones, one that only adds yields to them, a snapshot replaces those of its
    scope. Records that came back corrected count with the delivery that they were rejected from.
    """
    order = known if known is not None else order_of(ledger)
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
            out.append((delivery, row["rank"] if source.delivery == "restating" else -row["rank"]))
    kept = [delivery for one in newest.values() for delivery in (one, *amending[one])]
    return out + [(delivery, order[delivery]["rank"]) for delivery in kept]


def repeated(city: City, ledger: Ledger, key: str, order: Order) -> dict[tuple[str, str], tuple[str, ...]]:
    """(delivery, day) of a table where it says what its source had said before: to the deliveries that said it first.

    Such a delivery touches nothing there and is not settled there, so that a day is the same in whatever order its
    deliveries came in. Those that said it first are more than one where records came back corrected.
    """
    said: dict[str, dict[str, dict[str, str]]] = defaultdict(lambda: defaultdict(dict))
    for row in ledger.rows("delivery_dates", f"\"table\" = '{key}'"):
        if row["delivery_id"] in order:
            said[row["source"]][row["delivery_id"]][row["day"]] = row["digest"]
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for source in city.feeding(key):
        days = said[source.name]
        ranked = sorted(days, key=lambda delivery: int(order[delivery]["rank"]))
        if source.delivery == "restating":
            _restated(order, days, ranked, found)
        elif source.delivery == "snapshot":
            _retaken(order, days, ranked, found)
    return found


def _restated(
    order: Order, said: Mapping[str, Mapping[str, str]], ranked: Iterable[str],
    found: dict[tuple[str, str], tuple[str, ...]],
) -> None:  # fmt: skip
    """Of deliveries that override earlier ones: nothing of a repeated day need be asked of anybody else."""
    latest: dict[str, str] = {}
    for delivery in ranked:
        if not order[delivery]["replays"]:
            found |= {(delivery, day): () for day, digest in said[delivery].items() if latest.get(day) == digest}
        latest |= said[delivery]


def _retaken(
    order: Order, said: Mapping[str, Mapping[str, str]], ranked: Sequence[str],
    found: dict[tuple[str, str], tuple[str, ...]],
) -> None:  # fmt: skip
    """Of snapshots: an earlier one of the same scope speaks for the day, with what came back corrected of it."""
    amending: dict[str, list[str]] = defaultdict(list)
    for delivery in (one for one in ranked if order[one]["replays"]):
        amending[order[delivery]["replays"]].append(delivery)
    newest: dict[str, tuple[str, Mapping[str, str]]] = {}
    for delivery in (one for one in ranked if not order[one]["replays"]):
        now, scope = _amended(order, said, delivery), str(order[delivery]["scope"])
        before, then = newest.get(scope, ("", {}))
        for day in (day for day, digest in now.items() if then.get(day) == digest):
            first = (before, *(one for one in amending[before] if day in said[one]))
            found |= {(one, day): () for one in amending[delivery]}
            found[(delivery, day)] = found.get((before, day), first)
        newest[scope] = (delivery, now)


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
