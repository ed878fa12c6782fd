"""A small invented city whose silver rows tests write themselves, and what its values are, straight from the rows."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from jobs.core.lake import Lake, Layout, arrow_schema
from jobs.core.ledger import Ledger
from jobs.settle import columns
from schemas import City, load_city

ZONE = ZoneInfo("Europe/Berlin")
TABLE = "silver.trips"
BLOCKS = {"b1": "d1", "b2": "d1", "b3": "d2"}
CELLS = ("c1", "c2")
WORDS = {"zh": "试", "en": "test"}
CITY: dict[str, Any] = {
    "name": {"zh": "玩具市", "en": "Toy"},
    "timezone": "Europe/Berlin",
    "first_day": date(2024, 10, 1),
    "hierarchies": [["block", "district", "city"], ["cell", "city"]],
    "levels": {name: {"name": WORDS} for name in ("block", "district", "cell", "city")},
    "departments": {"office": WORDS, "planning_bureau": WORDS},
    "map_level": "district",
    "peak_hours": [[7, 9], [17, 19]],
    "calendar": {"holidays": {"2024-11-01": WORDS}, "working_weekends": [date(2024, 10, 26)]},
}
TRIPS: dict[str, Any] = {
    "description": WORDS,
    "records": "trip",
    "owner": "office",
    "element": "transport",
    "key": ["trip_id"],
    "date": "made",
    "columns": {
        "trip_id": {"type": "string", "required": True, "description": WORDS},
        "made": {"type": "event_time", "required": True, "description": WORDS},
        "amount": {"type": "decimal(8,2)", "unit": "m", "quantity": "flow", "valid_range": [-1000, 1000],
                   "description": WORDS},
        "level": {"type": "decimal(8,2)", "unit": "m", "quantity": "measurement", "valid_range": [-1000, 1000],
                  "description": WORDS},
        "beds": {"type": "int", "unit": "bed", "quantity": "stock", "valid_range": [0, 500], "description": WORDS},
        "weight": {"type": "int", "unit": "kg", "quantity": "flow", "valid_range": [0, 100], "description": WORDS},
        "kind": {"type": "string", "description": WORDS},
        "vehicle": {"type": "string", "unit": "vehicle", "quantity": "identifier", "description": WORDS},
        "closed": {"type": "date", "description": WORDS},
        "to_block": {"type": "string", "description": WORDS},
    },
}  # fmt: skip
SOURCE: dict[str, Any] = {
    "publisher": "nobody",
    "description": WORDS,
    "delivery": "append",
    "licence": "none",
    "department": "office",
    "arrives": {"every": "day", "by": "05:00"},
    "reader": {"format": "csv"},
    "timezone": "Europe/Berlin",
    "datum": "WGS84",
}
Row = dict[str, Any]


@dataclass
class Trip:
    """One row of the table."""

    trip_id: str
    utc: datetime
    amount: Decimal | None
    beds: int
    weight: int
    kind: str
    vehicle: str
    closed: date | None
    block: str | None
    cell: str | None
    to_block: str | None

    @property
    def local(self) -> datetime:
        """The local time."""
        return self.utc.astimezone(ZONE)

    @property
    def day(self) -> date:
        """The local day."""
        return self.local.date()

    def row(self) -> Row:
        """The silver row."""
        local = self.local
        offset = local.utcoffset()
        assert offset is not None
        return {
            "_day": self.day.isoformat(), "trip_id": self.trip_id, "made_utc": self.utc, "made_date": self.day,
            "made_minute": local.hour * 60 + local.minute, "made_offset_min": int(offset.total_seconds()) // 60,
            "amount": self.amount, "level": self.amount, "beds": self.beds, "weight": self.weight, "kind": self.kind,
            "vehicle": self.vehicle, "closed": self.closed, "to_block": self.to_block, "place_level": "block",
            "place_id": self.block, "place_cell": self.cell, "_source": "trips",
        }  # fmt: skip


def city(folder: Path, monkeypatch: pytest.MonkeyPatch, indicators: Mapping[str, Mapping[str, Any]]) -> City:
    """The city with these indicators of its own."""
    base = folder / "cities" / "toy"
    _write(base / "city.yaml", CITY)
    _write(base / "schemas" / "silver" / "trips.yaml", TRIPS)
    given = {name: name for name in TRIPS["columns"] if name != "made"} | {"made": "try_to_timestamp(made)"}
    point = {"lon": "try_cast(lon as decimal(9,6))", "lat": "try_cast(lat as decimal(9,6))"}
    into: Row = {"place": {"point": point}, "columns": given}
    _write(base / "sources" / "trips.yaml", SOURCE | {"files": "trips/*.csv", "into": {TABLE: into}})
    given = {name: name for name in ("level", "place_id", "name_zh", "name_en", "parent_id", "valid_from", "geometry")}
    given["valid_from"] = "try_to_date(valid_from)"
    into = {"columns": given}
    _write(base / "sources" / "places.yaml", SOURCE | {"files": "places/*.csv", "into": {"silver.places": into}})
    for old in (base / "indicators" / "transport").glob("*"):
        old.unlink()
    for name, keys in indicators.items():
        _write(base / "indicators" / "transport" / f"{name}.yaml", indicator(keys))
    monkeypatch.setenv("CITYPULSE_CONF", str(folder))
    from schemas import city as loader

    loader._load_city.cache_clear()
    return load_city("toy")


def indicator(keys: Mapping[str, Any]) -> Row:
    """A whole definition from the keys that matter."""
    return {
        "name": WORDS, "owner": "office", "face": "service", "question": WORDS, "does_not_say": WORDS,
        "missing": "unknown", "direction": "neutral", "minimum_coverage": 0.5,
        "standard": {"verified": False}, "effective_from": date(2015, 1, 1), **keys,
    }  # fmt: skip


def _write(path: Path, data: Mapping[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data, ensure_ascii=False, default=_plain), "utf-8")


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else str(value)


def trips(random: Random, days: Sequence[date], count: int) -> list[Trip]:
    """Random rows, some without place, without amount, and some in an hour that an autumn night repeats."""
    out = []
    for number in range(count):
        day = random.choice(days)
        start = datetime.combine(day, time(), ZONE).astimezone(UTC)
        end = datetime.combine(day + timedelta(days=1), time(), ZONE).astimezone(UTC)
        utc = start + timedelta(seconds=random.randrange(int((end - start).total_seconds())))
        amount = Decimal(random.randrange(-5000, 50000)) / 100 if random.random() > 0.1 else None
        closed = day + timedelta(days=random.randrange(-2, 4)) if random.random() > 0.2 else None
        out.append(
            Trip(
                f"t{number}", utc, amount, random.randrange(100), random.randrange(1, 50), random.choice("xyz"),
                f"v{random.randrange(12)}", closed, random.choice([*BLOCKS, None]), random.choice([*CELLS, None]),
                random.choice([*BLOCKS, "nowhere"]),
            )
        )  # fmt: skip
    return out


def deliver(
    lake: Lake, city: City, rows: Iterable[Trip], days: Sequence[date], biz_date: date, version: int = 0
) -> None:
    """Put these days' rows into silver, and their deliveries into the ledger, as the layers before would."""
    _places(lake, city)
    listed = [day.isoformat() for day in days]
    mine = [row.row() for row in rows if row.day in set(days)]
    layout = Layout(columns(city, city.tables[TABLE]), ("_day",))
    lake.put(TABLE, layout, _arrow(mine, layout), listed)
    ledger, common = Ledger(lake), {"source": "trips"}
    ids = {day: f"{day}/{version}" for day in listed}
    at = datetime.combine(biz_date, time(12), UTC) + timedelta(minutes=version)
    ledger.add("deliveries", [
        common | {"delivery_id": ids[day], "business_date": day, "scope": day, "file": f"{day}.csv", "sha256": ids[day],
                  "size": 1, "delivered_at": at, "delivered_date": biz_date, "path": "", "is_repeat": False}
        for day in listed
    ])  # fmt: skip
    ledger.add("ingests", [
        common | {"biz_date": biz_date, "delivery_id": ids[day], "outcome": "ingested", "records": 1, "malformed": 0}
        for day in listed
    ])  # fmt: skip
    ledger.add("delivery_dates", [
        common | {"delivery_id": ids[day], "table": TABLE, "day": day, "rows": 1, "digest": ids[day]} for day in listed
    ])  # fmt: skip


def _places(lake: Lake, city: City) -> None:
    if lake.exists("silver.places"):
        return
    members = [("block", block, district) for block, district in BLOCKS.items()]
    members += [("district", district, "toy") for district in sorted(set(BLOCKS.values()))]
    members += [("cell", cell, "toy") for cell in CELLS]
    rows = [
        {"_day": "_register", "level": level, "place_id": place, "name_zh": place, "name_en": place,
         "parent_id": parent, "valid_from": date(2000, 1, 1)}
        for level, place, parent in members
    ]  # fmt: skip
    layout = Layout(columns(city, city.tables["silver.places"]), ("_day",))
    lake.put("silver.places", layout, _arrow(rows, layout), ["_register"])


def _arrow(rows: Sequence[Row], layout: Layout) -> pa.Table:
    schema = arrow_schema(layout.columns)
    return pa.Table.from_pylist([{name: row.get(name) for name in schema.names} for row in rows], schema=schema)


def places(row: Trip) -> dict[str, str]:
    """Level to the place a row belongs to."""
    district = BLOCKS.get(row.block or "", "unplaced")
    return {"block": row.block or "unplaced", "district": district, "cell": row.cell or "unplaced", "city": "toy"}


def periods(day: date, local: datetime | None = None) -> dict[str, str]:
    """Kind to the period a day (and time) lies in."""
    year, week, _ = day.isocalendar()
    out = {
        "day": day.isoformat(), "week": f"{year}-W{week:02}", "month": f"{day:%Y-%m}",
        "quarter": f"{day.year}-Q{(day.month + 2) // 3}", "year": str(day.year),
    }  # fmt: skip
    if local is not None:
        out["hour"] = local.strftime("%Y-%m-%dT%H") + (local.strftime("%z") if local.fold else "")
    return out


def nearest(value: Fraction | int | None) -> float | None:
    """The DOUBLE nearest to an exact value."""
    return None if value is None else value.numerator / value.denominator


def said(lake: Lake, indicator: str) -> dict[tuple[str, str, str, str, str], Row]:
    """(level, place, kind, period, segment) to the newest value of an indicator."""
    rows = lake.arrow("indicators.current").filter(pc.field("indicator") == f"transport.{indicator}").to_pylist()
    key = ("level", "place", "period_kind", "period", "segment")
    return {tuple(row[name] for name in key): row for row in rows}
