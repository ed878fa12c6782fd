"""What each indicator is made of, in the generator's own measures."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import NamedTuple

PLACED, CITYWIDE, ALL = ("street", "district", "city"), ("district", "city"), ("street", "district", "city", "grid")


class Part(NamedTuple):
    """A number of a subject's records: `n` values, their `total`, or the highest (`top`), counted `times` times."""

    subject: str
    measure: str
    what: str
    times: int = 1

    def __neg__(self) -> "Part":
        return self._replace(times=-self.times)


@dataclass(frozen=True)
class Ask:
    """An indicator as num / den * factor; without `den` it is a count or a sum, and zero where there is no record.

    Several parts are added up. `per_day`: also over the days of the period; `whole`: what is left of so much.
    """

    num: Part | tuple[Part, ...]
    den: Part | tuple[Part, ...] | None = None
    factor: Fraction = Fraction(1)
    periods: tuple[str, ...] = ("day",)
    levels: tuple[str, ...] = PLACED
    per_day: bool = False
    whole: int | None = None

    @property
    def parts(self) -> tuple[Part, ...]:
        """All parts."""
        return (*several(self.num), *(several(self.den) if self.den else ()))


@dataclass(frozen=True)
class Days:
    """An indicator made of another's trailing days, oldest first: None where fewer than `required` are known."""

    of: str
    days: int
    required: int
    made: Callable[[Sequence[Fraction | None]], Fraction | None]
    levels: tuple[str, ...] = PLACED
    is_near: bool = False


@dataclass(frozen=True)
class Places:
    """An indicator made of another's known values, lowest first, at the places of level `across` inside a place."""

    of: str
    across: str
    made: Callable[[Sequence[Fraction]], Fraction | None]
    periods: tuple[str, ...]
    levels: tuple[str, ...]
    is_whole: bool = False
    """Whether a value is taken as it is, and not from a method's list, which holds nine digits after the point."""
    is_near: bool = False


@dataclass(frozen=True)
class Of:
    """An indicator made of the values of others (or of their days) at the same place and period."""

    of: tuple["str | Days", ...]
    made: Callable[..., Fraction | None]
    periods: tuple[str, ...] = ("day",)
    levels: tuple[str, ...] = PLACED
    is_near: bool = False


@dataclass(frozen=True)
class Rows:
    """An indicator made of several others at the places of level `across` inside a place: of each place where they are
    all known, the district it lies in and their values."""

    of: tuple[str, ...]
    across: str
    made: Callable[[Sequence[tuple[str, tuple[Fraction, ...]]]], Fraction | None]
    periods: tuple[str, ...]
    levels: tuple[str, ...] = ("city",)


def several(said: Part | tuple[Part, ...]) -> tuple[Part, ...]:
    """One or several parts as several."""
    return (said,) if isinstance(said, Part) else said


def count(subject: str, *periods: str, levels: tuple[str, ...] = PLACED) -> Ask:
    """How many records of a subject."""
    return Ask(Part(subject, "records", "n"), None, Fraction(1), periods, levels)


def summed(
    part: Part | tuple[Part, ...], *periods: str, levels: tuple[str, ...] = PLACED, factor: Fraction = Fraction(1)
) -> Ask:
    """A sum, zero where there is no record."""
    return Ask(part, None, factor, periods, levels)


def mean(part: Part, *periods: str, levels: tuple[str, ...] = PLACED, factor: Fraction = Fraction(1)) -> Ask:
    """A sum over the number of its values."""
    return Ask(part, part._replace(what="n"), factor, periods, levels)


def number(subject: str, measure: str) -> Part:
    """How many records of a subject have a measure."""
    return Part(subject, measure, "n")


def total(subject: str, measure: str) -> Part:
    """The sum of a subject's measure."""
    return Part(subject, measure, "total")


def ratio(
    num: Part | tuple[Part, ...],
    den: Part | tuple[Part, ...],
    factor: int | Fraction,
    *periods: str,
    levels: tuple[str, ...] = PLACED,
) -> Ask:
    """One part over another, times a factor."""
    return Ask(num, den, Fraction(factor), periods, levels)


PEOPLE = total("residents", "persons")
NOTIFIED = total("case_counts", "people")
CASES = Part("hotline_cases", "records", "n")
TENTH, HUNDREDTH, THOUSANDTH, SIXTIETH = (Fraction(1, n) for n in (10, 100, 1000, 60))
ASKED = {
    "transport.taxi_trips": count("taxi_trips", "hour", "day", "month", levels=ALL),
    "transport.taxi_trip_minutes": mean(total("taxi_trips", "seconds"), "day", "month", levels=ALL, factor=SIXTIETH),
    "transport.taxi_trips_per_day": replace(count("taxi_trips", "month"), per_day=True),
    "transport.transit_ridership": summed(total("metro_gates", "boardings"), "day", "month"),
    "transport.vehicle_speed_kmh": mean(total("vehicle_gps", "speed_tenths"), "hour", "day", levels=ALL, factor=TENTH),
    "transport.vehicle_positions": count("vehicle_gps", "hour", "day", levels=ALL),
    "transport.road_speed_kmh": mean(total("road_sensors", "speed_tenths"), "hour", "day", factor=TENTH),
    "transport.transit_stops": count("bus_stops", "day"),
    "environment.pm25_daily_mean": mean(total("air_hourly", "pm25"), "day", "month"),
    "environment.no2_daily_mean": mean(total("air_hourly", "no2"), "day", "month"),
    "medical.admissions": summed(total("hospital_admissions", "admissions"), "day", "month"),
    "medical.cases_per_100k": ratio(total("case_counts", "cases"), NOTIFIED, 100_000, "day", levels=CITYWIDE),
    "medical.deaths_per_100k": ratio(total("case_counts", "deaths"), NOTIFIED, 100_000, "day", levels=CITYWIDE),
    "medical.bed_occupancy": ratio(
        total("hospital_beds", "occupied"), total("hospital_beds", "open"), 100, "day", "month"
    ),
    "medical.ambulance_calls": count("ambulance_calls", "hour", "day", levels=ALL),
    "medical.ambulance_response_minutes": mean(
        total("ambulance_calls", "response_s"), "day", levels=ALL, factor=SIXTIETH
    ),
    "medical.encounters": count("encounters", "day"),
    "medical.hospitals": count("hospitals", "day"),
    "population.residents": summed(PEOPLE, "day", "month", "year"),
    "population.presence": summed(total("presence", "persons"), "day", levels=("grid", "city"), factor=Fraction(1, 24)),
    "livelihood.hotline_cases": count("hotline_cases", "day", "month"),
    "livelihood.hotline_cases_per_10k": ratio(CASES, PEOPLE, 10_000, "day", "month"),
    "livelihood.hotline_on_time_share": ratio(
        CASES._replace(measure="on_time"), CASES._replace(measure="closed"), 100, "day", "month"
    ),
    "power.outages": count("power_outages", "day", "month"),
    "power.customer_minutes_lost_per_resident": ratio(
        total("power_outages", "customer_min"), PEOPLE, 1, "day", "month"
    ),
    "water.pressure_compliance": ratio(
        Part("water_pressure", "enough", "n"), Part("water_pressure", "kpa", "n"), 100, "day"
    ),
    "weather.mean_temperature": mean(total("weather_stations", "temperature_tenths"), "day", "month", factor=TENTH),
    "weather.max_wind": summed(Part("weather_stations", "wind_tenths", "top"), "day", factor=TENTH),
    "facilities.road_length_km": summed(total("road_segments", "length_dm"), "day", factor=Fraction(1, 10_000)),
}
