"""Accounts: of every record offered to a table, what became of it. They balance, or the step ends.

A delivery offers a table its records (after unpivot): each is accepted, superseded, a duplicate, rejected or out of
scope. What bronze rejects or leaves out is counted when it is read, against a count of the records themselves; the rest
(`claimed`) when silver settles it, and again whenever a later delivery changes that.
"""

from collections import Counter
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import pyarrow as pa

from jobs.core.errors import CriticalFailure
from jobs.core.ledger import Ledger

OFFERED, CLAIMED = "offered", "claimed"
READ = (CLAIMED, "rejected", "out_of_scope")
INGESTED = (OFFERED, *READ, "flagged")
"""What a delivery says of itself, before it is settled with others."""
SETTLED = ("accepted", "duplicate", "superseded")
UNSETTLED = {True: ("duplicate", "unchanged_day"), False: ("superseded", "later_snapshot")}
"""Part and reason of claims that were not settled with their day, by whether they say what was said before."""
Row = Mapping[str, Any]
Repeated = Callable[[str], Container[tuple[str, str]]]
"""A table's key to (delivery, day) of those that say there what was said before."""


def check_offered(accounts: Sequence[Row], dates: Sequence[Row]) -> None:
    """Every record offered is claimed, rejected or out of scope, and what is claimed has a day.

    Raises CriticalFailure.
    """
    offered, read, claimed, dated = (Counter[tuple[str, str]]() for _ in range(4))
    for row in accounts:
        of = (row["delivery_id"], row["table"])
        offered[of] += row["rows"] * (row["part"] == OFFERED)
        read[of] += row["rows"] * (row["part"] in READ)
        claimed[of] += row["rows"] * (row["part"] == CLAIMED)
    for row in dates:
        dated[row["delivery_id"], row["table"]] += row["rows"]
    for of in sorted({*offered, *read, *dated}):
        _equal("bronze", of, ("offered", offered[of]), ("claimed, rejected or out of scope", read[of]))
        _equal("bronze", of, ("claimed", claimed[of]), ("dated", dated[of]))


def settle(ledger: Ledger, biz_date: date, made: Sequence[str], repeated: Repeated) -> None:
    """Write what became of the claims on the tables made tonight, or told of. Raises CriticalFailure.

    On every day of a table, every claim of a delivery that was settled there has a part, and the accepted are the rows
    of the day. A delivery that says of a day what was said before (`repeated`, by table) has not touched it: its claims
    are duplicates. Another that was not settled with its day had been replaced by a later snapshot: superseded.
    """
    told = {row["table"] for row in ledger.rows("accounts", f"biz_date = DATE '{biz_date}' AND part = '{OFFERED}'")}
    if not (tables := sorted({*made, *told})):
        return
    listed = ", ".join(f"'{key}'" for key in tables)
    same = {key: repeated(key) for key in tables}
    found = spoken(ledger, biz_date, tables)
    now: dict[tuple[str, str, str], Counter[tuple[str, str]]] = {}
    for row in found:
        of = (row["delivery_id"], row["table"])
        if row["settled"] is not None:
            _equal(f"silver, day {row['day']}", of, ("claimed", row["rows"]), ("settled", row["settled"]))
        parts = now.setdefault((*of, row["source"]), Counter())
        parts.update({(one["part"], one["reason"]): one["rows"] for one in row["parts"] or ()})
        if row["settled"] is None:
            parts[UNSETTLED[(row["delivery_id"], row["day"]) in same[row["table"]]]] += row["rows"]
    for row in ledger.query(MADE.format(tables=listed, night=biz_date), *USED):
        _equal(f"silver, day {row['day']}", (row["table"],), ("accepted", row["accepted"]), ("rows", row["rows"]))
    before = _before(ledger, biz_date, listed)
    changed = [row for of, parts in sorted(now.items()) if before.get(of[:2]) != parts for row in _rows(of, parts)]
    ledger.put("accounts", [{"biz_date": biz_date, **row} for row in changed], biz_date=[biz_date], part=SETTLED)


def spoken(ledger: Ledger, night: date, tables: Sequence[str]) -> list[dict[str, Any]]:
    """Of each delivery and day of some tables that it speaks of: what of it was settled with the day, if it was."""
    listed = ", ".join(f"'{key}'" for key in tables)
    return ledger.query(SPOKEN.format(tables=listed, night=night), *USED)


def of_deliveries(ledger: Ledger, source: str | None = None, table: str | None = None) -> pa.Table:
    """The newest account of each delivery and table, a row a table: how many records of each part, and why."""
    asked = [f"{name} = '{word}'" for name, word in (("n.source", source), ('n."table"', table)) if word]
    rows = ledger.query(NEWEST.format(where=" AND ".join(asked) or "true"), "accounts", "deliveries")
    return pa.Table.from_pylist(rows, schema=pa.schema(SHOWN))


def _before(ledger: Ledger, biz_date: date, listed: str) -> dict[tuple[str, str], Counter[tuple[str, str]]]:
    """What earlier nights wrote last of each delivery and table."""
    rows = ledger.query(
        f"""SELECT * FROM accounts WHERE "table" IN ({listed}) AND biz_date < DATE '{biz_date}' AND part IN {SETTLED}
        QUALIFY biz_date = max(biz_date) OVER (PARTITION BY delivery_id, "table")""",
        "accounts",
    )
    out: dict[tuple[str, str], Counter[tuple[str, str]]] = {}
    for row in rows:
        out.setdefault((row["delivery_id"], row["table"]), Counter())[row["part"], row["reason"]] += row["rows"]
    return out


def _rows(of: tuple[str, str, str], parts: Counter[tuple[str, str]]) -> Iterator[dict[str, Any]]:
    delivery, table, source = of
    for (part, reason), rows in sorted(parts.items()):
        yield {"delivery_id": delivery, "source": source, "table": table, "part": part, "reason": reason, "rows": rows}


def _equal(where: str, of: Sequence[str], first: tuple[str, int], second: tuple[str, int]) -> None:
    if first[1] != second[1]:
        raise CriticalFailure(
            f"{where}: accounts of {' into '.join(of)} do not balance: {first[1]} {first[0]}, {second[1]} {second[0]}"
        )


USED = ("delivery_dates", "settled", "table_days")
SETTLED_LAST = """
    days AS (
        SELECT "table", day, biz_date, rows FROM table_days WHERE "table" IN ({tables}) AND biz_date <= DATE '{night}'
        QUALIFY row_number() OVER (PARTITION BY "table", day ORDER BY biz_date DESC) = 1),
    last AS (SELECT s.* FROM settled AS s JOIN days AS d USING ("table", day, biz_date))"""
SPOKEN = f"""
    WITH {SETTLED_LAST},
    parts AS (
        SELECT "table", day, delivery_id, sum(rows)::BIGINT AS settled,
            list(struct_pack(part := part, reason := reason, rows := rows) ORDER BY part, reason) AS parts
        FROM last GROUP BY ALL)
    SELECT s.delivery_id, s.source, s."table", s.day, s.rows, p.settled, p.parts
    FROM delivery_dates AS s LEFT JOIN parts AS p USING ("table", day, delivery_id)
    WHERE s."table" IN ({{tables}}) ORDER BY ALL"""
MADE = f"""
    WITH {SETTLED_LAST}
    SELECT d."table", d.day, d.rows, coalesce(sum(l.rows) FILTER (WHERE l.part = 'accepted'), 0)::BIGINT AS accepted
    FROM days AS d LEFT JOIN last AS l USING ("table", day) WHERE d.biz_date = DATE '{{night}}' GROUP BY ALL"""
PARTS = ("accepted", "superseded", "duplicate", "rejected", "out_of_scope")
SHOWN = [("source", pa.string()), ("file", pa.string()), ("delivery_id", pa.string()), ("table", pa.string()),
         *((name, pa.int64()) for name in (OFFERED, *PARTS)), ("reasons", pa.string())]  # fmt: skip
COUNTED = ", ".join(
    f"coalesce(sum(n.rows) FILTER (WHERE n.part = '{part}'), 0)::BIGINT AS {part}" for part in (OFFERED, *PARTS)
)
NEWEST = f"""
    WITH newest AS (
        SELECT * FROM accounts QUALIFY part NOT IN {SETTLED}
            OR biz_date = max(biz_date) FILTER (WHERE part IN {SETTLED}) OVER (PARTITION BY delivery_id, "table"))
    SELECT n.source, d.file, n.delivery_id, n."table",
        {COUNTED},
        string_agg(n.part || ' ' || n.reason || ': ' || n.rows, '; ' ORDER BY n.part, n.reason)
            FILTER (WHERE n.reason <> '' AND n.part IN {PARTS}) AS reasons
    FROM newest AS n JOIN deliveries AS d USING (delivery_id) WHERE NOT d.is_repeat AND ({{where}})
    GROUP BY ALL ORDER BY n.source, min(d.delivered_at), d.file, n.delivery_id, n."table"
"""
