"""Check digits of Chinese identifiers as DuckDB SQL over a text expression; NULL for no text, never an error.

GB 11643-1999, citizen identification number: 17 digits and ISO 7064 MOD 11-2; digits 7–14 are a date of the calendar.
GB 32100-2015, unified social credit identifier (USCC): 18 characters without I O S V Z, digits at 3–8, weights 3^i
mod 31. Spaces around and small letters are read as what they mean.
"""

CITIZEN_WEIGHTS = tuple(pow(2, 17 - i, 11) for i in range(17))
CITIZEN_CHECKS = "10X98765432"
USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
USCC_WEIGHTS = tuple(pow(3, i, 31) for i in range(17))


def citizen_id(text: str) -> str:
    """SQL: whether the text is a citizen number with a right check digit and a birth date that exists."""
    number = f"upper(trim({text}))"
    summed = _weighted(number, "0123456789", CITIZEN_WEIGHTS)
    check = f"'{CITIZEN_CHECKS}'[{summed} % 11 + 1] = {number}[18]"
    born = f"try_strptime({number}[7:14], '%Y%m%d') IS NOT NULL"
    return _checked(text, number, "[1-9][0-9]{16}[0-9X]", f"{born} AND {check}")


def uscc(text: str) -> str:
    """SQL: whether the text is a unified social credit identifier with a right check character."""
    code = f"upper(trim({text}))"
    summed = _weighted(code, USCC_ALPHABET, USCC_WEIGHTS)
    check = f"'{USCC_ALPHABET}'[(31 - {summed} % 31) % 31 + 1] = {code}[18]"
    sign = f"[{USCC_ALPHABET}]"
    return _checked(text, code, f"{sign}{{2}}[0-9]{{6}}{sign}{{10}}", check)


def _weighted(text: str, alphabet: str, weights: tuple[int, ...]) -> str:
    """The sum of the characters' places in the alphabet times their weights."""
    parts = (f"{weight} * (instr('{alphabet}', {text}[{i}]) - 1)" for i, weight in enumerate(weights, 1))
    return f"({' + '.join(parts)})"


def _checked(text: str, tidy: str, shape: str, rest: str) -> str:
    return f"CASE WHEN {text} IS NULL THEN NULL WHEN regexp_full_match({tidy}, '{shape}') THEN {rest} ELSE false END"
