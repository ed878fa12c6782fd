"""Air quality index of the US EPA (40 CFR 58 App. G; technical assistance document EPA-454/B-24-002).

Inputs: PM as 24-hour means in µg/m³, gases in ppm over the hours the input's name says. Outputs: `aqi` (0–500),
`indices` (of each pollutant given) and `main` (the pollutant that gives the index; the first of several).
A concentration is truncated to the standard's digits, put on the straight line between its breakpoints, and rounded to
the nearest integer, halves up. The 2012 and 2024 editions differ in PM2.5 only. Negative readings count as 0, and what
lies above the last breakpoint as 500: both are ours.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from jobs.methods import Parameter, check
from jobs.methods._sql import let

INPUTS = dict.fromkeys(("pm25", "pm10", "o3_8h", "o3_1h", "co_8h", "so2_1h", "so2_24h", "no2_1h"), "number")
OPTIONAL = tuple(INPUTS)
OUTPUTS = ("aqi", "indices", "main")
EDITIONS = ("US EPA 2012", "US EPA 2024")
PARAMETERS: Mapping[str, Parameter] = {}

INDEX = (50, 100, 150, 200, 300, 400, 500)
GAS_INDEX = (50, 100, 150, 200, 300, 500)


@dataclass(frozen=True)
class Scale:
    """Breakpoints of one pollutant in units of its last digit: the upper end of each class, and the index there."""

    digits: int
    ends: tuple[int, ...]
    index: tuple[int, ...]
    first: tuple[int, int] = (0, 0)
    """The lowest concentration that has an index, and that index."""
    above: int | None = 500
    """The index above the last end; None where another averaging time takes over."""


SCALES = {
    "pm10": Scale(0, (54, 154, 254, 354, 424, 604), GAS_INDEX),
    "o3_8h": Scale(3, (54, 70, 85, 105, 200), (50, 100, 150, 200, 300), above=None),
    "o3_1h": Scale(3, (164, 204, 404, 604), (150, 200, 300, 500), first=(125, 101)),
    "co_8h": Scale(1, (44, 94, 124, 154, 304, 504), GAS_INDEX),
    "so2_1h": Scale(3, (35, 75, 185, 304), (50, 100, 150, 200), above=None),
    "so2_24h": Scale(3, (604, 1004), (300, 500), first=(305, 201)),
    "no2_1h": Scale(3, (53, 100, 360, 649, 1249, 2049), GAS_INDEX),
}
PM25 = {
    "US EPA 2012": Scale(1, (120, 354, 554, 1504, 2504, 3504, 5004), INDEX),
    "US EPA 2024": Scale(1, (90, 354, 554, 1254, 2254, 3254), GAS_INDEX),
}

RISES_WITH = {
    "pm25": (0, max(scale.ends[-1] / 10**scale.digits for scale in PM25.values())),
    **{name: (0, scale.ends[-1] / 10**scale.digits) for name, scale in SCALES.items()},
}
"""The index never falls with an input; below zero and above the last breakpoint it stays the same."""


def sql(inputs: Mapping[str, str], parameters: Mapping[str, object], edition: str, output: str = "aqi") -> str:
    """One output of the pollutants given; NULL when none has an index. Raises DeclarationError."""
    check("us_epa_aqi", INPUTS, inputs, EDITIONS, edition)
    indices = {name: index(name, expression, edition) for name, expression in inputs.items()}
    if "so2_1h" in inputs and "so2_24h" in inputs:
        between = _sulphur_between(inputs["so2_1h"], inputs["so2_24h"])
        indices["so2_24h"] = f"coalesce({between}, {indices['so2_24h']})"
    if output == "indices":
        return "{" + ", ".join(f"'{name}': {one}" for name, one in indices.items()) + "}"
    highest = f"greatest({', '.join(indices.values())})" if len(indices) > 1 else next(iter(indices.values()))
    if output == "aqi":
        return highest
    named = " ".join(f"WHEN d.{name} = d.aqi THEN '{name}'" for name in indices)
    return let("d", {"aqi": highest, **indices}, f"CASE {named} END")


def index(name: str, concentration: str, edition: str) -> str:
    """The index of one pollutant as an integer SQL expression; NULL where it is undefined or the input is NULL."""
    scale = PM25[edition] if name == "pm25" else SCALES[name]
    ticks = _ticks(concentration, scale)
    low, index_low = scale.first
    cases = [f"WHEN {ticks} < {low} THEN NULL"] if low else []
    for (start, end), (bottom, top) in zip(_classes(low, scale.ends), _classes(index_low, scale.index), strict=True):
        run, rise = end - start, top - bottom
        nearest = f"(({ticks} - {start}) * {2 * rise} + {run}) // {2 * run} + {bottom}"
        cases.append(f"WHEN {ticks} <= {end} THEN {nearest}")
    above = "NULL" if scale.above is None else str(scale.above)
    return f"CAST(CASE WHEN {concentration} IS NULL THEN NULL {' '.join(cases)} ELSE {above} END AS INTEGER)"


def _classes(first: int, ends: tuple[int, ...]) -> list[tuple[int, int]]:
    """Each class as (first, last): a class begins one digit above the end of the one before."""
    starts = [first, *(end + 1 for end in ends[:-1])]
    return list(zip(starts, ends, strict=True))


def _ticks(concentration: str, scale: Scale) -> str:
    """The truncated concentration as an integer number of the scale's last digit."""
    exact = f"greatest(CAST({concentration} AS DECIMAL(38,9)), 0)"
    return f"CAST(floor({exact} * {10**scale.digits}) AS HUGEINT)"


def _sulphur_between(hour: str, day: str) -> str:
    """At 0.305 ppm of the hour and more the 24-hour mean decides; while that is below 0.305 ppm the index is 200."""
    scale = SCALES["so2_24h"]
    high, low = f"{_ticks(hour, SCALES['so2_1h'])} >= 305", f"{_ticks(day, scale)} < 305"
    return f"CASE WHEN {hour} IS NOT NULL AND {day} IS NOT NULL AND {high} AND {low} THEN 200 END"
