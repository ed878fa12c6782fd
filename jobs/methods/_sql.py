"""SQL that methods share: exact literals, quotients, names for parts of an expression, class intervals."""

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation

from jobs.core.engine import literal
from schemas import DeclarationError

EXACT = "DECIMAL(38,9)"


def decimal(value: object, what: str = "parameter") -> Decimal:
    """A parameter's number as it is written. Raises DeclarationError for anything else."""
    try:
        made = Decimal(str(value)) if not isinstance(value, bool) else None
    except InvalidOperation:
        made = None
    if made is None or not made.is_finite():
        raise DeclarationError(f"{what} {value!r} is not a number")
    return made


def number(value: object, what: str = "parameter") -> str:
    """A parameter's number as an exact SQL literal."""
    return f"CAST('{decimal(value, what):f}' AS {EXACT})"


def whole(value: object, what: str, least: int = 0) -> int:
    """A parameter that is a whole number. Raises DeclarationError."""
    made = decimal(value, what)
    if made != int(made) or made < least:
        raise DeclarationError(f"{what} {value!r} is not a whole number of at least {least}")
    return int(made)


def one_of(value: object, what: str, allowed: Sequence[str]) -> str:
    """A parameter that is one of some words. Raises DeclarationError."""
    if value not in allowed:
        raise DeclarationError(f"{what} {value!r} is unknown; there is: {', '.join(allowed)}")
    return str(value)


def let(name: str, parts: Mapping[str, str], body: str) -> str:
    """`body` with `name.part` standing for each part, so that a part is written, and worked out, once."""
    made = ", ".join(f"'{part}': {sql}" for part, sql in parts.items())
    return f"list_transform([{{{made}}}], lambda {name}: {body})[1]"


def quotient(over: str, under: str) -> str:
    """A fraction as DOUBLE; NULL where the denominator is zero."""
    return f"(({over})::DOUBLE / nullif(({under})::DOUBLE, 0))"


def fraction(over: str, under: str) -> str:
    """A fraction of two DECIMALs of nine digits as DOUBLE; NULL where the denominator is zero.

    Counted in the last digit both are whole numbers: below 2^53 they are exact, and the quotient is rounded once.
    """
    whole_over, whole_under = (f"(({one}) * 1000000000)::HUGEINT" for one in (over, under))
    return f"({whole_over}::DOUBLE / nullif({whole_under}, 0)::DOUBLE)"


def added(values: str, term: str, name: str = "v", of: str = EXACT) -> str:
    """The sum of `term` over the elements `name` of a list; zero for an empty list, NULL for none."""
    return (
        f"(CASE WHEN len({values}) = 0 THEN 0::{of} ELSE list_sum(list_transform({values}, lambda {name}: {term})) END)"
    )


def field(rows: str, name: str) -> str:
    """One field of rows as a list."""
    return f'list_transform({rows}, lambda r: r."{name}")'


def complete(rows: str, *fields: str) -> str:
    """The rows of which all these fields are known."""
    known = " AND ".join(f'r."{name}" IS NOT NULL' for name in fields)
    return f"list_filter({rows}, lambda r: {known})"


def grade(value: str, steps: Sequence[tuple[str, str]], closed: str, last: str | None = None) -> str:
    """The class of a value: steps are (bound, class) from low to high, then `last` above them.

    `closed` says on which side a class holds its bound: `upper` is (low, high], `lower` is [low, high).
    """
    sign = {"upper": "<=", "lower": "<"}[closed]
    cases = " ".join(f"WHEN {value} {sign} {number(bound)} THEN {literal(name)}" for bound, name in steps)
    return f"CASE WHEN {value} IS NULL THEN NULL {cases} ELSE {literal(last)} END"


def reached(value: str, bounds: Sequence[str]) -> str:
    """How many of some bounds a value is at or above."""
    return "(" + " + ".join(f"CASE WHEN {value} >= {number(bound)} THEN 1 ELSE 0 END" for bound in bounds) + ")"
