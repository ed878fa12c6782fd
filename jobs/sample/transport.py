"""Taxi trips, metro gates, loop detectors in the road, and the bus timetable."""

from datetime import timedelta
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from jobs.sample import draw, files
from jobs.sample.draw import BUSY
from jobs.sample.names import STREETS
from jobs.sample.truth import Editions, Measure, Records
from jobs.sample.world import World, at, clock, compact, degrees, scaled, texts

TAXI, METRO, NETWORK, ROADS = "taxi_trips", "metro_gates", "metro_network", "road_sensors"
TRIPS, TRIP_PART = 9_000, 600_000
SEA = 0.01
STATIONS, OPEN_HOURS = 20, range(6, 23)
SENSORS, INTERVALS = 60, 96
SILENT_INTERVALS = slice(32, 56)


def taxi(world: World, k: int) -> None:
    """Trips of day k, in files of bounded size."""
    count = max(50, round(TRIPS * world.busy(TAXI, k) * world.scale))
    parts = -(-count // TRIP_PART)
    bounds = np.linspace(0, count, parts + 1).astype(int)
    for part, (first, stop) in enumerate(pairwise(bounds), start=1):
        name = f"_p{part}" if parts > 1 else ""
        _trips(world, k, f"transport/taxi/trips_{compact(world.day(k))}{name}.csv", int(stop - first), part)


def _trips(world: World, k: int, file: str, count: int, part: int) -> None:
    day, rng, damage = world.day(k), world.rng(TAXI, k, part), world.damage(TAXI, k, file, count)
    start = draw.seconds(rng, count)
    pickup, dropoff = (draw.spots(rng, world.ground, count, sea) for sea in (SEA, 0.0))
    # Whole multiples of three seconds are exact in thousandths of a minute.
    lasts = 3 * np.clip(rng.lognormal(5.55, 0.55, count), 20, 2_400).astype(np.int64)
    metres = (lasts * rng.uniform(3.5, 9.5, count)).astype(np.int64)
    cents = 1_100 + metres * 26 // 100
    twice, torn = damage.pick("duplicates", 5), damage.pick("malformed")
    backwards, far, undated = damage.pick("impossible"), damage.pick("impossible"), damage.pick("undated")
    shown = np.where(damage.mask(backwards), np.maximum(start - lasts, 0), start + lasts)
    columns = {
        "company": pa.array([f"T{n}" for n in range(1, 7)]).take(pa.array(rng.integers(0, 6, count))),
        "pickup_time": files.replaced(at(day, start), undated, _impossible_times(rng, day.year, len(undated))),
        "dropoff_time": at(day, shown),
        "pickup_lon": degrees(pickup.lon), "pickup_lat": degrees(pickup.lat),
        "dropoff_lon": degrees(dropoff.lon), "dropoff_lat": degrees(dropoff.lat),
        "distance_km": files.replaced(scaled(metres, 3), far, ["100000.000"] * len(far)),
        "fare": scaled(cents, 2), "total": scaled(cents + 100, 2),
        "passengers": texts(rng.integers(1, 5, count)), "payment": texts(rng.integers(1, 4, count)),
    }  # fmt: skip
    lines = files.lines(columns)
    lines = files.replaced(lines, torn, [_torn(lines[i].as_py(), i % 2 == 0) for i in torn.tolist()])
    damage.note("duplicates", count + 1 + np.arange(len(twice)), "the same trip again", "duplicates")
    damage.note("malformed", torn + 1, "a field too many, or the last ones missing", "quarantine")
    damage.note("impossible", backwards + 1, "dropoff before pickup", "flags")
    damage.note("impossible", far + 1, "a trip of 100,000 km", "flags")
    damage.note("undated", undated + 1, "picked up on a day that does not exist", "quarantine")
    world.deliver(
        damage, [files.header(columns), files.body(lines), files.body(lines.take(pa.array(twice)))], len(twice)
    )
    records = Records(
        TAXI, day, count, {
            "seconds": Measure(lasts, damaged=damage.mask(backwards)),
            "metres": Measure(metres, damaged=damage.mask(far)), "cents": Measure(cents, damaged=damage.mask(far)),
        },
        start // 3600, pickup.street, pickup.grid, lost=damage.mask(torn, undated),
    )  # fmt: skip
    world.truth.add(records, Editions(k), Editions(damage.night))


def _torn(line: str, is_longer: bool) -> str:
    return line.rstrip("\n") + ",,9\n" if is_longer else line.rsplit(",", 4)[0] + "\n"


def _impossible_times(rng: draw.Random, year: int, count: int) -> list[str]:
    dates = (f"{year}-02-30", f"{year}-13-03", f"{year}-04-31")
    return [
        f"{dates[i]} 08:{n:02d}:00" for i, n in zip(rng.integers(0, 3, count), rng.integers(0, 60, count), strict=True)
    ]


def metro(world: World, k: int) -> None:
    """Gate counts of day k, by station and hour."""
    day, rng = world.day(k), world.rng(METRO, k)
    night = world.late(k, world.asks("late") and k % 2 == 1)
    station = np.repeat(np.arange(STATIONS), len(OPEN_HOURS))
    hour = np.tile(np.array(OPEN_HOURS), STATIONS)
    home = world.rng(METRO, "stations").integers(0, len(STREETS), STATIONS)[station]
    entries, exits = (
        rng.poisson(BUSY[hour] * (6 + station % 7) * world.busy(METRO, k)).astype(np.int64) for _ in range(2)
    )
    damage = world.damage(METRO, night, f"transport/metro/gates_{compact(day)}.csv", len(station))
    columns = {
        "日期": [compact(day)] * len(station), "时段": texts(hour), "线路": [f"{1 + s // 10}号线" for s in station],
        "车站编号": [f"M{s + 1:02d}" for s in station], "车站": [f"{STREETS[h].zh[:2]}站" for h in home],
        "街道代码": [STREETS[h].code for h in home], "进站量": texts(entries), "出站量": texts(exits),
    }  # fmt: skip
    if night > k:
        damage.note("late", None, f"the file of {day} arrives in night {night}", "deliveries")
    world.deliver(damage, [files.header(columns), files.body(files.lines(columns))])
    records = Records(METRO, day, len(station), {"boardings": Measure(entries)}, hour, home)
    world.truth.add(records, Editions(k), Editions(night))
    _network(world, k, int(entries.sum()))


def _network(world: World, k: int, boardings: int) -> None:
    """What the operator says of the whole network, by another way than the gates."""
    columns = {"日期": [compact(world.day(k))], "制式": ["metro"], "客运量": [str(boardings)]}
    damage = world.damage(NETWORK, k, f"transport/metro/network_{compact(world.day(k))}.csv", 1)
    world.deliver(damage, [files.header(columns), files.body(files.lines(columns))])


def roads(world: World, k: int) -> None:
    """Readings of the loop detectors, every 15 minutes, as parquet. A night's file may come again in the next one."""
    day, rng = world.day(k), world.rng(ROADS, k)
    sensor = np.repeat(np.arange(SENSORS), INTERVALS)
    interval = np.tile(np.arange(INTERVALS), SENSORS)
    hour = interval // 4
    busy = BUSY[hour] * world.busy(ROADS, k)
    flow = np.maximum(rng.poisson(busy * (2 + sensor % 5)), 1).astype(np.int64)
    speed = np.clip(rng.normal(62 + rng.normal(0, 1.5) - busy * 0.9, 6, len(sensor)) * 10, 50, 1_100).astype(np.int64)
    street = sensor % len(STREETS)
    damage = world.damage(ROADS, k, f"transport/roads/loops_{compact(day)}.parquet", len(sensor))
    silent = np.zeros(len(sensor), bool)
    if world.asks("missing_reporters"):
        quiet = int(rng.integers(0, SENSORS))
        silent = (sensor == quiet) & (interval >= SILENT_INTERVALS.start) & (interval < SILENT_INTERVALS.stop)
        damage.note(
            "missing_reporters", None, f"sensor S{quiet + 1:03d} reports nothing from 08:00 to 14:00", "quality"
        )
    kept = pa.array(np.flatnonzero(~silent))
    table = pa.table({
        "sensor_id": pa.array([f"S{n + 1:03d}" for n in sensor]),
        "segment_id": pa.array([segment(int(n)) for n in sensor]),
        "street_code": pa.array([STREETS[n].code for n in street]),
        "measured_at": pc.strptime(clock(day).take(pa.array(interval * 900)), format="%Y-%m-%d %H:%M:%S", unit="us"),
        "mean_speed": pa.array(speed / 10), "flow": pa.array(flow, pa.int32()),
    }).take(kept)  # fmt: skip
    damage.count = len(kept)
    world.deliver(damage, [files.parquet(table)])
    if world.asks("duplicates") and k < world.nights:
        again = world.damage(ROADS, k + 1, damage.file, len(kept))
        again.note("duplicates", None, f"the file of night {k} again, byte for byte", "deliveries")
        world.deliver(again, [files.parquet(table)])
    records = Records(ROADS, day, len(sensor), {"speed_tenths": Measure(speed)}, hour, street, lost=silent)
    world.truth.add(records, Editions(k), Editions(k))


def segment(number: int) -> str:
    """The id of a road segment."""
    return f"RD{number + 1:04d}"


def bus(world: World) -> None:
    """The timetable: stops, some of them stations with platforms, one of them a pier in the sea."""
    day, rng, count = world.day(1) - timedelta(days=2), world.rng("bus_stops"), 60
    spots = draw.spots(rng, world.ground, count)
    pier = draw.within(rng, world.ground, rng.choice(world.ground.sea, 1))
    lon, lat = np.append(spots.lon, pier.lon), np.append(spots.lat, pier.lat)
    street, grid = (np.append(a, b) for a, b in ((spots.street, pier.street), (spots.grid, pier.grid)))
    rows = []
    for n, (x, y) in enumerate(zip(degrees(lon).to_pylist(), degrees(lat).to_pylist(), strict=True), start=1):
        name = "澜海客运码头" if n > count else f"{STREETS[street[n - 1]].zh[:2]}{n}路口"
        has_platforms = n % 10 == 0
        rows.append(f"BS{n:03d},{name},{y},{x},{int(has_platforms)},")
        rows += [f"BS{n:03d}-{side},{name}{side}台,{y},{x},0,BS{n:03d}" for side in "AB" if has_platforms]
    members = {
        "agency.txt": "agency_id,agency_name,agency_url,agency_timezone\nLHB,澜海公交,https://bus.lanhai.example,Asia/Shanghai\n",
        "stops.txt": "stop_id,stop_name,stop_lat,stop_lon,location_type,parent_station\n" + "\n".join(rows) + "\n",
        "routes.txt": "route_id,agency_id,route_short_name,route_type\nB1,LHB,1,3\n",
        "calendar.txt": "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\n"
        "ALL,1,1,1,1,1,1,1,20250101,20251231\n",
        "trips.txt": "route_id,service_id,trip_id\nB1,ALL,B1-1\n",
        "stop_times.txt": "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
        "B1-1,23:50:00,23:50:00,BS001,1\nB1-1,24:10:00,24:10:00,BS002,2\n",
    }
    damage = world.damage("bus_stops", 1, f"transport/bus/gtfs_{compact(day)}.zip", len(rows))
    world.deliver(damage, [files.archive({name: text.encode() for name, text in members.items()})])
    ids = pa.array([f"BS{n:03d}" for n in range(1, count + 2)])
    records = Records("bus_stops", day, count + 1, {}, street=street, grid=grid, entity=ids)
    world.truth.add(records, Editions(1), Editions(1))
