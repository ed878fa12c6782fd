"""The hospitals' ledger, ambulance calls, encounters and notified cases."""

import json
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa

from jobs.sample import draw, files, persons
from jobs.sample.faults import Damage
from jobs.sample.ground import Floats, Ints
from jobs.sample.names import DISTRICTS, HOSPITALS, STREETS
from jobs.sample.truth import Bools, Editions, Measure, Records
from jobs.sample.world import World, at, compact, degrees, texts
from jobs.shared.geo import to_gcj02

CALLS, CASES, ENCOUNTERS = "ambulance_calls", "case_counts", "encounters"
CALLS_A_DAY, REVISED = 220, 12
STANDARD_S = 480
ENCOUNTERS_A_DAY = 900
CLASSES = ("AMB", "AMB", "AMB", "EMER", "IMP")
BD_TURN = np.pi * 3000 / 180
PRIORITIES = ("危重", "急症", "非急症")


def calls(world: World, k: int) -> None:
    """Ambulance calls of day k. The next night may bring the file again with arrivals put right, for day 1 it does."""
    day, rng, count = world.day(k), world.rng(CALLS, k), world.many(CALLS_A_DAY * world.busy(CALLS, k))
    called = draw.seconds(rng, count)
    took = np.clip(rng.normal(620, 210, count), 90, 3_000).astype(np.int64)
    right = took.copy()
    revised = np.sort(rng.choice(count, min(REVISED, count), replace=False))
    right[revised] += 60 * rng.integers(2, 9, len(revised))
    is_corrected = k < world.nights and (k == 1 or world.asks("corrections"))
    spots = draw.spots(rng, world.ground, count, 0.01)
    given = _Calls(day, called, draw.phones(rng, count), rng.integers(0, 3, count), spots)
    damage = world.damage(CALLS, k, f"medical/ambulance/calls_{compact(day)}.csv", count)
    undated = damage.pick("undated")
    if is_corrected:
        said = f"{len(revised)} arrivals are wrong, which nobody can see; the next night puts them right"
        damage.note("corrections", None, said, None, visible=False)
    _write_calls(world, given, took, damage, undated)
    lost = damage.mask(undated)
    before = Editions(k, k + 1) if is_corrected else Editions(k)
    world.truth.add(given.records(took, lost), before, before)
    if is_corrected:
        again = world.damage(CALLS, k + 1, f"medical/ambulance/calls_{compact(day)}_r1.csv", count)
        again.enabled = frozenset()
        said = f"the calls of {day} again, {len(revised)} arrivals put right"
        again.note("corrections", None, said, "deliveries")
        _write_calls(world, given, right, again, np.array([], np.int64))
        world.truth.add(given.records(right, None), Editions(k + 1), Editions(k + 1))


@dataclass(frozen=True)
class _Calls:
    day: date
    called: Ints
    phones: list[str]
    priority: Ints
    spots: draw.Spots

    def records(self, took: Ints, lost: Bools | None) -> Records:
        spots, measures = self.spots, {"response_s": Measure(took), "within": Measure(took, took <= STANDARD_S)}
        return Records(CALLS, self.day, len(took), measures, self.called // 3600, spots.street, spots.grid, lost=lost)


def _write_calls(world: World, given: _Calls, took: Ints, damage: Damage, undated: Ints) -> None:
    twice = damage.pick("duplicates")
    lon, lat = to_bd09(given.spots.lon, given.spots.lat)
    never = f"{given.day.year}-02-30 10:00:00"
    columns = {
        "呼叫编号": [f"120{compact(given.day)}{n:05d}" for n in range(1, damage.count + 1)],
        "呼叫时间": files.replaced(at(given.day, given.called), undated, [never] * len(undated)),
        "到达时间": at(given.day, given.called + took), "主叫号码": given.phones,
        "经度": degrees(lon), "纬度": degrees(lat), "优先级": [PRIORITIES[p] for p in given.priority],
    }  # fmt: skip
    lines = files.lines(columns, newline="\r\n")
    damage.note("undated", undated + 1, "called on 30 February", "quarantine")
    damage.note("duplicates", damage.count + 1 + np.arange(len(twice)), "the same call again", "duplicates")
    # A byte order mark, as a spreadsheet writes it.
    head = b"\xef\xbb\xbf" + files.header(columns, newline="\r\n")
    world.deliver(damage, [head, files.body(lines), files.body(lines.take(pa.array(twice)))], len(twice))


def to_bd09(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Baidu's coordinates of WGS84 ones, by the published forward formula; turning them back errs by half a metre."""
    x, y = to_gcj02(lon, lat)
    z = np.hypot(x, y) + 0.00002 * np.sin(y * BD_TURN)
    theta = np.arctan2(y, x) + 0.000003 * np.cos(x * BD_TURN)
    return z * np.cos(theta) + 0.0065, z * np.sin(theta) + 0.006


def encounters(world: World, k: int) -> None:
    """Encounters of the connected hospitals as FHIR resources, one a line; a few say no site."""
    day, rng, count = world.day(k), world.rng(ENCOUNTERS, k), world.many(ENCOUNTERS_A_DAY * world.busy(ENCOUNTERS, k))
    start, where = draw.seconds(rng, count), rng.integers(0, len(HOSPITALS), count)
    has_site = rng.random(count) >= 0.02
    names, patient = draw.people(rng, count), rng.integers(0, 90_000, count)
    kind, times = rng.integers(0, len(CLASSES), count), at(day, start).to_pylist()
    damage = world.damage(ENCOUNTERS, k, f"medical/fhir/Encounter.{compact(day)}.ndjson", count)
    torn, twice = damage.pick("malformed"), damage.pick("duplicates")
    slips = damage.pick("personal")
    numbers, rows = persons.citizen_ids(patient), []
    for i in slips.tolist():
        numbers[i] = persons.slipped(numbers[i])
        world.name(damage, i, {"citizen_id": numbers[i]})
    for n in range(count):
        hospital = HOSPITALS[where[n]]
        site = {"location": {"display": f"{hospital.zh}（{STREETS[hospital.street].zh}）"}}
        rows.append(json.dumps({
            "resourceType": "Encounter", "id": f"enc-{compact(day)}-{n:06d}", "status": "finished",
            "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": CLASSES[kind[n]]},
            "subject": {
                "reference": f"Patient/P{patient[n]:05d}", "display": names[n],
                "identifier": {"system": "urn:oid:2.16.156.10011.1.3", "value": numbers[n]},
            },
            "period": {"start": times[n].replace(" ", "T") + "+08:00"},
            "serviceProvider": {"reference": f"Organization/{hospital.code}"},
            **({"location": [site]} if has_site[n] else {}),
        }, ensure_ascii=False, separators=(",", ":")))  # fmt: skip
    again = [rows[i] for i in twice]
    for i in torn:
        rows[i] = rows[i][: len(rows[i]) // 2]
    damage.note("malformed", torn + 1, "half a line", "quarantine")
    damage.note("duplicates", count + 1 + np.arange(len(twice)), "the same encounter again", "duplicates")
    damage.note("personal", slips + 1, "a citizen number with a wrong check digit", "flags")
    world.deliver(damage, ["".join(row + "\n" for row in [*rows, *again]).encode()], len(twice))
    street = np.where(has_site, np.array([one.street for one in HOSPITALS])[where], -1)
    records = Records(ENCOUNTERS, day, count, {}, start // 3600, street, lost=damage.mask(torn))
    world.truth.add(records, Editions(k), Editions(k))


def cases(world: World, k: int) -> None:
    """Cases and deaths notified so far, by district."""
    day, count = world.day(k), len(DISTRICTS)
    so_far = _notified(world, k, "cases", (2_140, 1_860, 1_320, 1_510), 38)
    deaths = _notified(world, k, "deaths", (9, 7, 4, 6), 0.4)
    people = np.array([268_000, 241_000, 203_000, 189_000])
    damage = world.damage(CASES, k, f"medical/cdc/notified_{compact(day)}.csv", count)
    turned = damage.pick("swapped", 1)
    mask = damage.mask(turned)
    rates = np.floor(so_far * 10_000_000 / people + 0.5).astype(np.int64)
    columns = {
        "区": [one.zh for one in DISTRICTS], "病种": ["流行性感冒"] * count, "截止日期": [str(day)] * count,
        "累计病例": texts(np.where(mask, deaths, so_far)), "累计死亡": texts(np.where(mask, so_far, deaths)),
        "常住人口": texts(people), "发病率(1/10万)": [f"{rate // 100}.{rate % 100:02d}" for rate in rates],
    }  # fmt: skip
    damage.note("swapped", turned + 1, "cases and deaths exchanged: more deaths than cases", "quarantine")
    world.deliver(damage, [files.header(columns), files.body(files.lines(columns))])
    first = np.array([next(i for i, s in enumerate(STREETS) if s.district == one.code) for one in DISTRICTS])
    measures = {"cases": Measure(so_far), "deaths": Measure(deaths), "people": Measure(people)}
    world.truth.add(Records(CASES, day, count, measures, street=first, lost=mask), Editions(k), Editions(k))


def _notified(world: World, k: int, what: str, before: tuple[int, ...], daily: float) -> Ints:
    """What had been notified before the first day, and what each day has added."""
    added = [world.rng(CASES, what, n).poisson(daily, len(before)) for n in range(1, k + 1)]
    return np.array(before, np.int64) + np.sum(added, axis=0, dtype=np.int64)
