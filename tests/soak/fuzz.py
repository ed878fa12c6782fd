"""Damaged files of every format: each is refused with a reason, or every record that was read is accounted for."""

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path
from random import Random

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapefile

from jobs import accounts, bronze, landing
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger
from schemas import City, load_city
from tests import inline
from tests.soak.changes import CONF, Found

CITY, FIRST = "motley", date(2025, 3, 3)
NAMES = ("thing", "day", "amount", "note")
NOTES = ("", "plain", "naïve 漢字", 'a "quoted", word', "two\nlines", "left out", "１２３", "\u202e")
AMOUNTS = ("1", "2.50", "三万", "-7", "1,234.5", "nan", "1e9", "")
Things = list[dict[str, str]]
File = dict[str, bytes]
"""A delivered file and its companions, by suffix."""


def run(to: Path, nights: int, a_night: int, seed: int, found: Found) -> None:
    """So many nights of so many damaged files each."""
    random = Random(seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CITYPULSE_CONF", str(CONF))
        city, lake = load_city(CITY), Lake(to / "lake", CITY)
        for night in range(nights):
            day = FIRST + timedelta(days=night)
            for number in range(a_night):
                _write(to / "in" / str(day), random, sorted(MADE)[number % len(MADE)], number)
            landing.land(
                city, lake, to / "in" / str(day), landing.delivered_at(f"{day + timedelta(days=1)}T02:00", city)
            )
            try:
                inline.night(city, lake, day)
            except Exception as error:  # whatever it is, it ended a night
                found.wrong.append(f"seed {seed} {day}: the night ended with {type(error).__name__}: {error}")
                return
            check(city, lake, day, found)


def check(city: City, lake: Lake, day: date, found: Found) -> None:
    """Every delivery has an outcome; every record of those taken stands in bronze and is accounted for."""
    found.nights += 1
    ledger = Ledger(lake)
    assert not bronze.pending(city, ledger, day)
    kept: dict[str, int] = {}
    for source in city.sources:
        if lake.exists(f"bronze.{source}"):
            for one in lake.arrow(f"bronze.{source}", ["_delivery_id"]).column(0).to_pylist():
                kept[one] = kept.get(one, 0) + 1
    told = {row["delivery_id"]: row for row in accounts.of_deliveries(ledger).to_pylist()}
    for row in ledger.rows("ingests", f"biz_date = DATE '{day}'"):
        found.deliveries += 1
        found.rows += row["records"]
        account = told.get(row["delivery_id"])
        offered, parts = (account["offered"], sum(account[part] for part in accounts.PARTS)) if account else (0, 0)
        if row["outcome"] == "refused" and not row["reason"]:
            found.wrong.append(f"{day} {row['delivery_id']}: refused without a reason")
        if not row["records"] == kept.get(row["delivery_id"], 0) == offered == parts:
            found.wrong.append(f"{day} {row}: {kept.get(row['delivery_id'])} kept, {offered} offered, {parts} in parts")


def _write(folder: Path, random: Random, form: str, number: int) -> None:
    things = [
        {"thing": f"{form}-{random.randrange(10**6)}", "day": f"2025-03-{random.randrange(1, 32):02}",
         "amount": random.choice(AMOUNTS), "note": random.choice(NOTES)}
        for _ in range(random.choice((0, 1, 3, 30)))
    ]  # fmt: skip
    for suffix, content in MADE[form](things).items():
        path = folder / form / f"{number}{suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(damaged(random, content))


def damaged(random: Random, content: bytes) -> bytes:
    """Bytes flipped, cut, repeated, put in or left out; some files are left as they are."""
    data = bytearray(content)
    for _ in range(random.choice((0, 1, 1, 1, 2, 5))):
        random.choice(WAYS)(random, data, random.randrange(len(data) + 1))
    return bytes(data)


def _flip(random: Random, data: bytearray, at: int) -> None:
    if data:
        data[at % len(data)] ^= 1 << random.randrange(8)


def _cut(random: Random, data: bytearray, at: int) -> None:
    del data[at : random.choice((at + random.randrange(50), len(data)))]


def _repeat(random: Random, data: bytearray, at: int) -> None:
    data[at:at] = data[at : at + random.randrange(200)]


def _put_in(random: Random, data: bytearray, at: int) -> None:
    words = (b'"', b"\x00", b"\xff\xfe", b"\r", b"\n\n", b",,,,", b"{", b"]", b"\x1a", random.randbytes(30))
    data[at:at] = random.choice(words)


def _turn(random: Random, data: bytearray, at: int) -> None:
    """What stands before goes to the end."""
    data[:] = data[at:] + data[:at]


WAYS = (_flip, _flip, _cut, _cut, _repeat, _put_in, _put_in, _turn)


def _csv(things: Things, delimiter: str = ",", encoding: str = "utf-8") -> File:
    def quoted(text: str) -> str:
        return '"' + text.replace('"', '""') + '"' if any(c in text for c in (delimiter, '"', "\n")) else text

    lines = [delimiter.join(NAMES), *(delimiter.join(quoted(one[name]) for name in NAMES) for one in things)]
    return {".csv": ("\n".join(lines) + "\n").encode(encoding)}


def _fhir(things: Things) -> File:
    rows = [{"resourceType": "Basic", "id": t["thing"], "created": t["day"], **t} for t in things]
    return {".ndjson": "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode()}


def _excel(things: Things) -> File:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in [NAMES, *(tuple(one.values()) for one in things)]:
        sheet.append([text.replace("\x00", "") for text in row])
    out = io.BytesIO()
    book.save(out)
    return {".xlsx": out.getvalue()}


def _geojson(things: Things) -> File:
    spot = {"type": "Point", "coordinates": [13.4, 52.5]}
    features = [{"type": "Feature", "geometry": spot, "properties": one} for one in things]
    return {".geojson": json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False).encode()}


def _gtfs(things: Things) -> File:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("things.txt", _csv(things)[".csv"])
    return {".zip": out.getvalue()}


def _parquet(things: Things) -> File:
    out = io.BytesIO()
    pq.write_table(pa.table({name: pa.array([one[name] for one in things], pa.string()) for name in NAMES}), out)
    return {".parquet": out.getvalue()}


def _shapefile(things: Things) -> File:
    parts = {suffix: io.BytesIO() for suffix in (".shp", ".shx", ".dbf")}
    with shapefile.Writer(shp=parts[".shp"], shx=parts[".shx"], dbf=parts[".dbf"], shapeType=shapefile.POINT) as writer:
        for name in NAMES:
            writer.field(name, "C", size=60)
        for one in things:
            writer.point(13.4, 52.5)
            writer.record(*one.values())
        writer.close()
    return {suffix: part.getvalue() for suffix, part in parts.items()}


MADE: Mapping[str, Callable[[Things], File]] = {
    "csv": _csv, "csv_old": lambda things: _csv(things, ";", "gb18030"),
    "json": lambda things: {".json": json.dumps({"things": things}, ensure_ascii=False).encode()},
    "ndjson": lambda things: {".ndjson": "\n".join(json.dumps(t, ensure_ascii=False) for t in things).encode()},
    "fhir": _fhir, "excel": _excel, "geojson": _geojson, "gtfs": _gtfs, "parquet": _parquet, "shapefile": _shapefile,
}  # fmt: skip
