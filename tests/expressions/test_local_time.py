"""Wall clock times become instants, local days and minutes, through both clock changes."""

import random
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
import pytest

from jobs.shared.rowsql import local_time
from schemas.expressions import ExpressionError

NEW_YORK = "America/New_York"
ZONES = (
    NEW_YORK,
    "UTC",
    "Asia/Shanghai",
    "Europe/London",
    "Africa/Casablanca",
    "Australia/Lord_Howe",
    "America/St_Johns",
)
Split = tuple[datetime | None, date | None, int | None, int | None]


def split(walls: list[datetime | None], source: str, city: str) -> list[Split]:
    made = local_time('"wall"', source, city)
    table = pa.table({"wall": pa.array(walls, pa.timestamp("us")), "_at": range(len(walls))})
    names = ("utc", "date", "minute", "offset_min")
    connection = duckdb.connect()
    connection.register("given", table)
    found = connection.sql(f"SELECT {', '.join(made[name] for name in names)} FROM given ORDER BY _at")
    assert [str(kind) for kind in found.types] == ["TIMESTAMP", "DATE", "SMALLINT", "SMALLINT"]
    return found.fetchall()


def by_zoneinfo(wall: datetime, source: str, city: str) -> Split:
    """The same by Python's own clock: fold=0 is the offset before a gap, and the first of two."""
    at = wall.replace(tzinfo=ZoneInfo(source))
    instant = (wall - (at.utcoffset() or timedelta())).replace(tzinfo=UTC)
    local = at if source == city else instant.astimezone(ZoneInfo(city))
    offset = (local.utcoffset() or timedelta()) // timedelta(minutes=1)
    return instant.replace(tzinfo=None), local.date(), local.hour * 60 + local.minute, offset


def test_the_hour_that_does_not_exist_has_the_offset_before_it_and_stays_as_printed() -> None:
    assert split([datetime(2020, 3, 8, 2, 42)], NEW_YORK, NEW_YORK) == [
        (datetime(2020, 3, 8, 7, 42), date(2020, 3, 8), 2 * 60 + 42, -300)
    ]


def test_the_hour_that_exists_twice_is_the_first_of_the_two() -> None:
    assert split([datetime(2020, 11, 1, 1, 30)], NEW_YORK, NEW_YORK) == [
        (datetime(2020, 11, 1, 5, 30), date(2020, 11, 1), 90, -240)
    ]


def test_utc_times_fall_on_the_citys_day() -> None:
    assert split([datetime(2020, 3, 9, 3, 59), datetime(2020, 3, 9, 4)], "UTC", NEW_YORK) == [
        (datetime(2020, 3, 9, 3, 59), date(2020, 3, 8), 1439, -240),
        (datetime(2020, 3, 9, 4), date(2020, 3, 9), 0, -240),
    ]


def test_without_a_time_nothing_is_known() -> None:
    for source in ZONES:
        assert split([None], source, NEW_YORK) == [(None, None, None, None)]


@pytest.mark.parametrize("source", ZONES)
@pytest.mark.parametrize("city", [NEW_YORK, "Asia/Shanghai"])
def test_sixty_years_agree_with_the_time_zone_database(source: str, city: str) -> None:
    chance = random.Random(f"{source}{city}")
    walls = [datetime(1991, 1, 1) + timedelta(seconds=chance.randrange(59 * 365 * 86400)) for _ in range(400)]
    change = [
        datetime(2020, 3, 8),
        datetime(2020, 11, 1),
        datetime(2021, 3, 28),
        datetime(2021, 10, 31),
        datetime(2020, 4, 5),
    ]
    walls += [day + timedelta(minutes=minute) for day in change for minute in range(0, 300, 15)]
    assert split([*walls], source, city) == [by_zoneinfo(wall, source, city) for wall in walls]


def test_a_zone_that_is_not_in_the_database_is_refused() -> None:
    with pytest.raises(ExpressionError, match="Mars/Olympus"):
        local_time("x", "Mars/Olympus", NEW_YORK)
