"""The edition: the night's values, manifest and pages, sealed. A sealed edition is verified, never rewritten."""

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.compute as pc

from jobs import placing, publish, work_days
from jobs.core import engine
from jobs.core.errors import CriticalFailure, Problem
from jobs.core.lake import Lake, arrow_schema
from jobs.core.ledger import Ledger
from jobs.indicators import KEY, VALUES
from jobs.landing import cut_off
from schemas import ELEMENTS, City
from schemas.city import ROOT

MANIFEST = "manifest.json"
DAYS_SHOWN = 31


def folder(lake: Lake, biz_date: date) -> Path:
    """Where an edition is."""
    return lake.root / "editions" / biz_date.isoformat()


def sealed(lake: Lake) -> list[date]:
    """The sealed editions, oldest first."""
    return sorted(row["biz_date"] for row in Ledger(lake).rows("editions"))


def run(city: City, lake: Lake, biz_date: date) -> dict[str, Any]:
    """Publish, and seal what is complete. What was not ready is in the edition as unknown, stale or withheld.

    An edition made after a layer failed is published for the morning but not sealed: running the night again finishes it.
    """
    ledger = Ledger(lake)
    final = folder(lake, biz_date)
    making = final.with_name(final.name + ".making")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    data = gather(city, lake, ledger, biz_date)
    for publisher in publish.publishers().values():
        publisher(data, making)
    _json(making / "changes.json", data.changes)
    said = manifest(city, lake, ledger, biz_date, making)
    _json(making / MANIFEST, said)
    shutil.rmtree(final, ignore_errors=True)
    making.rename(final)
    complete = work_days.is_complete(ledger, biz_date)
    if complete:
        ledger.put("editions", [{"biz_date": biz_date, "digest": seal(said)}], biz_date=[biz_date])
    return {"values": said["counts"]["values"], "changes": len(data.changes), "sealed": "yes" if complete else "no"}


def verify(city: City, lake: Lake, biz_date: date) -> None:
    """Raise CriticalFailure naming what differs from what was sealed: the manifest, a file of the edition, or landing."""
    rows = Ledger(lake).rows("editions", f"biz_date = DATE '{biz_date}'")
    place = folder(lake, biz_date)
    if not rows or not (place / MANIFEST).exists():
        raise CriticalFailure(f"edition {biz_date}: {place / MANIFEST} is not there")
    said = json.loads((place / MANIFEST).read_text("utf-8"))
    if seal(said) != rows[0]["digest"]:
        raise CriticalFailure(f"edition {biz_date}: the manifest is not the one that was sealed")
    for name, digest in said["files"].items():
        if _sha256(place / name) != digest:
            raise CriticalFailure(f"edition {biz_date}: {name} is not what was sealed")
    with _said(lake, biz_date) as connection:
        _, digest = _digest(connection)
    if digest != said["digests"]["indicators.values"]:
        raise CriticalFailure(f"edition {biz_date}: the values in the lake are not those that were sealed")


def manifest(city: City, lake: Lake, ledger: Ledger, biz_date: date, place: Path) -> dict[str, Any]:
    """What the edition rests on. Nothing in it depends on when, where or in how many attempts the night ran."""
    deliveries = ledger.query(
        f"""SELECT d.delivery_id, d.source, d.business_date, d.file, d.sha256, d.size, i.outcome, i.reason, i.records
        FROM deliveries AS d JOIN ingests AS i USING (delivery_id) WHERE NOT d.is_repeat AND i.biz_date <= DATE '{biz_date}'
        ORDER BY d.delivery_id""",
        "deliveries", "ingests",
    )  # fmt: skip
    with _said(lake, biz_date) as connection:
        count, digest = _digest(connection)
    return {
        "city": city.id,
        "biz_date": biz_date.isoformat(),
        "cut_off": cut_off(city, biz_date).isoformat(),
        "previous": max((d for d in sealed(lake) if d < biz_date), default=None),
        "deliveries": deliveries,
        "digests": digests(ledger, biz_date) | {"indicators.values": digest},
        "tables": {key: lake.version(key) for layer in ("silver", "fused", "indicators") for key in lake.keys(layer)},
        "counts": {"values": count, "deliveries": len(deliveries)},
        "declarations": declarations(city),
        "code": code(),
        "files": {p.relative_to(place).as_posix(): _sha256(p) for p in sorted(place.rglob("*")) if p.is_file()},
    }


def digests(ledger: Ledger, biz_date: date) -> dict[str, str]:
    """Each silver table's digest: SHA-256 over its days' canonical digests, newest word on each day."""
    rows = ledger.query(
        f"""SELECT "table", day, rows, digest FROM table_days WHERE biz_date <= DATE '{biz_date}'
        QUALIFY row_number() OVER (PARTITION BY "table", day ORDER BY biz_date DESC) = 1 ORDER BY "table", day""",
        "table_days",
    )
    texts: dict[str, list[str]] = {}
    for row in rows:
        if row["rows"]:
            texts.setdefault(row["table"], []).append(f"{row['day']} {row['rows']} {row['digest']}")
    return {key: hashlib.sha256("\n".join(lines).encode()).hexdigest() for key, lines in texts.items()}


def seal(said: Mapping[str, Any]) -> str:
    """The manifest's digest, over its canonical JSON without the table versions (a rebuild may commit more often)."""
    kept = {key: value for key, value in said.items() if key != "tables"}
    return hashlib.sha256(json.dumps(kept, sort_keys=True, ensure_ascii=False, default=str).encode()).hexdigest()


def declarations(city: City) -> str:
    """A digest of every declaration that applies to the city."""
    files = [p for p in sorted(city.folder.rglob("*.yaml"))]
    files += [p for name in ("schemas", "quality") for p in sorted((ROOT / name).rglob("*.yaml"))]
    return hashlib.sha256("\n".join(_sha256(path) for path in files).encode()).hexdigest()


def code() -> str:
    """A digest of the code that made the edition."""
    files = [p for package in ("jobs", "schemas", "quality") for p in sorted((ROOT / package).rglob("*.py"))]
    return hashlib.sha256("\n".join(f"{p.relative_to(ROOT)} {_sha256(p)}" for p in files).encode()).hexdigest()


@contextmanager
def _said(lake: Lake, biz_date: date) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection in which `said` is every value as edition `biz_date` says it."""
    history = lake.arrow_where("indicators.values", pc.field("edition") <= biz_date.isoformat())
    with engine.connect(threads=2, memory="3GB") as connection:
        connection.register("history", history if history is not None else arrow_schema(VALUES).empty_table())
        connection.execute(f"""CREATE TEMP TABLE said AS SELECT * FROM history
            QUALIFY row_number() OVER (PARTITION BY {", ".join(KEY)} ORDER BY edition DESC) = 1""")
        yield connection


def _digest(connection: duckdb.DuckDBPyConnection) -> tuple[int, str]:
    """How many values, and SHA-256 over their canonical lines in key order: columns joined by U+001F, shortest exact doubles."""
    text = engine.row_text([engine.quoted(name) for name in VALUES])
    order = ", ".join(KEY)
    row = connection.sql(
        f"SELECT count(*), sha256(coalesce(string_agg({text}, chr(10) ORDER BY {order}), '')) FROM said"
    ).fetchall()[0]
    return int(row[0]), str(row[1])


def gather(city: City, lake: Lake, ledger: Ledger, biz_date: date) -> publish.EditionData:
    """Everything the publishers show, from the lake and the ledger."""
    places = placing.load(city, lake)
    named = {(row["level"], row["place_id"]): row for row in places.members.to_pylist()}
    shown_from = biz_date - timedelta(days=DAYS_SHOWN - 1)
    month = (biz_date.replace(day=1) - timedelta(days=1)).replace(day=1)
    levels = ("city", city.file.map_level)
    with _said(lake, biz_date) as connection:
        rows = engine.table(connection, f"""SELECT * FROM said WHERE level IN {levels} AND period_start <= DATE '{biz_date}' AND (
            (period_kind = 'day' AND period_end >= DATE '{shown_from}') OR (period_kind = 'month' AND period_end >= DATE '{month}'))
            ORDER BY {', '.join(KEY)}""").to_pylist()  # fmt: skip
    shown = [_shown(city, named, row) for row in rows]
    previous = max((d for d in sealed(lake) if d < biz_date), default=None)
    return publish.EditionData(
        city={"id": city.id, "name": _words(city.file.name), "map_level": city.file.map_level},
        biz_date=biz_date.isoformat(),
        previous=previous.isoformat() if previous else None,
        elements=[{"id": key, "zh": zh, "en": en} for key, (zh, en) in ELEMENTS.items()],
        indicators={one.id: _about(city, one) for one in city.indicators.values()},
        places={level: _members(city, places, level) for level in levels},
        values=shown,
        changes=_changes(city, lake, named, biz_date, previous),
        geometry=_geometry(places, city.file.map_level),
        deliveries=_deliveries(city, ledger, biz_date),
        holds=[
            {"table": key, "day": day, "rule": rule, "why": _why(city, key, rule)}
            for (key, day), rule in sorted(work_days.held(ledger, biz_date).items())
        ],
        quality=_quality(ledger, biz_date),
        steps=[],
    )  # fmt: skip


def _shown(city: City, named: Mapping[tuple[str, str], Mapping[str, Any]], row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in publish.COLUMNS if name != "place_name"} | {
        "reasons": row["reasons"].split("; ") if row["reasons"] else [],
        "place_name": place_name(city, named, row["level"], row["place"]),
    }


def place_name(city: City, named: Mapping[tuple[str, str], Mapping[str, Any]], level: str, place: str) -> str:
    """A place's name in the city's own language; its id where it has none."""
    if level == "city":
        return city.file.name.zh
    return (named.get((level, place)) or {}).get("name_zh") or place


def _changes(
    city: City, lake: Lake, named: Mapping[tuple[str, str], Mapping[str, Any]], biz_date: date, previous: date | None
) -> list[dict[str, Any]]:
    """Values of periods already published that this edition says differently."""
    if previous is None:
        return []
    history = lake.arrow_where("indicators.values", pc.field("edition") <= biz_date.isoformat())
    with engine.connect(threads=2, memory="3GB") as connection:
        connection.register("history", history)
        rows = engine.table(connection, f"""
            WITH before AS (SELECT * FROM history WHERE edition <= '{previous}'
                QUALIFY row_number() OVER (PARTITION BY {', '.join(KEY)} ORDER BY edition DESC) = 1)
            SELECT n.indicator, n.level, n.place, n.period_kind, n.period, n.unit, b.value AS before, n.value AS after,
                CASE WHEN n.n_records > coalesce(b.n_records, 0) THEN 'late_data' ELSE 'correction' END AS cause
            FROM history AS n JOIN before AS b USING ({', '.join(KEY)})
            WHERE n.edition = '{biz_date}' AND n.period_end <= DATE '{previous}' AND n.value IS DISTINCT FROM b.value
            ORDER BY n.indicator, n.period, n.level, n.place""").to_pylist()  # fmt: skip
    return [row | {"place_name": place_name(city, named, row["level"], row["place"])} for row in rows]


def _deliveries(city: City, ledger: Ledger, biz_date: date) -> list[dict[str, Any]]:
    """Every attempt to deliver since the cut-off before, taken in or not; times are the city's."""
    rows = ledger.query(
        f"""SELECT d.source, d.delivery_id, d.file, d.sha256, d.size, d.delivered_at,
        CASE WHEN d.is_repeat THEN 'repeat' ELSE i.outcome END AS outcome, i.reason, i.records, i.malformed
        FROM deliveries AS d JOIN ingests AS i USING (delivery_id)
        WHERE (NOT d.is_repeat AND i.biz_date = DATE '{biz_date}') OR (d.is_repeat AND d.delivered_at < $before AND d.delivered_at >= $after)
        ORDER BY d.source, d.file, d.delivered_at""".replace("$before", _instant(cut_off(city, biz_date)))
        .replace("$after", _instant(cut_off(city, biz_date - timedelta(days=1)))),
        "deliveries", "ingests",
    )  # fmt: skip
    return [
        row | {"delivered_at": row["delivered_at"].astimezone(city.zone).strftime("%Y-%m-%d %H:%M")} for row in rows
    ]


def _instant(moment: datetime) -> str:
    return f"TIMESTAMPTZ '{moment:%Y-%m-%d %H:%M:%S}+00'"


def _quality(ledger: Ledger, biz_date: date) -> list[dict[str, Any]]:
    rows = ledger.rows("quality", f"biz_date = DATE '{biz_date}'", '"table", kind, rule')
    out = []
    for row in rows:
        why = {"zh": row.pop("why_zh"), "en": row.pop("why_en")}
        row.pop("biz_date")
        out.append(row | {"why": why, "days": row["days"].split(",")})
    return out


def _about(city: City, one: Any) -> dict[str, Any]:
    owner = city.departments.get(one.owner)
    return {
        "name": _words(one.name), "unit": one.unit, "element": one.element, "face": one.face, "direction": one.direction,
        "rounding": one.rounding, "question": _words(one.question), "does_not_say": _words(one.does_not_say),
        "owner": _words(owner) if owner else {"zh": one.owner, "en": one.owner}, "target": one.target, "headline": one.headline,
    }  # fmt: skip


def _members(city: City, places: placing.Places, level: str) -> dict[str, Any]:
    if level == "city":
        return {city.id: {"name_zh": city.file.name.zh, "name_en": city.file.name.en, "parent": None}}
    return {
        row["place_id"]: {"name_zh": row["name_zh"] or row["place_id"], "name_en": row["name_en"] or row["place_id"], "parent": row["parent_id"]}
        for row in places.members.to_pylist() if row["level"] == level
    }  # fmt: skip


def _geometry(places: placing.Places, level: str) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": [
        {"type": "Feature", "geometry": json.loads(row["geometry"]),
         "properties": {"id": row["place_id"], "name_zh": row["name_zh"] or row["place_id"], "name_en": row["name_en"] or row["place_id"]}}
        for row in places.members.to_pylist() if row["level"] == level and row["geometry"]
    ]}  # fmt: skip


def _why(city: City, key: str, rule: str) -> str:
    declared = city.rules.get(key)
    found = [one for one in (declared.sets if declared else ()) if one.rule == rule]
    return found[0].why.zh if found else rule


def _words(words: Any) -> dict[str, str]:
    return {"zh": words.zh, "en": words.en}


def _json(path: Path, data: object) -> None:
    path.write_text(json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True, default=str), "utf-8")


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


__all__ = ["Problem", "folder", "gather", "run", "sealed", "verify"]
