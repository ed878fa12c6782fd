"""Daily air quality index of China: HJ 633-2012 and HJ 633-2026 (Table 1, eq. 1, §6.2; 2026 also §5.3.1).

Inputs: concentrations at the place in µg/m³, carbon monoxide too (the standard's mg/m³ × 1000). Outputs: `aqi` (0–500,
rounded up), `indices` (of each pollutant given, hourly ones too), `primary` (highest, where the index is above 50; ties
all), `exceeded` (index above 100), `level` and `beyond_index` (a concentration lies above the last breakpoint).
City values average the stations first and take the index of the mean; that order is not in the text we read.
The 2026 edition moves two breakpoints, rounds inputs by GB/T 8170 (halves to even), drops the ozone 1-hour maximum, and
publishes nothing when a pollutant is missing unless the others already exceed 100. Above the last breakpoint it is 500
and below zero it is 0: both ours. Particles of one hour use the daily breakpoints (2026).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from jobs.methods import Parameter, check
from jobs.methods._sql import grade, let

EDITIONS = ("HJ 633-2012", "HJ 633-2026")
DAILY = {
    "HJ 633-2012": ("so2_24h", "no2_24h", "pm10_24h", "pm25_24h", "co_24h", "o3_1h", "o3_8h"),
    "HJ 633-2026": ("so2_24h", "no2_24h", "pm10_24h", "pm25_24h", "co_24h", "o3_8h"),
}
OUTPUTS = ("aqi", "indices", "primary", "exceeded", "level", "beyond_index")
PARAMETERS = {"exempt": Parameter("pollutants that need not be monitored (§5.3.1, 2026)", default=(), verified=True)}
LEVELS = [("50", "优"), ("100", "良"), ("150", "轻度污染"), ("200", "中度污染"), ("300", "重度污染")]

INDEX = (0, 50, 100, 150, 200, 300, 400, 500)
NANO = 10**9
"""Concentrations are compared as whole 10⁻⁹ µg/m³, the last digit of a mean."""


@dataclass(frozen=True)
class Scale:
    """Breakpoints of one pollutant in µg/m³, one per step of INDEX; fewer when the standard ends the scale early."""

    nodes: tuple[int, ...]
    quantum: int = 1
    """What the 2026 edition rounds the input to, in µg/m³."""
    above: dict[str, int | None] | None = None
    """The index above the last node by edition, where it is not 500."""


SCALES = {
    "so2_24h": Scale((0, 50, 150, 475, 800, 1600, 2100, 2620)),
    "so2_1h": Scale((0, 150, 500, 650, 800), above={"HJ 633-2012": None, "HJ 633-2026": 200}),
    "no2_24h": Scale((0, 40, 80, 180, 280, 565, 750, 940)),
    "no2_1h": Scale((0, 100, 200, 700, 1200, 2340, 3090, 3840)),
    "pm10_24h": Scale((0, 50, 150, 250, 350, 420, 500, 600)),
    "co_24h": Scale((0, 2000, 4000, 14000, 24000, 36000, 48000, 60000), quantum=100),
    "co_1h": Scale((0, 5000, 10000, 35000, 60000, 90000, 120000, 150000), quantum=100),
    "o3_1h": Scale((0, 160, 200, 300, 400, 800, 1000, 1200)),
    "o3_8h": Scale((0, 100, 160, 215, 265, 800), above={"HJ 633-2012": None, "HJ 633-2026": 300}),
    "pm25_24h": Scale((0, 35, 75, 115, 150, 250, 350, 500)),
}
SCALES_2026 = {
    "pm10_24h": Scale((0, 50, 120, 250, 350, 420, 500, 600)),
    "pm25_24h": Scale((0, 35, 60, 115, 150, 250, 350, 500)),
}

INPUTS = dict.fromkeys([*SCALES, "pm10_1h", "pm25_1h"], "number")
OPTIONAL = tuple(INPUTS)
RISES_WITH = {name: (0, SCALES[name].nodes[-1]) for name in DAILY["HJ 633-2012"]}
"""The index never falls with an input; below zero and above the last breakpoint it stays the same."""


def sql(inputs: Mapping[str, str], parameters: Mapping[str, object], edition: str, output: str = "aqi") -> str:
    """One output of the day's pollutants. Raises DeclarationError."""
    check("cn_aqi", INPUTS, inputs, EDITIONS, edition)
    indices = {name: index(name, concentration, edition) for name, concentration in inputs.items()}
    if output == "indices":
        return "{" + ", ".join(f"'{name}': {one}" for name, one in indices.items()) + "}"
    daily = [name for name in inputs if name in DAILY[edition]]
    if not daily:
        return "CAST(NULL AS INTEGER)"
    value = _published(daily, inputs, indices, parameters, edition)
    if output in ("aqi", "level"):
        return value if output == "aqi" else grade(f"({value})", LEVELS, "upper", "严重污染")
    if output == "beyond_index":
        return f"({' OR '.join(f'coalesce({_beyond(name, inputs[name], edition)}, false)' for name in daily)})"
    test = "d.{0} = d.aqi AND d.aqi > 50" if output == "primary" else "d.{0} > 100"
    named = ", ".join(f"CASE WHEN {test.format(name)} THEN '{name}' END" for name in daily)
    listed = f"CASE WHEN d.aqi IS NOT NULL THEN list_filter([{named}], lambda one: one IS NOT NULL) END"
    return let("d", {"aqi": value, **{name: indices[name] for name in daily}}, listed)


def _published(
    daily: list[str],
    inputs: Mapping[str, str],
    indices: Mapping[str, str],
    parameters: Mapping[str, object],
    edition: str,
) -> str:
    """The highest index; in 2026 withheld where a pollutant is missing, unless the others exceed 100."""
    highest = f"greatest({', '.join(indices[name] for name in daily)})" if len(daily) > 1 else indices[daily[0]]
    if edition == "HJ 633-2012":
        return highest
    exempt = parameters.get("exempt", ())
    required = [name for name in DAILY[edition] if not isinstance(exempt, list | tuple) or name not in exempt]
    complete = " AND ".join(f"{inputs.get(name, 'NULL')} IS NOT NULL" for name in required) or "TRUE"
    return f"CASE WHEN {complete} OR {highest} > 100 THEN {highest} END"


def _beyond(name: str, concentration: str, edition: str) -> str:
    scale = _scale(name, edition)
    return f"{_nano(concentration, scale.quantum if edition == 'HJ 633-2026' else None)} > {scale.nodes[-1] * NANO}"


def _scale(name: str, edition: str) -> Scale:
    daily = {"pm10_1h": "pm10_24h", "pm25_1h": "pm25_24h"}.get(name, name)
    return SCALES_2026.get(daily, SCALES[daily]) if edition == "HJ 633-2026" else SCALES[daily]


def index(name: str, concentration: str, edition: str) -> str:
    """The index of one pollutant of SCALES as an integer SQL expression; NULL where undefined or the input is NULL."""
    scale = _scale(name, edition)
    value = _nano(concentration, scale.quantum if edition == "HJ 633-2026" else None)
    cases = []
    for (low, high), (bottom, top) in zip(pairwise(scale.nodes), pairwise(INDEX), strict=False):
        run = (high - low) * NANO
        upwards = f"(({value} - {low * NANO}) * {top - bottom} + {run - 1}) // {run} + {bottom}"
        cases.append(f"WHEN {value} <= {high * NANO} THEN {upwards}")
    above = 500 if scale.above is None else scale.above[edition]
    last = "NULL" if above is None else str(above)
    return f"CAST(CASE WHEN {concentration} IS NULL THEN NULL {' '.join(cases)} ELSE {last} END AS INTEGER)"


def _nano(concentration: str, quantum: int | None) -> str:
    """The concentration, at least 0, as a whole number of 10⁻⁹ µg/m³; rounded half to even to the quantum, if any."""
    exact = f"greatest(CAST({concentration} AS DECIMAL(38,9)), 0)"
    if quantum is None:
        return f"CAST({exact} * {NANO} AS HUGEINT)"
    steps = exact if quantum == 1 else f"{exact} * {1 / quantum}"
    return f"CAST(round_even({steps}, 0) AS HUGEINT) * {quantum * NANO}"
