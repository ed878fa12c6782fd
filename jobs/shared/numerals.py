"""Numbers as statistics and company filings write them, as one Spark SQL expression for every engine.

Read are: ASCII and full-width digits and signs; `.`, `．` or `。` between digits (4。7亿); thousands separators that
group properly (1,234,567.8), which are points or spaces where the decimal sign is a comma (1.234.567,8; 1 234 567,8);
a closing 百 千 万 亿 百万 千万 百亿 千亿 万亿 (萬, 億); `%` or `％`, which keeps the value as printed (65％ is 65); one
unit of 户 人 个 次 件 辆 (or 人次 …); spaces and one pair of quotes around it. Anything else is NULL: ranges (3-5), two
numbers, footnote marks (12[1], *12), words (约, 余), `1,23`, `1.234.567`, exponents.
"""

ARGUMENT = "_numeral_text"
_FROM = "０１２３４５６７８９．，％＋－−　萬億"
_TO = "0123456789.,%+-- 万亿"
_FACTORS = {
    "万亿": 12, "千亿": 11, "百亿": 10, "千万": 7, "百万": 6, "亿": 8, "万": 4, "千": 3, "百": 2,
}  # fmt: skip
_NUMBERS = {
    ".": r"[+-]?(?:(?:[0-9]+|[1-9][0-9]{0,2}(?:,[0-9]{3})+)(?:[.。][0-9]+)?|[.][0-9]+)",
    ",": r"[+-]?(?:(?:[0-9]+|[1-9][0-9]{0,2}(?:(?:[.][0-9]{3})+|(?: [0-9]{3})+))(?:,[0-9]+)?|,[0-9]+)",
}
"""By decimal sign."""
_SPACES = "\u00a0\u202f\u2009"
"""Between thousands: no-break, narrow no-break and thin space."""
_UNIT = "(?:%|[户人个件辆]?次|[户人个件辆])"
_WHOLE = rf"^ *(%s(?: *(?:{'|'.join(_FACTORS)}))?)(?: *{_UNIT.replace('%', '%%')})? *$"
_QUOTED = r"""^ *(?:“([^“”]*)”|"([^"]*)"|'([^']*)'|‘([^‘’]*)’) *$"""


def numeral_sql_spark(argument: str, decimal_sign: str = ".") -> str:
    """Spark SQL that reads the text expression `argument` as decimal(38,9), from allowed functions only."""
    sql = argument
    spaces = _SPACES if decimal_sign == "," else ""
    for old, new in zip(_FROM + spaces, _TO + " " * len(spaces), strict=True):
        sql = f"replace({sql}, '{old}', '{new}')"
    sql = f"regexp_replace({sql}, {_literal(_QUOTED)}, '$1$2$3$4')"
    sql = f"regexp_extract({sql}, {_literal(_WHOLE % _NUMBERS[decimal_sign])}, 1)"
    if decimal_sign == ",":
        sql = f"replace(replace({sql}, '.', ''), ',', '。')"
    sql = f"replace(replace(replace({sql}, ',', ''), ' ', ''), '。', '.')"
    for word, exponent in _FACTORS.items():
        sql = f"replace({sql}, '{word}', 'E{exponent}')"
    return f"try_cast({sql} as decimal(38,9))"


def _literal(pattern: str) -> str:
    return "'" + pattern.replace("\\", "\\\\").replace("'", "\\'") + "'"
