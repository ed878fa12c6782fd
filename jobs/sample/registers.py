"""What is delivered once, in night 1: boundaries, residents, medical institutions, roads."""

import json
from datetime import date

import numpy as np
import pyarrow as pa
import shapely

from jobs.sample import draw
from jobs.sample.ground import LAT_PER_KM, LON_PER_KM, Floats
from jobs.sample.names import DISTRICTS, HOSPITALS, STREETS
from jobs.sample.transport import segment
from jobs.sample.truth import Editions, Measure, Records
from jobs.sample.world import World

RESIDENTS, INSTITUTIONS, SEGMENTS = "residents", "hospitals", "road_segments"
SINCE = "2015-01-01"
COUNTED = (date(2023, 12, 31), date(2024, 12, 31))
GROWTH = 1.013
HEALTH_CENTRES, ROADS = 6, 240
CLASSES = ("快速路", "主干路", "次干路", "支路")
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
Feature = dict[str, object]


def write(world: World) -> None:
    """Every register."""
    _places(world)
    _residents(world)
    _institutions(world)
    _segments(world)


def _deliver(world: World, source: str, file: str, features: list[Feature]) -> None:
    document = {"type": "FeatureCollection", "features": features}
    data = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    world.deliver(world.damage(source, 1, file, len(features)), [data])


def _feature(geometry: shapely.Geometry, **properties: object) -> Feature:
    return {"type": "Feature", "properties": properties, "geometry": json.loads(shapely.to_geojson(geometry))}


def _places(world: World) -> None:
    ground = world.ground
    districts = [
        _feature(shape, code=one.code, name=one.zh, name_en=one.en, valid_from=SINCE)
        for one, shape in zip(DISTRICTS, ground.districts, strict=True)
    ]
    streets = [
        _feature(shape, code=one.code, name=one.zh, name_en=one.en, district_code=one.district, valid_from=SINCE)
        for one, shape in zip(STREETS, ground.streets, strict=True)
    ]
    cells = [
        _feature(shape, cell_id=name, valid_from=SINCE)
        for name, shape in zip(ground.cells, ground.squares, strict=True)
    ]
    _deliver(world, "districts", "planning/districts.geojson", districts)
    _deliver(world, "streets", "planning/streets.geojson", streets)
    _deliver(world, "grid_cells", "planning/grid_1km.geojson", cells)


def _residents(world: World) -> None:
    """Residents at the end of two years, in 万, with a subtotal row for each district."""
    rng, ground = world.rng(RESIDENTS), world.ground
    share = np.bincount(ground.street[ground.land], ground.weight, len(STREETS))
    first = np.round(share / share.sum() * 880_000 * rng.uniform(0.9, 1.1, len(STREETS)), -1).astype(np.int64)
    years = [first, np.round(first * GROWTH, -1).astype(np.int64)]
    title = "澜海市各街道常住人口（年末数）,,,\n"
    rows: list[list[str]] = []
    at: dict[tuple[date, int], int] = {}
    for counted, persons in zip(COUNTED, years, strict=True):
        when = f"{counted.year}年{counted.month}月{counted.day}日"
        for one in DISTRICTS:
            mine = [i for i, street in enumerate(STREETS) if street.district == one.code]
            for i in mine:
                at[(counted, i)] = len(rows)
                rows.append([STREETS[i].code, STREETS[i].zh, f"{persons[i] / 10_000:.3f}万", when])
            rows.append(["", f"{one.zh}小计", f"{persons[mine].sum() / 10_000:.3f}万", when])
    damage = world.damage(RESIDENTS, 1, "population/常住人口_2024.csv", len(rows))
    newest = np.sort(np.array([at[(COUNTED[1], i)] for i in range(len(STREETS))]))
    stopped, wide = damage.pick("numerals", 2, newest), damage.pick("numerals", 2, newest)
    for i in stopped:
        rows[i][2] = rows[i][2].replace(".", "。")
    for i in wide:
        rows[i][2] = rows[i][2].translate(FULL_WIDTH)
    damage.note("numerals", stopped + 1, "。 as the decimal point: to be read", None)
    damage.note("numerals", wide + 1, "full-width digits: to be read", None)
    head = title + "街道代码,街道,常住人口,统计时点\n"
    world.deliver(damage, [(head + "".join(",".join(row) + "\n" for row in rows)).encode()])
    everywhere = np.arange(len(STREETS))
    codes = pa.array([one.code for one in STREETS])
    for counted, persons in zip(COUNTED, years, strict=True):
        records = Records(
            RESIDENTS, counted, len(STREETS), {"persons": Measure(persons)}, street=everywhere, entity=codes
        )
        world.truth.add(records, Editions(1), Editions(1))


def _institutions(world: World) -> None:
    rng = world.rng(INSTITUTIONS)
    street = np.array([*(one.street for one in HOSPITALS), *rng.integers(0, len(STREETS), HEALTH_CENTRES)])
    spots = draw.spots_in(rng, world.ground, street)
    names = [one.zh for one in HOSPITALS] + [f"{STREETS[s].zh[:2]}社区卫生服务中心" for s in street[len(HOSPITALS) :]]
    codes = [one.code for one in HOSPITALS] + [f"C{n:02d}" for n in range(1, HEALTH_CENTRES + 1)]
    features = [
        _feature(
            shapely.Point(spots.lon[i], spots.lat[i]), code=codes[i], name=names[i], lon=spots.lon[i], lat=spots.lat[i],
            kind="医院" if i < len(HOSPITALS) else "社区卫生服务中心", opened="2010-01-01",
        )
        for i in range(len(codes))
    ]  # fmt: skip
    _deliver(world, INSTITUTIONS, "medical/institutions.geojson", features)
    count = len(HOSPITALS)
    ids = pa.array(codes[:count])
    records = Records(
        INSTITUTIONS, date(2010, 1, 1), count, {}, street=street[:count], grid=spots.grid[:count], entity=ids
    )
    world.truth.add(records, Editions(1), Editions(1))


def _segments(world: World) -> None:
    """Straight pieces of road; a loop detector's road segment lies in the detector's street."""
    rng = world.rng(SEGMENTS)
    street = np.arange(ROADS) % len(STREETS)
    spots = draw.spots_in(rng, world.ground, street)
    tenths = rng.integers(1_500, 18_000, ROADS)
    turn = rng.uniform(0, np.pi, ROADS)
    ends = _moved(spots.lon, spots.lat, tenths / 10_000, turn)
    features = [
        _feature(
            shapely.LineString([(spots.lon[i], spots.lat[i]), (ends[0][i], ends[1][i])]), segment_id=segment(i),
            road_class=CLASSES[i % len(CLASSES)], length_m=f"{tenths[i] / 10:.1f}", street_code=STREETS[street[i]].code,
            opened="2012-06-01",
        )
        for i in range(ROADS)
    ]  # fmt: skip
    _deliver(world, SEGMENTS, "facilities/road_segments.geojson", features)
    ids = pa.array([segment(i) for i in range(ROADS)])
    measures = {"length_dm": Measure(tenths)}
    records = Records(SEGMENTS, date(2012, 6, 1), ROADS, measures, street=street, entity=ids)
    world.truth.add(records, Editions(1), Editions(1))


def _moved(lon: Floats, lat: Floats, km: Floats, turn: Floats) -> tuple[Floats, Floats]:
    return np.round(lon + km * np.cos(turn) * LON_PER_KM, 6), np.round(lat + km * np.sin(turn) * LAT_PER_KM, 6)
