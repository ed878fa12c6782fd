"""Air quality indices of stations and places, for the answer key."""

import math
from collections.abc import Callable, Iterator
from fractions import Fraction

from jobs.sample import aqi
from jobs.sample.asked import PLACED, TENTH
from jobs.sample.environment import STATIONS, station
from jobs.sample.names import STREETS
from jobs.sample.sums import Key, Row, Sums

AIR = {"PM2.5": "pm25", "PM10": "pm10", "SO2": "so2", "NO2": "no2", "CO": "co_tenths", "O3_8h": "o3_8h_day"}
UNITS = {"CO": TENTH}
UGM3_PER_PPM = 1_962
"""48.00 g/mol over 24.465 L/mol, as in the source's declaration."""
Index = Callable[[Sums, str, str], int | None]


def rows(sums: Sums) -> Iterator[Row]:
    """China's index of the mean of stations; the US indices of each instrument, and the highest of a place."""
    for period in sums.periods("day"):
        yield from _cn(sums, period)
        for name, (suffix, index) in US.items():
            at = {one: index(sums, one, period) for one in map(station, range(STATIONS))}
            known = {one: value for one, value in at.items() if value is not None}
            if suffix:
                for one, value in known.items():
                    yield Row(f"environment.{name}", "instrument", one + suffix, "day", period, Fraction(value))
            yield from _highest(sums, f"environment.{name}", known, period)


def _highest(sums: Sums, indicator: str, known: dict[str, int], period: str) -> Iterator[Row]:
    for level in PLACED:
        for place in sums.places(level):
            mine = [value for one, value in known.items() if _above(sums, one)[level] == place]
            if mine:
                yield Row(indicator, level, place, "day", period, Fraction(max(mine)))


def _above(sums: Sums, one: str) -> dict[str, str]:
    street = STREETS[(int(one.removeprefix("LHA")) - 1) % len(STREETS)]
    return {"street": street.code, "district": street.district, "city": sums.city}


def _cn(sums: Sums, period: str) -> Iterator[Row]:
    for level in PLACED:
        for place in sums.places(level):
            means = {}
            for pollutant, measure in AIR.items():
                state = sums.get(Key("air_hourly", measure, level, place, period))
                if state is not None:
                    means[pollutant] = Fraction(state.total, state.n) * UNITS.get(pollutant, 1)
            index = aqi.cn(means)
            if index is not None:
                yield Row("environment.aqi_cn", level, place, "day", period, Fraction(index))


def _us_pm25(sums: Sums, one: str, period: str) -> int | None:
    state = sums.get(Key("air_hourly", "pm25", "instrument", one, period))
    return None if state is None else aqi.us_pm25(Fraction(state.total, state.n))


def _us_ozone(sums: Sums, one: str, period: str) -> int | None:
    """From the highest 8-hour mean in ppm, which is kept to six decimals."""
    state = sums.get(Key("air_hourly", "o3_8h_day", "instrument", one, period))
    if state is None:
        return None
    millionths = math.floor(Fraction(state.top, UGM3_PER_PPM) * 10**6 + Fraction(1, 2))
    return aqi.us_ozone(Fraction(millionths, 10**6))


def _us(sums: Sums, one: str, period: str) -> int | None:
    found = (_us_pm25(sums, one, period), _us_ozone(sums, one, period))
    return max((value for value in found if value is not None), default=None)


US: dict[str, tuple[str, Index]] = {
    "aqi_us_pm25": ("-PM2.5", _us_pm25), "aqi_us_ozone": ("-O3_8h", _us_ozone), "aqi_us": ("", _us),
}  # fmt: skip
