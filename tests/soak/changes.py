"""Nights of corrections: silver against a plain model, accounts against the files, all of it against a rebuild."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from jobs import accounts, landing
from jobs.core import engine
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger
from schemas import City, load_city
from tests import inline
from tests.soak.world import COLUMNS, FIRST, Delivery, Model, World

CITY, CONF = "mini", Path(__file__).parent / "conf"
SAID = ("value", "coverage", "low", "high", "n_records", "definition_version")
KEY = ("indicator", "level", "place", "period_kind", "period", "segment")


@dataclass
class Found:
    """What was compared, and every difference."""

    nights: int = 0
    deliveries: int = 0
    rows: int = 0
    values: int = 0
    wrong: list[str] = field(default_factory=list)


@contextmanager
def declared(to: Path) -> Iterator[City]:
    """The invented city, as long as the context lasts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CITYPULSE_CONF", str(CONF))
        patch.setenv("CITYPULSE_KEYS", str(to / "keys"))
        yield load_city(CITY)


def run(to: Path, nights: int, seed: int, found: Found) -> None:
    """One run of nights, each with a change-set of its own; then the same deliveries in one night and in order."""
    world, landed = World(Random(seed)), list[Delivery]()
    with declared(to) as city:
        lake = Lake(to / "lake", CITY)
        for night in range(1, nights + 1):
            sent = (world.first() if night == 1 else []) + world.night(night)
            for at, one in enumerate(sent):
                land(city, lake, one, to / "in" / f"{night}-{at}")
            landed += sent
            inline.night(city, lake, day(night))
            check(lake, landed, found, f"seed {seed} night {night}")
        before = digests(lake)
        inline.night(city, lake, day(nights))
        found.wrong += [f"seed {seed}: run again, {key} is another" for key in differ(before, digests(lake))]
        rebuilt(city, lake, to, nights, seed, found)


def land(city: City, lake: Lake, one: Delivery, folder: Path) -> None:
    """One delivery into landing."""
    path = folder / one.file
    path.parent.mkdir(parents=True)
    path.write_text(one.text, "utf-8")
    landing.land(city, lake, folder, one.at)


def day(night: int) -> date:
    """The business date of a night: what is sent after midnight belongs to the day before."""
    return FIRST + timedelta(days=night - 1)


def check(lake: Lake, landed: Sequence[Delivery], found: Found, where: str) -> None:
    """Every silver table is what the model says, and every account what its file holds."""
    model = Model(landed)
    found.nights += 1
    for name, columns in COLUMNS.items():
        rows = rows_of(lake, f"silver.{name}", columns)
        found.rows += len(rows)
        if rows != model.table(name):
            off = [row for row in rows if row not in model.table(name)], [r for r in model.table(name) if r not in rows]
            found.wrong.append(f"{where}: silver.{name}: {off[0][:2]} instead of {off[1][:2]}")
    for row in accounts.of_deliveries(Ledger(lake)).to_pylist():
        found.deliveries += 1
        parts = sum(row[part] for part in accounts.PARTS)
        if row["offered"] != model.offered[row["file"]] or parts != row["offered"]:
            found.wrong.append(f"{where}: account of {row['file']}: {row}, offered {model.offered[row['file']]}")


def rows_of(lake: Lake, key: str, columns: tuple[str, ...]) -> list[tuple[object, ...]]:
    """A table's rows as plain values, in an order of their own."""
    if not lake.exists(key):
        return []
    rows = lake.arrow(key, columns).to_pylist()
    return sorted((tuple(row[name] for name in columns) for row in rows), key=repr)


def rebuilt(city: City, lake: Lake, to: Path, nights: int, seed: int, found: Found) -> None:
    """A new lake from the same landing in one night, and one in all its nights."""
    said = newest(lake)
    found.values += len(said)
    once = Lake(to / "once", CITY)
    landing.land(city, once, lake.folder("landing"), landing.delivered_at(str(FIRST), city))
    inline.night(city, once, day(nights))
    again = newest(once)
    lost = {key for key in said if said[key] != again.get(key)} | (again.keys() - said.keys())
    found.wrong += [f"seed {seed}: {key} is {said.get(key)}, rebuilt {again.get(key)}" for key in sorted(lost)[:5]]
    replayed = Lake(to / "replayed", CITY)
    landing.land(city, replayed, lake.folder("landing"), landing.delivered_at(str(FIRST), city))
    for night in range(1, nights + 1):
        inline.night(city, replayed, day(night))
    now = digests(replayed)
    found.wrong += [f"seed {seed}: replayed, {key} is another" for key in differ(digests(lake), now)]


def newest(lake: Lake) -> dict[tuple[str, ...], Any]:
    """Every newest value and its trust."""
    rows = lake.arrow("indicators.current").to_pylist()
    return {tuple(row[name] for name in KEY): tuple(row[name] for name in SAID) for row in rows}


def digests(lake: Lake, without: Collection[str] = ()) -> dict[str, str]:
    """The content of every table that is a function of what was delivered, whatever its files; not some columns."""
    out = {}
    with engine.cursor() as connection:
        for layer in ("silver", "fused"):
            for key in lake.keys(layer):
                connection.register("rows", lake.delta(key).to_pyarrow_dataset())
                names = [f'"{name}"' for name, *_ in connection.sql("DESCRIBE rows").fetchall() if name not in without]
                digest = engine.digest_of(engine.row_text(names))
                out[key] = str(connection.sql(f"SELECT count(*), {digest} FROM rows").fetchall())
    return out | {"values": str(hash(frozenset(newest(lake).items())))}


def differ(one: dict[str, str], other: dict[str, str]) -> list[str]:
    """The tables that are not the same."""
    return sorted(key for key in one.keys() | other.keys() if one.get(key) != other.get(key))
