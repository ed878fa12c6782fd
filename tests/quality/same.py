"""Rows and expectations on which the rules here and stock great-expectations must say the same."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import product
from typing import Any

import pyarrow as pa

from jobs.core.lake import arrow_schema

Arguments = dict[str, Any]
Case = tuple[str, Arguments]
TYPES = {
    "whole": "int", "long": "bigint", "exact": "decimal(12,3)", "wide": "decimal(38,6)", "other": "decimal(12,3)",
    "real": "double", "text": "string", "word": "string", "day": "date", "until": "date", "at": "timestamp",
    "flag": "boolean",
}  # fmt: skip


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


VALUES: dict[str, list[Any]] = {
    "whole": [0, 1, -1, 5, 5, 5, None, 2**31 - 1, -(2**31), 75, None, 42],
    "long": [0, 2**63 - 1, -(2**63), 2**53, 2**53 + 1, None, 5, 5, -5, 10, None, 1],
    "exact": [Decimal(one) if one else None for one in (
        "0", "0.001", "-0.001", "1609.344", "1609.345", "0.100", None, "0.3", "999999999.999", "-999999999.999", "5",
        None)],
    "wide": [Decimal(one) if one else None for one in (
        "0", "0.000001", "-0.000001", "12345678901234567890.5", "-12345678901234567890.5", "5", None, "5", "5.5", "1e9",
        None, "0.1")],
    "other": [Decimal(one) if one else None for one in (
        "0", "0.002", "-0.001", None, "1609.344", "0.200", None, "0.3", "0", "0", "4.999", "1")],
    "real": [0.0, -0.0, float("nan"), float("inf"), float("-inf"), 0.1, None, 0.3, 0.1 + 0.2, 5e-324,
             1e308, float("nan")],
    "text": ["abc", "ABC", "", "中文", "😀", "e\u0301", None, "NaN", "a\nb", "１２３", "O'Brien", "12"],
    "word": ["abc", "abc", "", "文中", "😀😀", "é", None, None, "a%b", "a_b", "back\\slash", "ß"],
    "day": [date(1, 1, 1), date(9999, 12, 31), date(1970, 1, 1), date(1969, 12, 31), date(2024, 2, 29), None,
            date(2025, 3, 30), date(2025, 3, 30), date(1582, 10, 15), date(1900, 2, 28), date(2000, 2, 29), None],
    "until": [date(1, 1, 2), date(9999, 12, 31), date(1969, 12, 31), date(1970, 1, 1), None, None,
              date(2025, 3, 30), date(2025, 3, 31), date(1582, 10, 15), date(1900, 3, 1), date(2000, 2, 28),
              date(2025, 1, 1)],
    "at": [_at("1970-01-01T00:00:00"), _at("1969-12-31T23:59:59.999999"), _at("2025-03-30T00:59:59.999999"),
           _at("2025-03-30T01:00:00"), _at("9999-12-31T23:59:59.999999"), None, _at("2025-03-30T00:00:00"),
           _at("2025-03-30T00:00:00.000001"), _at("2024-02-29T12:00:00"), _at("1900-01-01T00:00:00"), None,
           _at("2025-10-26T01:30:00")],
    "flag": [True, False, None, True, True, False, None, True, False, False, True, True],
}  # fmt: skip


def tables() -> dict[str, pa.Table]:
    """Twelve mixed rows, none, one, only NULL, and one row seven times."""
    mixed = pa.table(VALUES, schema=arrow_schema(TYPES))
    nulls = pa.table({name: [None] * 3 for name in TYPES}, schema=mixed.schema)
    return {
        "mixed": mixed, "empty": mixed.slice(0, 0), "one_row": mixed.slice(4, 1), "all_null": nulls,
        "ties": pa.concat_tables([mixed.slice(7, 1)] * 7),
    }  # fmt: skip


def few_of(cases: Iterable[Case]) -> list[Case]:
    """Of each expectation and its columns the first case."""
    found: dict[tuple[str, str], Case] = {}
    for case in cases:
        columns = {name: said for name, said in case[1].items() if name.startswith("column")}
        found.setdefault((case[0], repr(columns)), case)
    return list(found.values())


def on_one_row() -> Iterator[Case]:
    """What is said of one row, of which great-expectations on Spark has a verdict."""
    for column in TYPES:
        yield "expect_column_values_to_not_be_null", {"column": column}
        yield "expect_column_values_to_be_null", {"column": column}
    yield from _bounded()
    yield from _listed()
    yield from _of_text()
    yield from _of_several()


# pyspark makes no literal of a date before the year 1000.
BOUNDS: dict[str, list[tuple[Any, Any]]] = {
    "whole": [(0, 5), (-1, None), (None, 1), (-(2**31), 2**31 - 1), (0.5, 74.5)],
    "long": [(-5, 10), (-(2**63), 2**63 - 1), (1, None)],
    "exact": [(0, 1609.344), (-0.001, 0.1), (0.3, None), (None, -999999999.999)],
    "wide": [(0, 5), (0.1, 5.5), (None, 1000000000)],
    "real": [(0, 0.3), (0.1, None), (None, 0.3)],
    "day": [("1970-01-01", "2025-03-30"), (date(1582, 10, 15), date(9999, 12, 31)), (None, "1582-10-15"),
            ("9999-12-31", None)],
    "at": [("1970-01-01", "2025-03-30"), (None, "2025-03-30T01:00:00"), (_at("1970-01-01T00:00:00"), None),
           ("2025-03-30T08:00:00+08:00", None), (date(2025, 3, 30), date(2025, 3, 30))],
}  # fmt: skip


def _bounded() -> Iterator[Case]:
    for column, bounds in BOUNDS.items():
        for (low, high), strict_min, strict_max in product(bounds, (False, True), (False, True)):
            if (strict_min and low is None) or (strict_max and high is None):
                continue
            said = {"min_value": low, "max_value": high, "strict_min": strict_min, "strict_max": strict_max}
            given = {name: value for name, value in said.items() if value is not None and value is not False}
            yield "expect_column_values_to_be_between", {"column": column, **given}


LISTS: dict[str, list[list[Any]]] = {
    "whole": [[5], [0, 1, -1], [None, 5], [2**31 - 1, 5.0], []],
    "long": [[2**63 - 1, 5], [2**53]],
    "exact": [[0, 0.1, 0.3], [1609.344, None]],
    "text": [["abc", "中文"], ["😀", "NaN", ""], ["O'Brien", "a\nb", "e\u0301"], ["é"], [None, "abc"], []],
    "word": [["a%b", "back\\slash"]],
    "day": [["1970-01-01", "9999-12-31"], [date(1582, 10, 15), date(2024, 2, 29)]],
    "flag": [[True], [True, False]],
}


def _listed() -> Iterator[Case]:
    for column, lists in LISTS.items():
        for listed in lists:
            yield "expect_column_values_to_be_in_set", {"column": column, "value_set": listed}
            yield "expect_column_values_to_not_be_in_set", {"column": column, "value_set": listed}


PATTERNS = ["^abc$", "(?i)abc", "[0-9]+", r"\d", r"\w", "^.$", "^..$", "^$", "a.b", r"a\sb", "[一-龥]", "'", "b$", "😀"]


def _of_text() -> Iterator[Case]:
    for pattern in PATTERNS:
        yield "expect_column_values_to_match_regex", {"column": "text", "regex": pattern}
        yield "expect_column_values_to_not_match_regex", {"column": "word", "regex": pattern}
    for patterns in (["^a", "c$"], ["中", "[0-9]"], ["b"]):
        for match_on in ("any", "all"):
            given = {"column": "text", "regex_list": patterns, "match_on": match_on}
            yield "expect_column_values_to_match_regex_list", given
        yield "expect_column_values_to_not_match_regex_list", {"column": "word", "regex_list": patterns}
    for column, value in product(("text", "word"), (0, 1, 2, 3)):
        yield "expect_column_value_lengths_to_equal", {"column": column, "value": value}
    for low, high, strict in ((1, 3, False), (1, 3, True), (None, 2, True), (2, None, False), (3.0, None, True)):
        said: Arguments = {"min_value": low, "max_value": high}
        strictly = {"strict_min": True, "strict_max": True} if strict else {}
        yield "expect_column_value_lengths_to_be_between", {"column": "text", **_said(said), **strictly}


PAIRS = (("day", "until"), ("exact", "other"), ("text", "word"), ("whole", "long"), ("real", "exact"))


def _of_several() -> Iterator[Case]:
    for (first, second), ignored in product(PAIRS, (None, "both_values_are_missing", "either_value_is_missing")):
        pair = {"column_A": first, "column_B": second} | ({"ignore_row_if": ignored} if ignored else {})
        yield "expect_column_pair_values_to_be_equal", pair
        yield "expect_column_pair_values_a_to_be_greater_than_b", pair
        yield "expect_column_pair_values_a_to_be_greater_than_b", pair | {"or_equal": True}
    for ignored in (None, "either_value_is_missing"):
        given = {"column_A": "text", "column_B": "word"} | ({"ignore_row_if": ignored} if ignored else {})
        yield "expect_column_pair_values_to_be_in_set", given | {"value_pairs_set": [("abc", "abc"), ("b", "a")]}
        yield "expect_column_pair_values_to_be_in_set", given | {"value_pairs_set": [("😀", "😀😀"), ("NaN", "NaN")]}
    for ignored in (None, "any_value_is_missing", "never"):
        given = {"ignore_row_if": ignored} if ignored else {}
        for columns in (["exact", "other"], ["text", "word"], ["day", "until"]):
            yield "expect_select_column_values_to_be_unique_within_record", {"column_list": columns, **given}
            yield "expect_multicolumn_values_to_be_equal", {"column_list": columns, **given}


def of_patterns() -> Iterator[Case]:
    """LIKE, which great-expectations has for databases only."""
    for pattern in ("abc", "a%", "%b", "_", "__", "%文%", "", "%'%"):
        yield "expect_column_values_to_match_like_pattern", {"column": "text", "like_pattern": pattern}
        yield "expect_column_values_to_not_match_like_pattern", {"column": "word", "like_pattern": pattern}
    for patterns in (["a%", "%c"], ["_", "😀"]):
        for match_on in ("any", "all"):
            given = {"column": "text", "like_pattern_list": patterns, "match_on": match_on}
            yield "expect_column_values_to_match_like_pattern_list", given
        yield "expect_column_values_to_not_match_like_pattern_list", {"column": "word", "like_pattern_list": patterns}


def on_sets() -> Iterator[Case]:
    """What is said of all rows together."""
    for mostly in (0.0, 0.5, 0.75, 1.0):
        for column in ("whole", "text", "day"):
            yield "expect_column_values_to_not_be_null", {"column": column, "mostly": mostly}
        yield "expect_column_values_to_be_between", {"column": "exact", "min_value": 0, "mostly": mostly}
        yield "expect_column_values_to_be_in_set", {"column": "text", "value_set": ["abc", "中文"], "mostly": mostly}
    for column in TYPES:
        yield "expect_column_values_to_be_unique", {"column": column}
        for low, high in ((1, 1), (2, None), (None, 9)):
            bounds = _said({"min_value": low, "max_value": high})
            yield "expect_column_unique_value_count_to_be_between", {"column": column, **bounds}
    yield from _of_tables()
    yield from _of_figures()


def _of_tables() -> Iterator[Case]:
    for columns in (["text", "word"], ["exact", "other"], ["day", "until", "flag"]):
        yield "expect_compound_columns_to_be_unique", {"column_list": columns}
    for low, high in ((1, None), (0, 0), (12, 12), (2, 7), (13, None)):
        yield "expect_table_row_count_to_be_between", _said({"min_value": low, "max_value": high})
    yield "expect_table_row_count_to_equal", {"value": 1}
    yield "expect_column_to_exist", {"column": "day"}


def _of_figures() -> Iterator[Case]:
    for column, bounds in (("whole", (-10, 100)), ("exact", (0, 1609.344)), ("real", (0, 1))):
        for of in ("max", "min", "mean", "sum", "median", "stdev"):
            given = {"column": column, "min_value": bounds[0], "max_value": bounds[1]}
            yield f"expect_column_{of}_to_be_between", given
    yield "expect_column_max_to_be_between", {"column": "day", "max_value": date(2025, 3, 31)}
    yield "expect_column_min_to_be_between", {"column": "day", "min_value": date(1, 1, 1)}
    yield "expect_column_proportion_of_unique_values_to_be_between", {"column": "whole", "min_value": 0.5}
    yield "expect_column_distinct_values_to_be_in_set", {"column": "text", "value_set": ["abc", "NaN"]}
    yield "expect_column_values_to_be_of_type", {"column": "exact", "type_": "DecimalType"}


def _said(given: Mapping[str, Any]) -> Arguments:
    return {name: value for name, value in given.items() if value is not None}


def name(case: Case) -> str:
    """A case in a line."""
    expectation, arguments = case
    return f"{expectation}({', '.join(f'{key}={value!r}' for key, value in arguments.items())})"
