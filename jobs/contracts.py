"""Contracts as the lake knows them: what may change by itself, and what only a migration may change.

`ops.contracts` keeps of each table the contract its claims and rows were made by. A new column and other words are
followed by the night: days that are not made again keep the column empty. A column that is gone or has another name,
another type or unit, and another key, date or kind mean that old rows and new ones would say different things, and
keys that are hashed otherwise (`jobs.core.engine.hashing`) that the same key would not be found again: the night ends
before it has touched anything, until the contract is put back or `citypulse migrate` has made the table anew.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jobs.core import engine
from jobs.core.errors import Problem
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger
from jobs.settle import columns
from schemas import City, Table
from schemas.table import EVENT_TIME

Said = Mapping[str, Any]
BEGUN = ""
"""What is kept while a migration is at work: one that was killed has left a table that is neither."""
SHOWN = 3


@dataclass(frozen=True)
class Change:
    """How a contract differs from the one a table was made by."""

    table: str
    refused: tuple[str, ...]
    """What only a migration may change, in words."""
    added: tuple[str, ...]
    """New stored columns, empty on days that were made before; those of earlier nights too."""


def said(table: Table) -> dict[str, Any]:
    """What of a contract decides what its rows mean."""
    key: Any = table.key if isinstance(table.key, str) else list(table.key)
    named = {name: {"type": one.type, "unit": one.unit} for name, one in table.columns.items()}
    found = {"kind": table.kind, "key": key, "date": table.date, "columns": named}
    return found if key == "whole_record" else found | {"hashing": engine.hashing()}


def text(table: Table) -> str:
    """The same as text."""
    return json.dumps(said(table), ensure_ascii=False)


def follow(city: City, lake: Lake, ledger: Ledger) -> dict[str, str]:
    """Keep what changed safely, and say it. Raises Problem for what only a migration may change."""
    found = changes(city, lake, ledger)
    wrong = [f"{one.table}: {'; '.join(one.refused)}" for one in found if one.refused]
    if wrong:
        more = [f"{len(wrong) - SHOWN} tables more"] if wrong[SHOWN:] else []
        listed = "; ".join([*wrong[:SHOWN], *more])
        raise Problem(f"{listed}; put it back, or see `citypulse migrate --city {city.id}`")
    known = {row["table"]: row for row in ledger.rows("contracts")}
    rows = [
        {"table": one.table, "contract": text(city.tables[one.table]), "unfilled": ",".join(one.added)} for one in found
    ]
    new = [row for row in rows if row != known.get(row["table"])]
    if new:
        ledger.put("contracts", new, table=[row["table"] for row in new])
    fresh = [f"{row['table']} has {row['unfilled'].replace(',', ', ')}" for row in new if row["unfilled"]]
    return {"new columns, empty on days made before:": "; ".join(fresh)} if fresh else {}


def changes(city: City, lake: Lake, ledger: Ledger) -> list[Change]:
    """Every table that the lake holds, with how its contract differs from the one it was made by."""
    known = {row["table"]: row for row in ledger.rows("contracts")}
    out = []
    for key, table in city.tables.items():
        row = known.get(key)
        if row is None and not lake.exists(f"claims.{table.name}"):
            continue
        if row is not None and row["contract"] == BEGUN:
            out.append(Change(key, ("a migration was begun and is not finished",), ()))
            continue
        before = json.loads(row["contract"]) if row is not None else _as_it_stands(city, lake, table)
        earlier = row["unfilled"].split(",") if row is not None and row["unfilled"] else []
        added = [name for name in table.columns if name not in before["columns"]]
        new = [one for name in added for one in _stored(table, name)]
        kept = [name for name in earlier if name in table.stored]
        out.append(Change(key, tuple(_refused(before, said(table))), tuple(dict.fromkeys([*kept, *new]))))
    return out


def unfilled(ledger: Ledger) -> dict[str, tuple[str, ...]]:
    """By table: the columns that days made before they were added do not have."""
    return {row["table"]: tuple(row["unfilled"].split(",")) for row in ledger.rows("contracts") if row["unfilled"]}


def _refused(before: Said, now: Said) -> list[str]:
    """What old rows and new ones would not have in common."""
    out = [
        f"{name} was {_text(before[name])}, is {_text(now[name])}" for name in ("kind", "key", "date")
        if before[name] is not None and before[name] != now[name]
    ]  # fmt: skip
    if before["key"] == now["key"] and before.get("hashing") != now.get("hashing"):
        out.append("keys were hashed by another version of the row engine")
    gone = [name for name in before["columns"] if name not in now["columns"]]
    added = [name for name in now["columns"] if name not in before["columns"]]
    if gone:
        renamed = f" (new: {', '.join(added)}; a renamed column is both)" if added else ""
        out.append(f"column {', '.join(gone)} is gone{renamed}")
    for name, was in before["columns"].items():
        one = now["columns"].get(name, was)
        out += [
            f"{what} of {name} was {was[what] or 'none'}, is {one[what] or 'none'}" for what in ("type", "unit")
            if was[what] != one[what]
        ]  # fmt: skip
    return out


def _as_it_stands(city: City, lake: Lake, table: Table) -> dict[str, Any]:
    """The contract of a table that is older than `ops.contracts`: its columns and types; the rest is taken as it is."""
    key = table.key_id if lake.exists(table.key_id) else f"claims.{table.name}"
    there = lake.columns(key)
    now = said(table)
    named = dict(now["columns"])
    for name in table.columns:
        stored = {one: table.stored[one] for one in _stored(table, name)}
        if not set(stored) <= set(there):
            del named[name]
        elif any(there[one] != kind for one, kind in stored.items()):
            named[name] = named[name] | {"type": ", ".join(there[one] for one in stored)}
    technical = columns(city, table).keys()
    gone = [one for one in there if one not in technical and not one.startswith(("_", "place_"))]
    return now | {"columns": named | {name: {"type": there[name], "unit": None} for name in gone}}


def _stored(table: Table, name: str) -> list[str]:
    return [f"{name}_{part}" for part in EVENT_TIME] if table.is_time(name) else [name]


def _text(value: str | Sequence[str]) -> str:
    return value if isinstance(value, str) else ", ".join(value)
