"""Deliveries for the benchmark: the demo city's vehicle positions by the million, of one day or more, and its places.

Files look as `conf/cities/lanhai/sources/vehicle_gps.yaml` expects them: several CSV files a day, GCJ-02 coordinates,
vehicle by vehicle; or the same records as parquet, where no line is torn. Faults are many more than the demo city's,
so that every way through the night is really used; how many of each kind were planted is told, and the same number of
rows always gives the same bytes.
"""

import hashlib
import io
import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import shapely

from jobs.sample import draw, files, world
from jobs.sample.ground import Ground, ground
from jobs.sample.names import DISTRICTS, STREETS
from jobs.shared.geo import to_gcj02

DAY = date(2025, 3, 3)
DELIVERED_AT = "2025-03-04T02:00"
LEAST_FILES, FILE_ROWS, CHUNK_ROWS = 4, 600_000, 300_000
DAY_S, REPORTS, LATE_FILE = 86_400, 2_880, 99
COLUMNS = ("vehicle_no", "gps_time", "lng", "lat", "speed", "direction", "status", "line")
SEA = 0.015
TWICE, TWICE_ELSEWHERE, RESTATED = 0.02, 0.01, 0.002
Ints = npt.NDArray[np.int64]
Values = Sequence[str]


@dataclass(frozen=True)
class Fault:
    """A share of the records in which some fields say something else."""

    kind: str
    share: float
    fields: tuple[tuple[str, Values], ...]
    """Field and the texts it takes in turn."""


FAULTS = (
    Fault("speed impossible", 0.005, (("speed", ("999.0", "-12.5", "201.0")),)),
    Fault("speed missing", 0.01, (("speed", ("",)),)),
    Fault("speed not a number", 0.001, (("speed", ("—", "fast", "12km/h")),)),
    Fault("heading impossible", 0.002, (("direction", ("361", "-1", "720")),)),
    Fault("heading unreadable", 0.001, (("direction", ("N", "12.5", "99999999999")),)),
    Fault("status unknown", 0.002, (("status", ("9", "")),)),
    Fault("no fix", 0.003, (("lng", ("0.000000",)), ("lat", ("0.000000",)))),
    Fault("position missing", 0.002, (("lng", ("", "121.5", "1214.700000")), ("lat", ("29.9", "", "30.0")))),
    Fault("latitude impossible", 0.002, (("lat", ("121.500000", "-90.500000")),)),
    Fault("time impossible", 0.001, (("gps_time", ("2025-02-30 12:00:00", "2025-03-03 24:00:00", "0", "")),)),
    Fault("vehicle missing", 0.001, (("vehicle_no", ("",)),)),
)
SINCE = {"valid_from": "2015-01-01"}
TORN, YESTERDAY = 0.001, 0.003


def write(to: Path, rows: int, days: int = 1, form: str = "csv") -> Counter[str]:
    """Write the deliveries of `rows` vehicle records; returns how many faults of each kind stand in them.

    As parquet (`form`) they are those that are not malformed.

    What lies there already is kept when it was made by the same code for the same number of rows.
    """

    def make(planted: Counter[str]) -> None:
        for name, document in _places(ground()):
            files.write(to / "planning" / name, [json.dumps(document, ensure_ascii=False).encode()])
        for day in (DAY + timedelta(days=n) for n in range(days)):
            _day(to, rows // days, day, planted, form)
        if form == "parquet":
            del planted["malformed"]

    return _kept(to, f"{rows} {days} {form}", make)


def late(to: Path, of: Path, rows: int, day: date) -> Counter[str]:
    """Write one more file of a day: half of its records are new, half say something else of what `of` has of that day.

    None of them is of the day before.
    """

    def make(planted: Counter[str]) -> None:
        rng = draw.stream(1, "late", rows, day)
        fresh = _reports(rng, day, LATE_FILE, (0, rows // 2), planted, yesterday=0.0)
        first = sorted((of / "transport" / "gps").glob(f"gps_{day:%Y%m%d}_*.csv"))[0]
        lines = pa.array([line + "\n" for line in first.read_text("utf-8").splitlines()[1:]])
        known = lines.filter(pc.match_substring(lines, f",{day} "))
        again = known.take(pa.array(np.sort(rng.choice(len(known), rows - rows // 2, replace=False))))
        lines = pa.concat_arrays([fresh, _restated(again)])
        planted["restated"] += len(again)
        path = to / "transport" / "gps" / f"gps_{day:%Y%m%d}_{LATE_FILE}.csv"
        files.write(path, [files.header(COLUMNS), files.body(lines)])

    return _kept(to, f"late {rows} {day}", make)


def _kept(to: Path, what: str, make: Callable[[Counter[str]], None]) -> Counter[str]:
    """Make deliveries, unless the same code has made them before; what was planted."""
    stamp, made_by = to / ".made.json", f"{what} {hashlib.sha256(Path(__file__).read_bytes()).hexdigest()}"
    if stamp.exists() and (said := json.loads(stamp.read_text("utf-8")))["by"] == made_by:
        return Counter(said["planted"])
    shutil.rmtree(to, ignore_errors=True)
    planted: Counter[str] = Counter()
    make(planted)
    stamp.write_text(json.dumps({"by": made_by, "planted": planted}, ensure_ascii=False, indent=1), "utf-8")
    return planted


def _day(to: Path, rows: int, day: date, planted: Counter[str], form: str) -> None:
    """The files of a day."""
    count = max(LEAST_FILES, -(-rows // FILE_ROWS))
    sizes = np.diff(np.linspace(0, rows, count + 1).astype(np.int64))
    before = pa.array([], pa.string())
    for number, size in enumerate(sizes.tolist(), start=1):
        lines = _file(draw.stream(1, "bench", rows, day, number), day, number, size, before, planted)
        path = to / "transport" / "gps" / f"gps_{day:%Y%m%d}_{number:02d}.{form}"
        files.write(path, [files.header(COLUMNS), files.body(lines)] if form == "csv" else [_parquet(lines)])
        before = lines.slice(0, size // 3)


def _file(rng: draw.Random, day: date, number: int, size: int, before: pa.Array, planted: Counter[str]) -> pa.Array:
    """The lines of a file: reports of its vehicles, then some that stand in it, or in the file before it, already."""
    again, elsewhere, restated = (int(size * share) for share in (TWICE, TWICE_ELSEWHERE, RESTATED))
    elsewhere = min(elsewhere, len(before))
    fresh = size - again - elsewhere - restated
    spans = [(first, min(first + CHUNK_ROWS, fresh)) for first in range(0, fresh, CHUNK_ROWS)]
    lines = pa.concat_arrays([_reports(rng, day, number, span, planted) for span in spans])
    twice = lines.take(pa.array(np.sort(rng.choice(fresh, again, replace=False))))
    other = before.take(pa.array(np.sort(rng.choice(len(before), elsewhere, replace=False))))
    # not among those that the next file repeats: which file is the later is not told
    later = np.arange(fresh // 2 + 1, fresh)
    said_anew = _restated(lines.take(pa.array(np.sort(rng.choice(later, restated, replace=False)))))
    planted.update({"twice": again, "twice, in two files": elsewhere, "restated": restated})
    return pa.concat_arrays([lines, twice, other, said_anew])


def _parquet(lines: pa.Array) -> bytes:
    """Lines that have every field as a parquet file of texts; what is empty is null."""
    fields = pc.split_pattern(pc.utf8_rtrim(lines, characters="\n"), ",")
    fields = fields.filter(pc.equal(pc.list_value_length(fields), len(COLUMNS)))
    columns = [pc.list_element(fields, number) for number in range(len(COLUMNS))]
    known = [pc.if_else(pc.equal(column, ""), None, column) for column in columns]
    written = io.BytesIO()
    pq.write_table(pa.table(dict(zip(COLUMNS, known, strict=True))), written, compression="zstd")
    return written.getvalue()


def _restated(lines: pa.Array) -> pa.Array:
    """The same reports with another speed."""
    return pc.replace_substring_regex(lines, pattern=r",(\d+)\.(\d),", replacement=r",1\2.\2,")


def _reports(
    rng: draw.Random, day: date, file: int, span: tuple[int, int], planted: Counter[str], yesterday: float = YESTERDAY
) -> pa.Array:
    """Reports from one number to before another of a file's vehicles, each vehicle's one after the other."""
    at = np.arange(*span)
    count = len(at)
    vehicle, report = at // REPORTS, at % REPORTS
    moment = (report + rng.random(int(vehicle[-1]) + 1)[vehicle]) * (DAY_S / REPORTS)
    seconds = moment.astype(np.int64)
    spots = draw.spots(rng, ground(), count, SEA)
    lon, lat = to_gcj02(spots.lon, spots.lat)
    speed = (FLOW[seconds // 3600] * rng.uniform(0.3, 1.6, count) * 10).astype(np.int64)
    names = pa.array([f"LH{file:02d}{number:04d}" for number in range(int(vehicle[-1]) + 1)])
    lines = pa.array([f"B{1 + n % 30}" if n % 4 == 0 else "" for n in range(int(vehicle[-1]) + 1)])
    columns = {
        "vehicle_no": names.take(pa.array(vehicle)), "gps_time": world.at(day, seconds), "lng": world.degrees(lon),
        "lat": world.degrees(lat), "speed": world.scaled(speed, 1),
        "direction": world.texts(rng.integers(0, 360, count)),
        "status": world.texts(rng.integers(0, 2, count)), "line": lines.take(pa.array(vehicle)),
    }  # fmt: skip
    sound = rng.permutation(count)
    for kind, share, fields in [*((one.kind, one.share, one.fields) for one in FAULTS), ("yesterday", yesterday, ())]:
        chosen, sound = np.sort(sound[: int(count * share)]), sound[int(count * share) :]
        planted[kind] += len(chosen)
        for name, texts in fields:
            columns[name] = files.replaced(columns[name], chosen, [texts[i % len(texts)] for i in range(len(chosen))])
        if not fields:
            earlier = world.at(day - timedelta(days=1), seconds[chosen]).to_pylist()
            columns["gps_time"] = files.replaced(columns["gps_time"], chosen, earlier)
    made = files.lines(columns)
    torn = np.sort(sound[: int(count * TORN)])
    planted["malformed"] += len(torn)
    return files.replaced(made, torn, list(_torn(made.take(pa.array(torn)).to_pylist())))


def _torn(lines: Sequence[str]) -> Iterator[str]:
    """Lines that were cut off, or that have a field too many."""
    for number, line in enumerate(lines):
        yield line.rsplit(",", 3)[0] + "\n" if number % 2 else line.rstrip("\n") + ",0\n"


FLOW = np.array([52, 54, 55, 55, 53, 48, 38, 24, 20, 27, 31, 30, 29, 30, 31, 29, 25, 19, 21, 28, 34, 39, 45, 50], float)
"""Usual speed of each hour, km/h."""


def _places(there: Ground) -> Iterator[tuple[str, dict[str, object]]]:
    """Districts, streets and kilometre cells as their publishers deliver them."""
    districts = [{"code": one.code, "name": one.zh, "name_en": one.en} for one in DISTRICTS]
    streets = [{"code": one.code, "name": one.zh, "name_en": one.en, "district_code": one.district} for one in STREETS]
    cells = [{"cell_id": name} for name in there.cells]
    yield "districts.geojson", _collection(districts, there.districts)
    yield "streets.geojson", _collection(streets, there.streets)
    yield "grid_1km.geojson", _collection(cells, there.squares)


def _collection(properties: Sequence[dict[str, str]], shapes: Sequence[shapely.Geometry]) -> dict[str, object]:
    features = [
        {"type": "Feature", "properties": one | SINCE, "geometry": json.loads(shapely.to_geojson(shape))}
        for one, shape in zip(properties, shapes, strict=True)
    ]
    return {"type": "FeatureCollection", "features": features}


def bytes_of(folder: Path, form: str = "csv") -> int:
    """Bytes of what is delivered in that form."""
    return sum(path.stat().st_size for path in folder.rglob(f"*.{form}"))
