"""The edition's values as files."""

import csv
import json
import math
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from jobs.publish import COLUMNS, Value
from jobs.publish.exports import ordered, publish
from tests.publish.invented_city import CITY, DAY, HOSTILE, UNKNOWN
from tests.publish.invented_edition import edition


def test_the_columns_are_those_of_citypulse_values_in_their_order() -> None:
    assert ", ".join(COLUMNS) == (
        "indicator, place, place_name, level, period_kind, period, segment, value, unit, coverage, low, high, grade, "
        "status, reasons, n_records, definition_version, edition"
    )


def test_json_holds_every_value_as_it_was_handed_over(tmp_path: Path) -> None:
    data = edition()
    publish(data, tmp_path)
    assert json.loads((tmp_path / "values.json").read_bytes()) == ordered(data.values)


def test_parquet_holds_every_value_as_it_was_handed_over(tmp_path: Path) -> None:
    data = edition()
    publish(data, tmp_path)
    table = pq.read_table(tmp_path / "values.parquet")
    assert table.column_names == list(COLUMNS)
    assert table.to_pylist() == ordered(data.values)


def test_csv_reads_back_to_the_same_doubles_and_texts(tmp_path: Path) -> None:
    data = edition()
    publish(data, tmp_path)
    with (tmp_path / "values.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    for row, value in zip(rows, ordered(data.values), strict=True):
        assert (float(row["value"]) if row["value"] else None) == value["value"]
        assert row["reasons"] == "; ".join(value["reasons"])
        assert row["place_name"] == (value["place_name"] or "")
    assert HOSTILE in {row["place_name"] for row in rows}


def test_unknown_is_an_empty_cell_and_never_zero(tmp_path: Path) -> None:
    publish(edition(), tmp_path)
    with (tmp_path / "values.csv").open(encoding="utf-8", newline="") as lines:
        cells = [
            row["value"]
            for row in csv.DictReader(lines)
            if (row["indicator"], row["place"], row["period"]) == (UNKNOWN, CITY, DAY.isoformat())
        ]
    assert cells == [""]


def test_the_same_values_in_another_order_give_the_same_bytes(tmp_path: Path) -> None:
    data = edition()
    folders = [tmp_path / name for name in ("one", "two")]
    for folder, values in zip(folders, (data.values, data.values[::-1]), strict=True):
        folder.mkdir()
        publish(replace(data, values=values), folder)
    for name in ("values.csv", "values.json", "values.parquet"):
        assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes()


@pytest.mark.parametrize("wrong", [math.nan, math.inf])
def test_what_is_no_number_is_refused_before_a_file_is_written(tmp_path: Path, wrong: float) -> None:
    data = edition()
    bad: list[Value] = [{**data.values[0], "value": wrong}]
    with pytest.raises(ValueError, match="not JSON compliant"):
        publish(replace(data, values=bad), tmp_path)
    assert not list(tmp_path.iterdir())


def test_an_edition_without_values_still_has_its_columns(tmp_path: Path) -> None:
    publish(replace(edition(), values=[]), tmp_path)
    assert (tmp_path / "values.csv").read_text().strip() == ",".join(COLUMNS)
    assert json.loads((tmp_path / "values.json").read_text()) == []
    assert pq.read_table(tmp_path / "values.parquet").column_names == list(COLUMNS)
