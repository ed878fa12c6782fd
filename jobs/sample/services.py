"""Power outages, water pressure, presence by kilometre cell, and the 12345 hotline."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from jobs.sample import draw, files, persons
from jobs.sample.draw import BUSY
from jobs.sample.faults import Damage
from jobs.sample.ground import Ints
from jobs.sample.names import CATEGORIES, CAUSES, CHANNELS, COMPLAINTS, HANDLERS, NOWHERE, STREETS
from jobs.sample.truth import Editions, Measure, Records
from jobs.sample.world import World, at, compact, scaled, texts

POWER, WATER, PRESENCE, HOTLINE = "power_outages", "water_pressure", "presence", "hotline_cases"
OUTAGES, GAUGES, CASES = 24, 32, 600
ENOUGH_KPA = 140
SUSTAINED_MIN = 5
SILENT_HOURS = (10, 16)
DUE_DAYS = (1, 3, 5, 15)
EXTRACTED_MIN = 24 * 60 + 90
"""The hotline's file is written at 01:30 on the next day, minutes after the day's beginning."""


def power(world: World, k: int) -> None:
    """Outages that began on day k."""
    day, rng = world.day(k), world.rng(POWER, k)
    count = max(6, int(rng.poisson(OUTAGES * world.busy(POWER, k))))
    start = np.sort(rng.integers(0, 20 * 60, count))
    lasted, customers = rng.integers(1, 180, count), rng.integers(3, 1_800, count)
    street = draw.streets(rng, world.ground, count)
    feeder, cause = rng.integers(1, 60, count), rng.integers(0, len(CAUSES), count)
    damage = world.damage(POWER, k, f"power/outages_{compact(day)}.csv", count)
    is_refused = world.once("encoding", 2) == k
    turned = damage.pick("swapped", 1) if not is_refused else np.array([], np.int64)
    mask = damage.mask(turned)
    began, ended = (pc.utf8_slice_codeunits(at(day, minute * 60), 0, 16) for minute in (start, start + lasted))
    columns = {
        "停电编号": [f"PO{compact(day)}{n:03d}" for n in range(1, count + 1)],
        "线路编号": [f"10kV-F{n:02d}" for n in feeder],
        "街道代码": [STREETS[s].code for s in street], "停电时间": pc.if_else(pa.array(mask), ended, began),
        "复电时间": pc.if_else(pa.array(mask), began, ended), "影响户数": texts(customers),
        "原因": [CAUSES[c] for c in cause],
    }  # fmt: skip
    data = files.header(columns, newline="\r\n") + files.body(files.lines(columns, newline="\r\n"))
    if is_refused:
        damage.note("encoding", None, "written in GB18030, declared UTF-8", "deliveries")
        data = data.decode().encode("gb18030")
    damage.note("swapped", turned + 1, "begin and end exchanged: restored before it began", "flags")
    world.deliver(damage, [data])
    measures = {
        "customer_min": Measure(lasted * customers, damaged=mask), "customers": Measure(customers),
        "sustained_min": Measure(lasted * customers, lasted > SUSTAINED_MIN, mask),
        "planned": Measure(customers, cause == CAUSES.index("计划检修")),
    }  # fmt: skip
    records = Records(POWER, day, count, measures, street=street)
    world.truth.add(records, Editions(k), None if is_refused else Editions(k))


def water(world: World, k: int) -> None:
    """Hourly pressure at the gauges, with semicolons and a decimal comma."""
    day, rng = world.day(k), world.rng(WATER, k)
    night = world.late(k, world.asks("late") and k % 2 == 0)
    gauge, hour = np.repeat(np.arange(GAUGES), 24), np.tile(np.arange(24), GAUGES)
    usual = 255 + rng.normal(0, 6) - BUSY[hour] * 2.2 * world.busy(WATER, k)
    kpa = np.clip(rng.normal(usual, 30, len(gauge)), 60, 480).astype(np.int64)
    silent = np.zeros(len(gauge), bool)
    quiet = int(rng.integers(0, GAUGES))
    if world.asks("missing_reporters"):
        silent = (gauge == quiet) & (hour >= SILENT_HOURS[0]) & (hour < SILENT_HOURS[1])
    kept = np.flatnonzero(~silent)
    damage = world.damage(WATER, night, f"water/pressure_{compact(day)}.csv", len(kept))
    if silent.any():
        damage.note("missing_reporters", None, f"gauge W{quiet + 1:03d} reports nothing from 10:00 to 16:00", "quality")
    if night > k:
        damage.note("late", None, f"the file of {day} arrives in night {night}", "deliveries")
    torn, burst = damage.pick("malformed"), damage.pick("impossible")
    pressure = files.replaced(pc.replace_substring(scaled(kpa[kept], 3), ".", ","), burst, ["25,000"] * len(burst))
    columns = {
        "gauge": [f"W{n + 1:03d}" for n in gauge[kept]],
        "street_code": [STREETS[n % len(STREETS)].code for n in gauge[kept]],
        "read_at": [f"{day:%d.%m.%Y} {h:02d}:00" for h in hour[kept]], "pressure_mpa": pressure,
    }  # fmt: skip
    lines = files.lines(columns, ";")
    lines = files.replaced(lines, torn, [lines[i].as_py().rstrip("\n") + ";?\n" for i in torn.tolist()])
    damage.note("malformed", torn + 1, "a field too many", "quarantine")
    damage.note("impossible", burst + 1, "a pressure of 25 MPa", "flags")
    world.deliver(damage, [files.header(columns, ";"), files.body(lines)])
    lost, wrong = silent.copy(), np.zeros(len(gauge), bool)
    lost[kept[torn]], wrong[kept[burst]] = True, True
    measures = {"kpa": Measure(kpa, damaged=wrong), "enough": Measure(kpa, kpa >= ENOUGH_KPA, wrong)}
    records = Records(WATER, day, len(gauge), measures, hour, gauge % len(STREETS), lost=lost)
    world.truth.add(records, Editions(k), Editions(night))


def presence(world: World, k: int) -> None:
    """Persons by kilometre cell and hour, gzipped."""
    day, rng, ground = world.day(k), world.rng(PRESENCE, k), world.ground
    cells = len(ground.cells)
    cell, hour = np.repeat(np.arange(cells), 24), np.tile(np.arange(24), cells)
    about = np.bincount(ground.grid[ground.land], ground.weight, cells)[cell] * 620_000
    persons = rng.poisson(about * (0.8 + BUSY[hour] / 100) * rng.uniform(0.98, 1.02)).astype(np.int64)
    damage = world.damage(PRESENCE, k, f"population/presence/presence_{compact(day)}.csv.gz", len(cell))
    is_refused = world.once("truncated", 3) == k
    columns = {
        "cell_id": pa.array(ground.cells).take(pa.array(cell)), "date": [str(day)] * len(cell), "hour": texts(hour),
        "persons": texts(persons),
    }  # fmt: skip
    data = files.zipped(files.header(columns) + files.body(files.lines(columns)))
    if is_refused:
        damage.note("truncated", None, "the last third of the gzip is missing", "deliveries")
        data = data[: len(data) * 2 // 3]
    world.deliver(damage, [data])
    records = Records(PRESENCE, day, len(cell), {"persons": Measure(persons)}, hour, grid=cell)
    world.truth.add(records, Editions(k), None if is_refused else Editions(k))


@dataclass(frozen=True)
class _Cases:
    """The cases registered on a day; minutes count from its beginning."""

    day: datetime
    street: Ints
    registered: Ints
    closed: Ints
    due: Ints
    fields: dict[str, list[str]]

    def lines(self, chosen: Ints, known_by: int, undated: Ints) -> pa.Array:
        """Some cases as lines, closed when that was known."""
        shown = [_minute(self.day, self.closed[i]) if self.closed[i] < known_by else "" for i in chosen]
        registered = [_minute(self.day, self.registered[i]) for i in chosen]
        for i in np.flatnonzero(np.isin(chosen, undated)):
            registered[i] = f"{self.day.year}/2/30 9:{i % 60:02d}"
        given = {name: [values[i] for i in chosen] for name, values in self.fields.items()}
        ordered = {"工单编号": given.pop("工单编号"), "登记时间": registered, "办结时间": shown, **given}
        return files.lines(ordered, newline="\r\n")

    def records(self, chosen: Ints, known_by: int, lost: Ints) -> Records:
        """What is true of some cases when that was known."""
        closed = self.closed[chosen] < known_by
        on_time = closed & (self.closed[chosen] // (24 * 60) <= self.due[chosen])
        measures = {"closed": Measure(self.due[chosen], closed), "on_time": Measure(self.due[chosen], on_time)}
        return Records(
            HOTLINE, self.day.date(), len(chosen), measures, street=self.street[chosen], lost=np.isin(chosen, lost)
        )


def hotline(world: World, k: int) -> None:
    """Cases of day k, then those of the day before that have been closed since its file was written. GB18030."""
    today = _cases(world, k)
    count = len(today.street)
    everyone, none = np.arange(count), np.array([], np.int64)
    damage = world.damage(HOTLINE, k, f"livelihood/hotline_{compact(world.day(k))}.csv", count)
    undated, twice, named = damage.pick("undated"), damage.pick("duplicates"), damage.pick("personal", 13)
    torn = _name_people(world, k, damage, today, named)
    lines = [today.lines(everyone, EXTRACTED_MIN, undated)]
    lines[0] = files.replaced(lines[0], torn, [f"{lines[0][i].as_py().rstrip()},?\r\n" for i in torn.tolist()])
    before = _cases(world, k - 1) if k > 1 else None
    updated = _since(before) if before else none
    if before:
        lines.append(before.lines(updated, EXTRACTED_MIN + 24 * 60, none))
    lines.append(lines[0].take(pa.array(twice)))
    damage.note("undated", undated + 1, "registered on 30 February", "quarantine")
    damage.note("duplicates", count + len(updated) + 1 + np.arange(len(twice)), "the same case again", "duplicates")
    head = "工单编号,登记时间,办结时间,来电人,来电号码,诉求类别,受理渠道,承办单位,所属街道,办理时限(天),诉求内容\r\n"
    parts = (head, *(files.body(one).decode() for one in lines))
    world.deliver(damage, [part.encode("gb18030") for part in parts], len(twice))
    later = _since(today) if k < world.nights else none
    rest, lost = np.setdiff1d(everyone, later), np.concatenate([undated, torn])
    world.truth.add(today.records(rest, EXTRACTED_MIN, lost), Editions(k), Editions(k))
    world.truth.add(today.records(later, EXTRACTED_MIN, lost), Editions(k, k + 1), Editions(k, k + 1))
    told = today.records(later, EXTRACTED_MIN + 24 * 60, none)
    world.truth.add(told, Editions(k + 1), Editions(k + 1))


def _name_people(world: World, k: int, damage: Damage, cases: _Cases, chosen: Ints) -> Ints:
    """People's numbers in what callers say; the last of them stands in a line with a field too many, returned."""
    torn = chosen[-1:]
    for i, (text, said) in zip(
        chosen.tolist(), persons.sentences(world.rng(HOTLINE, k, "named"), len(chosen)), strict=True
    ):
        who = f"欧阳测{i}"
        cases.fields["来电人"][i], cases.fields["诉求内容"][i] = who, files.quoted([f"{text}，{who}"])[0]
        world.name(damage, i, said | {"name": who, "caller_phone": cases.fields["来电号码"][i]})
    damage.note("personal", chosen[:-1] + 1, "people's numbers in what the caller said", None)
    damage.note("personal", torn + 1, "people's numbers in a line with a field too many", "quarantine")
    return torn


def _cases(world: World, k: int) -> _Cases:
    rng, count, day = world.rng(HOTLINE, k), world.many(CASES * world.busy(HOTLINE, k)), world.day(k)
    registered = draw.seconds(rng, count) // 60
    closed = registered + 20 + np.round(rng.exponential(1_500, count)).astype(np.int64)
    due, street = rng.integers(0, len(DUE_DAYS), count), draw.streets(rng, world.ground, count)
    street[rng.random(count) < 0.03] = -1
    nowhere = rng.integers(0, len(NOWHERE), count)
    fields = {
        "工单编号": [f"RX{compact(day)}{n:05d}" for n in range(1, count + 1)],
        "来电人": draw.people(rng, count), "来电号码": draw.phones(rng, count),
        "诉求类别": [CATEGORIES[n] for n in rng.integers(0, len(CATEGORIES), count)],
        "受理渠道": [CHANNELS[n] for n in rng.integers(0, len(CHANNELS), count)],
        "承办单位": [HANDLERS[n] for n in rng.integers(0, len(HANDLERS), count)],
        "所属街道": [_spelled(int(s), i, NOWHERE[nowhere[i]]) for i, s in enumerate(street)],
        "办理时限(天)": [str(DUE_DAYS[n]) for n in due],
        "诉求内容": files.quoted(COMPLAINTS[n] for n in rng.integers(0, len(COMPLAINTS), count)),
    }  # fmt: skip
    return _Cases(datetime.combine(day, time()), street, registered, closed, np.array(DUE_DAYS)[due], fields)


def _spelled(street: int, i: int, nowhere: str) -> str:
    """A street's name, now and then without 街道."""
    if street < 0:
        return nowhere
    return STREETS[street].zh[:2] if i % 9 == 0 else STREETS[street].zh


def _since(cases: _Cases) -> Ints:
    """The cases closed between their day's file and the next."""
    return np.flatnonzero((cases.closed >= EXTRACTED_MIN) & (cases.closed < EXTRACTED_MIN + 24 * 60))


def _minute(day: datetime, minute: int) -> str:
    """`2025/3/3 8:05`."""
    moment = day + timedelta(minutes=int(minute))
    return f"{moment.year}/{moment.month}/{moment.day} {moment.hour}:{moment:%M}"
