"""Worked examples of weather, floods and typhoons."""

from jobs.oracles import Bench, Inputs, answers


@answers("weather.rain_grade_24h", "rain_grade")
def rain_24h(inputs: Inputs, bench: Bench) -> object:
    """Grades of a day's rain."""
    return bench.each("rain_grade", [{"mm": one} for one in inputs.listed("mm")], output="hours_24")


@answers("weather.rain_grade_12h", "rain_grade")
def rain_12h(inputs: Inputs, bench: Bench) -> object:
    """Grades of half a day's rain."""
    return bench.each("rain_grade", [{"mm": one} for one in inputs.listed("mm")], output="hours_12")


@answers("typhoon.grade", "typhoon_grade")
def typhoon(inputs: Inputs, bench: Bench) -> object:
    """Grades of wind."""
    return bench.each("typhoon_grade", [{"wind_ms": one} for one in inputs.listed("max_2min_wind_ms")])


@answers("flood.warning_hit_rate", "flood.warning_hit_rate")
def flood_warnings(inputs: Inputs, bench: Bench) -> object:
    """Events that a warning preceded."""
    warned, events = int(inputs.number("events_with_warning")), int(inputs.number("events"))
    rows = [{"event_id": str(i), "warned_in_time": i < warned} for i in range(events)]
    return bench.indicator("flood.warning_hit_rate", {"silver.flood_events": rows})
