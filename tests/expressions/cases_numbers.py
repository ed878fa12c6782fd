"""Arithmetic and comparison: expressions and rows on which DuckDB must say what Spark says."""

from itertools import product

from tests.expressions.same import Topic, expressions

DECIMALS = expressions(r"""
    a + b | a - b | a * b | a + c | a * c | c + 1 | c - 1 | c * 2 | c * c | c + c | -c | -a | abs(a) | abs(c)
    a * 2 | a + 10 | b * 1.5 | a * -5 | try_divide(a, b) | try_divide(b, a) | try_divide(a, c) | try_divide(c, a)
    try_divide(c, 7) | try_divide(c, c) | try_divide(a, 60) | try_divide(1, 3) | try_divide(b, 0.3) | round(a)
    round(a, 1) | round(b, 2) | round(a, 5) | round(c) | round(c, 2) | floor(a) | floor(b) | floor(c)
    round(try_divide(c, 7), 3) | floor(try_divide(c, 7)) | try_divide(c, 7) * 1.5 | try_divide(c,7) + a
    try_cast(try_divide(c, 7) as decimal(12,4)) | try_cast(try_divide(c, 7) as int) | try_cast(a as int)
    try_cast(b as int) | try_cast(b as smallint) | try_cast(a as decimal(5,1)) | try_cast(b as decimal(9,2))
    try_cast(c as smallint) | try_cast(c as decimal(5,2)) | try_cast(a as string) | try_cast(c as string)
    try_cast(c as boolean) | try_cast(a as boolean) | try_cast(c as timestamp) | greatest(a, b) | least(a, c)
    greatest(a, b, c) | coalesce(a, c) | coalesce(a, 0) | if(a > b, a, c)
    case when a > 0 then 1 when b > 0 then a end | nullif(a, b) | nullif(c, 7) | a = c | a <> b | a < b | a >= c
    a > 1.5 | c between -7 and 7.5 | a in (1, 0.005, c) | c in ('7', '0') | c = '7' | a + b * c - 1
    (a + b) * (a - b) | try_divide(a + b, a - b) | a * a * a | concat(a, c) | 1.50 + a | .5 * a | c * 1000
    abs(a - b) <= 0.02 | coalesce(try_divide(a,c), 0) | -(-a) | greatest(try_divide(c,7), a) | try_divide(c,7) > a
    coalesce(null, a) | round(2.5) | round(-2.5) | round(1.005, 2)
""")
WIDE = expressions(r"""
    a * 1000 | a * 0.001 | a + 1 | a * b | try_divide(a, b) | try_divide(a, 10000) | try_divide(b, a) | a + b
    a - b | round(a, 2) | floor(a) | cast(a as string) | a * b * 2 | try_cast(a as decimal(20,2))
    try_cast(a as bigint) | try_divide(a, 3) | a > b | coalesce(a, 0) | try_divide(a * 100000, b) | abs(a)
""")
INTEGERS = expressions(r"""
    a + b | a * b | a + c | b + c | a - c | c * c | b * b | -a | -b | -c | abs(a) | abs(c) | a + 1 | b + 1
    try_cast(b as int) | try_cast(b as smallint) | try_cast(b as decimal(9,2)) | try_cast(b as timestamp)
    try_divide(b, a) | try_divide(b, 3.5) | b * 2.5 | a * 2.5 | c * 0.5 | greatest(a, b, c) | coalesce(a, b) | a = b
    b > 2.5 | floor(b) | round(a, 1) | b between a and c | b in (1, 2, 3) | a in (1, null)
    case b when 1 then 'x' when 2 then 'y' end | if(a is null, 0, b) | nullif(b, a) | try_divide(a, b)
    concat(a, '-', b) | lpad(a, 3, '0') | length(b) | b = 9223372036854775807 | b > 99999999999999999999
    -2147483648 + a | try_cast(a as boolean) | substring(b, 1, 2)
""")
TOPICS = (
    Topic("decimals", DECIMALS, tuple(product(
        ("0", "-1", "0.005", "-0.005", "12.345", "999999.999", None), ("0", "2", "-3", "0.0001", "12345678.1234"),
        ("0", "7", "-7", "60", None),
    )), ("decimal(9,3)", "decimal(12,4)", "int")),
    Topic("wide decimals", WIDE, tuple(product(
        ("0", "1.5", "-2.123456789", "12345678901234.5", "0.000000001", None),
        ("1", "-3", "0.000001", "1234567890.123456", "99999999999999.999999", "0"),
    )), ("decimal(38,9)", "decimal(20,6)"), may_be_null=True),
    Topic("decimals out of range", ("a * 1000", "a * 1000000", "a + 1", "a * b", "try_divide(a, b)"), (
        ("99999999999999999999999999999.999999999", "-3"),
        ("-99999999999999999999999999999.999999999", "99999999999999.999999"),
    ), ("decimal(38,9)", "decimal(20,6)"), may_be_null=True),
    Topic("integers", INTEGERS, (
        ("0", "1", "0"), ("1", "-2", "5"), ("-7", "1600000000", "-5"), (None, "3000000000", "1"), ("12", "86400", None),
        ("3", "7", "7"), ("100", "32767", "-100"),
    ), ("smallint", "bigint", "int")),
    Topic("integers out of range", expressions(r"""
    a + a | a * a | -a | abs(a) | c + 1 | c * c | -c | abs(c) | b - 1 | b * b | -b | c * b | try_cast(b as int)
    try_cast(b as smallint) | try_cast(c as smallint) | try_cast(b as decimal(9,2)) | try_cast(c as boolean)
    """), (("-32768", "-9223372036854775808", "-2147483648"), ("0", "0", "0")), ("smallint", "bigint", "int")),
    Topic("numbers in words", expressions(r"""
    round(2.5) | round(-2.5) | round(1.005, 2) | round(15) | 1. | .5 | 00.50 | 1.50 + .5 | -2147483648 | 2147483648
    99999999999999999999 | -(5) | - 5 | 2 - -3 | 2 * -3.5 | try_divide(1, 3) | try_divide(1.0, 3) | floor(-1.5)
    greatest(1, 2.55) | coalesce(null, 1) | if(true, 1, 2.5) | case when false then 1 end | cast(null as int)
    try_cast(true as decimal(1,1)) | try_cast(true as decimal(2,1)) | cast(true as int) | cast(1.5 as boolean)
    true = 'yes' | 1 in (1, null) | 2 in (1, null) | not null | null and false | nullif(1, 2.5) | floor(-0.0)
    cast(0.5 as string) | try_cast('x' as int)
    """), ((None,),)),
)  # fmt: skip
