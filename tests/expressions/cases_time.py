"""Dates and times: expressions and rows on which DuckDB must say what Spark says."""

from itertools import product

from tests.expressions.same import Topic, expressions, fuzz, one_column

PATTERN_TEXTS = (
    None, "", "2020-01-05", "2020-1-5", "2020-01-05 ", " 2020-01-05", "20200105", "120200105", "2020-02-30",
    "2019-02-29", "2020-00-05", "2020-13-05", "+2020-01-05", "-2020-01-05", "0001-01-01", "0000-01-01", "9999-12-31",
    "3/2/20", "03/02/20", "003/002/20", "+3/2/20", "-3/2/20", "2/29/2000", "2/29/00", "2/29/72", "2/30/20",
    "12/31/99", "1/1/69", "1/1/68", "0/1/20", "13/1/20", "3/2/2020", "03/02/2020", "3/2/020", "3/32/2020",
    "3/00010/2020", "05-Jan-2020", "05-JAN-2020", "05-jan-2020", "5-Jan-2020", "05-January-2020", "05-MAY-2020",
    "05-Sept-2020", "05-Sep-2020", "31-Apr-2020", "05Jan2020", "2020年01月05日", "2020年1月5日", "2020", "2020-01",
    "2020-1", "202001", "20200105101112", "2020010510", "2020-01-05 10:11:12", "2020-01-05 24:00:00",
    "2020-01-05 10:60:12", "2020-01-05 10:11:60", "2020-01-05 1:2:3", "2020-01-05 10:11", "2020-01-05T10:11:12",
    "2020-01-05t10:11:12", "2020-01-05  10:11:12", "2020-01-05 10:11:12.", "2020-01-05 10:11:12.1",
    "2020-01-05 10:11:12.12", "2020-01-05 10:11:12.123", "2020-01-05 10:11:12.1234", "2020-01-05 10:11:12.123456",
    "2020-01-05 10:11:12.1234567", "2020-01-05 10:11:12.123456789", "2020-01-05 10:11:12.000",
    "01/05/2020 12:20:30 AM", "01/05/2020 12:20:30 pm", "01/05/2020 01:20:30 pM", "1/5/2020 1:20:30 PM",
    "01/05/2020 13:20:30 PM", "01/05/2020 00:20:30 AM", "01/05/2020 0:20:30 AM", "01/05/2020 012:20:30 AM",
    "01/05/2020 12:20:30AM", "01/05/2020 12:20:30 A.M.", "01/05/2020 12:20:30", "5.1.2020 7:05", "05.01.2020 07:05",
    "2020-01-05\n", "２０２０-01-05", "2020-01-05 10:11:12 PM", "NULL", "%2020", "a2020z", "A2020Z",
    "2020-01-05T10:11:12Z", "2020-01-05T10:11:12.123Z", "20-01-05", "99-01-05", "200105", "00-02-29",
    "Thu Jan 05 2020",
)  # fmt: skip
PATTERNS = (
    "yyyy-MM-dd", "yyyyMMdd", "M/d/yy", "MM/dd/yy", "M/d/yyyy", "MM/dd/yyyy", "dd-MMM-yyyy", "d-MMM-yyyy",
    "dd-MMMM-yyyy", "ddMMMyyyy", "yyyy年MM月dd日", "yyyy年M月d日", "yyyy", "yyyy-MM", "yyyyMM", "yyyyMMddHHmmss",
    "yyyyMMddHH", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd H:m:s", "yyyy-MM-dd HH:mm", "yyyy-MM-dd'T'HH:mm:ss",
    "yyyy-MM-dd HH:mm:ss.S", "yyyy-MM-dd HH:mm:ss.SSS", "yyyy-MM-dd HH:mm:ss.SSSSSS", "yyyy-MM-dd HH:mm:ss.SSSSSSS",
    "yyyy-MM-dd HH:mm:ss.SSSSSSSSS", "MM/dd/yyyy hh:mm:ss a", "MM/dd/yyyy h:mm:ss a", "M/d/yyyy h:mm:ss a",
    "MM/dd/yyyy hh:mm:ssa", "d.M.yyyy H:mm", "dd.MM.yyyy HH:mm", "'%'yyyy", "'a'yyyy'z'", "yyyy-MM-dd'T'HH:mm:ss'Z'",
    "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", "yy-MM-dd", "yyMMdd", "yyyy-MM-dd HH", "yyyy-d-M",
)  # fmt: skip
UNITS = ("YEAR", "QUARTER", "MONTH", "WEEK", "DAY", "HOUR", "MINUTE", "SECOND", "MILLISECOND", "MICROSECOND")
DATES = expressions(r"""
    date_add(a, 1) | date_sub(a, 31) | date_add(a, c) | date_sub(a, c) | year(a) | month(a) | day(a) | hour(b)
    minute(b) | year(b) | hour(a) | cast(b as date) | cast(a as timestamp) | cast(b as string) | cast(a as string)
    cast(b as bigint) | a = b | a < b | a <= date '2020-02-29' | a = '2020-02-29'
    a in ('2020-02-29', '1999-12-31') | b >= timestamp '2020-02-29 12:00:00'
    b between '2020-01-01' and '2020-12-31' | coalesce(a, '2020-01-01') | coalesce(a, b)
    if(a > '2020-01-01', a, null) | greatest(a, cast(b as date)) | least(a, b) | date_add(b, 1)
    date_add('2020-02-28', c) | concat(a, ' ', b) | nullif(a, b) | case when a is null then b else a end
    nullif(a, '2020-02-29') | hour('2020-01-01 10:20:30') | year('2020-01-01')
""")


def _call(name: str, pattern: str) -> str:
    quoted = pattern.replace("'", "\\'")
    return f"{name}(a, '{quoted}')"


TOPICS = (
    Topic("patterns", (
        *(_call("try_to_timestamp", pattern) for pattern in PATTERNS),
        *(_call("try_to_date", pattern) for pattern in PATTERNS[:20]),
    ), one_column(*PATTERN_TEXTS)),
    Topic("fuzzed patterns", (
        "try_to_timestamp(a, 'yyyy-MM-dd HH:mm:ss')", "try_to_timestamp(a, 'M/d/yyyy h:mm a')",
        "try_to_date(a, 'yyyyMMdd')",
        "try_to_timestamp(a, 'yyyy-MM-dd HH:mm:ss.SSS')", "try_to_date(a, 'd-MMM-yy')",
    ), fuzz(
        "0123456789-/ :.aApPmMJjnN\t", 400, 26,
        "2020-01-05 10:11:12", "1/5/2020 1:05 PM", "20200105", "2020-01-05 10:11:12.123", "5-Jan-20",
    )),
    Topic("date functions", (
        *DATES,
        *(f"timestampadd({unit}, c, b)" for unit in UNITS),
        *(f"timestampdiff({unit}, {pair})" for unit in UNITS for pair in ("a, b", "b, a")),
        "timestampadd(DAY, 1, a)", "timestampdiff(DAY, '2020-01-01', a)",
    ), tuple(product(
        ("2020-02-29", "1999-12-31", "2020-01-31", "1970-01-01", "1600-03-01", None),
        ("2020-02-29 00:00:00", "2020-03-31 23:59:59.999999", "1969-12-31 23:59:59.5", "2020-01-30 12:34:56", None),
        ("0", "1", "-1", "12", "29", None),
    )), ("date", "timestamp", "int")),
    Topic("dates out of range", (
        "make_date(2020, c, 1)", "make_date(c, 2, 29)", "make_date(2020, 2, c)", "date_add(a, c)", "date_sub(a, c)",
        "timestampadd(YEAR, c, b)", "timestampadd(WEEK, c, b)", "timestampadd(SECOND, c, b)", "cast(c as timestamp)",
    ), tuple(product(
        ("9999-12-31",), ("9999-12-31 23:00:00",), ("0", "13", "30", "2019", "2147483647", "-2147483648"),
    )), ("date", "timestamp", "int")),
    Topic("dates in words", expressions(r"""
    date '2020-02-29' | timestamp '2020-02-29 12:30:00' | timestamp_ntz '2020-02-29 12:30:00.5'
    timestamp '2020-02-29 12:30:00' = timestamp_ntz '2020-02-29 12:30:00' | hour('2020-01-01 10:20:30')
    date '2020-02-29' in ('2020-02-29', '1999-12-31') | date '2020-02-29' < timestamp '2020-02-29 00:00:01'
    make_date(year(a), month(a), day(a)) | date_add(a, 1) | year(a) * 100 + month(a) | year('2020-01-01')
    a between '2020-01-01' and '2020-12-31' | make_date(2020, 2, 29)
    """), one_column("2020-02-29", "1999-12-31", None), ("date",)),
)  # fmt: skip
