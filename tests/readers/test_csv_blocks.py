"""Delimited text whose header stands again, with titles above and totals below."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import ValidationError

from jobs.readers import Unreadable, csv
from tests.readers.conftest import columns, read_rows

Write = Callable[[bytes | str], Path]


def test_each_header_names_the_columns_below_it_and_titles_and_totals_are_no_records(write: Write) -> None:
    text = 'A title\n\nday,n\n1,5\nTotal,5\na note, of any width,\nday,m,n\n2,x,6\n"To tal",,6\n'
    assert read_rows("csv", write(text), headers=["day"], footer=["Total"]) == [
        {"day": "1", "n": "5", "m": None, "_record": 1},
        {"day": "2", "n": "6", "m": "x", "_record": 5},
    ]


def test_a_header_may_begin_with_another_word_and_carry_the_byte_order_mark_of_its_own_file(write: Write) -> None:
    text = "\ufeffday,n\n1,5\n\ufeffdate,n\n2,6\n"
    assert read_rows("csv", write(text), headers=["day", "date"]) == [
        {"day": "1", "n": "5", "date": None, "_record": 1},
        {"day": None, "n": "6", "date": "2", "_record": 3},
    ]


def test_a_row_is_measured_by_the_header_above_it(write: Write) -> None:
    text = "day,n\n1,5\n1,5,x\nday,m,n\n2,6\n3,x,7\n"
    assert read_rows("csv", write(text), headers=["day"]) == [
        {"day": "1", "n": "5", "m": None, "_record": 1},
        {"day": None, "n": None, "m": None, "_record": 2, "_malformed": "1,5,x"},
        {"day": None, "n": None, "m": None, "_record": 4, "_malformed": "2,6"},
        {"day": "3", "n": "7", "m": "x", "_record": 5},
    ]


def test_names_that_differ_in_case_only_are_one_column(write: Write) -> None:
    assert columns("csv", write("Day,n\n1,5\nDay,N\n2,6\n"), headers=["Day"])[:2] == ["Day", "n"]


def test_a_footer_alone_ends_the_table(write: Write) -> None:
    assert read_rows("csv", write("title\nday,n\n1,5\n合　计,5\n2,6\n"), skip_rows=1, footer=["合计"]) == [
        {"day": "1", "n": "5", "_record": 1}
    ]


def test_a_table_without_rows_shows_its_columns(write: Write) -> None:
    assert columns("csv", write("title\nday,n\n"), headers=["day"])[:2] == ["day", "n"]


def test_a_file_without_any_such_header_is_refused(write: Write) -> None:
    with pytest.raises(Unreadable, match="found no header, expected a row that begins with day | date"):
        read_rows("csv", write("a,b\n1,2\n"), headers=["day", "date"])


def test_headers_need_a_header_in_the_file() -> None:
    with pytest.raises(ValidationError, match="need a header"):
        csv.Options(header=False, columns=("a",), headers=("a",))


def test_a_file_with_the_mark_of_utf_8_is_utf_8_whatever_was_declared(write: Write) -> None:
    assert read_rows("csv", write("\ufeff역명,n\n강변,1\n"), encoding="cp949") == [
        {"역명": "강변", "n": "1", "_record": 1}
    ]
