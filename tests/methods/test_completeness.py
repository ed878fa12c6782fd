"""Completeness of records."""

from tests.methods.made import made

RECORDS = [{"values": [1, "a"]}, {"values": [2, None]}, {"values": [3, ""]}, {"values": [None, "d"]}]


def test_by_column_and_by_record_an_empty_text_is_missing() -> None:
    assert made("completeness", "columns", records=RECORDS) == [0.75, 0.5]
    assert made("completeness", "record", records=RECORDS) == 0.25


def test_an_empty_text_may_be_a_value() -> None:
    assert made("completeness", "columns", set_={"empty_is_missing": False}, records=RECORDS) == [0.75, 0.75]
    assert made("completeness", "record", set_={"empty_is_missing": False}, records=RECORDS) == 0.5


def test_no_record_is_unknown() -> None:
    assert made("completeness", "record", records=[]) is None
    assert made("completeness", "columns", records=[]) is None
