"""Java regular expressions, as far as RE2 can run them with the same result: checked, and rewritten for RE2.

Spark matches with java.util.regex, DuckDB with RE2. Both prefer the leftmost match and the first alternative, but they
differ in what `.`, `$`, `\\s` and `(?i)` mean and in which constructs exist. What cannot be carried over is refused.
"""

import re
from dataclasses import dataclass, field

MOST_REPEATS = 1000
SPACE = r"\t-\r "
LINE_ENDS = "\n\r\x85\u2028\u2029"
ANY = "[^\\n\\r\\x85\u2028\u2029]"
LAST_LINE_END = "(?:\\r\\n|[\\n\\r\\x85\u2028\u2029])?"
_SPECIAL = frozenset(r"\.^$|?*+()[]{}")
_SPECIAL_IN_CLASS = frozenset(r"\^-[]&|~")
_CONTROL = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}


@dataclass(frozen=True)
class Regex:
    """A pattern RE2 runs like Java's. `at_end`: it closed with `$`, which is left out of `pattern`."""

    pattern: str
    groups: int
    at_end: bool
    matches_nothing: bool


def to_re2(pattern: str, only_whether: bool) -> Regex:
    """Rewrite a Java pattern for RE2; `only_whether` says that nobody asks where it matched, so `$` may stand anywhere.

    Java's `$` also matches before a last line end, `.` stops at five kinds of line end, `(?i)` folds ASCII only.
    Raises ValueError naming the construct that RE2 lacks or reads differently.
    """
    return _Translation(pattern, only_whether).result()


def replacement(text: str, groups: int) -> str:
    """Java's replacement text (`$1`, `\\$`) in RE2's form (`\\1`). Raises ValueError for a group that is not there."""
    out, at = [], 0
    while at < len(text):
        char = text[at]
        following = text[at + 1 : at + 2]
        if char == "$":
            if not (following.isascii() and following.isdigit()) or text[at + 2 : at + 3].isdigit():
                raise ValueError(
                    f"replacement {text!r}: after $ stands one digit, the number of a group (a plain $ is \\$)"
                )
            if int(following) > groups:
                raise ValueError(f"replacement {text!r}: the pattern has {groups} groups, not {following}")
            out.append("\\" + following)
            at += 2
        elif char == "\\":
            if not following:
                raise ValueError(f"replacement {text!r} ends in a backslash")
            out.append("\\\\" if following == "\\" else following)
            at += 2
        else:
            out.append(char)
            at += 1
    return "".join(out)


@dataclass
class _Translation:
    text: str
    only_whether: bool
    at: int = 0
    groups: int = 0
    caseless: bool = False
    branches: bool = False
    at_end: bool = False
    out: list[str] = field(default_factory=list)
    opened: list[int] = field(default_factory=list)
    atom: int | None = None

    def result(self) -> Regex:
        if self.text.startswith("(?i)"):
            self.caseless, self.at = True, 4
        while self.at < len(self.text):
            self._step()
        if self.opened:
            raise self._refused("an unclosed group")
        if self.at_end and self.branches:
            raise self._refused("$ beside | (put the alternatives into a group)")
        pattern = "".join(self.out)
        return Regex(pattern, self.groups, self.at_end, _matches_nothing(pattern))

    def _step(self) -> None:
        char = self.text[self.at]
        steps = {"\\": self._escape, "[": self._class, "(": self._open, ")": self._close, "$": self._end, "|": self._or}
        if char in "*+?{":
            self._repeat()
        elif char in steps:
            steps[char]()
        elif char == "^":
            self._emit("^", 1, repeatable=False)
        else:
            self._emit(ANY if char == "." else self._literal(char), 1)

    def _emit(self, piece: str, length: int, repeatable: bool = True) -> None:
        self.atom = len(self.out) if repeatable else None
        self.out.append(piece)
        self.at += length

    def _literal(self, char: str) -> str:
        if self.caseless and char.isascii() and char.isalpha():
            return f"[{char.lower()}{char.upper()}]"
        return "\\" + char if char in _SPECIAL else _visible(char)

    def _escape(self) -> None:
        letter = self.text[self.at + 1 : self.at + 2]
        if letter and letter in "dDwW":
            self._emit("\\" + letter, 2)
        elif letter and letter in "sS":
            self._emit(f"[{'^' if letter == 'S' else ''}{SPACE}]", 2)
        else:
            char, length = self._escaped()
            self._emit(self._literal(char), length)

    def _escaped(self) -> tuple[str, int]:
        """The one character an escape stands for, and how long the escape is."""
        rest = self.text[self.at :]
        if coded := re.match(r"\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})", rest):
            return chr(int(coded[1] or coded[2], 16)), len(coded[0])
        letter = rest[1:2]
        if letter in _CONTROL:
            return _CONTROL[letter], 2
        if not letter or (letter.isascii() and letter.isalnum()):
            raise self._refused(f"{rest[:2]} (no back-references, boundaries, quotations or Unicode classes)")
        return letter, 2

    def _class(self) -> None:
        start = self.at
        self.at += 1
        negated = self.text[self.at : self.at + 1] == "^"
        self.at += negated
        items: list[str] = []
        while self.text[self.at : self.at + 1] != "]" or not items:
            if self.at >= len(self.text) or self.text[self.at] in "[]" or self.text.startswith("&&", self.at):
                raise self._refused("an unclosed or empty class, a class in a class, or &&")
            items.append(self._class_item())
        length, self.at = self.at + 1 - start, start
        self._emit(f"[{'^' if negated else ''}{''.join(items)}]", length)

    def _class_item(self) -> str:
        letter = self.text[self.at + 1 : self.at + 2] if self.text[self.at] == "\\" else ""
        if letter and letter in "dwsDWS":
            if letter in "DWS":
                raise self._refused(f"\\{letter} in a class")
            self.at += 2
            return SPACE if letter == "s" else "\\" + letter
        low = self._class_char()
        if self.text[self.at : self.at + 1] != "-" or self.text[self.at + 1 : self.at + 2] in ("]", ""):
            return self._class_range(low, low)
        self.at += 1
        return self._class_range(low, self._class_char())

    def _class_char(self) -> str:
        char, length = self._escaped() if self.text[self.at] == "\\" else (self.text[self.at], 1)
        self.at += length
        return char

    def _class_range(self, low: str, high: str) -> str:
        if high < low:
            raise self._refused(f"the range {low}-{high}")
        pairs = [(low, high)]
        if self.caseless and any(
            "a" <= chr(c) <= "z" or "A" <= chr(c) <= "Z" for c in range(ord(low), min(ord(high), 127) + 1)
        ):
            if not (low.isalpha() and high.isalpha() and low.isupper() == high.isupper() and high.isascii()):
                raise self._refused(f"the range {low}-{high} under (?i)")
            pairs.append((low.swapcase(), high.swapcase()))
        return "".join(_in_class(a) if a == b else f"{_in_class(a)}-{_in_class(b)}" for a, b in pairs)

    def _open(self) -> None:
        plain = self.text.startswith("(?:", self.at)
        if not plain and self.text.startswith("(?", self.at):
            raise self._refused("(?… (only (?:…), and (?i) at the start; no lookaround, no names, no flags)")
        self.groups += not plain
        self.opened.append(len(self.out))
        self._emit("(?:" if plain else "(", 3 if plain else 1, repeatable=False)

    def _close(self) -> None:
        if not self.opened:
            raise self._refused("a ) without (")
        start = self.opened.pop()
        self._emit(")", 1)
        self.atom = start

    def _or(self) -> None:
        self.branches = self.branches or not self.opened
        self._emit("|", 1, repeatable=False)

    def _end(self) -> None:
        if self.only_whether:
            self._emit(LAST_LINE_END + "$", 1, repeatable=False)
        elif self.at == len(self.text) - 1:
            self.at_end = True
            self.at += 1
        else:
            raise self._refused("$ before the end")

    def _repeat(self) -> None:
        found = re.match(r"(?:[*+?]|\{(\d+)(?:,(\d*))?\})([?+]?)", self.text[self.at :])
        if found is None or self.atom is None:
            raise self._refused(f"{self.text[self.at]} that repeats nothing")
        if found[3] == "+":
            raise self._refused(f"the possessive {found[0]}")
        if any(int(bound) > MOST_REPEATS for bound in found.groups()[:2] if bound):
            raise self._refused(f"{found[0]}: more than {MOST_REPEATS} repeats")
        if not found[0].startswith("?") and _matches_nothing("".join(self.out[self.atom :])):
            raise self._refused(f"{found[0]} after a group that can match nothing")
        self._emit(found[0], len(found[0]), repeatable=False)

    def _refused(self, what: str) -> ValueError:
        return ValueError(f"regular expression {self.text!r}: {what} cannot be carried over to RE2")


def _in_class(char: str) -> str:
    return "\\" + char if char in _SPECIAL_IN_CLASS else _visible(char)


def _visible(char: str) -> str:
    return f"\\x{ord(char):02x}" if ord(char) < 0x20 else char


def _matches_nothing(pattern: str) -> bool:
    try:
        return re.compile(pattern).fullmatch("") is not None
    except re.error as fault:
        raise ValueError(f"regular expression {pattern!r}: {fault}") from fault
