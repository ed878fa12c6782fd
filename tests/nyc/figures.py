"""What New York's publishers printed, and the same figures straight from their raw files: what the night has to meet.

Nothing here uses the project's code. Every function takes the folder of the raw files (`RAW`), which the project does
not ship; where it is absent a test is skipped with `ABSENT`.
"""

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType

import duckdb

RAW = Path(__file__).resolve().parents[2].parent / "shared/data/nyc_2020"
ABSENT = "needs the real New York files in ../shared/data/nyc_2020, which the project does not ship"
BOROUGHS = MappingProxyType(
    {"005": "Bronx", "047": "Brooklyn", "061": "Manhattan", "081": "Queens", "085": "Staten Island"}
)

TRIPS_PER_DAY_PRINTED = MappingProxyType({"2020-03": 7205, "2020-04": 1186, "2020-05": 1850, "2020-06": 2103})
"""The Taxi and Limousine Commission's monthly report, which cuts the decimals off."""
TRIPS_PER_DAY = MappingProxyType(
    {"2020-03": "7205.97", "2020-04": "1186.90", "2020-05": "1850.32", "2020-06": "2103.63"}
)
"""Every record of the raw files by pickup month, to 0.01.

In May and in June there is one pair of records that differ in nothing but their zones (2020-05-12 12:54, 2020-06-05
08:59). They are four trips; whoever compares records without their zones counts two of them and gets
TRIPS_PER_DAY_WITHOUT_ZONES.
"""
TRIPS_PER_DAY_WITHOUT_ZONES = MappingProxyType({**TRIPS_PER_DAY, "2020-05": "1850.29", "2020-06": "2103.60"})
TRIP_MINUTES_PRINTED = MappingProxyType({"2020-03": "15.2", "2020-04": "14.5", "2020-05": "16.5", "2020-06": "17.5"})
TRIP_MINUTES = MappingProxyType({"2020-03": "15.247", "2020-04": "14.270", "2020-05": "16.503", "2020-06": "17.434"})
"""Mean of 0 < minutes < 180 on the printed clock, to 0.001."""
ADMITTED_ON = date(2020, 4, 10)
ADMISSIONS_AS_OF = MappingProxyType(
    {date(2020, 4, 16): 680, date(2020, 4, 28): 1174, date(2020, 5, 17): 1303, date(2020, 6, 30): 1337}
)
"""Hospital admissions of 10 April in the edition of each day, when the nights run in order."""
REFUSED = ("2020-04-15/case-hosp-death.csv", "2020-03-27/boro.csv", "2020-03-27/boro@2020-03-27_882febe9.csv")
"""Deliveries without a date column, and without case counts."""
AQI_ROWS = MappingProxyType({"pm25": 2305, "ozone": 851})
"""Rows of the five boroughs in each file; each carries the publisher's own index."""


def trips(raw: Path) -> dict[str, tuple[Decimal, Decimal]]:
    """Pickup month to (trips per day to 0.01, mean minutes to 0.001)."""
    rows = _sql(
        f"""WITH trips AS (
          SELECT lpep_pickup_datetime::TIMESTAMP AS pickup, lpep_dropoff_datetime::TIMESTAMP AS dropoff,
          date_diff('second', pickup, dropoff) AS s
          FROM read_csv('{raw}/transport/green_trips/*.csv.gz', all_varchar=true))
        SELECT strftime(pickup, '%Y-%m') AS month, count(*), day(last_day(min(pickup)::DATE)),
        sum(s) FILTER (WHERE s > 0 AND s < 10800), count(*) FILTER (WHERE s > 0 AND s < 10800)
        FROM trips GROUP BY month"""
    )
    return {
        month: (_rounded(Decimal(count) / days, "0.01"), _rounded(Decimal(seconds) / timed / 60, "0.001"))
        for month, count, days, seconds, timed in rows
        if month in TRIPS_PER_DAY
    }


def ridership(raw: Path) -> dict[date, int]:
    """Day to boardings of all systems; a blank is left out. Bridges and tunnels are traffic."""
    out, counted_in = {}, (": Total Estimated Ridership", ": Total Scheduled Trips")
    for row in _csv(raw / "transport/mta_daily_ridership.csv"):
        counted = [value for name, value in row.items() if name.endswith(counted_in)]
        out[_day(row["Date"])] = sum(int(value) for value in counted if value)
    return out


def aqi(raw: Path, stem: str) -> dict[tuple[date, str], int]:
    """(Day, instrument) to the index the EPA prints, for the five boroughs."""
    return {(day, instrument): index for day, _, instrument, index in _indices(raw, stem)}


def aqi_by_borough(raw: Path, stem: str) -> dict[tuple[date, str], int]:
    """(Day, borough) to the highest instrument's printed index."""
    out: dict[tuple[date, str], int] = defaultdict(int)
    for day, borough, _, index in _indices(raw, stem):
        out[day, borough] = max(out[day, borough], index)
    return dict(out)


def admissions(raw: Path) -> dict[tuple[date, date], int | None]:
    """(Day of delivery, day of admission) to the admissions that delivery says; None where it says nothing."""
    out: dict[tuple[date, date], int | None] = {}
    for delivered, path in _deliveries(raw, "case-hosp-death.csv"):
        for row in _csv(path):
            if (day := row.get("DATE_OF_INTEREST") or row.get("DIAGNOSIS_DATE")) is None:
                break
            said = row.get("HOSPITALIZED_COUNT") or row.get("HOSPITALIZED_CASE_COUNT")
            out[delivered, _day(day)] = int(said) if said else None
    return out


def admissions_as_of(raw: Path, day: date, edition: date) -> int | None:
    """What the newest usable delivery up to the edition says of the day; None when it does not have the day."""
    known = admissions(raw)
    newest = max((delivered for delivered, _ in known if delivered <= edition), default=None)
    return known.get((newest, day)) if newest else None


def case_rates(raw: Path) -> dict[tuple[date, str], tuple[Decimal, Decimal]]:
    """(Day of delivery, MODZCTA) to the printed case and death rate per 100,000."""
    return {
        (delivered, row["MODIFIED_ZCTA"]): (Decimal(row["COVID_CASE_RATE"]), Decimal(row["COVID_DEATH_RATE"]))
        for delivered, path in _deliveries(raw, "data-by-modzcta.csv")
        for row in _csv(path)
    }


def boroughs_of_modzctas(raw: Path) -> dict[str, str]:
    """MODZCTA to borough, as the health department prints it."""
    paths = [path for _, path in _deliveries(raw, "data-by-modzcta.csv")]
    return {row["MODIFIED_ZCTA"]: row["BOROUGH_GROUP"] for path in paths for row in _csv(path)}


def case_counts(raw: Path) -> dict[tuple[date, str], tuple[int, Decimal]]:
    """(Day of delivery, borough or Citywide) to printed cases and rate per 100,000."""
    return {
        (delivered, row["BOROUGH_GROUP"].replace("StatenIsland", "Staten Island")): (
            int(row["CASE_COUNT"]),
            Decimal(row["CASE_RATE"]),
        )
        for delivered, path in _deliveries(raw, "by-boro.csv")
        for row in _csv(path)
    }


def _indices(raw: Path, stem: str) -> Iterator[tuple[date, str, str, int]]:
    for row in _csv(raw / f"environment/epa_ny_state_2020_{stem}.csv"):
        if borough := BOROUGHS.get(row["COUNTY_CODE"]):
            instrument = f"{row['Site ID']}-{row['AQS_PARAMETER_CODE']}-{row['POC']}"
            yield _day(row["Date"]), borough, instrument, int(row["DAILY_AQI_VALUE"])


def _deliveries(raw: Path, name: str) -> Iterator[tuple[date, Path]]:
    for path in sorted((raw / "medical/health_dept").glob(f"*/{name}")):
        yield date.fromisoformat(path.parent.name), path


def _csv(path: Path) -> list[Mapping[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _day(text: str) -> date:
    month, day, year = text.split("/")
    return datetime.strptime(f"{int(month):02}/{int(day):02}/{year[-2:]}", "%m/%d/%y").date()


def _rounded(value: Decimal, step: str) -> Decimal:
    return value.quantize(Decimal(step))


def _sql(query: str) -> list[tuple[str, int, int, int, int]]:
    with duckdb.connect() as connection:
        return connection.execute(query).fetchall()
