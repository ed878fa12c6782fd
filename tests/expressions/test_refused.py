"""What is not in the subset is refused when a declaration is checked, with one line that says what to write instead."""

import pytest

from jobs.shared.rowsql import compiled, strict_cast
from schemas.expressions import FUNCTIONS, ExpressionError, columns, parse

REFUSED = {
    "": "it is empty",
    "a +": "syntax error at line 1, column 3",
    "a ) b": "syntax error at line 1, column 3 near ')'",
    "'abc": "not closed",
    "a; b": "one expression",
    "a b": "missing operator",
    "a as b": "an alias",
    "sum(a)": "function sum is an aggregate",
    "mystery(a)": "function mystery is not allowed (allowed: abs, coalesce,",
    "to_date(a, 'yyyy')": "function to_date is not allowed",
    "substring(a, 1, 2, 3)": "write substring(text, start, length)",
    "sum(a) over ()": "a window",
    "*": "not allowed here: *",
    "(select 1)": "a subquery",
    "a in (select 1)": "not a subquery",
    "exists(select 1)": "a subquery",
    "a / b": "use try_divide",
    "a % b": "not allowed here: %",
    "a div b": "use floor(try_divide",
    "a || b": "use concat",
    "a <=> b": "<=>",
    "a is true": "only IS NULL",
    "a = b = c": "brackets",
    "a = not b": "brackets",
    "a = b in (1)": "brackets",
    "a between symmetric 1 and 2": "SYMMETRIC",
    "a like b": "string literal",
    "a like 'x\\\\y'": "may only stand before",
    "a ilike 'x'": "not allowed",
    "a like any ('x')": "LIKE needs a string literal",
    "x -> x + 1": "not allowed",
    "a[0]": "an element",
    "a.b": "backticks",
    "温度 > 3": "backticks",
    "1_000 + 1": "backticks",
    "current_date": "does not know the time",
    "interval 1 day": "use date_add",
    "1e3": "write digits",
    "10L": "write digits",
    "X'1F'": "not allowed",
    "'a' 'b'": "side by side",
    r"regexp_extract(a, '\d+', 0)": r"write \\d for a backslash",
    "numeral(a, ';')": "decimal sign, '.' or ','",
    "numeral(a, b)": "decimal sign, '.' or ','",
    "cast(a as double)": "type double is not allowed",
    "cast(a as array<int>)": "is not allowed",
    "cast(a as decimal(39,2))": "precision is 1 to 38",
    "try_cast(a as date format 'x')": "not allowed",
    "a rlike b": "string literal",
    "a rlike '(?=x)'": "no lookaround",
    "a rlike '(?<!x)y'": "no lookaround",
    "a rlike '(?<n>x)'": "no names",
    r"a rlike '(a)\\1'": "no back-references",
    r"a rlike '\\bx'": "boundaries",
    r"a rlike '\\p{L}'": "Unicode classes",
    "a rlike 'x*+'": "possessive",
    "a rlike 'x{2000}'": "more than 1000 repeats",
    "a rlike '[a&&b]'": "&&",
    "a rlike '(a'": "unclosed group",
    "a rlike '*a'": "repeats nothing",
    "a rlike '(a*)*'": "can match nothing",
    "a rlike '[z-a]'": "the range z-a",
    "regexp_extract(a, 'b$c', 0)": "$ before the end",
    "regexp_extract(a, 'a|b$', 0)": "$ beside |",
    "regexp_extract(a, 'x')": "asks for group 1",
    "regexp_extract(a, '(x)', 2)": "asks for group 2",
    "regexp_replace(a, 'x*', '-')": "can match nothing",
    "regexp_replace(a, 'x', '$1')": "has 0 groups",
    "regexp_replace(a, b, '')": "argument 2 must be a string literal",
    "split_part(a, ',', 0)": "not 0",
    "split_part(a, '', 1)": "not empty",
    "lpad(a, b)": "a written length",
    "round(a, b)": "a written number",
    "round(a, -1)": "a written number",
    "get_json_object(a, '$.*')": "no wildcards",
    "get_json_object(a, 'a')": "no wildcards",
    "timestampadd(FORTNIGHT, 1, a)": "needs a unit first",
    "try_to_date(a, b)": "must be a string literal",
    "try_to_date(a, 'MM/dd')": "no year",
    "try_to_date(a, 'yyyy-dd')": "d needs M",
    "try_to_date(a, 'YYYY-MM-dd')": "YYYY is not supported",
    "try_to_date(a, 'Mdyyyy')": "touch",
    "try_to_timestamp(a, 'yyyy-MM-dd HH:mm:ssXXX')": "reads an offset",
    'try_to_timestamp(a, "yyyy-MM-dd\'T")': "not closed",
    "try_to_timestamp(a, 'yyyy-MM-dd hh:mm')": "h needs d and a",
    "try_to_timestamp(a, 'yyyy-MM-dd[ HH:mm]')": "not supported",
}
MISTYPED = {
    "a + 1": "+ needs numbers, not string: write try_cast",
    "a > 1": "string stands beside",
    "a in (1, 2)": "string stands beside",
    "coalesce(a, 0)": "string stands beside",
    "n in ('x')": "stands beside",
    "abs(a)": "abs needs numbers",
    "n + null": "needs numbers, not NULL",
    "a and b": "is a string, where a condition is needed",
    "if(n, 1, 2)": "is a int, where a condition is needed",
    "date_add(d, a)": "as an int, not string",
    "substring(a, b)": "substring needs whole numbers",
    "try_to_date(d, 'yyyy')": "read text, not date",
    "numeral(n)": "numeral reads text",
    "cast(d as int)": "a date cannot be cast to int",
    "concat(try_divide(n, n), '')": "a double cannot be cast to string",
    "greatest(a, n)": "needs arguments of one type",
    "w + w": "38",
    "w * w": "more than 38 decimals",
    "n = d": "int stands beside date",
    "123456789012345678901234567890123456789 + n": "at most 38",
}
TYPES = {"n": "int", "d": "date", "w": "decimal(38,30)"}


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_not_in_the_subset_is_refused_with_a_hint(text: str) -> None:
    with pytest.raises(ExpressionError) as refused:
        parse(text)
    assert REFUSED[text] in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("text", [text for text in MISTYPED if text != "w + w"])
def test_types_that_do_not_go_together_are_refused_with_a_hint(text: str) -> None:
    with pytest.raises(ExpressionError) as refused:
        compiled(text, TYPES)
    assert MISTYPED[text] in str(refused.value)


def test_columns_are_named_as_written_without_backticks_and_units_are_no_columns() -> None:
    text = "timestampadd(HOUR, 1, try_to_timestamp(`Day`, 'yyyy-MM-dd')) > `a``b` or time is null or `列 1` = ''"
    assert columns(text) == {"Day", "time", "a`b", "列 1"}


def test_a_quote_in_a_string_is_written_with_a_backslash_or_the_other_quote() -> None:
    assert compiled(r"""'it\'s'""").sql == compiled('''"it's"''').sql == "'it''s'"


def test_every_function_says_how_it_is_called_and_what_it_gives() -> None:
    for name, function in FUNCTIONS.items():
        assert function.usage.startswith(f"{name}(")
        assert function.gives


def test_an_unknown_type_name_is_refused() -> None:
    with pytest.raises(ExpressionError, match="type 'float'"):
        strict_cast("x", "string", "float")
