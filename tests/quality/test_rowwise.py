"""What an expectation on one row cannot mean is refused where it is declared, not left unheard at night."""

from datetime import date
from typing import Any

import pytest

from quality.predicates import row_rules
from quality.rowwise import NotOnOneRow, predicate
from schemas import DeclarationError, Rules, load_city

TYPES = {"whole": "int", "exact": "decimal(12,3)", "text": "string", "word": "string", "day": "date", "at": "timestamp"}
BETWEEN, IN_SET = "expect_column_values_to_be_between", "expect_column_values_to_be_in_set"
REFUSED: list[tuple[str, dict[str, Any], str]] = [
    (BETWEEN, {"column": "whole"}, "cannot both be missing"),
    (BETWEEN, {"column": "whole", "min_value": 2, "max_value": 1}, "min_value 2 is above max_value 1"),
    (BETWEEN, {"column": "whole", "min_value": "2", "max_value": 3}, "not of one kind"),
    (BETWEEN, {"column": "whole", "min_value": "low"}, "'low' stands beside whole, which is a number"),
    (BETWEEN, {"column": "whole", "min_value": True}, "True stands beside whole, which is a number"),
    (BETWEEN, {"column": "exact", "max_value": float("nan")}, "nan is no bound"),
    (BETWEEN, {"column": "text", "min_value": 1}, "1 stands beside text, which is a string"),
    (BETWEEN, {"column": "day", "min_value": "yesterday"}, "'yesterday' is no date"),
    (BETWEEN, {"column": "at", "min_value": "noon"}, "'noon' is no timestamp"),
    (BETWEEN, {"column": "whole", "min_value": 1, "mostly": 0.9}, "on one row has no mostly"),
    (BETWEEN, {"column": "whole", "minimum": 1}, "on one row has no minimum"),
    (IN_SET, {"column": "text"}, "needs value_set"),
    (IN_SET, {"column": "text", "value_set": ["1", 2]}, "2 stands beside text, which is a string"),
    ("expect_column_value_lengths_to_equal", {"column": "text", "value": 1.5}, "a length is a whole number, not 1.5"),
    ("expect_column_values_to_match_regex_list", {"column": "text", "regex_list": []}, "regex_list needs a pattern"),
    ("expect_column_pair_values_to_be_equal", {"column_A": "text", "column_B": "word", "ignore_row_if": "odd"},
     "ignore_row_if"),
    ("expect_column_values_to_be_unique", {"column": "text"}, "is not a rule on one row; put it under sets:"),
]  # fmt: skip


@pytest.mark.parametrize(("expectation", "arguments", "why"), REFUSED)
def test_what_one_row_cannot_answer_is_refused(expectation: str, arguments: dict[str, Any], why: str) -> None:
    with pytest.raises(NotOnOneRow, match=why):
        predicate(expectation, arguments, TYPES)


def test_a_bound_is_written_out_as_its_column_s_type() -> None:
    assert predicate(BETWEEN, {"column": "exact", "min_value": 1e-7}, TYPES) == "`exact` >= 0.0000001"
    assert predicate(BETWEEN, {"column": "whole", "max_value": "5"}, TYPES) == "`whole` <= 5"
    assert predicate(BETWEEN, {"column": "day", "max_value": date(2025, 3, 1)}, TYPES) == "`day` <= '2025-03-01'"
    assert (
        predicate(IN_SET, {"column": "text", "value_set": ["O'Brien", "\\"]}, TYPES) == r"`text` in ('O\'Brien', '\\')"
    )


def test_a_refusal_names_the_file_and_the_rule_and_an_event_time_is_judged_by_its_instant() -> None:
    table = load_city("lanhai").tables["silver.ambulance_calls"]
    time = next(name for name in table.columns if table.is_time(name))
    words = {"severity": "warning", "why": "-"}

    def rules(**arguments: Any) -> Rules:
        rule = {"rule": "in_time", BETWEEN: {"column": time, **arguments}, **words}
        return Rules.model_validate({"table": table.name, "rows": [rule]})

    (*_, made) = row_rules(table, rules(min_value=date(2025, 3, 1)))
    assert (made.column, made.predicate) == (f"{time}_utc", f"`{time}_utc` >= cast('2025-03-01' as timestamp)")
    with pytest.raises(DeclarationError, match="quality/silver/ambulance_calls.yaml: rule in_time: .* mostly"):
        row_rules(table, rules(min_value=date(2025, 3, 1), mostly=0.5))
