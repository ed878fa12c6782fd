"""Java date patterns, as Spark reads text with them: checked, and split into fields and literals."""

from dataclasses import dataclass
from itertools import groupby, pairwise

FIELDS = {
    "y": ((2, 4), "year: yyyy, or yy for 2000-2099"),
    "M": ((1, 2, 3, 4), "month: MM, M (1 or 01), MMM (Jan), MMMM (January)"),
    "d": ((1, 2), "day: dd or d"),
    "H": ((1, 2), "hour 0-23: HH or H"),
    "h": ((1, 2), "hour 1-12 with a: hh or h"),
    "m": ((1, 2), "minute: mm or m"),
    "s": ((1, 2), "second: ss or s"),
    "S": (tuple(range(1, 10)), "fraction of a second: 1 to as many digits as there are S"),
    "a": ((1,), "AM or PM, in either case"),
}
ZONES = frozenset("XxZzVO")
_NEEDS = {"M": "y", "d": "M", "H": "d", "h": "da", "a": "h", "m": "Hh", "s": "m", "S": "s"}


@dataclass(frozen=True)
class Part:
    """One field (`letter`, `width`), or a literal (`letter` is '')."""

    letter: str
    width: int
    text: str

    @property
    def is_number(self) -> bool:
        """Whether it is read from digits."""
        return self.letter not in ("", "a") and not (self.letter == "M" and self.width > 2)

    @property
    def is_fixed(self) -> bool:
        """Whether it always has the same number of digits."""
        return self.is_number and self.width > 1 and self.letter != "S"


def parts(pattern: str) -> tuple[Part, ...]:
    """The fields and literals of a pattern for `try_to_date` and `try_to_timestamp`.

    Raises ValueError for a letter, a width or a combination that could not be read exactly as Spark reads it.
    """
    found = _split(pattern)
    letters = [part.letter for part in found if part.letter]
    for letter in sorted(set(letters)):
        if letters.count(letter) > 1:
            raise ValueError(f"date pattern {pattern!r}: {letter} stands twice")
    if "y" not in letters:
        raise ValueError(f"date pattern {pattern!r} has no year (yyyy)")
    if {"H", "h"} <= set(letters):
        raise ValueError(f"date pattern {pattern!r} has both H and h")
    for letter in letters:
        needed = _NEEDS.get(letter, "")
        if needed and not (set(needed) <= set(letters) if letter == "h" else set(needed) & set(letters)):
            raise ValueError(f"date pattern {pattern!r}: {letter} needs {' and '.join(needed)} as well")
    _check_neighbours(pattern, found)
    return found


def _check_neighbours(pattern: str, found: tuple[Part, ...]) -> None:
    """Digits that touch digits are split by width only, so all of them need one."""
    for first, second in pairwise(found):
        if first.is_number and second.is_number and not (first.is_fixed and second.is_fixed):
            raise ValueError(
                f"date pattern {pattern!r}: {first.text}{second.text} touch: both need a fixed width (MM, HH, not S)"
            )


def _split(pattern: str) -> tuple[Part, ...]:
    out: list[Part] = []
    pieces = pattern.split("'")
    if len(pieces) % 2 == 0 or "" in pieces[1:-1]:
        raise ValueError(f"date pattern {pattern!r}: a quote ' is not closed, or stands for itself")
    for index, piece in enumerate(pieces):
        if index % 2:
            out.append(_literal(pattern, piece))
            continue
        for char, run in groupby(piece):
            width = len(list(run))
            out.append(
                _field(pattern, char, width) if char.isascii() and char.isalpha() else _literal(pattern, char * width)
            )
    return tuple(out)


def _field(pattern: str, letter: str, width: int) -> Part:
    if letter in ZONES:
        raise ValueError(
            f"date pattern {pattern!r}: {letter * width} reads an offset, which a wall clock has not: "
            "use try_cast(… as timestamp), which brings the text to UTC, and declare timezone: UTC"
        )
    if letter not in FIELDS or width not in FIELDS[letter][0]:
        allowed = "; ".join(meaning for _, meaning in FIELDS.values())
        raise ValueError(f"date pattern {pattern!r}: {letter * width} is not supported (allowed: {allowed})")
    return Part(letter, width, letter * width)


def _literal(pattern: str, text: str) -> Part:
    if any(char in "[]{}#" for char in text):
        raise ValueError(f"date pattern {pattern!r}: [ ] {{ }} # are not supported")
    if any(char.isdigit() or (not char.isascii() and char.lower() != char.upper()) for char in text):
        raise ValueError(f"date pattern {pattern!r}: the literal {text!r} has a digit or a non-ASCII letter with case")
    return Part("", len(text), text)
