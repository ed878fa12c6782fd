"""Positions of commercial vehicles in GCJ-02: several CSV files a day, and the bulk of what is delivered."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pyarrow as pa

from jobs.sample import draw, elements, files
from jobs.sample.draw import DAY_S, Random
from jobs.sample.faults import Damage
from jobs.sample.ground import Ground, Ints
from jobs.sample.truth import Editions, Measure, Records
from jobs.sample.world import World, at, compact, degrees, scaled, texts
from jobs.shared.geo import to_gcj02

SOURCE = "vehicle_gps"
COLUMNS = ("vehicle_no", "gps_time", "lng", "lat", "speed", "direction", "status", "line")
NIGHT_ROWS, OTHER_ROWS, OTHER_SCALED, LEAST_ROWS = 50_000, 13_500, 9_000, 20_000
IN_GARAGE = (0.0, 0.06)
LEAST_PARTS, PART_ROWS, CHUNK_ROWS = 4, 600_000, 300_000
MOST_REPORTS = 2_880
ANCHORS = 9
SEA = 0.015
TOO_FAST_TENTHS = 800
FLOW = np.array([52, 54, 55, 55, 53, 48, 38, 24, 20, 27, 31, 30, 29, 30, 31, 29, 25, 19, 21, 28, 34, 39, 45, 50], float)
"""Usual speed of each hour, km/h."""


def write(world: World, k: int) -> None:
    """The files of day k. The last file of day 1 arrives a night late, whatever faults are asked for."""
    vehicles, reports, parts = _fleet(world.scale)
    vehicles -= int(vehicles * world.rng(SOURCE, "garage", k).uniform(*IN_GARAGE))
    bounds = np.linspace(0, vehicles, parts + 1).astype(int)
    for part, (first, stop) in enumerate(pairwise(bounds), start=1):
        is_late = k == 1 and part == parts
        night = world.late(k, is_late)
        file = f"transport/gps/gps_{compact(world.day(k))}_{part:02d}.csv"
        damage = world.damage(SOURCE, night, file, int(stop - first) * reports)
        if night > k:
            damage.note("late", None, f"the file of {world.day(k)} arrives in night {night}", "deliveries")
        _part(world, k, damage, Fleet(int(first), int(stop), reports))


class Fleet:
    """Vehicles `first` to before `stop`, each with `reports` reports a day."""

    def __init__(self, first: int, stop: int, reports: int) -> None:
        self.first, self.stop, self.reports = first, stop, reports

    def chunks(self) -> Iterator["Fleet"]:
        """The fleet in groups of bounded size."""
        step = max(1, CHUNK_ROWS // self.reports)
        for first in range(self.first, self.stop, step):
            yield Fleet(first, min(first + step, self.stop), self.reports)


def _fleet(scale: float) -> tuple[int, int, int]:
    """Vehicles, reports of each, files: together with the other sources NIGHT_ROWS a night at scale 1."""
    others = OTHER_ROWS + elements.records_a_night() + OTHER_SCALED * scale
    rows = max(NIGHT_ROWS * scale - others, LEAST_ROWS * scale)
    reports = int(min(MOST_REPORTS, max(24, 120 * np.sqrt(rows / LEAST_ROWS))))
    vehicles = max(LEAST_PARTS, round(rows / reports))
    return vehicles, reports, max(LEAST_PARTS, -(-vehicles * reports // PART_ROWS))


def _part(world: World, k: int, damage: Damage, fleet: Fleet) -> None:
    twice, torn = damage.pick("duplicates", 5), damage.pick("malformed")
    fast, turned = damage.pick("impossible"), damage.pick("swapped")
    parts, kept, done = [files.header(COLUMNS)], [], 0
    for chunk in fleet.chunks():
        count = (chunk.stop - chunk.first) * chunk.reports
        inside = [one[(one >= done) & (one < done + count)] - done for one in (twice, torn, fast, turned)]
        made = _chunk(world, k, chunk, inside, damage)
        parts.append(files.body(made))
        kept.append(made.take(pa.array(inside[0])))
        done += count
    parts += [files.body(one) for one in kept]
    damage.note("duplicates", damage.count + 1 + np.arange(len(twice)), "the same report again", "duplicates")
    damage.note("malformed", torn + 1, "fields are missing at the end of the line", "quarantine")
    damage.note("impossible", fast + 1, "a speed of 999 km/h", "flags")
    damage.note("swapped", turned + 1, "speed and heading exchanged: a speed above 200 km/h", "flags")
    world.deliver(damage, parts, len(twice))


def _chunk(world: World, k: int, fleet: Fleet, inside: list[Ints], damage: Damage) -> pa.Array:
    """Lines of a group of vehicles, and what is true of them."""
    _, torn, fast, turned = inside
    day, rng = world.day(k), world.rng(SOURCE, k, fleet.first)
    vehicles = fleet.stop - fleet.first
    count = vehicles * fleet.reports
    moment = _moments(rng, vehicles, fleet.reports)
    spots = draw.within(rng, world.ground, _cells(rng, world.ground, vehicles, fleet.reports))
    hour = moment // 3600
    flow = FLOW[hour] * world.rng(SOURCE, "flow", k).uniform(0.95, 1.05)
    speed = np.clip(flow * rng.uniform(0.3, 1.6, count) * 10, 0, 1_190).astype(np.int64)
    heading = rng.integers(0, 360, count)
    heading[turned] = 201 + heading[turned] % 159
    lon, lat = to_gcj02(spots.lon, spots.lat)
    numbers = [f"LH{number:05d}" for number in range(fleet.first, fleet.stop)]
    lines = pa.array([f"B{1 + n % 30}" if n % 4 == 0 else "" for n in range(fleet.first, fleet.stop)])
    vehicle = pa.array(np.repeat(np.arange(vehicles), fleet.reports))
    shown_speed, shown_heading = scaled(speed, 1), texts(heading)
    faster = files.replaced(shown_speed, turned, shown_heading.take(pa.array(turned)).to_pylist())
    columns = {
        "vehicle_no": pa.array(numbers).take(vehicle), "gps_time": at(day, moment),
        "lng": degrees(lon), "lat": degrees(lat),
        "speed": files.replaced(faster, fast, ["999.0"] * len(fast)),
        "direction": files.replaced(shown_heading, turned, texts(speed[turned] // 10).to_pylist()),
        "status": texts(rng.integers(0, 2, count)), "line": lines.take(vehicle),
    }  # fmt: skip
    made = files.lines(columns)
    made = files.replaced(made, torn, [made[i].as_py().rsplit(",", 3)[0] + "\n" for i in torn.tolist()])
    lost, bad = np.zeros(count, bool), np.zeros(count, bool)
    lost[torn], bad[fast], bad[turned] = True, True, True
    measures = {"speed_tenths": Measure(speed, damaged=bad), "too_fast": Measure(speed, speed > TOO_FAST_TENTHS, bad)}
    records = Records(SOURCE, day, count, measures, hour, spots.street, spots.grid, lost=lost)
    world.truth.add(records, Editions(k), Editions(damage.night))
    return made


def _moments(rng: Random, vehicles: int, reports: int) -> Ints:
    """Seconds of the day of each vehicle's reports: evenly spaced, from a moment of its own, never twice the same."""
    start = rng.random((vehicles, 1))
    return ((np.arange(reports) + start) * (DAY_S / reports)).astype(np.int64).ravel()


def _cells(rng: Random, ground: Ground, vehicles: int, reports: int) -> Ints:
    """Raster cells along each vehicle's way between places where people are; now and then one lies in the sea."""
    rows, columns = ground.nearest.shape
    anchors = rng.choice(ground.land, (vehicles, ANCHORS), p=ground.weight)
    along = np.arange(reports) / reports * (ANCHORS - 1)
    leg, share = along.astype(np.int64), along % 1
    here, there = anchors[:, leg], anchors[:, leg + 1]
    row = np.round(here // columns * (1 - share) + there // columns * share).astype(np.int64)
    column = np.round(here % columns * (1 - share) + there % columns * share).astype(np.int64)
    cells: Ints = ground.nearest[row.clip(0, rows - 1), column.clip(0, columns - 1)].ravel()
    wet = np.flatnonzero(rng.random(len(cells)) < SEA)
    cells[wet] = rng.choice(ground.sea, len(wet))
    return cells
