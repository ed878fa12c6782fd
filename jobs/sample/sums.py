"""The sums of an edition, by measure, level, place and period: what the answers are made of."""

from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from functools import cache
from typing import NamedTuple

from jobs.sample import elements
from jobs.sample.asked import ASKED, Days, Of
from jobs.sample.ground import ground
from jobs.sample.names import DISTRICTS, STREETS
from jobs.sample.truth import UNPLACED, State, Truth

HOURLY = ("taxi_trips", "vehicle_gps", "road_sensors", "ambulance_calls")
REGISTERS = ("bus_stops", "hospitals", "road_segments", "residents")
HOURLY_DAYS = 2
INSTRUMENTS = ("air_hourly",)


@cache
def standing() -> tuple[str, ...]:
    """The subjects that hold until they are delivered again."""
    return (*REGISTERS, *elements.registers())


class Key(NamedTuple):
    """A measure at a place in a period: `2025-03-03`, `2025-03-03T08`, `2025-03` or `2025`."""

    subject: str
    measure: str
    level: str
    place: str
    period: str


class Row(NamedTuple):
    """What one indicator says at a place in a period; None where it cannot say anything."""

    indicator: str
    level: str
    place: str
    kind: str
    period: str
    value: Fraction | None
    is_told: bool = False
    """Whether that it cannot is an answer too."""
    made_of: tuple[Fraction | None, ...] = ()
    """The list of values it is made of, where there is one."""
    is_near: bool = False
    """Whether the value published goes through floating point more than once, and is the answer but for rounding."""

    @property
    def key(self) -> tuple[str, ...]:
        """What it is about."""
        return (self.indicator, self.level, self.place, self.kind, self.period)


class Sums:
    """One kind of sums (`true` or `seen`) as an edition has them; `days` are those whose values the edition gives."""

    def __init__(self, truth: Truth, city: str, kind: str, night: int, days: Iterable[date]) -> None:
        self.connection = truth.connection.cursor()
        self.city, self.days = city, sorted(days)
        self.found: dict[Key, State] = {}
        self.listed: dict[tuple[str, str, str, str], Fraction | None] = {}
        """What lists hold that were made of these sums: several look at the same days."""
        self._prepare(kind, night)
        self._events()
        self._registers()
        kinds = "day::VARCHAR, strftime(day, '%Y-%m'), strftime(day, '%Y')"
        periods = f"SELECT DISTINCT subject, unnest([{kinds}]) FROM chosen"
        self.delivered: set[tuple[str, str]] = set(self.connection.sql(periods).fetchall())

    def get(self, key: Key) -> State | None:
        """The sum, None without any value."""
        return self.found.get(key)

    def periods(self, kind: str, subject: str = "") -> list[str]:
        """The periods of a kind that the edition gives of a subject; hours of its last two days only.

        A monthly return is about the month before.
        """
        if kind == "day":
            return [str(day) for day in self.days]
        if kind == "month":
            monthly = subject in elements.monthly()
            return sorted({f"{_month_before(day) if monthly else day:%Y-%m}" for day in self.days})
        if kind == "year":
            return sorted({f"{day:%Y}" for day in self.days})
        return [f"{day}T{hour:02d}" for day in self.days[-HOURLY_DAYS:] for hour in range(24)]

    def places(self, level: str) -> list[str]:
        """The members of a level, and what lies in none of them."""
        if level == "city":
            return [self.city]
        if level == "grid":
            return list(ground().cells)
        members = STREETS if level == "street" else DISTRICTS
        return [*(one.code for one in members), UNPLACED]

    def _prepare(self, kind: str, night: int) -> None:
        self.connection.execute(
            "CREATE OR REPLACE TEMP TABLE chosen AS SELECT * FROM sums WHERE kind = ? AND first <= ? AND ? < before",
            [kind, night, night],
        )

    def _events(self) -> None:
        listed = ", ".join(f"DATE '{day}'" for day in self.days)
        back, longest = _looked_back()
        recent = ", ".join(f"DATE '{day}'" for day in self.days[-HOURLY_DAYS:])
        months = ", ".join(sorted({f"'{one:%Y-%m}'" for day in self.days for one in (day, _month_before(day))}))
        years = ", ".join(sorted({f"'{day:%Y}'" for day in self.days}))
        registers = ", ".join(f"'{name}'" for name in standing())
        hourly = ", ".join(f"'{name}'" for name in (*HOURLY, *elements.hourly()))
        self._collect(f"""
            SELECT *, day::VARCHAR AS period, true AS is_day FROM chosen
            WHERE (day IN ({listed}) OR (subject IN ({back}) AND day > DATE '{self.days[0]}' - {longest}))
            AND subject NOT IN ({registers})
            UNION ALL SELECT *, strftime(day, '%Y-%m'), false FROM chosen
            WHERE strftime(day, '%Y-%m') IN ({months}) AND subject NOT IN ({registers})
            UNION ALL SELECT *, strftime(day, '%Y'), false FROM chosen
            WHERE strftime(day, '%Y') IN ({years}) AND subject NOT IN ({registers})
            UNION ALL SELECT *, day::VARCHAR || 'T' || lpad(hour::VARCHAR, 2, '0'), false FROM chosen
            WHERE day IN ({recent}) AND subject IN ({hourly})""")

    def _collect(self, source: str) -> None:
        """Sums at every level: streets and districts with what lies in none, the city, kilometre cells, instruments."""
        instruments = ", ".join(f"'{name}'" for name in INSTRUMENTS)
        named, placed = "subject, measure", "FROM source JOIN streets AS s ON s.position = street GROUP BY ALL"
        summed = "period, sum(n)::BIGINT, sum(total)::VARCHAR, max(top)"
        rows = self.connection.sql(f"""
            WITH source AS MATERIALIZED ({source})
            SELECT {named}, 'street', s.code, {summed} {placed}
            UNION ALL SELECT {named}, 'district', s.district, {summed} {placed}
            UNION ALL SELECT {named}, 'city', '{self.city}', {summed} FROM source GROUP BY ALL
            UNION ALL SELECT {named}, 'grid', g.code, {summed} FROM source JOIN cells AS g ON g.position = grid
            WHERE is_day GROUP BY ALL
            UNION ALL SELECT {named}, 'instrument', entity, {summed} FROM source
            WHERE is_day AND subject IN ({instruments}) GROUP BY ALL""").fetchall()
        self.found |= {Key(*row[:5]): State(row[5], int(row[6]), row[7]) for row in rows}

    def _registers(self) -> None:
        """What is in a register at the end of each day, month and year: of each of its entries the newest."""
        ends = {str(day): day for day in self.days}
        ends |= {f"{one:%Y-%m}": _month_end(one) for day in self.days for one in (day, _month_before(day))}
        ends |= {f"{day:%Y}": date(day.year, 12, 31) for day in self.days}
        names = ", ".join(f"'{name}'" for name in standing())
        ends |= {str(day): day for day in self._days_looked_back()}
        source = " UNION ALL ".join(
            f"(SELECT *, '{period}' AS period, {str(len(period) == 10).lower()} AS is_day FROM chosen "
            f"WHERE subject IN ({names}) AND day <= DATE '{end}' "
            "QUALIFY row_number() OVER (PARTITION BY subject, measure, entity ORDER BY day DESC) = 1)"
            for period, end in sorted(ends.items())
        )
        self._collect(source)

    def _days_looked_back(self) -> list[date]:
        """The earlier days of events that trailing indicators look at: what holds then stands beside them."""
        back, longest = _looked_back()
        registers = ", ".join(f"'{name}'" for name in standing())
        found = self.connection.sql(f"""
            SELECT DISTINCT day FROM chosen WHERE subject IN ({back}) AND subject NOT IN ({registers})
            AND day > DATE '{self.days[0]}' - {longest} AND day < DATE '{self.days[0]}'""").fetchall()
        return [day for (day,) in found]


def _looked_back() -> tuple[str, int]:
    """The subjects whose trailing days indicators look at, and the most days that one does."""
    asked = {**ASKED, **elements.asked()}
    listed = elements.listed().values()
    inner = [each for one in listed if isinstance(one, Of) for each in one.of]
    trailing = [one for one in (*listed, *inner) if isinstance(one, Days)]
    subjects = {part.subject for one in trailing for part in asked[one.of].parts}
    return ", ".join(f"'{name}'" for name in sorted(subjects)), max(one.days for one in trailing)


def _month_before(day: date) -> date:
    return date(day.year - (day.month == 1), (day.month - 2) % 12 + 1, 1)


def _month_end(day: date) -> date:
    following = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return date.fromordinal(following.toordinal() - 1)
