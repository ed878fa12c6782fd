"""Air quality and weather stations."""

import json

import numpy as np
import pyarrow as pa

from jobs.sample import files
from jobs.sample.draw import Random
from jobs.sample.faults import Damage
from jobs.sample.ground import Ints
from jobs.sample.names import STREETS
from jobs.sample.truth import Bools, Editions, Measure, Records
from jobs.sample.world import World, clock, compact, texts

AIR, WEATHER = "air_hourly", "weather_stations"
STATIONS, HOURS = 24, 24
SILENT_HOURS = range(3, 9)
POLLUTANTS = {"PM2.5": 38, "PM10": 28, "SO2": 9, "NO2": 34, "O3": 72}
WEATHER_STREETS = (0, 3, 6, 9, 12, 15)
SURE = ("PM2.5", "PM10", "SO2", "NO2", "CO")
FOG_M = 1_000
DRAWN_UP = 1.25
"""A recalibrated monitor's readings rise by a quarter."""


def air(world: World, k: int) -> None:
    """Hourly values of day k; the next night may bring them again, one monitor's readings put right."""
    day = world.day(k)
    values, known = _readings(world.rng(AIR, k))
    rng = world.rng(AIR, k, "faults")
    damage = world.damage(AIR, k, f"environment/air/air_{compact(day)}.json", STATIONS * HOURS)
    silent = np.zeros((STATIONS, HOURS), bool)
    if world.asks("missing_reporters"):
        quiet = int(rng.integers(0, STATIONS))
        silent[quiet, SILENT_HOURS.start : SILENT_HOURS.stop] = True
        damage.note(
            "missing_reporters", None, f"station {station(quiet)} reports nothing from 03:00 to 09:00", "quality"
        )
    sound = np.flatnonzero(~silent.ravel() & known["PM2.5"].ravel())
    wrong = damage.pick("impossible", among=sound)
    shown = {**values, "PM2.5": np.where(damage.mask(wrong).reshape(STATIONS, HOURS), 9_999, values["PM2.5"])}
    order = np.cumsum(~silent.ravel())
    damage.note("impossible", order[wrong], "a PM2.5 of 9999 µg/m³", "flags")
    is_corrected = world.asks("corrections") and k < world.nights
    if is_corrected:
        said = "a monitor's PM2.5 is too low, which nobody can see; the next night puts it right"
        damage.note("corrections", None, said, None, visible=False)
    _write_air(world, k, shown, known, silent, damage)
    before = Editions(k, k + 1) if is_corrected else Editions(k)
    _tell_air(world, k, values, known, silent, damage.mask(wrong).reshape(STATIONS, HOURS), before)
    if is_corrected:
        raised = int(rng.integers(0, STATIONS))
        fixed = {**values, "PM2.5": values["PM2.5"].copy()}
        fixed["PM2.5"][raised] = np.floor(fixed["PM2.5"][raised] * DRAWN_UP)
        again = world.damage(AIR, k + 1, f"environment/air/air_{compact(day)}_r1.json", STATIONS * HOURS)
        again.note("corrections", None, f"{day} again, PM2.5 of station {station(raised)} recalibrated", "deliveries")
        _write_air(world, k, fixed, known, silent, again)
        _tell_air(world, k, fixed, known, silent, np.zeros_like(silent), Editions(k + 1))


def station(number: int) -> str:
    """The id of an air quality station."""
    return f"LHA{number + 1:03d}"


def _readings(rng: Random) -> tuple[dict[str, Ints], dict[str, Bools]]:
    """Whole µg/m³ (CO: tenths of mg/m³) by station and hour, and where the monitor gave a value."""
    hours = np.arange(HOURS)
    shape = (STATIONS, HOURS)
    site, swing = rng.uniform(0.75, 1.3, (STATIONS, 1)), 1 + 0.25 * np.sin((hours - 6) / 24 * 2 * np.pi)
    stale = rng.uniform(0.55, 1.6)  # how much the day's weather lets pile up, everywhere
    values = {
        name: np.floor(base * stale * rng.uniform(0.85, 1.2) * site * swing * rng.uniform(0.75, 1.25, shape)).astype(
            np.int64
        )
        for name, base in POLLUTANTS.items()
    }
    values["PM10"] += values["PM2.5"]  # what was drawn is the coarser part
    values["CO"] = np.floor(8 * site * rng.uniform(0.6, 1.4, shape)).astype(np.int64)
    summed = np.cumsum(np.pad(values["O3"], ((0, 0), (1, 0))), axis=1)
    first = np.maximum(hours - 7, 0)
    values["O3_8h"] = (summed[:, hours + 1] - summed[:, first]) // (hours + 1 - first)
    known = {name: rng.random(shape) >= 0.004 for name in values}
    known["O3_8h"][:] = True
    return values, known


def _write_air(
    world: World, k: int, values: dict[str, Ints], known: dict[str, Bools], silent: Bools, damage: Damage
) -> None:
    times = clock(world.day(k))
    highest = values["O3_8h"].max(axis=1)

    def shown(name: str, s: int, h: int) -> object:
        """A reading as it is published: `—` where there is none."""
        if not known[name][s, h]:
            return "—"
        return int(values[name][s, h]) / 10 if name == "CO" else int(values[name][s, h])

    rows = []
    for s, h in zip(*np.nonzero(~silent), strict=True):
        street = STREETS[s % len(STREETS)]
        ozone = {"value": shown("O3", s, h), "value_8h": shown("O3_8h", s, h), "max_8h_24h": int(highest[s])}
        rows.append({
            "StationCode": station(int(s)), "Position": {"StreetCode": street.code, "Name": f"{street.zh[:2]}站"},
            "TimePoint": times[int(h) * 3600].as_py(),
            "Pollutants": {**{name: {"value": shown(name, s, h)} for name in SURE}, "O3": ozone},
        })  # fmt: skip
    damage.count = len(rows)
    document = {"code": 0, "unit": {"default": "μg/m3", "CO": "mg/m3"}, "data": rows}
    world.deliver(damage, [json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()])


def _tell_air(
    world: World, k: int, values: dict[str, Ints], known: dict[str, Bools], silent: Bools, wrong: Bools, when: Editions
) -> None:
    """Hourly measures, and the day's highest 8-hour ozone, which stands in the last hour's record."""
    cells = np.indices((STATIONS, HOURS))
    street, hour = cells[0].ravel() % len(STREETS), cells[1].ravel()
    names = {"PM2.5": "pm25", "PM10": "pm10", "SO2": "so2", "NO2": "no2", "CO": "co_tenths", "O3_8h": "o3_8h"}
    measures = {
        label: Measure(values[name].ravel(), known[name].ravel(), wrong.ravel() if name == "PM2.5" else None)
        for name, label in names.items()
    }
    highest = np.where(cells[1] == HOURS - 1, values["O3_8h"].max(axis=1)[:, None], 0).ravel()
    measures["o3_8h_day"] = Measure(highest, hour == HOURS - 1)
    stations = pa.array([station(int(s)) for s in cells[0].ravel()])
    records = Records(AIR, world.day(k), len(street), measures, hour, street, entity=stations, lost=silent.ravel())
    world.truth.add(records, when, when)


def weather(world: World, k: int) -> None:
    """Hourly observations in tenths; 32766 where an element was not observed."""
    day, rng = world.day(k), world.rng(WEATHER, k)
    where, hour = np.repeat(np.array(WEATHER_STREETS), HOURS), np.tile(np.arange(HOURS), len(WEATHER_STREETS))
    count = len(where)
    sky = _sky(rng, hour)
    known = rng.random(count) >= 0.01
    damage = world.damage(WEATHER, k, f"environment/weather/aws_{compact(day)}.csv", count)
    is_refused = world.once("wrong_header", 2) == k
    hot = damage.pick("impossible", 2, np.flatnonzero(known)) if not is_refused else np.array([], np.int64)
    columns = {
        "区站号": [f"58{where[i]:03d}" for i in range(count)], "街道代码": [STREETS[s].code for s in where],
        "观测日期": [day.strftime("%Y/%m/%d")] * count, "时次": texts(hour),
        "气温(0.1℃)": texts(np.where(damage.mask(hot), 999, np.where(known, sky["temperature"], 32_766))),
        "降水量(0.1mm)": texts(sky["rain"]), "平均风速(0.1m/s)": texts(sky["wind"]),
        "最高气温(0.1℃)": texts(sky["warmest"]), "最低气温(0.1℃)": texts(sky["coldest"]),
        "相对湿度(％)": texts(sky["humidity"]), "能见度(m)": texts(sky["visibility"]),
    }  # fmt: skip
    names = list(columns)
    if is_refused:
        names[4] = "干球温度"
        damage.note("wrong_header", None, "气温(0.1℃) is headed 干球温度", "deliveries")
    damage.note("impossible", hot + 1, "an air temperature of 99.9 °C", "flags")
    world.deliver(damage, [files.header(names), files.body(files.lines(columns))])
    measures = {
        "temperature_tenths": Measure(sky["temperature"], known, damage.mask(hot)), "wind_tenths": Measure(sky["wind"]),
        "rain_tenths": Measure(sky["rain"]), "rain_by_day": Measure(sky["rain"], (hour >= 8) & (hour < 20)),
        "rainy": Measure(sky["rain"], sky["rain"] > 0),
        "warmest_tenths": Measure(sky["warmest"]), "below_zero_tenths": Measure(-sky["coldest"]),
        "humidity": Measure(sky["humidity"]), "foggy": Measure(sky["visibility"], sky["visibility"] < FOG_M),
    }  # fmt: skip
    records = Records(WEATHER, day, count, measures, hour, where)
    world.truth.add(records, Editions(k), None if is_refused else Editions(k))


def _sky(rng: Random, hour: Ints) -> dict[str, Ints]:
    """Observations in the file's own units; a day is warm or cold, wet or dry, windy or still as a whole."""
    count, warmth, wet, windy = len(hour), rng.normal(0, 35), rng.choice([0.04, 0.15, 0.55]), rng.uniform(7, 16)
    temperature = 115 + warmth + 45 * np.sin((hour - 9) / 24 * 2 * np.pi) + rng.normal(0, 8, count)
    rain = np.where(rng.random(count) < wet, rng.integers(1, 60, count), 0)
    humidity = np.clip(rng.normal(62 + 45 * wet - warmth / 10, 9, count), 12, 100)
    clear = rng.uniform(6_000, 20_000) * rng.uniform(0.6, 1.2, count)
    drawn = {
        "temperature": temperature, "rain": rain, "wind": rng.gamma(3, windy, count), "humidity": humidity,
        "warmest": temperature + rng.uniform(2, 12, count), "coldest": temperature - rng.uniform(2, 12, count),
        "visibility": np.where((humidity > 84) & (rng.random(count) < 0.35), rng.uniform(150, 1_400, count), clear),
    }  # fmt: skip
    return {name: np.floor(values).astype(np.int64) for name, values in drawn.items()}
