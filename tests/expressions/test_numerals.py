"""Numbers as filings write them, and what is left unread rather than guessed."""

from decimal import Decimal

import duckdb
import pytest

from jobs.shared.numerals import numeral_sql_spark
from jobs.shared.rowsql import compiled, to_duckdb
from schemas.expressions import parse

READ = {
    "4.7亿": "470000000", "4。7亿": "470000000", "“4。7”": "4.7", '"4。7亿"': "470000000",
    "6847。6万个": "68476000", "６５％": "65", "65%": "65", "1,234,567.8": "1234567.8",
    "１，２３４．５": "1234.5", "　12 ": "12", "3.74亿": "374000000", "1万亿": "1000000000000",
    "2百万": "2000000", "3千万": "30000000", "5百": "500", "7千": "7000", "12户": "12", "120辆": "120",
    "1200人次": "1200", "5万人": "50000", "－3.5": "-3.5", "+1249万": "12490000", "−2": "-2", ".5": "0.5",
    "007": "7", "3億": "300000000", "1.2345678905": "1.234567891",
}  # fmt: skip
UNREAD = (
    "", " ", "3-5", "3~5", "3～5", "3－5", "12 13", "12[1]", "*12", "12*", "12①", "(12)", "（12）", "约12",
    "12余", "1,23", "12,34,567", "0,123", "1.234.567", "5.", "5。", "。5", "1e5", "12万3千", "4亿5000万",
    "“12", '12"', "一百", "65‰", "%", "万", "--1", "12km", "999999999999999999999999999999",
)  # fmt: skip


READ_WITH_A_COMMA = {
    "12,5": "12.5", "1.234": "1234", "1.234,5": "1234.5", "1.234.567,89": "1234567.89", "1 234,5": "1234.5",
    "1\u00a0234\u00a0567": "1234567", "1\u202f234,5": "1234.5", "-0,5": "-0.5", ",5": "0.5", "12": "12",
    "12,5 %": "12.5", "１．２３４，５": "1234.5",
}  # fmt: skip
UNREAD_WITH_A_COMMA = ("", "1.5", "12.34", "0.123", "1,234.5", "1.234 567", "12 34", "5,", "1,2,3", "ND", "--")


def numeral(text: str, call: str = "numeral(a)") -> Decimal | None:
    row = duckdb.execute(f"SELECT {to_duckdb(call)} FROM (SELECT ? AS a)", [text]).fetchall()[0]
    return Decimal(row[0]) if row[0] is not None else None


@pytest.mark.parametrize("text", READ)
def test_a_number_is_read_as_printed(text: str) -> None:
    assert numeral(text) == Decimal(READ[text])


@pytest.mark.parametrize("text", UNREAD)
def test_a_range_a_mark_or_an_ambiguity_is_not_a_number(text: str) -> None:
    assert numeral(text) is None


@pytest.mark.parametrize("text", READ_WITH_A_COMMA)
def test_where_the_decimal_sign_is_a_comma_points_and_spaces_group(text: str) -> None:
    assert numeral(text, "numeral(a, ',')") == Decimal(READ_WITH_A_COMMA[text])


@pytest.mark.parametrize("text", UNREAD_WITH_A_COMMA)
def test_a_point_that_does_not_group_is_not_taken_out(text: str) -> None:
    assert numeral(text, "numeral(a, ',')") is None


def test_a_numeral_is_spark_sql_within_the_allowed_subset() -> None:
    assert parse(numeral_sql_spark("`Active users`")).columns == {"Active users"}
    assert str(compiled("numeral(a)").type) == "decimal(38,9)"
