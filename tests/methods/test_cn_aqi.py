"""The Chinese daily index against the standard's own table and worked days (ids of docs: AIR-CN-*)."""

from collections.abc import Mapping

import duckdb
import pytest

from jobs.methods import cn_aqi
from schemas import DeclarationError

OLD, NEW = cn_aqi.EDITIONS


def one(expression: str, source: str = "") -> int | None:
    """The single integer an expression gives."""
    value = duckdb.execute(f"SELECT {expression} {source}").fetchall()[0][0]
    assert value is None or isinstance(value, int)
    return value


def iaqi(name: str, concentration: str, edition: str = OLD) -> int | None:
    """One pollutant's index."""
    return one(cn_aqi.index(name, f"{concentration}::DECIMAL(12,4)", edition))


def aqi(day: Mapping[str, str | None], edition: str = OLD, exempt: tuple[str, ...] = ()) -> int | None:
    """A day's index, with the terms as columns of a table."""
    columns = ", ".join(f"CAST({value or 'NULL'} AS DECIMAL(38,9)) AS {name}" for name, value in day.items())
    value = cn_aqi.sql({name: f'"{name}"' for name in day}, {"exempt": list(exempt)}, edition)
    return one(value, f"FROM (SELECT {columns})")


@pytest.mark.parametrize("edition", cn_aqi.EDITIONS)
@pytest.mark.parametrize("name", cn_aqi.SCALES)
def test_at_a_breakpoint_the_index_is_the_breakpoint(name: str, edition: str) -> None:
    scale = cn_aqi.SCALES_2026.get(name, cn_aqi.SCALES[name]) if edition == NEW else cn_aqi.SCALES[name]
    assert [iaqi(name, str(node), edition) for node in scale.nodes] == list(cn_aqi.INDEX[: len(scale.nodes)])


@pytest.mark.parametrize(
    ("name", "concentration", "expected"),
    [
        ("pm25_24h", "76", 102), ("pm25_24h", "36", 52), ("no2_24h", "39", 49), ("co_24h", "700", 18),
        ("o3_8h", "192", 130), ("pm10_24h", "151", 101), ("o3_8h", "101", 51), ("so2_24h", "151", 101),
    ],
)  # fmt: skip
def test_a_fraction_of_an_index_rounds_up(name: str, concentration: str, expected: int) -> None:
    assert iaqi(name, concentration) == expected


def test_an_exact_hundred_stays_a_hundred_and_the_next_digit_does_not() -> None:
    assert (iaqi("pm25_24h", "75.0000"), iaqi("pm25_24h", "75.0001")) == (100, 101)


def test_every_whole_concentration_agrees_with_exact_fractions() -> None:
    nodes = cn_aqi.SCALES["pm25_24h"].nodes
    for value in range(0, 501, 7):
        step = next(i for i in range(1, 8) if value <= nodes[i])
        low, high, bottom, top = nodes[step - 1], nodes[step], cn_aqi.INDEX[step - 1], cn_aqi.INDEX[step]
        assert iaqi("pm25_24h", str(value)) == -((low - value) * (top - bottom) // (high - low)) + bottom


@pytest.mark.parametrize(
    ("name", "concentration", "old", "new"),
    [
        ("pm25_24h", "60", 82, 100),
        ("pm10_24h", "120", 85, 100),
        ("pm25_24h", "75", 100, 114),
        ("pm25_24h", "115", 150, 150),
    ],
)
def test_the_edition_of_2026_moves_two_breakpoints(name: str, concentration: str, old: int, new: int) -> None:
    assert (iaqi(name, concentration, OLD), iaqi(name, concentration, NEW)) == (old, new)


def test_the_edition_of_2026_rounds_inputs_with_halves_to_even() -> None:
    assert [iaqi("pm25_24h", c, NEW) for c in ("60.5", "61.5", "60.4999")] == [100, iaqi("pm25_24h", "62", NEW), 100]
    assert iaqi("co_24h", "4050", NEW) == 100  # 4.05 mg/m³ is 4.0
    assert iaqi("co_24h", "4050", OLD) == 101


def test_ozone_and_sulphur_dioxide_hand_over_above_their_last_breakpoint() -> None:
    assert (iaqi("o3_8h", "820", OLD), iaqi("o3_8h", "820", NEW)) == (None, 300)
    assert (iaqi("so2_1h", "900", OLD), iaqi("so2_1h", "900", NEW)) == (None, 200)
    assert aqi({"o3_8h": "820", "o3_1h": "900"}) == 350


def test_above_the_last_breakpoint_is_500_and_below_zero_is_zero() -> None:
    assert (iaqi("pm25_24h", "999"), iaqi("pm25_24h", "-1.5")) == (500, 0)


DAY: dict[str, str | None] = {
    "so2_24h": "21", "no2_24h": "39", "pm10_24h": "60", "pm25_24h": "21", "co_24h": "700", "o3_8h": "192",
}  # fmt: skip


def test_the_day_takes_its_highest_pollutant() -> None:
    assert aqi(DAY) == 130
    assert aqi({**DAY, "o3_8h": "90", "pm10_24h": "150", "pm25_24h": "75"}) == 100


def test_a_missing_pollutant_is_left_out_in_2012_and_withholds_a_good_day_in_2026() -> None:
    day = {"pm25_24h": None, "pm10_24h": "90", "so2_24h": "10", "no2_24h": "30", "co_24h": "600", "o3_8h": "120"}
    assert aqi(day) == 70
    assert aqi(day, NEW) is None
    assert aqi({**day, "o3_8h": "170"}, NEW) == 110
    assert aqi(day, NEW, exempt=("pm25_24h",)) == 79


def test_a_pollutant_that_is_no_term_at_all_counts_as_missing_in_2026() -> None:
    assert aqi({"o3_8h": "120"}, NEW) is None
    assert aqi({"o3_8h": "170"}, NEW) == 110


def test_a_day_without_any_reading_is_unknown() -> None:
    assert aqi(dict.fromkeys(cn_aqi.INPUTS)) is None


def test_an_unknown_term_or_edition_is_refused_by_name() -> None:
    with pytest.raises(DeclarationError, match="term ozone is unknown"):
        cn_aqi.sql({"ozone": "1"}, {}, OLD)
    with pytest.raises(DeclarationError, match="HJ 633-1999"):
        cn_aqi.sql({"o3_8h": "1"}, {}, "HJ 633-1999")


def test_no_float_enters_the_arithmetic() -> None:
    value = cn_aqi.index("no2_24h", "c", NEW)
    plan = duckdb.execute(f"EXPLAIN SELECT {value} FROM (SELECT range::DECIMAL(38,9) AS c FROM range(9))").fetchall()
    assert "DOUBLE" not in str(plan)
