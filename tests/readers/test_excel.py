"""Workbooks as people keep them: titles over the table, merged cells, footers."""

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path

import openpyxl
import pytest

from jobs.readers import Unreadable
from tests.readers.conftest import columns, read_rows

Book = Callable[..., Path]


@pytest.fixture
def book(tmp_path: Path) -> Book:
    def written(rows: Sequence[Sequence[object]], merged: Sequence[str] = ()) -> Path:
        workbook = openpyxl.Workbook()
        sheet = workbook.worksheets[0]
        sheet.title = "台账"
        for number, row in enumerate(rows, start=1):
            for place, value in enumerate(row, start=1):
                sheet.cell(number, place, value)
        for block in merged:
            sheet.merge_cells(block)
        workbook.create_sheet("说明").append(["只有文字"])
        workbook.save(tmp_path / "ledger.xlsx")
        return tmp_path / "ledger.xlsx"

    return written


def test_a_ledger_with_title_footer_and_blank_rows(book: Book) -> None:
    path = book(
        [
            ["全市医院床位台账", None, None],
            ["填报日期：2025-03-01", None, None],
            ["医院", "开放床位", "日期"],
            ["第一医院", 800, dt.date(2025, 3, 1)],
            [],
            ["第二医院", 650.0, dt.datetime(2025, 3, 1, 8, 30)],
            ["合　计", 1450],
            ["制表人：某某"],
        ],
        ["A1:C1", "A2:C2"],
    )
    assert read_rows("excel", path, header_row=3, footer=["合计", "制表人"]) == [
        {"医院": "第一医院", "开放床位": "800", "日期": "2025-03-01", "_record": 4},
        {"医院": "第二医院", "开放床位": "650", "日期": "2025-03-01 08:30:00", "_record": 6},
    ]


def test_values_are_text_as_a_person_sees_them(book: Book) -> None:
    seen = {
        "007": "007",
        1234567.891: "1234567.891",
        3: "3",
        -0.5: "-0.5",
        10**15: "1000000000000000",
        1 / 3: "0.333333333333333",
        True: "TRUE",
        dt.time(8, 5): "08:05:00",
        dt.timedelta(hours=30, minutes=5): "30:05:00",
        " x ": " x ",
        dt.datetime(2025, 3, 1, 23, 59, 59): "2025-03-01 23:59:59",
    }
    rows = read_rows("excel", book([["v"], *([value] for value in seen)]))
    assert [row["v"] for row in rows] == list(seen.values())


def test_a_whole_day_is_midnight_where_timestamps_are_declared(book: Book) -> None:
    path = book([["at", "day"], [dt.datetime(2025, 3, 1), dt.date(2025, 3, 1)]])
    assert read_rows("excel", path, timestamps=["at"]) == [
        {"at": "2025-03-01 00:00:00", "day": "2025-03-01", "_record": 2}
    ]


def test_a_header_in_two_rows_joins_the_names_of_merged_cells(book: Book) -> None:
    path = book(
        [["日期", "病例", None], [None, "确诊", "死亡"], ["2025-03-01", 5, 0]],
        ["A1:A2", "B1:C1"],
    )
    assert read_rows("excel", path, header_height=2) == [
        {"日期": "2025-03-01", "病例 确诊": "5", "病例 死亡": "0", "_record": 3}
    ]


def test_a_merged_block_counts_for_each_row_only_where_declared(book: Book) -> None:
    rows = [["科室", "人数", "备注"], ["急诊", 3, "共同"], [None, 4, None], ["门诊", 5, None]]
    assert read_rows("excel", book(rows, ["A2:A3", "C2:C3"]), fill_merged=["科室"]) == [
        {"科室": "急诊", "人数": "3", "备注": "共同", "_record": 2},
        {"科室": "急诊", "人数": "4", "备注": None, "_record": 3},
        {"科室": "门诊", "人数": "5", "备注": None, "_record": 4},
    ]


def test_a_column_without_name_is_kept_when_it_holds_something(book: Book) -> None:
    path = book([["a", None, None, "a"], [1, 2, None, 3]])
    assert read_rows("excel", path) == [{"a": "1", "column_2": "2", "a_2": "3", "_record": 2}]


def test_a_sheet_is_found_by_name_or_position(book: Book) -> None:
    path = book([["a"], [1]])
    assert columns("excel", path, sheet="说明") == ["只有文字", "_record", "_malformed"]
    assert columns("excel", path, sheet=1) == ["只有文字", "_record", "_malformed"]
    assert read_rows("excel", path, sheet="台账") == [{"a": "1", "_record": 2}]


@pytest.mark.parametrize("given", [{"sheet": "床位"}, {"sheet": 2}, {"header_row": 9}])
def test_a_sheet_or_header_that_is_not_there_is_refused(book: Book, given: dict[str, object]) -> None:
    with pytest.raises(Unreadable, match=r"the sheets 台账, 说明|no names in row 9"):
        read_rows("excel", book([["a"], [1]]), **given)


@pytest.mark.parametrize("content", [b"", b"<html><table></table></html>", b"PK\x03\x04 cut"])
def test_a_file_that_is_no_workbook_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "ledger.xls"
    path.write_bytes(content)
    with pytest.raises(Unreadable, match="no readable workbook"):
        read_rows("excel", path)
