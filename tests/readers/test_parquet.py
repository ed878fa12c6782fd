"""Typed values as the text that a CSV of the same publisher would hold."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.readers import Unreadable
from jobs.readers._rows import numeral
from tests.readers.conftest import columns, read_rows


def texts(tmp_path: Path, values: pa.Array, **given: object) -> list[object]:
    pq.write_table(pa.table({"v": values}), tmp_path / "delivered.parquet")
    return [row["v"] for row in read_rows("parquet", tmp_path / "delivered.parquet", **given)]


def test_binary_numbers_have_no_needless_decimals_and_no_exponent(tmp_path: Path) -> None:
    values = [1.0, 8.5, 0.1 + 0.2, 1e15, 123456789012345680.0, -0.0, 1e-6, 1e21, None, float("nan"), float("-inf")]
    assert texts(tmp_path, pa.array(values)) == [
        *("1", "8.5", "0.30000000000000004", "1000000000000000", "123456789012345680", "0", "0.000001", "1e+21"),
        *(None, "NaN", "-Infinity"),
    ]
    assert texts(tmp_path, pa.array([0.1, 1e10], pa.float32())) == ["0.1", "10000000000"]


@settings(max_examples=300)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_as_text_reads_back_the_same(number: float) -> None:
    assert float(numeral(number)) == number
    assert not numeral(number).endswith(".0")


def test_times_are_written_as_spark_reads_them(tmp_path: Path) -> None:
    noon = dt.datetime(2025, 3, 1, 12)
    assert texts(tmp_path, pa.array([noon, noon.replace(microsecond=500), None], pa.timestamp("ns"))) == [
        "2025-03-01 12:00:00",
        "2025-03-01 12:00:00.000500",
        None,
    ]
    assert texts(tmp_path, pa.array([dt.date(2025, 3, 1)])) == ["2025-03-01"]
    assert texts(tmp_path, pa.array([dt.time(8, 0, 5)])) == ["08:00:05"]


def test_an_instant_says_that_it_is_utc_unless_a_wall_clock_is_declared(tmp_path: Path) -> None:
    instants = pa.array([dt.datetime(2025, 3, 1, 12)], pa.timestamp("us", "UTC"))
    assert texts(tmp_path, instants) == ["2025-03-01 12:00:00Z"]
    assert texts(tmp_path, instants, timezone="Asia/Seoul") == ["2025-03-01 21:00:00"]


def test_other_types_have_one_text_each(tmp_path: Path) -> None:
    assert texts(tmp_path, pa.array([Decimal("1.10"), Decimal("-0.00")])) == ["1.10", "0.00"]
    assert texts(tmp_path, pa.array([Decimal("0.00000001")])) == ["0.00000001"]
    assert texts(tmp_path, pa.array([2**63 - 1, None])) == ["9223372036854775807", None]
    assert texts(tmp_path, pa.array([True, False])) == ["true", "false"]
    assert texts(tmp_path, pa.array([b"\x01\xff"])) == ["01ff"]
    assert texts(tmp_path, pa.array(["x", None, "x"]).dictionary_encode()) == ["x", None, "x"]
    assert texts(tmp_path, pa.array(["", " x "], pa.large_string())) == ["", " x "]
    assert texts(tmp_path, pa.nulls(2)) == [None, None]
    assert texts(tmp_path, pa.array([dt.timedelta(seconds=2)])) == ["2000000"]


def test_nested_values_are_json_by_the_same_rules(tmp_path: Path) -> None:
    value = {"n": 1.0, "at": dt.datetime(2025, 3, 1), "tags": ["中", None], "ok": True, "d": Decimal("1.50")}
    assert texts(tmp_path, pa.array([value, None])) == [
        '{"n":1,"at":"2025-03-01 00:00:00","tags":["中",null],"ok":true,"d":1.50}',
        None,
    ]
    assert texts(tmp_path, pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int32()))) == ['{"a":1}']


def test_rows_are_numbered_over_all_batches(tmp_path: Path) -> None:
    pq.write_table(pa.table({"v": range(120_000)}), tmp_path / "p", row_group_size=7_000)
    rows = read_rows("parquet", tmp_path / "p")
    assert [row["_record"] for row in rows] == list(range(1, 120_001))
    assert all(row["v"] == str(place) for place, row in enumerate(rows))


def test_a_table_without_rows_shows_its_columns(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": pa.array([], pa.float64()), "A": pa.array([], pa.string())}), tmp_path / "p")
    assert columns("parquet", tmp_path / "p") == ["a", "A_2", "_record", "_malformed"]


@pytest.mark.parametrize("cut", [0, 3, 100, -5])
def test_what_is_no_whole_parquet_is_refused(tmp_path: Path, cut: int) -> None:
    pq.write_table(pa.table({"v": range(100)}), tmp_path / "p")
    (tmp_path / "p").write_bytes((tmp_path / "p").read_bytes()[:cut])
    with pytest.raises(Unreadable, match="parquet"):
        read_rows("parquet", tmp_path / "p")
