"""The American index against EPA's own examples (AIR-US-*) and, where the files are at hand, every published value."""

import csv
from collections.abc import Mapping
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest

from jobs.methods import find, us_epa_aqi
from schemas import DeclarationError

OLD, NEW = us_epa_aqi.EDITIONS
REAL = Path(__file__).resolve().parents[2].parent / "shared/data/nyc_2020/environment"


def aqi(terms: Mapping[str, str | None], edition: str = OLD) -> int | None:
    """A day's index, with the terms as columns of a table."""
    columns = ", ".join(f"CAST({value or 'NULL'} AS DECIMAL(38,9)) AS {name}" for name, value in terms.items())
    value = us_epa_aqi.sql({name: f'"{name}"' for name in terms}, {}, edition)
    found = duckdb.execute(f"SELECT {value} FROM (SELECT {columns})").fetchall()[0][0]
    assert found is None or isinstance(found, int)
    return found


def test_epas_worked_example_truncates_and_rounds_halves_up() -> None:
    assert aqi({"o3_8h": "0.07853333"}) == 126  # 125.5
    assert aqi({"pm25": "35.9"}, NEW) == 102
    assert aqi({"co_8h": "8.4"}) == 90
    assert aqi({"o3_8h": "0.07853333", "pm25": "35.9", "co_8h": "8.4"}, NEW) == 126


def test_ozone_takes_the_higher_of_both_and_ignores_low_hours() -> None:
    assert aqi({"o3_8h": "0.078", "o3_1h": "0.162"}) == 147  # EPA prints 148 for 147.487
    assert aqi({"o3_1h": "0.104"}) is None
    assert aqi({"o3_8h": "0.201"}) is None
    assert aqi({"o3_8h": "0.201", "o3_1h": "0.205"}) == 201


def test_the_particle_breakpoints_of_2024() -> None:
    values = ["0", "9.0", "9.04", "9.1", "35.4", "35.5", "55.4", "55.5", "125.4", "125.5", "225.4", "225.5", "325.4"]
    assert [aqi({"pm25": v}, NEW) for v in values] == [0, 50, 50, 51, 100, 101, 150, 151, 200, 201, 300, 301, 500]


def test_the_particle_breakpoints_of_2012() -> None:
    ends = {"12.0": 50, "35.4": 100, "55.4": 150, "150.4": 200, "250.4": 300, "350.4": 400, "500.4": 500}
    starts = {"12.1": 51, "35.5": 101, "55.5": 151, "150.5": 201, "250.5": 301, "350.5": 401}
    assert {value: aqi({"pm25": value}) for value in ends | starts} == ends | starts


def test_sulphur_dioxide_of_an_hour_hands_over_to_the_day() -> None:
    assert aqi({"so2_1h": "0.320", "so2_24h": "0.120"}) == 200
    assert aqi({"so2_1h": "0.320", "so2_24h": "0.305"}) == 201
    assert aqi({"so2_1h": "0.320", "so2_24h": None}) is None
    assert aqi({"so2_1h": "0.035", "so2_24h": "0.010"}) == 50


def test_a_negative_reading_counts_as_zero_and_an_enormous_one_as_500() -> None:
    assert (aqi({"pm25": "-1.1"}), aqi({"pm25": "900"}), aqi({"pm25": None})) == (0, 500, None)


def test_an_unknown_term_or_edition_is_refused_by_name() -> None:
    with pytest.raises(DeclarationError, match="term pm1 is unknown"):
        us_epa_aqi.sql({"pm1": "1"}, {}, OLD)
    with pytest.raises(DeclarationError, match="US EPA 1999"):
        us_epa_aqi.sql({"pm25": "1"}, {}, "US EPA 1999")
    with pytest.raises(DeclarationError, match="cn_aqi, .*us_epa_aqi"):
        find("eu_aqi")


def test_breakpoints_rise_and_each_has_an_index() -> None:
    for scale in (*us_epa_aqi.SCALES.values(), *us_epa_aqi.PM25.values()):
        assert len(scale.ends) == len(scale.index)
        assert all(a < b for a, b in pairwise((scale.first[0], *scale.ends)))


@pytest.mark.skipif(
    not REAL.is_dir(), reason="needs the real New York files in ../shared/data, which the project does not ship"
)
@pytest.mark.parametrize(
    ("stem", "column", "term", "rows"),
    [
        ("pm25", "Daily Mean PM2.5 Concentration", "pm25", 5541),
        ("ozone", "Daily Max 8-hour Ozone Concentration", "o3_8h", 5045),
    ],
)
def test_every_value_the_publisher_printed_is_met(stem: str, column: str, term: str, rows: int) -> None:
    with (REAL / f"epa_ny_state_2020_{stem}.csv").open(encoding="utf-8") as file:
        printed = [(Decimal(row[column]), int(row["DAILY_AQI_VALUE"])) for row in csv.DictReader(file)]
    values = ", ".join(f"({c}::DECIMAL(12,6), {p})" for c, p in printed)
    computed = us_epa_aqi.sql({term: "c"}, {}, OLD)
    wrong = f"SELECT c, p FROM (VALUES {values}) AS readings(c, p) WHERE p IS DISTINCT FROM {computed}"
    assert (len(printed), duckdb.execute(wrong).fetchall()) == (rows, [])
