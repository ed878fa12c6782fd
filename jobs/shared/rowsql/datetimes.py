"""Spark's date and time functions in DuckDB SQL, for the years 0001-9999; beyond them the result is NULL."""

from collections.abc import Sequence

from jobs.shared.rowsql.casts import YEAR, cast, within_years
from jobs.shared.rowsql.spark_types import BIGINT, DATE, INT, STRING, TIMESTAMP, VOID, SparkType, Typed, literal, once
from schemas.expressions import ExpressionError
from schemas.java_time import Part, parts

MICROSECONDS = {
    "WEEK": 604_800_000_000, "DAY": 86_400_000_000, "HOUR": 3_600_000_000, "MINUTE": 60_000_000, "SECOND": 1_000_000,
    "MILLISECOND": 1000, "MICROSECOND": 1,
}  # fmt: skip
MONTHS = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}
_SHORT = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
_LONG = "January|February|March|April|May|June|July|August|September|October|November|December"
_ONE_TO_12 = "(?:0[1-9]|1[0-2])"
_RANGES = {"M": _ONE_TO_12, "d": "(?:0[1-9]|[12][0-9]|3[01])", "H": "(?:[01][0-9]|2[0-3])", "h": _ONE_TO_12}
_STRPTIME = {"M": "%m", "d": "%d", "H": "%H", "h": "%I", "m": "%M", "s": "%S", "S": "%f", "a": "%p"}
_MICRO_DIGITS = 6


def as_date(value: Typed) -> str:
    """An argument that Spark takes as a date."""
    return cast(value.sql, value.type, DATE)


def as_moment(value: Typed) -> str:
    """An argument that Spark takes as a timestamp."""
    return cast(value.sql, value.type, TIMESTAMP)


def part(unit: str, value: Typed) -> Typed:
    """year, month, day of a date; hour, minute of a timestamp."""
    moment = as_moment(value) if unit in ("hour", "minute") else as_date(value)
    return Typed(f"CAST({unit}({moment}) AS INTEGER)", INT)


def add_days(date: Typed, days: Typed, sign: str) -> Typed:
    """date_add and date_sub."""
    if days.type.name not in ("int", "smallint", "void"):
        raise ExpressionError(f"date_add and date_sub count days as an int, not {days.type}")
    return Typed(within_years(f"{as_date(date)} {sign} {cast(days.sql, days.type, INT)}", "DATE"), DATE)


def make_date(arguments: Sequence[Typed]) -> Typed:
    """make_date(year, month, day)."""
    if any(value.type.name not in ("int", "smallint", "void") for value in arguments):
        raise ExpressionError("make_date needs year, month and day as int")
    year, month, day = (cast(value.sql, value.type, INT) for value in arguments)
    return Typed(within_years(f"make_date({year}, {month}, {day})", "DATE"), DATE)


def add_units(unit: str, count: Typed, start: Typed) -> Typed:
    """timestampadd: months keep the day or end at the month's last one."""
    if not (count.type.is_integral or count.type == VOID):
        raise ExpressionError(f"timestampadd counts in whole units, not {count.type}")
    number, moment = cast(count.sql, count.type, BIGINT), as_moment(start)
    if unit in MONTHS:
        sql = f"{moment} + to_months(CAST({number} * {MONTHS[unit]} AS INTEGER))"
    else:
        sql = f"make_timestamp(epoch_us({moment}) + {number} * {MICROSECONDS[unit]})"
    return Typed(within_years(sql, "TIMESTAMP"), TIMESTAMP)


def difference(unit: str, start: Typed, end: Typed) -> Typed:
    """timestampdiff: whole units, cut towards zero; a month is whole on the same day and time of day."""
    a, b = as_moment(start), as_moment(end)
    if unit in MICROSECONDS:
        return Typed(f"((epoch_us({b}) - epoch_us({a})) // {MICROSECONDS[unit]})", BIGINT)
    return Typed(once(a, lambda s: once(b, lambda e: f"CAST({_months(s, e)} // {MONTHS[unit]} AS BIGINT)")), BIGINT)


def _months(s: str, e: str) -> str:
    """java.time's count: the end date moves one day towards the start when the time of day is not reached yet."""
    back = (
        f"CASE WHEN {e}::DATE > {s}::DATE AND {e}::TIME < {s}::TIME THEN 1 "
        f"WHEN {e}::DATE < {s}::DATE AND {e}::TIME > {s}::TIME THEN -1 ELSE 0 END"
    )
    last = f"({e}::DATE - CAST({back} AS INTEGER))"

    def packed(day: str) -> str:
        return f"((year({day}) * 12 + month({day})) * 32 + day({day}))"

    return f"(({packed(last)} - {packed(s)}) // 32)"


def parsed(value: Typed, pattern: str, target: SparkType) -> Typed:
    """try_to_date and try_to_timestamp with a pattern: NULL unless the whole text fits and means a real time."""
    if value.type not in (STRING, VOID):
        raise ExpressionError(f"try_to_date and try_to_timestamp with a pattern read text, not {value.type}")
    found = parts(pattern)
    text = cast(value.sql, value.type, STRING)
    moment = once(text, lambda v: _read(v, found))
    return Typed(f"CAST({moment} AS DATE)" if target == DATE else moment, target)


def _read(v: str, found: Sequence[Part]) -> str:
    """A plain form goes straight to strptime behind a guard, everything odd is brought into a plain form first."""
    guard = "".join(_guard(one, group=False) for one in found)
    plain = _century(f"try_strptime({_cased(v, found)}, {literal(_format(found))})", found)
    seldom = any(one.is_number and one.width == 1 and one.letter != "S" for one in found) or _is_nano(found)
    first = f"WHEN regexp_full_match({v}, {literal(guard)}) THEN {plain}"
    if not seldom:
        return f"CASE {first} END"
    loose = "".join(_guard(one, group=True) for one in found)
    names = ", ".join(f"'p{index}'" for index, one in enumerate(found) if one.letter)
    groups = f"regexp_extract({_cased(v, found)}, {literal('^' + loose + '$')}, [{names}])"
    rebuilt = once(groups, lambda p: _rebuilt(p, found))
    return f"CASE {first} WHEN regexp_full_match({v}, {literal(loose)}) THEN {rebuilt} END"


def _rebuilt(p: str, found: Sequence[Part]) -> str:
    """The moment from parts that strptime would not read: zeros in front of a number, more than six decimals."""
    pieces, formats = [], []
    for index, one in enumerate(found):
        if not one.letter:
            continue
        field = f"{p}.p{index}"
        if one.letter == "S":
            field = f"left({field}, {_MICRO_DIGITS})"
        elif one.is_number and one.width == 1:
            field = f"right('0' || {field}, 2)"
        pieces.append(field)
        formats.append(_format([one]))
    return _century(f"try_strptime({' || chr(32) || '.join(pieces)}, '{' '.join(formats)}')", found)


def _guard(one: Part, group: bool) -> str:
    """The regular expression of one part; in a group it is read loosely: as many zeros and decimals as Java takes."""
    if one.letter == "":
        return "".join(_literal_guard(char) for char in one.text)
    pattern = _field_guard(one, loose=group)
    return f"({pattern})" if group else pattern


def _field_guard(one: Part, loose: bool) -> str:
    if one.letter == "y":
        return YEAR if one.width == 4 else "[0-9]{2}"
    if one.letter == "a":
        return "[aApP][mM]"
    if one.letter == "S":
        return f"[0-9]{{1,{one.width if loose else min(one.width, _MICRO_DIGITS)}}}"
    if one.letter == "M" and one.width > 2:
        names = _SHORT if one.width == 3 else _LONG
        return "(?:" + "".join(_literal_guard(char) for char in names) + ")"
    strict = _RANGES.get(one.letter, "[0-5][0-9]")
    if one.width == 2:
        return strict
    return f"0{{0,17}}(?:{strict}|[0-9])" if loose else f"(?:{strict}|[0-9])"


def _literal_guard(char: str) -> str:
    if char == "|" or not char.isascii():
        return char
    return f"[{char.lower()}{char.upper()}]" if char.isalpha() else f"\\x{ord(char):02x}"


def _format(found: Sequence[Part]) -> str:
    fields = {**_STRPTIME, "": "", "y": "%Y"}
    out = []
    for one in found:
        if one.letter == "":
            out.append(one.text.upper().replace("%", "%%"))
        elif one.letter == "y":
            out.append("%Y" if one.width == 4 else "%y")
        elif one.letter == "M" and one.width > 2:
            out.append("%b" if one.width == 3 else "%B")
        else:
            out.append(fields[one.letter])
    return "".join(out)


def _cased(v: str, found: Sequence[Part]) -> str:
    """strptime compares letters exactly, Java without case: both sides are brought to upper case."""
    return f"upper({v})" if any(not one.letter and one.text.upper() != one.text.lower() for one in found) else v


def _century(moment: str, found: Sequence[Part]) -> str:
    """yy is 2000-2099 to Spark; strptime puts 69-99 into the century before."""
    if not any(one.letter == "y" and one.width == 2 for one in found):
        return moment
    return once(moment, lambda t: f"CASE WHEN year({t}) < 2000 THEN {t} + to_years(100) ELSE {t} END")


def _is_nano(found: Sequence[Part]) -> bool:
    return any(one.letter == "S" and one.width > _MICRO_DIGITS for one in found)
