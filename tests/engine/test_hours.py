"""The local hour of an event, as the UTC instant at which it starts."""

from datetime import UTC, datetime

from jobs import terms
from jobs.core import engine
from schemas import load_city


def test_a_local_hour_starts_where_its_own_clock_says() -> None:
    hours = {
        ("2025-03-03 16:59:59.999999", 480): "2025-03-03 16:00",
        ("2025-03-03 17:00:00", 480): "2025-03-03 17:00",
        ("2025-03-03 16:59:59", 330): "2025-03-03 16:30",
        ("2025-03-03 16:29:59", 330): "2025-03-03 15:30",
        ("2025-11-02 05:30:00", -240): "2025-11-02 05:00",
        ("2025-11-02 06:30:00", -300): "2025-11-02 06:00",
        ("1969-12-31 23:59:59.5", 0): "1969-12-31 23:00",
        ("1969-12-31 23:15:00", 345): "1969-12-31 23:15",
        ("1950-01-01 00:00:00", -210): "1949-12-31 23:30",
    }
    assert [hour_of(*event) for event in hours] == [
        datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=UTC) for text in hours.values()
    ]


def test_an_unknown_moment_has_no_hour() -> None:
    assert hour_of(None, 480) is None


def hour_of(moment: str | None, offset_min: int) -> datetime | None:
    sql = terms.hour_sql(load_city("lanhai").tables["silver.vehicle_positions"], "observed")
    utc = "NULL::TIMESTAMPTZ" if moment is None else f"'{moment}+00'::TIMESTAMPTZ"
    rows = f"(SELECT {utc} AS observed_utc, {offset_min}::SMALLINT AS observed_offset_min)"
    with engine.cursor() as connection:
        found: datetime | None = engine.table(connection, f"SELECT {sql} AS hour FROM {rows}")["hour"][0].as_py()
    return found
