"""Personal identifiers in text: their one spelling, whether they can be right, and free text without them.

GB 11643-1999 (a number of 15 digits is the same person's as that of 18 made of it), GB 32100-2015, GA 36-2018 for
plates, ISO/IEC 7812-1 for cards. Text is masked rather too much than too little: a number of 18 digits with an area and
a birth date is masked whether or not its check digit is right, because a slip of the pen does not make it anonymous.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from functools import cache

from jobs.shared.identifiers import CITIZEN_CHECKS, CITIZEN_WEIGHTS, USCC_ALPHABET, USCC_WEIGHTS

AREAS = re.compile("1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]|91")
"""The first two digits of a citizen number: provinces of GB/T 2260."""
PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_BETWEEN = re.compile(r"[\s\-‐-―\u200b-\u200f\u2060\ufeff]")
_GAP = r"[ \-‐-―]?"
_PLATE = "[A-HJ-NP-Z0-9]"


def normalised(value: str, kind: str) -> str:
    """An identifier's one spelling: NFKC, without spaces and hyphens, upper case.

    A phone stands without +86 or 0086; a citizen number of 15 digits, where it can be one, as that of 18.
    """
    text = _BETWEEN.sub("", unicodedata.normalize("NFKC", value)).upper()
    if kind == "phone":
        return re.sub(r"^(\+|00)86", "", text)
    if kind == "citizen_id" and re.fullmatch("[0-9]{15}", text) and _is_born(text[:6], "19" + text[6:12]):
        return _with_check(f"{text[:6]}19{text[6:]}")
    return text


def is_valid(text: str, kind: str) -> bool:
    """Whether a normalised identifier can be right; a kind without a check digit always can."""
    check = {"citizen_id": is_citizen_id, "credit_code": is_credit_code}.get(kind)
    return check is None or check(text)


def is_citizen_id(text: str) -> bool:
    """18 characters of GB 11643: a birth date that exists and a right check digit."""
    if not re.fullmatch("[1-9][0-9]{16}[0-9X]", text) or not _exists(text[6:14]):
        return False
    return text == _with_check(text[:17])


def is_credit_code(text: str) -> bool:
    """18 characters of GB 32100 with a right check character."""
    sign = f"[{USCC_ALPHABET}]"
    if not re.fullmatch(f"{sign}{{2}}[0-9]{{6}}{sign}{{10}}", text):
        return False
    summed = sum(USCC_ALPHABET.index(c) * weight for c, weight in zip(text, USCC_WEIGHTS, strict=False))
    return text[17] == USCC_ALPHABET[-summed % 31]


def is_card(text: str) -> bool:
    """16 to 19 digits whose last one is right (Luhn)."""
    if not re.fullmatch("[1-9][0-9]{15,18}", text):
        return False
    doubled = [int(d) * (1 + at % 2) for at, d in enumerate(reversed(text))]
    return sum(n - 9 if n > 9 else n for n in doubled) % 10 == 0


def masked(text: str) -> str:
    """Free text with `[kind]` in the place of each identifier; text without any is what it was."""
    plain = _plain(text)
    if not _may_hold(plain):
        return text
    found: list[tuple[int, int, str]] = []
    for kind, pattern, is_one in _KINDS:
        for hit in _hits(pattern, plain):
            start, end = hit.span("it")
            if is_one(_BETWEEN.sub("", hit["it"]).upper()) and not _overlaps(found, start, end):
                found.append((start, end, kind))
    for start, end, kind in sorted(found, reverse=True):
        text = f"{text[:start]}[{kind}]{text[end:]}"
    return text


@cache
def _folded(character: str) -> str:
    one = unicodedata.normalize("NFKC", character)
    return one if len(one) == 1 else character


def _plain(text: str) -> str:
    """The text with full-width letters and digits as plain ones, each still at its place."""
    return text if text.isascii() else "".join(map(_folded, text))


def _may_hold(plain: str) -> bool:
    return "@" in plain or any(map(str.isdigit, plain))


def _hits(pattern: re.Pattern[str], plain: str) -> list[re.Match[str]]:
    """Every match, those within another too: what is no identifier may hide one that begins later."""
    hits, at = [], 0
    while hit := pattern.search(plain, at):
        hits.append(hit)
        at = hit.start("it") + 1
    return hits


def _overlaps(found: list[tuple[int, int, str]], start: int, end: int) -> bool:
    return any(start < other_end and other < end for other, other_end, _ in found)


def _exists(born: str) -> bool:
    try:
        date(int(born[:4]), int(born[4:6]), int(born[6:]))
    except ValueError:
        return False
    return True


def _is_born(area: str, born: str) -> bool:
    return bool(AREAS.fullmatch(area[:2])) and _exists(born)


def _with_check(body: str) -> str:
    summed = sum(int(d) * weight for d, weight in zip(body, CITIZEN_WEIGHTS, strict=True))
    return body + CITIZEN_CHECKS[summed % 11]


def _looks_like_a_citizen(text: str) -> bool:
    born = text[6:14] if len(text) == 18 else "19" + text[6:12]
    return _is_born(text[:6], born) and "1850" < born[:4] < "2100"


def _always(text: str) -> bool:
    return True


def _has_digit(text: str) -> bool:
    return any(c.isdigit() for c in text[2:])


def _run(first: str, count: int, last: str) -> str:
    """A number written with or without gaps between its digits."""
    return rf"(?<![0-9])(?P<it>{first}(?:{_GAP}[0-9]){{{count}}}{_GAP}{last})(?![0-9])"


_KINDS: tuple[tuple[str, re.Pattern[str], Callable[[str], bool]], ...] = (
    ("email", re.compile(r"(?P<it>[\w.%+\-]+@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)+)", re.ASCII), _always),
    ("citizen_id", re.compile(_run("[1-9]", 16, "[0-9Xx]")), _looks_like_a_citizen),
    ("citizen_id", re.compile(_run("[1-9]", 13, "[0-9]")), _looks_like_a_citizen),
    ("credit_code", re.compile(r"(?<![A-Za-z0-9])(?P<it>[A-Za-z0-9]{18})(?![A-Za-z0-9])"), is_credit_code),
    ("bank_card", re.compile(_run("[1-9]", 17, "[0-9]")), is_card),
    ("bank_card", re.compile(_run("[1-9]", 16, "[0-9]")), is_card),
    ("bank_card", re.compile(_run("[1-9]", 15, "[0-9]")), is_card),
    ("bank_card", re.compile(_run("[1-9]", 14, "[0-9]")), is_card),
    ("phone", re.compile(
        rf"(?<![0-9])(?P<it>(?:(?:\+|00)?86{_GAP})?1(?:{_GAP}[3-9](?:{_GAP}[0-9]){{9}}"
        r"|[3-9][0-9]\.[0-9]{4}\.[0-9]{4}))(?![0-9])"), _always),
    ("phone", re.compile(rf"(?<![0-9])(?P<it>(?:\+?86{_GAP})?[(（]?0[1-9][0-9]{{1,2}}[)）]?{_GAP}[2-8][0-9]{{2,3}}"
                         rf"{_GAP}[0-9]{{4}}(?:{_GAP}(?:转|ext\.?|#)[ ]?[0-9]{{1,6}})?)(?![0-9])"), _always),
    ("phone", re.compile(
        rf"(?:电话|座机|手机|号码|联系|致电|回电|(?i:tel|phone|call))[^0-9\n]{{0,8}}(?P<it>[2-8][0-9]{{2,3}}{_GAP}[0-9]{{4}})"
        r"(?![0-9])"), _always),
    ("plate", re.compile(
        rf"(?P<it>[{PROVINCES}][ ]?[A-HJ-NP-Z][ ·•・.\-]?(?:{_PLATE}{{6}}|"
        rf"{_PLATE}{{4}}[A-HJ-NP-Z0-9挂学警港澳领使试超]))(?![A-Za-z0-9])", re.IGNORECASE), _has_digit),
    ("plate", re.compile(r"(?<![0-9])(?P<it>[0-9]{6}[使领]|[使领][ ]?[0-9]{6})(?![0-9])"), _always),
)  # fmt: skip
