"""Times and frequencies of GTFS."""


def seconds(text: str) -> str:
    """Seconds since the start of the service day of an H:MM:SS text, which may be past 24:00; NULL for another text."""
    parts = f"string_split(trim({text}), ':')"
    made = f"({parts}[1]::INT * 3600 + {parts}[2]::INT * 60 + {parts}[3]::INT)"
    return f"CASE WHEN regexp_full_match(trim({text}), '[0-9]{{1,3}}:[0-5][0-9]:[0-5][0-9]') THEN {made} END"


def departures(start: str, end: str, headway: str) -> str:
    """Departures of one frequencies row: ⌈(end − start)/headway⌉, the end itself excluded."""
    span = f"({seconds(end)} - {seconds(start)})"
    whole = f"{headway}::BIGINT"
    count = f"({span} + {whole} - 1) // {whole}"
    return f"CASE WHEN {whole} > 0 AND {span} IS NOT NULL THEN greatest(0, {count}) END"
