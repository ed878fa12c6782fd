"""Worked examples of air quality."""

import re
from collections.abc import Mapping
from decimal import Decimal

from jobs.core.errors import Problem
from jobs.oracles import Bench, Inputs, answers

LIMIT = re.compile(r"(SO2|NO2|PM10|PM2\.5|CO|O3)(?:_8h)?\s+(\d+(?:\.\d+)?)")
EDITION = re.compile(r"(HJ|GB)\s*(\d+)\s*-\s*(\d{4})")
HOURS = re.compile(r"_\d+h$")
OF_US = {"co": "co_8h", "o3": "o3_8h", "so2": "so2_1h", "no2": "no2_1h", "pm25_24h": "pm25", "pm10_24h": "pm10"}


def _edition(text: str) -> str:
    """HJ633-2012 as the standard writes itself: HJ 633-2012."""
    return EDITION.sub(r"\1 \2-\3", text)


def _name(pollutant: str) -> str:
    return pollutant.lower().replace(".", "")


def _micrograms(pollutant: str, value: object) -> object:
    """The standard's unit as µg/m³: it gives carbon monoxide in mg/m³."""
    if isinstance(value, int | Decimal) and not isinstance(value, bool) and _name(pollutant).startswith("co"):
        return value * 1000
    return value


def _day(day: Mapping[str, object]) -> dict[str, object]:
    return {_name(pollutant): _micrograms(pollutant, value) for pollutant, value in day.items()}


def _indices(bench: Bench, day: Mapping[str, object], edition: str) -> dict[str, object]:
    """The index of each pollutant under the name the case gives it."""
    found = bench.method("cn_aqi", _day(day), edition=edition, output="indices")
    assert isinstance(found, dict)
    return {pollutant: found[_name(pollutant)] for pollutant in day}


def _pollutants(day: Mapping[str, object], names: object) -> object:
    by_name = {_name(pollutant): pollutant for pollutant in day}
    return [by_name[name] for name in names] if isinstance(names, list) else None


@answers("air.cn.aqi.daily", "cn_aqi")
@answers("air.cn.primary_pollutant", "cn_aqi")
@answers("air.cn.aqi.o3_handover", "cn_aqi")
def china_day(inputs: Inputs, bench: Bench) -> object:
    """A day's index with all it says."""
    day, edition = inputs.inner("day"), _edition(inputs.text("edition"))
    said = {
        output: bench.method("cn_aqi", _day(day), edition=edition, output=output)
        for output in ("aqi", "primary", "level", "exceeded", "beyond_index")
    }
    named = {output: _pollutants(day, said[output]) for output in ("primary", "exceeded")}
    return said | named | {"iaqi": _indices(bench, day, edition)}


@answers("air.cn.aqi.so2_handover", "cn_aqi")
def china_sulphur(inputs: Inputs, bench: Bench) -> object:
    """Sulphur dioxide of an hour and of the day."""
    day = {name: value for name, value in inputs.items() if name != "edition"}
    return _indices(bench, day, _edition(inputs.text("edition")))


@answers("air.cn.aqi.missing.2026", "cn_aqi")
def china_days(inputs: Inputs, bench: Bench) -> object:
    """The index of several days, each with what is missing."""
    edition = _edition(inputs.text("edition"))
    return [bench.method("cn_aqi", _day(day), edition=edition) for day in inputs.objects("days")]


@answers("air.cn.iaqi", "cn_aqi")
def china_indices(inputs: Inputs, bench: Bench) -> object:
    """Indices of many concentrations, of one pollutant or of several."""
    edition = _edition(inputs.text("edition"))
    if "nodes" in inputs:
        nodes = inputs.inner("nodes")
        return {name: _each(bench, [(name, value) for value in nodes.listed(name)], edition) for name in nodes}
    pollutant = inputs.text("pollutant")
    return _each(bench, [(pollutant, value) for value in inputs.listed("conc")], edition)


@answers("air.cn.iaqi.round_up", "cn_aqi")
@answers("air.cn.iaqi.2026", "cn_aqi")
def china_cases(inputs: Inputs, bench: Bench) -> object:
    """Indices of pairs of pollutant and concentration, by one edition or several."""
    pairs = [(str(row["pollutant"]), row["value"]) for row in inputs.tuples("cases", "pollutant", "value")]
    if "editions" in inputs:
        return {str(one): _each(bench, pairs, _edition(str(one))) for one in inputs.listed("editions")}
    return _each(bench, pairs, _edition(inputs.text("edition")))


def _each(bench: Bench, pairs: list[tuple[str, object]], edition: str) -> list[object]:
    return [_indices(bench, {pollutant: value}, edition)[pollutant] for pollutant, value in pairs]


@answers("air.cn.composite_index", "cn_composite_index")
def composite(inputs: Inputs, bench: Bench) -> object:
    """Concentrations with a limit each, or with a standard that says its limits."""
    if "terms" in inputs:
        rows = inputs.tuples("terms", "pollutant", "value", "limit")
        values = {str(row["pollutant"]): row["value"] for row in rows}
        limits = {str(row["pollutant"]): row["limit"] for row in rows}
        edition = "GB 3095-2012"
    else:
        values = dict(inputs.inner("conc"))
        standard = str(inputs.get("standard", ""))
        limits = {name: Decimal(limit) for name, limit in LIMIT.findall(standard)}
        known = EDITION.search(standard)
        edition = f"{known[1]} {known[2]}-{known[3]}" if known else "GB 3095-2012"
    unknown: dict[str, object] = dict.fromkeys(("so2", "no2", "pm10", "pm25", "co", "o3"))
    given = {HOURS.sub("", _name(name)): _micrograms(name, value) for name, value in values.items()}
    own = {HOURS.sub("", _name(name)): _micrograms(name, value) for name, value in limits.items()}
    return bench.method("cn_composite_index", unknown | given, {"limits": own}, edition)


@answers("air.cn.percentile_hj663", "percentile")
def percentile(inputs: Inputs, bench: Bench) -> object:
    """HJ 663 Annex A."""
    return bench.method("percentile", {"values": inputs.listed("values")}, {"p": inputs.number("p")}, output="linear")


@answers("air.cn.validity", "cn_air_validity")
def validity(inputs: Inputs, bench: Bench) -> object:
    """Whether days have enough hours."""
    days = [{"hours_of_day": hours} for hours in inputs.listed("hours_valid_per_day")]
    return bench.each("cn_air_validity", days)


@answers("air.pop_weighted_pm25", "weighted_mean")
def exposure(inputs: Inputs, bench: Bench) -> object:
    """Cells weighted by their people."""
    cells = [{"value": cell["pm25"], "weight": cell["pop"]} for cell in inputs.objects("cells")]
    return bench.method("weighted_mean", {"rows": cells})


def _us_edition(inputs: Inputs) -> str:
    return inputs.text("edition") if "edition" in inputs else "US EPA 2024"


def _us(name: str, value: object) -> tuple[str, object]:
    """The method's name and unit for a case's pollutant: gases are in ppm or, saying so, in ppb."""
    plain = _name(name).removesuffix("_ppm").removesuffix("_ppb")
    parts_per_billion = name.lower().endswith("ppb") and isinstance(value, int | Decimal)
    return OF_US.get(plain, plain), Decimal(str(value)) / 1000 if parts_per_billion else value


@answers("air.us.aqi", "us_epa_aqi")
@answers("air.us.aqi.o3", "us_epa_aqi")
@answers("air.us.aqi.so2", "us_epa_aqi")
def american_day(inputs: Inputs, bench: Bench) -> object:
    """A day's index, its pollutants' and the one that gives it."""
    shown = {_us(name, value)[0]: re.sub("_pp[mb]$", "", name) for name, value in inputs.items() if name != "edition"}
    day = dict(_us(name, value) for name, value in inputs.items() if name != "edition")
    edition = _us_edition(inputs)
    aqi, main, indices = (
        bench.method("us_epa_aqi", day, edition=edition, output=o) for o in ("aqi", "main", "indices")
    )
    assert isinstance(indices, dict)
    return {"aqi": aqi, "main": shown.get(str(main))} | {shown[name]: value for name, value in indices.items()}


@answers("air.us.aqi.pm25_2024", "us_epa_aqi")
def american_particles(inputs: Inputs, bench: Bench) -> object:
    """Indices of many concentrations of one pollutant."""
    names = [name for name in inputs if name != "edition"]
    if len(names) != 1:
        raise Problem(f"{inputs.where}: expected one pollutant, found {', '.join(names) or 'none'}")
    days = [dict([_us(names[0], value)]) for value in inputs.listed(names[0])]
    return bench.each("us_epa_aqi", days, edition=_us_edition(inputs))


@answers("air.us.nowcast", "us_epa_nowcast")
def nowcast(inputs: Inputs, bench: Bench) -> object:
    """Hours given newest first."""
    hours = {"hours": inputs.the_list()[::-1]}
    return {output: bench.method("us_epa_nowcast", hours, output=output) for output in ("nowcast", "weight")}


@answers("air.who.exceedance_days", "exceedance_days")
def exceedances(inputs: Inputs, bench: Bench) -> object:
    """Days above a level, and days with a value."""
    level = {"level": inputs.number("level")}
    days = {"values": inputs.the_list()}
    return {output: bench.method("exceedance_days", days, level, output=output) for output in ("exceed", "valid")}


@answers("env.good_days_ratio", "environment.good_days_ratio")
def good_days(inputs: Inputs, bench: Bench) -> object:
    """Days with an index of at most 100, among days with an index."""
    good, valid = inputs.number("days_aqi_le_100"), inputs.number("valid_days")
    days = [{"aqi": 100}] * int(good) + [{"aqi": 101}] * int(valid - good)
    return bench.indicator("environment.good_days_ratio", {"silver.air_quality_days": days})
