"""What needs no Spark to be known: where the row engine is narrower than Spark, and that no value stops the night."""

from datetime import date, datetime
from decimal import Decimal

import duckdb
import pytest

from jobs.shared.rowsql import compiled, strict_cast, to_duckdb


def query(sql: str) -> list[tuple[object, ...]]:
    """The rows of a query."""
    return list(duckdb.connect().execute(sql).fetchall())


def value(expression: str, types: dict[str, str] | None = None, **given: str | None) -> object:
    """The expression's value over text columns, or columns cast to `types`."""
    kinds = types or {}
    shown = {name: "NULL" if text is None else "'" + text.replace("'", "''") + "'" for name, text in given.items()}
    columns = [
        f'({strict_cast(f"{sql}::VARCHAR", "string", kinds.get(n, "string"))}) AS "{n}"' for n, sql in shown.items()
    ]
    source = f"(SELECT {', '.join(columns) or '1 AS one'})"
    return query(f"SELECT {to_duckdb(expression, kinds)} FROM {source}")[0][0]


def test_a_name_in_backticks_is_the_same_column_in_the_row_engine() -> None:
    row = query(
        f'SELECT {to_duckdb("concat(`Site ID`, `a``b`)")} FROM (SELECT 1::VARCHAR AS "Site ID", 2::VARCHAR AS "a`b")'
    )
    assert row == [("12",)]


def test_a_type_is_found_whatever_the_case_of_the_column_name() -> None:
    assert compiled("Boardings + 1", {"boardings": "bigint"}).type.name == "bigint"


def test_what_a_file_says_of_all_its_records_is_typed() -> None:
    assert compiled("coalesce(_scope_day, _delivered_date)").type.name == "date"
    assert compiled("_file_name").type.name == "string"


@pytest.mark.parametrize("text", ["10:20", "T10:20:30", " 7:05"])
def test_a_time_without_a_date_is_not_a_moment(text: str) -> None:
    assert value("try_cast(a as timestamp)", a=text) is None


@pytest.mark.parametrize("text", ["0000-01-01", "-2020-01-01", "10000-01-01", "+12020-01-01"])
def test_a_date_lies_in_the_years_1_to_9999(text: str) -> None:
    assert value("try_cast(a as date)", a=text) is None
    assert value("try_to_date(a, 'yyyy-MM-dd')", a=text) is None


def test_a_named_time_zone_is_not_read() -> None:
    assert value("try_cast(a as timestamp)", a="2020-01-05 10:20:30 PST") is None
    assert value("try_cast(a as timestamp)", a="2020-01-05 10:20:30 Europe/Paris") is None


def test_text_with_an_offset_becomes_utc_as_timestamp_and_keeps_its_clock_as_timestamp_ntz() -> None:
    text = "2020-03-01T08:00:00-05:00"
    assert value("try_cast(a as timestamp)", a=text) == datetime(2020, 3, 1, 13)
    assert value("try_cast(a as timestamp_ntz)", a=text) == datetime(2020, 3, 1, 8)


@pytest.mark.parametrize("text", ["{'a':1}", '{"a":1} x', '{"a":"\t"}', '{"a":1', "nonsense"])
def test_what_is_not_strict_json_holds_nothing(text: str) -> None:
    assert value("get_json_object(a, '$.a')", a=text) is None


@pytest.mark.parametrize(
    ("expression", "types", "given"),
    [
        ("a + 1", {"a": "int"}, "2147483647"),
        ("-a", {"a": "bigint"}, "-9223372036854775808"),
        ("a * 100000000000", {"a": "decimal(38,9)"}, "99999999999999999999999999999"),
        ("try_divide(a, 0)", {"a": "decimal(9,2)"}, "1"),
        ("cast(a as int)", {}, "12.7"),
        ("make_date(a, 2, 30)", {"a": "int"}, "2020"),
        ("date_add(a, 2147483647)", {"a": "date"}, "2020-01-01"),
        ("timestampadd(YEAR, 9000, a)", {"a": "timestamp"}, "2020-01-01"),
    ],
)
def test_where_spark_would_stop_the_value_is_null(expression: str, types: dict[str, str], given: str) -> None:
    assert value(expression, types, a=given) is None
    assert value(f"coalesce({expression}, null) is null", types, a=given) is True


def test_one_bad_value_costs_no_other_row_its_value() -> None:
    sql = to_duckdb("a * 2", {"a": "int"})
    rows = query(f"SELECT {sql} FROM (VALUES (1), (2147483647), (3), (NULL)) AS t(a)")
    assert rows == [(2,), (None,), (6,), (None,)]


def test_decimals_keep_sparks_precision_and_scale() -> None:
    kinds = {"a": "decimal(9,3)", "n": "int"}
    found = {
        text: str(compiled(text, kinds).type)
        for text in ("a + 1", "a * n", "try_divide(a, 60)", "round(a, 1)", "floor(a)")
    }
    assert found == {
        "a + 1": "decimal(10,3)",
        "a * n": "decimal(20,3)",
        "try_divide(a, 60)": "decimal(12,6)",
        "round(a, 1)": "decimal(8,1)",
        "floor(a)": "decimal(7,0)",
    }
    assert value("try_divide(a, 60)", kinds, a="12.345") == Decimal("0.205750")


def test_text_grows_with_the_expression_not_with_its_nesting() -> None:
    nested = "a"
    for _ in range(6):
        nested = f"cast(try_cast({nested} as decimal(9,2)) as string)"
    assert len(to_duckdb(nested)) < 8 * len(to_duckdb("cast(try_cast(a as decimal(9,2)) as string)"))
    assert value(nested, a=" 1.005 ") == "1.01"


@pytest.mark.parametrize(
    ("source", "target", "given", "expected"),
    [
        ("string", "int", " 42 ", 42),
        ("string", "decimal(9,2)", "1.005", Decimal("1.01")),
        ("string", "date", "2020-1-5", date(2020, 1, 5)),
        ("string", "boolean", "Yes", True),
        ("string", "smallint", "40000", None),
    ],
)
def test_a_strict_cast_is_sparks_try_cast(source: str, target: str, given: str, expected: object) -> None:
    row = query(f"SELECT {strict_cast('x', source, target)} FROM (SELECT '{given}' AS x)")[0]
    assert row == (expected,)


def test_a_strict_cast_of_typed_values_truncates_and_rounds_as_spark_does() -> None:
    sql = strict_cast("x", "decimal(9,2)", "int"), strict_cast("x", "decimal(9,2)", "decimal(9,1)")
    assert query(f"SELECT {sql[0]}, {sql[1]} FROM (SELECT -7.65::DECIMAL(9,2) AS x)")[0] == (
        -7,
        Decimal("-7.7"),
    )
